"""Who acts: a session belongs to exactly one actor, which never changes while it is open."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from attrs import frozen

HOST_ID = 75
"""Longest identifier of a host's actor: with its prefix it fits into the columns that keep who acted."""


@frozen(kw_only=True)
class Actor:
    """Somebody or something that reads and writes.

    ``id`` is what records keep (``user:<uuid>``, ``job:<name>``, ``host:<id>``, ``system``); ``reason`` is required of
    the system actor, which no access rule limits, and is audited.
    """

    id: str
    kind: Literal["user", "token", "plugin", "job", "host", "system", "public"]
    user_id: UUID | None = None
    name: str = ""
    language: str | None = None
    reason: str | None = None
    roles: tuple[str, ...] = ()
    """Names of roles that a host application vouches for; a user's own roles are in the database."""
    token_id: UUID | None = None
    """The API token that the actor came by."""
    method: str = ""
    """How it is known who acts: ``password``, ``token``, ``host``; empty where nobody signed in."""
    address: str | None = None
    """The network address that the call came from, if a door knows it."""
    customer_id: UUID | None = None
    """The customer to whom the link belongs that a visitor came by: the only one that the visitor sees."""
    limits: tuple[str, ...] | None = None
    """Scopes (``resource.action``) beyond which the actor may do nothing, whatever its roles grant; None for no such
    limit."""

    @classmethod
    def system(cls, reason: str) -> Actor:
        """Return the actor of system scope. ``reason`` says what for and is written into the audit log."""
        if not reason.strip():
            raise ValueError("system scope needs a reason")
        return cls(id="system", kind="system", name="system", reason=reason)

    @classmethod
    def user(
        cls,
        user_id: UUID,
        name: str = "",
        language: str | None = None,
        *,
        method: str = "",
        address: str | None = None,
    ) -> Actor:
        """Return the actor for a user's record."""
        return cls(
            id=f"user:{user_id}",
            kind="user",
            user_id=user_id,
            name=name,
            language=language,
            method=method,
            address=address,
        )

    @classmethod
    def token(
        cls,
        token_id: UUID,
        *,
        user_id: UUID,
        name: str = "",
        language: str | None = None,
        limits: tuple[str, ...],
        address: str | None = None,
    ) -> Actor:
        """Return the actor for a user's API token: records keep the user, ``token_id`` says by which token."""
        return cls(
            id=f"user:{user_id}",
            kind="token",
            user_id=user_id,
            name=name,
            language=language,
            token_id=token_id,
            method="token",
            address=address,
            limits=limits,
        )

    @classmethod
    def host(
        cls,
        id: str,
        *,
        name: str = "",
        roles: tuple[str, ...],
        user_id: UUID | None = None,
        language: str | None = None,
        address: str | None = None,
    ) -> Actor:
        """Return the actor that a host application vouches for: who it is and which roles it has.

        ``id`` is the host's own identifier, at most 75 characters; ``user_id`` names the crmkit user that the actor
        is, where it is one, for what it owns and which teams it is in. Raises ValueError for an empty or overlong id.
        """
        if not id.strip() or len(id) > HOST_ID:
            raise ValueError(f"the id of a host's actor has 1 to {HOST_ID} characters")
        return cls(
            id=f"host:{id}",
            kind="host",
            user_id=user_id,
            name=name,
            language=language,
            roles=tuple(roles),
            method="host",
            address=address,
        )

    @classmethod
    def visitor(
        cls,
        *,
        customer_id: UUID | None,
        rights: tuple[str, ...],
        language: str | None = None,
        address: str | None = None,
    ) -> Actor:
        """Return the actor of somebody without an account who came by a signed link, or to a site that is open to all.

        ``rights`` (``resource.action``) are all that it may do, and of customers with their records only with
        ``customer_id``; with None with no customer at all.
        """
        return cls(
            id="public" if customer_id is None else f"customer:{customer_id}",
            kind="public",
            name="public",
            language=language,
            method="link",
            address=address,
            customer_id=customer_id,
            limits=tuple(rights),
        )

    @classmethod
    def plugin(cls, name: str) -> Actor:
        """Return the actor of what a plugin ships, such as a rule: it reads everything, and may do what the plugin's
        manifest says that it does."""
        return cls(id=f"plugin:{name}", kind="plugin", name=name)

    @classmethod
    def job(cls, name: str) -> Actor:
        """Return the actor that a job runs as where nobody published it."""
        return cls(id=f"job:{name}", kind="job", name=name)
