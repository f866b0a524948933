"""What a WSGI environment says of its request, to WSGI servers' and frameworks' adapters alike."""

from wsgiref.types import WSGIEnvironment

from obgen.runtime.origin import Origin


def origin_of(environ: WSGIEnvironment) -> Origin:
    """Return where a request came from."""
    path: str = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    return Origin(
        headers={
            name.removeprefix("HTTP_").replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith("HTTP_") or name == "CONTENT_TYPE"
        },
        # WSGI hands over bytes in the form of Latin-1; what they are is UTF-8.
        path=path.encode("latin-1").decode("utf-8", "replace"),
        query=environ.get("QUERY_STRING", ""),
        peer=peer_of(environ),
    )


def peer_of(environ: WSGIEnvironment) -> str:
    """Return the address of the client, or ""."""
    peer: str = environ.get("REMOTE_ADDR", "")
    return peer


def has_end(environ: WSGIEnvironment) -> bool:
    """Tell whether reading the body ends where it does, instead of waiting for more for ever."""
    if environ.get("CONTENT_LENGTH") or environ.get("wsgi.input_terminated"):
        return True
    encoding: str = environ.get("HTTP_TRANSFER_ENCODING", "")
    return encoding.strip().lower() == "chunked"
