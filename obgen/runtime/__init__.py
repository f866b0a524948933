"""Runs in production: bytes in, bytes out, with lxml and the standard library only."""
