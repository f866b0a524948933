"""The generator: from a WSDL to typed Python, on a developer's machine."""
