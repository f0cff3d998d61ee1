"""What an actor may do: grants and field rights of roles, and how they combine.

The widest grant of an actor's roles wins, and a grant of the scope "none" denies whatever others allow. Pure values and
their algebra; must not know sessions or tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from attrs import field, frozen

Scope = Literal["none", "own", "team", "tree", "all"]
Level = Literal["none", "masked", "full"]
Because = Literal["system", "public", "inactive", "limit", "deny", "grant", "nothing"]

SCOPES: tuple[Scope, ...] = ("none", "own", "team", "tree", "all")
"""Scopes from the narrowest to the widest."""
LEVELS: tuple[Level, ...] = ("none", "masked", "full")
"""Levels of seeing a field, from the least on."""
ACTIONS = ("read", "create", "update", "delete", "export", "bulk", "assign", "reveal", "admin")
"""The actions that every resource has; operations add their own verbs."""
CLASSES = ("personal", "text", "sensitive")
"""The field classes that a role can have rights on."""
DEFAULT_LEVELS: Mapping[str, Level] = {"personal": "masked", "text": "full", "sensitive": "masked"}
"""What a role sees of a field class that it says nothing about."""

_WIDTH = {scope: width for width, scope in enumerate(SCOPES)}
_HEIGHT = {level: height for height, level in enumerate(LEVELS)}


def covers(pattern: str, name: str) -> bool:
    """Say whether a pattern names a resource: its name, ``plugin.*`` for everything of a plugin, or ``*`` for all."""
    if pattern in ("*", name):
        return True
    return pattern.endswith(".*") and (name == pattern[:-2] or name.startswith(pattern[:-1]))


def _closeness(pattern: str) -> int:
    return 0 if pattern == "*" else 1 if pattern.endswith(".*") else 2


@frozen(kw_only=True)
class Granted:
    """A grant as a role has it; the scope "none" denies."""

    role: str
    resource: str
    action: str
    scope: Scope

    def speaks_of(self, resource: str, action: str) -> bool:
        """Say whether the grant is about an action on a resource."""
        return self.action in ("*", action) and covers(self.resource, resource)


@frozen(kw_only=True)
class FieldGranted:
    """A field right as a role has it."""

    role: str
    resource: str
    classified: str
    level: Level


@frozen(kw_only=True)
class Decision:
    """Whether an actor may do something with records of a resource, with which of them, and what decided that."""

    scope: Scope
    because: Because
    grant: Granted | None = None
    """The grant that decided: the widest one, or the one that denies."""


@frozen(kw_only=True, eq=False)
class Rights:
    """What one actor may do. ``team_ids`` are the actor's teams, ``tree_ids`` those and all below them."""

    grants: tuple[Granted, ...] = ()
    fields: tuple[FieldGranted, ...] = ()
    roles: tuple[str, ...] = ()
    user_id: UUID | None = None
    team_ids: frozenset[UUID] = frozenset()
    tree_ids: frozenset[UUID] = frozenset()
    main_team_id: UUID | None = None
    limits: tuple[str, ...] | None = None
    """Scopes of a token (``resource.action``); what is not among them is refused."""
    unrestricted: bool = False
    """Whether no rule limits the actor: system scope."""
    because: Because = "nothing"
    """Why there are no grants, where there are none."""
    _decisions: dict[tuple[str, ...], Decision] = field(factory=dict[tuple[str, ...], Decision], init=False, repr=False)
    _levels: dict[tuple[str, str], Level] = field(factory=dict[tuple[str, str], Level], init=False, repr=False)

    def scope(self, resource: str, *actions: str) -> Scope:
        """Return with which records of a resource an action may be done; of several actions one suffices, and the
        denial of any of them denies."""
        return self.decide(resource, *actions).scope

    def decide(self, resource: str, *actions: str) -> Decision:
        """Return the same with what decided it."""
        key = (resource, *actions)
        known = self._decisions.get(key)
        if known is None:
            known = self._decisions[key] = self._decide(resource, actions)
        return known

    def _decide(self, resource: str, actions: tuple[str, ...]) -> Decision:
        if self.unrestricted:
            return Decision(scope="all", because="system")
        within = tuple(action for action in actions if self._within_limits(resource, action))
        speaking = [item for item in self.grants if any(item.speaks_of(resource, action) for action in actions)]
        denying = next((item for item in speaking if item.scope == "none"), None)
        if denying is not None:
            return Decision(scope="none", because="deny", grant=denying)
        allowing = [item for item in speaking if any(item.speaks_of(resource, action) for action in within)]
        if not allowing:
            return Decision(scope="none", because="limit" if speaking else self.because)
        widest = max(allowing, key=lambda item: (_WIDTH[item.scope], _closeness(item.resource), item.action != "*"))
        return Decision(scope=widest.scope, because="grant", grant=widest)

    def _within_limits(self, resource: str, action: str) -> bool:
        if self.limits is None:
            return True
        for limit in self.limits:
            pattern, _dot, verb = limit.rpartition(".")
            if limit == "*" or (verb in ("*", action) and covers(pattern, resource)):
                return True
        return False

    def denies(self, resource: str, action: str) -> bool:
        """Say whether an action is denied, also where everybody may do it: by a grant of no scope, or because the actor
        is nobody."""
        return self.decide(resource, action).because in ("deny", "public", "inactive")

    def level(self, resource: str, classified: str) -> Level:
        """Return how the actor sees the fields of a class: of each role the right for the nearest name of the
        resource, and the widest of all roles."""
        if self.unrestricted or classified in ("public", "internal"):
            return "full"
        if classified not in CLASSES:
            return "none"
        known = self._levels.get((resource, classified))
        if known is None:
            known = self._levels[resource, classified] = self._level(resource, classified)
        return known

    def _level(self, resource: str, classified: str) -> Level:
        best: Level = "none"
        for role in self.roles:
            own = [
                item
                for item in self.fields
                if item.role == role and item.classified == classified and covers(item.resource, resource)
            ]
            nearest = max(own, key=lambda item: _closeness(item.resource)).level if own else DEFAULT_LEVELS[classified]
            best = max(best, nearest, key=_HEIGHT.__getitem__)
        return best


EVERYTHING = Rights(unrestricted=True, because="system")
"""The rights of system scope."""
NOTHING = Rights(because="public")
"""The rights of the public."""
INACTIVE = Rights(because="inactive")
"""The rights of a user who was deactivated, or is gone."""
