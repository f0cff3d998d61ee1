"""How the rows that a merge has touched stand now: as it left them, or changed since, gone, or somebody else's.

Compared on rows as the database has them; a sealed value that says the same under another key counts as the same. Must
not write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, cast
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import or_, select

from crmkit.core.store.session import CrmSession
from crmkit.engines.classification.tables import Label
from crmkit.engines.segments.tables import SegmentMember
from crmkit.identity import journal
from crmkit.identity.deciding import STORIES, Decider, opened
from crmkit.identity.images import Image, Key, key_of, rows_at
from crmkit.identity.journal import Entry
from crmkit.identity.layout import Layout, Place
from crmkit.identity.tables import Merge

QUIET = frozenset({"version", "updated_at"})
"""Columns that tell that something was changed, and not what."""


@frozen(kw_only=True)
class State:
    """A row of a journal and how it stands now. ``key`` is where it is since the merge; ``now`` is the row, None where
    there is none; ``fields`` are the columns that were changed since."""

    place: Place
    action: str
    key: Key
    before: Image = field(repr=False)
    after: Image = field(repr=False)
    now: Image | None = field(default=None, repr=False)
    what: Literal["", "changed", "gone", "taken"] = ""
    fields: tuple[str, ...] = field(default=(), converter=tuple)
    settled: bool = False
    """Whether the row is left as it is, since what it belongs to has gone on without it."""

    @property
    def conflict(self) -> bool:
        """Say whether somebody has to decide over it."""
        return bool(self.what) and not self.place.derived and not self.settled


class Present:
    """Reads how the rows of a journal stand, inside a region."""

    def __init__(self, session: CrmSession, layout: Layout, merge: Merge) -> None:
        assert merge.customer_id is not None
        self.session = session
        self.layout = layout
        self.merge = merge
        self.decider = Decider(session, merge.customer_id, merge.absorbed_id)
        self.connection = self.decider.connection

    def states(self, entries: Sequence[Entry]) -> Iterator[State]:
        """Return the states of all rows of a journal; those of tables that are gone are left out."""
        later = self._later_stories()
        grouped: dict[str, list[tuple[Entry, Key]]] = {}
        for entry in entries:
            place = self.layout.of(entry.table)
            if place is not None:
                grouped.setdefault(entry.table, []).extend(
                    (entry, self._key_since(place, entry, key)) for key in entry.keys
                )
        for table, found in grouped.items():
            place = cast(Place, self.layout.of(table))
            now = rows_at(self.connection, place, [key for _entry, key in found])
            # A row that goes back makes room for the one in whose place it is.
            going = {key for entry, key in found if entry.action == journal.MOVED}
            for entry, key in found:
                there = None if entry.action == journal.REMOVED and key in going else now.get(key)
                yield self._state(place, entry, key, there, later.get(table, set()))

    def _key_since(self, place: Place, entry: Entry, key: Image) -> Key:
        moved = self.decider.replaced(place, key) if entry.action == journal.MOVED else key
        return key_of(place, moved)

    def _state(self, place: Place, entry: Entry, key: Key, now: Image | None, later: set[Key]) -> State:
        judged = {
            journal.MOVED: self._moved,
            journal.REMOVED: self._removed,
            journal.CHANGED: self._changed,
            journal.CREATED: self._created,
            journal.POINTED: self._pointed,
        }[entry.action]
        what, fields = judged(place, entry, now)
        about = STORIES.get(place.table)
        story = tuple((now or entry.before or entry.after).get(name) for name in about) if about else None
        return State(
            place=place,
            action=entry.action,
            key=key,
            before=entry.before,
            after=entry.after,
            now=now,
            what=cast(Any, what),
            fields=fields,
            settled=story in later and entry.action in (journal.CHANGED, journal.CREATED),
        )

    def _moved(self, place: Place, entry: Entry, now: Image | None) -> tuple[str, Sequence[str]]:
        if now is None:
            return "gone", ()
        expected = {**self.decider.replaced(place, entry.before), **entry.after}
        if any(
            now[name] != self.decider.survivor
            for name in place.named_by
            if entry.before.get(name) == self.decider.absorbed
        ):
            return "taken", ()
        fields = self._differing(place, now, expected)
        return ("changed" if fields else ""), fields

    def _removed(self, place: Place, entry: Entry, now: Image | None) -> tuple[str, Sequence[str]]:
        return ("taken" if now is not None else ""), ()

    def _changed(self, place: Place, entry: Entry, now: Image | None) -> tuple[str, Sequence[str]]:
        # What was removed since needs nothing to be taken back.
        fields = () if now is None else self._differing(place, now, {**now, **entry.after})
        return ("changed" if fields else ""), fields

    def _created(self, place: Place, entry: Entry, now: Image | None) -> tuple[str, Sequence[str]]:
        fields = () if now is None else self._differing(place, now, entry.after)
        return ("changed" if fields else ""), fields

    def _pointed(self, place: Place, entry: Entry, now: Image | None) -> tuple[str, Sequence[str]]:
        taken = now is not None and any(now[name] != value for name, value in entry.after.items())
        return ("taken" if taken else ""), ()

    def _differing(self, place: Place, now: Image, expected: Mapping[str, Any]) -> list[str]:
        """Return the columns in which a row says something else than the merge left there."""
        names = [name for name in place.columns if name not in QUIET and now[name] != expected[name]]
        return [name for name in names if not self._says_the_same(place, name, now, expected)]

    def _says_the_same(self, place: Place, name: str, now: Image, expected: Mapping[str, Any]) -> bool:
        front = name.removesuffix("_token")
        if front != name and front in place.columns:
            return opened(self.session, place, front, now) == opened(self.session, place, front, expected)
        there = opened(self.session, place, name, {**now, name: expected[name]})
        return bool(opened(self.session, place, name, now) == there)

    def _later_stories(self) -> dict[str, set[Key]]:
        """Return for each table of stories those of the survivor that have gone on since the merge."""
        found: dict[str, set[Key]] = {}
        for model in (Label, SegmentMember):
            table: Any = cast(Any, model).__table__
            names = STORIES[table.name]
            since = self.merge.created_at
            query = select(*(table.c[name] for name in names)).where(
                table.c.customer_id == cast(UUID, self.merge.customer_id),
                or_(table.c.recorded_at > since, table.c.closed_at > since),
            )
            found[table.name] = {tuple(row) for row in self.connection.execute(query)}
        return found
