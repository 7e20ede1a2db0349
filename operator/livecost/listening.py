"""Why an address or a port cannot be listened on, and which option to change."""

from __future__ import annotations

import errno
import socket


def why_not(
    address: str,
    port: int,
    error: OSError | UnicodeError,
    *,
    address_option: str = "--host",
    port_option: str = "--port",
) -> str:
    """What the system refused, in words.

    Args:
        address: that was to be listened on.
        port: likewise.
        error: what the system said.
        address_option: the option that states the address.
        port_option: the option that states the port.
    """
    match getattr(error, "errno", None):
        case errno.EADDRINUSE:
            return f"port {port} of {address} is taken; choose another {port_option}, or 0 for a free one"
        case errno.EACCES:
            return f"port {port} is not this process's to listen on; choose a {port_option} above 1023"
        case errno.EADDRNOTAVAIL:
            return f"{address} is no address of this machine; choose another {address_option}"
    if isinstance(error, socket.gaierror | UnicodeError):
        return f"{address} is not known as an address; choose another {address_option}"
    return f"port {port} of {address} cannot be listened on: {getattr(error, 'strerror', None) or error}"
