"""Requests that pretend to come from elsewhere: by their headers, as bytes on the wire."""

from dataclasses import dataclass

ALLOWED = "192.0.2.7"
FOREIGN = "198.51.100.1"
SUBJECT = "CN=proxy.example,O=Example"

TRUTH = f"X-Forwarded-For: {FOREIGN}\r\nX-Client-Verify: NONE\r\nX-Client-Subject: -"
"""What a proxy adds of itself about a client that isn't allowed."""
HONEST = f"X-Forwarded-For: {ALLOWED}\r\nX-Client-Verify: SUCCESS\r\nX-Client-Subject: {SUBJECT}"
"""What it adds about one that is."""


@dataclass(frozen=True)
class Pretence:
    """What a client sends to be taken for another.

    Attributes:
        name: What it is, in a few words.
        lines: Header lines, separated by CRLF, without the last one.
        joined: Whether they are also tried in front of what the proxy says of X-Forwarded-For, in
            the same line, as a proxy does that adds to it.
    """

    name: str
    lines: str
    joined: bool = False


def forwarded(name: str, value: str) -> Pretence:
    """Return a pretence in X-Forwarded-For."""
    return Pretence(name, f"X-Forwarded-For: {value}", joined=True)


def verified(name: str, lines: str) -> Pretence:
    """Return a pretence of a certificate and of an address that would be allowed."""
    return Pretence(name, f"X-Forwarded-For: {ALLOWED}\r\n{lines}")


CASES = [
    Pretence("everything as it should be", HONEST),
    forwarded("an allowed address", ALLOWED),
    forwarded("the address of the proxy", "127.0.0.1"),
    forwarded("an allowed address behind proxies", f"{ALLOWED}, 127.0.0.1, 127.0.0.1"),
    forwarded("with a port", f"{ALLOWED}:443"),
    forwarded("in brackets", f"[::ffff:{ALLOWED}]:443"),
    forwarded("IPv4 inside IPv6", f"::ffff:{ALLOWED}"),
    forwarded("IPv4 inside IPv6, in hexadecimals", "::ffff:c000:207"),
    forwarded("the proxy inside IPv6", "::ffff:127.0.0.1"),
    forwarded("a zone", f"::ffff:{ALLOWED}%eth0"),
    forwarded("a zone with a comma", f"fe80::1%{ALLOWED},{ALLOWED}"),
    forwarded("a number", "3221225991"),
    forwarded("octal", "0300.0.02.07"),
    forwarded("a range", "0.0.0.0/0"),
    forwarded("empty", ""),
    forwarded("commas", ",,,,"),
    forwarded("a comma at the end", f"{ALLOWED},"),
    forwarded("quoted", f'"{ALLOWED}"'),
    forwarded("an open quote", f'"{ALLOWED}'),
    forwarded("RFC 7239", f"for={ALLOWED};by=127.0.0.1"),
    forwarded("a null", f"{ALLOWED}\x00"),
    forwarded("other digits", "\u0661\u0669\u0662.0.2.7"),
    forwarded("a Unix socket", "unix"),
    forwarded("unknown", "unknown"),
    forwarded("huge", f"{ALLOWED}, " * 4_000 + ALLOWED),
    forwarded("one huge address", "1" * 60_000),
    forwarded("folded", f"{ALLOWED},\r\n {ALLOWED}"),
    Pretence("twice", f"X-Forwarded-For: {ALLOWED}\r\nX-Forwarded-For: {ALLOWED}"),
    Pretence("another case", f"x-forwarded-FOR: {ALLOWED}"),
    Pretence("underscores", f"X_Forwarded_For: {ALLOWED}\r\nX_Client_Verify: SUCCESS"),
    Pretence("another header", f"X-Real-IP: {ALLOWED}\r\nForwarded: for={ALLOWED}"),
    verified("verified", "X-Client-Verify: SUCCESS"),
    verified("verified twice", "X-Client-Verify: SUCCESS\r\nX-Client-Verify: SUCCESS"),
    verified("verified, then not", "X-Client-Verify: SUCCESS\r\nX-Client-Verify: NONE"),
    verified("not, then verified", "X-Client-Verify: NONE\r\nX-Client-Verify: SUCCESS"),
    verified("verified in a list", "X-Client-Verify: SUCCESS, SUCCESS"),
    verified("verified in lower case", "X-Client-Verify: success"),
    verified("verified and folded", "X-Client-Verify: SUCC\r\n ESS"),
    verified("folded to nothing", "X-Client-Verify:\r\n SUCCESS\r\n "),
    verified(
        "verified with underscores", f"X_Client_Verify: SUCCESS\r\nX_Client_Subject: {SUBJECT}"
    ),
    verified("verified with one underscore", "X-Client_Verify: SUCCESS"),
    verified("a blank before the colon", "X-Client-Verify : SUCCESS"),
    verified(
        "the subject in halves", "X-Client-Subject: CN=proxy.example\r\nX-Client-Subject: O=Example"
    ),
    verified("a null behind", "X-Client-Verify: SUCCESS\x00"),
    verified("huge", f"X-Client-Verify: {'SUCCESS' * 8_000}"),
    verified("many headers", "\r\n".join(f"X-{n}: SUCCESS" for n in range(90))),
]
