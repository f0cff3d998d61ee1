"""Which network addresses the server may call on somebody's behalf: public ones, unless it was said otherwise.

A name is looked up first and every address that it has is judged: names and numbers can be written in many ways that
end at the machine itself. Must not know what is called.
"""

from __future__ import annotations

import ipaddress
import socket
from ipaddress import IPv4Address, IPv6Address

from crmkit.errors import Refused
from crmkit.i18n import texts

_ = texts("crmkit")

# Python counts some of these as global: they lead to IPv4 addresses inside them, or to many machines.
_DENIED = tuple(
    ipaddress.ip_network(each)
    for each in (
        *("0.0.0.0/8", "192.88.99.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:db8::/32", "2002::/16"),
        *("fec0::/10", "ff00::/8"),
    )
)
# Where clouds hand out credentials, and what is no machine at all.
_NEVER = tuple(
    ipaddress.ip_network(each)
    for each in (
        *("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4"),
        *("::/128", "fe80::/10", "fd00:ec2::254/128", "ff00::/8"),
    )
)


def is_allowed(address: str, *, private: bool = False) -> bool:
    """Say whether the server may call a network address. ``private`` also allows those of the own network and of the
    machine itself, for what an administrator has put there; never those where clouds hand out credentials."""
    try:
        found: IPv4Address | IPv6Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if private:
        return not any(found in net for net in _NEVER if net.version == found.version)
    return found.is_global and not any(found in net for net in _DENIED if net.version == found.version)


def addresses_of(host: str, port: int, *, private: bool = False) -> list[str]:
    """Return the addresses of a host name, all of which may be called. Raises Refused when one of them may not, or when
    there is none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused(_("The address of {host} is not known."), host=host[:200], reason="UnknownHost") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses or not all(is_allowed(address, private=private) for address in addresses):
        raise Refused(
            _("{host} is in a network that the server does not call."),
            fix=_("Say private = true where the provider is in your own network."),
            host=host[:200],
        )
    return addresses
