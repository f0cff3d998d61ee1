"""What a merge does with each row: which go over to the survivor, which the survivor has the like of already, which are
changed by it. Decided on rows as the database has them, so that a plan and the merge itself agree.

Must not write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import field, frozen
from sqlalchemy import Connection

from crmkit.core.store.sealed import OpenItem, sealed_as
from crmkit.core.store.session import CrmSession
from crmkit.errors import CrmkitError
from crmkit.identity.images import Image, Key, envelope_of, id_of, key_of, raw_id, rows_naming
from crmkit.identity.layout import Place

POINTS = "crm_contact_point"
DROPPED = frozenset({"crm_fact_value"})
"""Tables whose rows about the absorbed customer go: they are computed anew."""
STORIES: Mapping[str, tuple[str, ...]] = {"crm_label": ("dimension",), "crm_segment_member": ("segment",)}
"""Tables of intervals, with what one story of them is about: two stories cannot be woven into one, so the survivor's
stands where it has one."""
BETTER: Mapping[str, tuple[str, bool]] = {
    "crm_experiment_exposure": ("exposed_at", False),
    "crm_rule_claim": ("fired_at", True),
}
"""Tables in which, of two rows that cannot both stay, the one with the earlier (or the later) instant stays: who was
exposed first was exposed; what was done last counts for what must not be repeated."""
TECHNICAL = frozenset({"id", "version", "created_at", "created_by", "updated_at", "recorded_at", "position"})
LEAP = 1000
"""By how much a merge raises the version of a row that it changes. Undoing it gives the earlier number back; without
the leap a change afterwards could get a number that somebody has seen of the merged row."""


@frozen(kw_only=True)
class Decision:
    """What happens to the rows of one place. ``before`` are all rows of both customers by their keys; ``removed`` names
    for each row that is left out the one that stands for it, if any; ``changes`` are columns that get other values."""

    place: Place
    before: Mapping[Key, Image]
    absorbed: frozenset[Key]
    removed: Mapping[Key, Key | None] = field(factory=dict)
    changes: Mapping[Key, Mapping[str, Any]] = field(factory=dict)

    @property
    def moved(self) -> list[Key]:
        """Return the keys, as they are before, of the rows that go over."""
        return [key for key in self.before if key in self.absorbed and key not in self.removed]


class Decider:
    """Decides over the rows of two customers, inside a region. ``survivor`` and ``absorbed`` are ids as rows have
    them."""

    def __init__(self, session: CrmSession, survivor: Any, absorbed: Any) -> None:
        self.session = session
        self.connection: Connection = session.connection()
        self.survivor = raw_id(self.connection, survivor)
        self.absorbed = raw_id(self.connection, absorbed)

    def replaced(self, place: Place, row: Mapping[str, Any]) -> Image:
        """Return a row as it is once it names the survivor instead of the absorbed customer."""
        return {
            name: self.survivor if name in place.named_by and value == self.absorbed else value
            for name, value in row.items()
        }

    def decide(self, place: Place) -> Decision:
        """Return what happens to a place's rows."""
        rows = rows_naming(self.connection, place, [self.survivor, self.absorbed])
        before = {key_of(place, row): row for row in rows}
        absorbed = frozenset(
            key for key, row in before.items() if any(row[name] == self.absorbed for name in place.named_by)
        )
        own = {key: row for key, row in before.items() if key not in absorbed}
        theirs = {key: row for key, row in before.items() if key in absorbed}
        removed: dict[Key, Key | None] = {}
        changes: dict[Key, dict[str, Any]] = {}
        if theirs:
            removed.update(self._selfish(place, theirs))
            removed.update(self._stories(place, own, _rest(theirs, removed)))
            removed.update(self._collisions(place, own, _rest(theirs, removed)))
            if place.table == POINTS:
                self._points(place, own, theirs, removed, changes)
            elif place.combines:
                left = {key: row for key, row in own.items() if key not in removed}
                removed.update(self._equal(place, left, _rest(theirs, removed), TECHNICAL))
        return Decision(place=place, before=before, absorbed=absorbed, removed=removed, changes=changes)

    def _selfish(self, place: Place, theirs: Mapping[Key, Image]) -> dict[Key, Key | None]:
        """Return the rows that would relate the survivor to itself."""
        if len(place.holders) < 2 or not place.combines:
            return {}
        both = {self.survivor, self.absorbed}
        return {key: None for key, row in theirs.items() if all(row[name] in both for name in place.named_by)}

    def _stories(self, place: Place, own: Mapping[Key, Image], theirs: Mapping[Key, Image]) -> dict[Key, Key | None]:
        if place.table in DROPPED:
            return dict.fromkeys(theirs)
        about = STORIES.get(place.table)
        if about is None:
            return {}
        known = {tuple(row[name] for name in about) for row in own.values()}
        return {key: None for key, row in theirs.items() if tuple(row[name] for name in about) in known}

    def _collisions(self, place: Place, own: Mapping[Key, Image], theirs: Mapping[Key, Image]) -> dict[Key, Key | None]:
        """Return the rows that cannot be beside each other once both name the survivor."""
        found: dict[Key, Key | None] = {}
        for columns in place.unique:
            if not set(columns) & set(place.named_by):
                continue
            taken: dict[Key, Key] = {}
            for key, row in (*own.items(), *theirs.items()):
                if key in found:
                    continue
                value = tuple(self.replaced(place, row)[name] for name in columns)
                if None in value:
                    continue
                holder = taken.setdefault(value, key)
                if holder != key:
                    loser, winner = (holder, key) if self._better(place, row, holder, own, theirs) else (key, holder)
                    found[loser] = winner
                    taken[value] = winner
        return found

    def _better(
        self, place: Place, row: Image, holder: Key, own: Mapping[Key, Image], theirs: Mapping[Key, Image]
    ) -> bool:
        rule = BETTER.get(place.table)
        if rule is None:
            return False
        column, later = rule
        other = own.get(holder) or theirs[holder]
        return row[column] > other[column] if later else row[column] < other[column]

    def _equal(
        self, place: Place, own: Mapping[Key, Image], theirs: Mapping[Key, Image], aside: frozenset[str]
    ) -> dict[Key, Key | None]:
        """Return the rows that say what one of the survivor's says, each with that one."""
        sealed = _sealed_columns(place, (*own.values(), *theirs.values()))
        names = [
            name for name in place.columns if name not in aside and name not in sealed and not name.endswith("_token")
        ]

        def shape(row: Mapping[str, Any]) -> Key:
            there = self.replaced(place, row)
            return tuple(_hashable(there[name]) for name in names)

        like: dict[Key, list[Key]] = {}
        for key, row in own.items():
            like.setdefault(shape(row), []).append(key)
        found: dict[Key, Key | None] = {}
        for key, row in theirs.items():
            for twin in like.get(shape(row), ()):
                if all(self._says_the_same(place, name, own[twin], row) for name in sealed if name not in aside):
                    found[key] = twin
                    break
        return found

    def _says_the_same(self, place: Place, column: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        return opened(self.session, place, column, one) == opened(self.session, place, column, other)

    def _points(
        self,
        place: Place,
        own: Mapping[Key, Image],
        theirs: Mapping[Key, Image],
        removed: dict[Key, Key | None],
        changes: dict[Key, dict[str, Any]],
    ) -> None:
        """Unite contact points: equal ones become one, which keeps what only one of them knew; of each kind one stays
        the preferred one."""
        true, false = ("true", "false") if self.connection.dialect.name == "postgresql" else (1, 0)
        known = {_point_key(row): key for key, row in own.items() if row["value_token"] is not None}
        preferred = {row["kind"] for row in own.values() if row["preferred"] in (true, True)}
        behind = max((int(row["position"]) for row in own.values()), default=-1) + 1
        for key, row in theirs.items():
            twin = known.get(_point_key(row)) if row["value_token"] is not None else None
            if twin is not None:
                removed[key] = twin
                gained = {name: row[name] for name in ("verified_at", "label") if own[twin][name] is None and row[name]}
                if gained:
                    changes[twin] = {**changes.get(twin, {}), **gained}
                continue
            values: dict[str, Any] = {"position": _as(row["position"], int(row["position"]) + behind)}
            if row["preferred"] in (true, True) and row["kind"] in preferred:
                values["preferred"] = false
            changes[key] = {name: value for name, value in values.items() if value != row[name]}
        for key, values in changes.items():
            row = own.get(key) or theirs[key]
            if values:
                values["version"] = _as(row["version"], int(row["version"]) + LEAP)


def opened(session: CrmSession, place: Place, column: str, row: Mapping[str, Any]) -> Any:
    """Return what a sealed value of a row says; the value itself where it cannot be opened."""
    sealed, record = envelope_of(row[column]), id_of(row.get("id"))
    if sealed is None or record is None:
        return row[column]
    field = sealed_as(session.gate.registry.models.get(place.table), column)
    item = OpenItem(table=place.table, field=field, record=record, sealed=sealed)
    (found,) = session.crm.vault.open_each(session, [item])
    return row[column] if isinstance(found, CrmkitError) else found


def _sealed_columns(place: Place, rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the columns in which a row has an envelope."""
    found: dict[str, None] = {}
    for row in rows:
        for name, value in row.items():
            if name not in found and envelope_of(value) is not None:
                found[name] = None
    return list(found)


def _point_key(row: Mapping[str, Any]) -> Key:
    return row["kind"], row["value_token"]


def _rest(rows: Mapping[Key, Image], removed: Mapping[Key, Key | None]) -> dict[Key, Image]:
    return {key: row for key, row in rows.items() if key not in removed}


def _hashable(value: Any) -> Any:
    return repr(value) if isinstance(value, (list, dict)) else value


def _as(like: Any, number: int) -> Any:
    """Return a number in the form in which rows have theirs."""
    return str(number) if isinstance(like, str) else number


def decisions(decider: Decider, places: Sequence[Place]) -> list[Decision]:
    """Return what happens to the rows of all places that are remembered row by row."""
    return [decider.decide(place) for place in places if not place.light]
