"""A line to another server that is no HTTP, such as one for mail: to an address that was judged, over TLS.

Must not know what is said on it.
"""

from __future__ import annotations

import socket
import ssl
from functools import cache

from crmkit.security.outgoing.addresses import addresses_of


def open_line(host: str, port: int, *, seconds: float, tls: bool = True, private: bool = False) -> socket.socket:
    """Connect to a server and return the line; with ``tls`` its certificate has to be right for its name. ``seconds``
    is the longest time for each step on it, too. ``private`` allows a server in the own network.

    Raises Refused for a server that may not be called, OSError for one that cannot be reached.
    """
    last: OSError = OSError("no address")
    for address in addresses_of(host, port, private=private):
        try:
            line = socket.create_connection((address, port), seconds)
        except OSError as error:
            last = error
            continue
        try:
            return tls_context().wrap_socket(line, server_hostname=host) if tls else line
        except BaseException:
            line.close()
            raise
    raise last


@cache
def tls_context() -> ssl.SSLContext:
    """Return what a line is encrypted with, such as one that begins in the open (STARTTLS): what the system trusts is
    trusted. Whoever gets it must not change it."""
    # Reading the certificates takes longer than most calls: once for each process.
    return ssl.create_default_context()
