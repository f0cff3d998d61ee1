"""Whether a PostgreSQL server is reached over a network, and whether what passes there is read by nobody else.

A connection that encrypts without checking the certificate can be answered by anybody on the way, so that only
``sslmode=verify-full`` counts. Must not know models or sessions.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from crmkit.errors import ConfigurationError
from crmkit.i18n import texts

_ = texts("crmkit")

VERIFIED = "verify-full"


def check_transit(arguments: Mapping[str, Any], environ: Mapping[str, str]) -> None:
    """Accept the arguments that the driver of PostgreSQL is given, in the environment of the process, when the server
    is on this machine or its certificate and name are checked.

    Raises ConfigurationError saying what to set.
    """
    hosts = network_hosts(arguments, environ)
    mode = str(arguments.get("sslmode") or "prefer")
    if hosts and mode != VERIFIED:
        raise ConfigurationError(
            _("In production the connection to {host} has to be encrypted and its certificate checked; it is {mode}."),
            fix=_("Add ?sslmode=verify-full&sslrootcert=PATH to the database's URL, PATH being the authority's file."),
            host=hosts[0],
            mode=f"sslmode={mode}",
        )


def network_hosts(arguments: Mapping[str, Any], environ: Mapping[str, str]) -> list[str]:
    """Return the hosts that are reached over a network; sockets and loopback addresses are not. A service of libpq's
    own file counts, as nobody sees from here where it leads."""
    named = _either("hostaddr", arguments, environ) or _either("host", arguments, environ)
    if not named:
        service = _either("service", arguments, environ)
        return [service] if service else []
    return [host for host in (part.strip() for part in named.split(",")) if not is_local(host)]


def is_local(host: str) -> bool:
    """Say whether a host is this machine: a socket's folder, ``localhost``, or an address of the loopback."""
    if not host or host.startswith(("/", "@")) or host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _either(name: str, arguments: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    return str(arguments.get(name) or environ.get(f"PG{name.upper()}", ""))
