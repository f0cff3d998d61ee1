"""What the guard wants to know of an actor's rights.

The rights themselves are the access room's; here is only their form, so that the store needs no other room.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, Protocol
from uuid import UUID

Scope = Literal["none", "own", "team", "tree", "all"]
Level = Literal["none", "masked", "full"]

ORDER: tuple[Scope, ...] = ("none", "own", "team", "tree", "all")
"""The scopes, the narrowest first."""


class Rights(Protocol):
    """What an actor may do, as it stood when his transaction began."""

    @property
    def user_id(self) -> UUID | None:
        """The user whose records are the actor's own."""
        ...

    @property
    def team_ids(self) -> Collection[UUID]:
        """The actor's teams."""
        ...

    @property
    def tree_ids(self) -> Collection[UUID]:
        """The actor's teams and all below them."""
        ...

    @property
    def unrestricted(self) -> bool:
        """Whether nothing limits the actor: system scope."""
        ...

    def scope(self, resource: str, *actions: str) -> Scope:
        """Return the scope in which one of some actions may be done on a resource."""
        ...

    def denies(self, resource: str, action: str) -> bool:
        """Say whether an action is denied, also where everybody may do it: by a grant of no scope, or because the actor
        is nobody."""
        ...

    def level(self, resource: str, classified: str) -> Level:
        """Return how fields of a class may be read."""
        ...


def narrower(first: Scope, second: Scope) -> Scope:
    """Return the narrower of two scopes."""
    return first if ORDER.index(first) <= ORDER.index(second) else second


def wider(first: Scope, second: Scope) -> Scope:
    """Return the wider of two scopes."""
    return first if ORDER.index(first) >= ORDER.index(second) else second
