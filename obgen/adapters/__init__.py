"""Serve a Receiver from the web server or framework that an application already has."""

from obgen.adapters import asgi, wsgi

__all__ = ["asgi", "wsgi"]
