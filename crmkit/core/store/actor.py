"""Who acts: a session belongs to exactly one actor, which never changes while it is open."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from attrs import frozen


@frozen(kw_only=True)
class Actor:
    """Somebody or something that reads and writes.

    ``id`` is what records keep (``user:<uuid>``, ``job:<name>``, ``system``); ``reason`` is required of the system
    actor, which no access rule limits, and is audited.
    """

    id: str
    kind: Literal["user", "token", "plugin", "job", "host", "system", "public"]
    user_id: UUID | None = None
    name: str = ""
    language: str | None = None
    reason: str | None = None

    @classmethod
    def system(cls, reason: str) -> Actor:
        """Return the actor of system scope. ``reason`` says what for and is written into the audit log."""
        if not reason.strip():
            raise ValueError("system scope needs a reason")
        return cls(id="system", kind="system", name="system", reason=reason)

    @classmethod
    def user(cls, user_id: UUID, name: str = "", language: str | None = None) -> Actor:
        """Return the actor for a user's record."""
        return cls(id=f"user:{user_id}", kind="user", user_id=user_id, name=name, language=language)

    @classmethod
    def job(cls, name: str) -> Actor:
        """Return the actor that a job runs as where nobody published it."""
        return cls(id=f"job:{name}", kind="job", name=name)
