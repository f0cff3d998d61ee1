"""What a request says about itself: its id, the network address that it came from, the size of its body.

Headers that a proxy sets are believed from the proxies that are named and from nobody else.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from starlette.requests import Request

from crmkit.core.vault.secrets import random_text
from crmkit.errors import PayloadTooLarge
from crmkit.i18n import texts

_ = texts("crmkit")

_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def request_id(given: str | None) -> str:
    """Return the id of a request: the caller's own, where it has a form that can be written into a log."""
    return given if given is not None and _ID.fullmatch(given) else random_text(16)


@lru_cache(maxsize=32)
def _networks(texts_: tuple[str, ...]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts_)


def is_trusted(address: str | None, proxies: tuple[str, ...]) -> bool:
    """Say whether an address belongs to a proxy that is believed."""
    if not proxies or address is None:
        return False
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(known in network for network in _networks(proxies))


def client_address(scope: Any, proxies: tuple[str, ...]) -> str | None:
    """Return the address that a request came from: the nearest one that is not a trusted proxy."""
    client = scope.get("client")
    address: str | None = client[0] if client else None
    if not is_trusted(address, proxies):
        return address
    for hop in reversed(_list(scope, b"x-forwarded-for")):
        if not _is_address(hop):
            return address
        address = hop
        if not is_trusted(hop, proxies):
            return hop
    return address


def is_secure(scope: Any, proxies: tuple[str, ...]) -> bool:
    """Say whether the caller's connection is encrypted, as far as its last trusted proxy."""
    client = scope.get("client")
    if is_trusted(client[0] if client else None, proxies):
        said = _list(scope, b"x-forwarded-proto")
        if said:
            return said[-1].lower() == "https"
    return bool(scope.get("scheme") == "https")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _list(scope: Any, name: bytes) -> list[str]:
    found: Iterable[bytes] = (value for key, value in scope.get("headers", ()) if key == name)
    return [part.strip() for value in found for part in value.decode("latin-1").split(",") if part.strip()]


async def read_body(request: Request, limit: int) -> bytes:
    """Return the body of a request. Raises PayloadTooLarge as soon as it is known to have more than ``limit`` bytes."""
    error = PayloadTooLarge(_("At most {limit} bytes can be sent here."), limit=limit)
    said = request.headers.get("content-length")
    if said is not None and said.isascii() and said.isdigit() and int(said) > limit:
        raise error
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise error
    return bytes(body)
