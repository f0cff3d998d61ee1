"""What the guard keeps for one session: whether it is limited, what it is doing, and the rights it was given."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakSet, ref

from sqlalchemy import or_, select

from crmkit.core.store.clock import system_now
from crmkit.core.store.guard.conditions import values as values_of
from crmkit.core.store.guard.rights import Rights

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession


class Guarding:
    """The guard of one session."""

    __slots__ = (
        "__weakref__",
        "_rights",
        "_session",
        "_shares",
        "_values",
        "flushing",
        "fresh",
        "looking_up",
        "regions",
        "shapes",
        "unproven",
    )

    def __init__(self, session: CrmSession) -> None:
        self._session = ref(session)
        self.regions: list[str] = []
        self.flushing = False
        """Whether the unit of work is writing, after what it writes was checked."""
        self.looking_up = False
        """Whether an operation of the framework looks something up by what is masked for the actor."""
        self.fresh: list[Any] = []
        """New records that are to be checked once they are written."""
        self.unproven: WeakSet[Any] = WeakSet()
        """Records that were loaded past the filter."""
        self.shapes: dict[Any, Any] = {}
        self._rights: Rights | None = None
        self._values: Mapping[str, Any] | None = None
        self._shares: frozenset[tuple[str, str]] | None = None

    @property
    def session(self) -> CrmSession:
        """Return the session."""
        session = self._session()
        assert session is not None
        return session

    @property
    def rights(self) -> Rights:
        """Return the actor's rights as they stood when the transaction began."""
        if self._rights is None:
            with self.region("the rights of the actor"):
                session = self.session
                self._rights = session.gate.rights(session)
        return self._rights

    @property
    def passes(self) -> bool:
        """Say whether statements pass unfiltered: in system scope, and in a region of the framework."""
        return bool(self.regions) or self.rights.unrestricted

    @property
    def values(self) -> Mapping[str, Any]:
        """Return the values of the criterion's parameters."""
        if self._values is None:
            rights = self.rights
            self._values = values_of(
                user_id=rights.user_id,
                team_ids=rights.team_ids,
                tree_ids=rights.tree_ids,
                mates=self.session.gate.crm.guard.mates(self.session),
                actor_id=self.session.actor.id,
                now=system_now(),
                subject=self.session.actor.customer_id,
            )
        return self._values

    def shares(self, writes: bool) -> frozenset[str]:
        """Return the resources of which records are shared with the actor, to be read or to be changed."""
        found = self._shares
        if found is None:
            known: frozenset[tuple[str, str]] = self.session.gate.crm.guard.shares(self.session)
            found = self._shares = known
        return frozenset(resource for resource, action in found if not writes or action == "update")

    def find_shares(self) -> frozenset[tuple[str, str]]:
        """Ask the database of which resources what is shared with the actor."""
        rights, session = self.rights, self.session
        if rights.user_id is None and not rights.team_ids:
            return frozenset()
        share = session.gate.crm.guard.share_table()
        query = (
            select(share.c.resource, share.c.action)
            .where(or_(share.c.user_id == rights.user_id, share.c.team_id.in_(sorted(rights.team_ids))))
            .distinct()
        )
        with self.region("whether anything is shared with the actor"):
            return frozenset((row.resource, row.action) for row in session.connection().execute(query))

    @contextmanager
    def region(self, why: str) -> Generator[None]:
        """Let statements of the framework pass unfiltered within the block."""
        self.regions.append(why)
        try:
            yield
        finally:
            self.regions.pop()
