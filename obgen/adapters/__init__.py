"""Serve a Receiver from the web server or framework that an application already has.

Loading these modules loads no framework: that happens when one of them is asked for its view.
What each tells the receiver of a request's origin is the same: `headers` by their names in any
case, repeated ones joined by commas; `path` with whatever it is mounted below, percent-decoded as
UTF-8; `query` as it was sent; `peer`, the address of the client or of the proxy before the server.
"""

from obgen.adapters import asgi, aws_lambda, django, flask, starlette, wsgi

__all__ = ["asgi", "aws_lambda", "django", "flask", "starlette", "wsgi"]
