"""How the doors are opened: what a host or a server says once, when it makes the application."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from crmkit.core.store.actor import Actor

Scope = Mapping[str, Any]

BODY = 1 << 20
"""Bytes of a request's body, where nobody says more."""


@frozen(kw_only=True)
class WebOptions:
    """What the doors need to know that is not in the database.

    ``actor`` is how an embedding host says who its signed-in user is: it gets the ASGI scope and returns an `Actor`,
    or None for nobody; it is called in the thread pool, for each request. ``trusted_proxies`` are the addresses and
    networks whose ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed. ``public_url`` is the address that links
    in messages begin with. ``pages`` says whether there are pages at all, beside the API.
    """

    actor: Callable[[Scope], Actor | None] | None = None
    trusted_proxies: tuple[str, ...] = field(default=(), converter=tuple)
    public_url: str | None = None
    pages: bool = True
    body_limit: int = BODY
