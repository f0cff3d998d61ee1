"""How the values of customers came to be, step by step: from the history of records, the rows of imports, and merges.

Values are as they were, whatever anybody may see of them: what is shown of them is for the caller to mask.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from attrs import define, evolve, field, frozen
from sqlalchemy import select

from crmkit.core.customers.custom import custom_parts
from crmkit.core.customers.models import ContactPoint, Customer
from crmkit.core.customers.references import chunks
from crmkit.core.store.history import HistoryLine, histories
from crmkit.core.store.session import CrmSession
from crmkit.exchange.customer_values import OWN
from crmkit.exchange.tables import ImportRow, ImportRun
from crmkit.identity.gone import INNER, AbsorbedRecord, absorbed_by, as_text
from crmkit.identity.tables import Merge

MERGE, UNMERGE = "customer.merge", "customer.unmerge"
"""The operation whose changes come from another record, and the one that takes it back."""
_AT_ONCE = timedelta(seconds=5)
"""How long after a record an identifier may be kept that was given with it."""
_LONGEST = timedelta(minutes=5)
"""How far what a merge changed may be from the instant that the merge bears."""
_CUSTOMER, _POINT = Customer.__tablename__, ContactPoint.__tablename__


@frozen(kw_only=True)
class Step:
    """A value, and how it came to be there: when (UTC), by whom, by which operation (empty where its record was made
    with it), from which source and import, in which customer's record. ``merge_id`` is the merge that brought it to
    the customer who has it now."""

    value: Any
    at: datetime
    actor_id: str
    operation: str
    source: str | None
    import_id: UUID | None
    record_id: UUID
    merge_id: UUID | None = None


@frozen(kw_only=True)
class _Brought:
    """A part that an import had in a customer."""

    import_id: UUID
    source: str
    created: bool
    began: datetime
    ended: datetime | None

    def covers(self, at: datetime) -> bool:
        """Say whether the import was at work at an instant."""
        return self.began <= at and (self.ended is None or at <= self.ended)


@frozen(kw_only=True)
class _Made:
    """How a record was made."""

    at: datetime
    by: str
    source: str | None = None
    import_id: UUID | None = None


_Change = tuple[HistoryLine, Any, Any]
"""A line, and the value of one field before and after it."""


@define
class Past:
    """What is known of how one customer's values came to be."""

    customer: Customer
    lines: list[HistoryLine] = field(factory=list)
    merges: list[Merge] = field(factory=list)
    """Those that hold, newest first."""
    imports: dict[UUID, list[_Brought]] = field(factory=dict)
    """What imports did, by the id of the customer's record."""
    absorbed: dict[UUID, AbsorbedRecord] = field(factory=dict)
    moved: dict[UUID, Merge] = field(factory=dict)
    """By which merge contact points came, by their ids: the first one."""
    _changes: dict[tuple[UUID, str], list[_Change]] = field(factory=lambda: defaultdict(list))
    _vouched: dict[UUID, str] = field(factory=dict)

    def index(self) -> None:
        """Prepare looking up what happened to each field."""
        for line in self.lines:
            if line.kind == "create" and line.source is not None:
                self._vouched[line.record_id] = line.source
            for name, before, after in _fields_of(line):
                self._changes[line.record_id, name].append((line, before, after))

    def names(self) -> set[str]:
        """Return the fields of the customer's own record that ever changed."""
        return {name for record_id, name in self._changes if record_id == self.customer.id}

    def steps(self, name: str, present: Any) -> list[Step]:
        """Return how a field came to its present value, newest first; empty values between are left out."""
        return self._steps(self.customer.id, name, present, None)

    def point_steps(self, point: ContactPoint, present: Any) -> list[Step]:
        """Return how a contact point came to its present value, newest first."""
        found: list[Step] = []
        value = present
        for line, before, after in self._changes.get((point.id, "value"), ()):
            found.append(self._step(line, after, self.customer.id))
            value = before
        merge = self.moved.get(point.id)
        owner = self.customer.id if merge is None else merge.absorbed_id
        made = self._made(owner)
        brought = self._import_at(owner, point.created_at)
        source = self._vouched.get(point.id) or (brought.source if brought is not None else None)
        if source is None and abs(point.created_at - made.at) < _AT_ONCE:
            source = made.source
        first = Step(
            value=value,
            at=point.created_at,
            actor_id=point.created_by or "",
            operation="",
            source=source,
            import_id=brought.import_id if brought is not None else None,
            record_id=owner,
            merge_id=merge.id if merge is not None else None,
        )
        return [*(evolve(step, record_id=owner, merge_id=first.merge_id) for step in found), first]

    def _steps(self, record_id: UUID, name: str, present: Any, until: datetime | None) -> list[Step]:
        found: list[Step] = []
        value = present
        for line, before, after in self._changes.get((record_id, name), ()):
            if until is not None and line.recorded_at > until:
                value = before
                continue
            if not is_empty(after) and not self._was_undone(line):
                found.append(self._taken_over(line, name, after) or self._step(line, after, record_id))
            value = before
        if not is_empty(value):
            made = self._made(record_id)
            found.append(
                Step(
                    value=value,
                    at=made.at,
                    actor_id=made.by,
                    operation="",
                    source=made.source,
                    import_id=made.import_id,
                    record_id=record_id,
                )
            )
        return found

    def _step(self, line: HistoryLine, value: Any, record_id: UUID) -> Step:
        brought = self._import_at(record_id, line.recorded_at) if line.source is not None else None
        return Step(
            value=value,
            at=line.recorded_at,
            actor_id=line.actor_id,
            operation=line.operation,
            source=line.source,
            import_id=brought.import_id if brought is not None else None,
            record_id=record_id,
        )

    def _was_undone(self, line: HistoryLine) -> bool:
        """Say whether a line is of a merge that was undone, or of undoing it: together they changed nothing."""
        stack = line.operation.split(" > ")
        return UNMERGE in stack or (MERGE in stack and self._merge_of(line) is None)

    def _merge_of(self, line: HistoryLine) -> Merge | None:
        near = [one for one in self.merges if one.survivor_id == line.record_id]
        merge = min(near, key=lambda one: abs(one.created_at - line.recorded_at), default=None)
        return None if merge is None or abs(merge.created_at - line.recorded_at) > _LONGEST else merge

    def _taken_over(self, line: HistoryLine, name: str, value: Any) -> Step | None:
        """Return how a value came to be that a merge took from the absorbed record; None for one that it did not."""
        if MERGE not in line.operation.split(" > "):
            return None
        merge = self._merge_of(line)
        absorbed = self.absorbed.get(merge.absorbed_id) if merge is not None else None
        if merge is None or absorbed is None or absorbed.values.get(name) != as_text(value):
            # What was typed in the merge itself is none of the absorbed record's.
            return None
        before = self._steps(merge.absorbed_id, name, value, line.recorded_at)
        return evolve(before[0], merge_id=merge.id) if before else None

    def _import_at(self, record_id: UUID, at: datetime) -> _Brought | None:
        return next((one for one in self.imports.get(record_id, ()) if one.covers(at)), None)

    def _made(self, record_id: UUID) -> _Made:
        brought = next((one for one in self.imports.get(record_id, ()) if one.created), None)
        if record_id == self.customer.id:
            at, by = self.customer.created_at, self.customer.created_by or ""
        elif record_id in self.absorbed:
            at, by = self.absorbed[record_id].created_at, self.absorbed[record_id].created_by
        else:
            at, by = made_at(record_id), ""
        if brought is not None:
            return _Made(at=at, by=by, source=brought.source, import_id=brought.import_id)
        return _Made(at=at, by=by, source=self._made_source(record_id))

    def _made_source(self, record_id: UUID) -> str | None:
        """Return the source that a record was made from: the one that vouches for it, that of an identifier that it was
        given at once, or what it said of itself."""
        brought = next((one for one in self.imports.get(record_id, ()) if one.created), None)
        if brought is not None or record_id in self._vouched:
            return self._vouched.get(record_id) or (brought.source if brought is not None else None)
        if record_id == self.customer.id:
            made = self.customer.created_at
            for one in sorted(self.customer.identifiers, key=lambda item: item.recorded_at):
                if one.source != OWN and abs(one.recorded_at - made) < _AT_ONCE:
                    return one.source
        changes = self._changes.get((record_id, "source"))
        if changes:
            return changes[-1][1] or None
        if record_id == self.customer.id:
            return self.customer.source
        return self.absorbed[record_id].source if record_id in self.absorbed else None


def read_pasts(session: CrmSession, customers: Sequence[Customer]) -> dict[UUID, Past]:
    """Return what is known of customers that are loaded with what belongs to them."""
    found = {one.id: Past(customer=one) for one in customers}
    for part in chunks(found):
        for line in histories(session, part):
            if line.customer_id is not None and line.customer_id in found:
                found[line.customer_id].lines.append(line)
        query = select(Merge).where(Merge.customer_id.in_(part), Merge.undone_at.is_(None))
        for merge in session.scalars(query.order_by(Merge.created_at.desc(), Merge.id.desc())):
            if merge.customer_id is not None and merge.customer_id in found:
                found[merge.customer_id].merges.append(merge)
    owners = {one: one for one in found}
    merges = {merge.id: (past, merge) for past in found.values() for merge in past.merges}
    for merge_id, absorbed in absorbed_by(session, {id_: merge.absorbed_id for id_, (_past, merge) in merges.items()}):
        past, merge = merges[merge_id]
        if absorbed.record is not None:
            past.absorbed[merge.absorbed_id] = absorbed.record
        for point in absorbed.points:
            known = past.moved.get(point)
            if known is None or merge.created_at < known.created_at:
                past.moved[point] = merge
    for past in found.values():
        owners.update((merge.absorbed_id, past.customer.id) for merge in past.merges)
        past.index()
    for record_id, brought in _imports(session, owners):
        found[owners[record_id]].imports.setdefault(record_id, []).append(brought)
    return found


def _imports(session: CrmSession, ids: Iterable[UUID]) -> Iterator[tuple[UUID, _Brought]]:
    """Return what imports did to customers, by the id of the record."""
    for part in chunks(ids):
        query = (
            select(
                ImportRow.record_id,
                ImportRow.outcome,
                ImportRun.id,
                ImportRun.source,
                ImportRun.started_at,
                ImportRun.finished_at,
            )
            .join(ImportRun, ImportRun.id == ImportRow.import_id)
            .where(
                ImportRow.record_id.in_(part),
                ImportRow.table_name == _CUSTOMER,
                ImportRow.outcome.in_(("created", "updated")),
            )
            .order_by(ImportRun.started_at.desc(), ImportRow.row_index)
        )
        for record_id, outcome, import_id, source, began, ended in session.execute(query).all():
            brought = _Brought(
                import_id=import_id, source=source, created=outcome == "created", began=began, ended=ended
            )
            yield cast(UUID, record_id), brought


def _fields_of(line: HistoryLine) -> Iterator[tuple[str, Any, Any]]:
    """Return the fields that a line changed, custom ones and preferences one by one, with their values."""
    if line.table_name == _POINT:
        if line.kind == "update" and "value" in line.changes:
            yield ("value", *line.changes["value"])
        return
    if line.table_name != _CUSTOMER or line.kind != "update":
        return
    for name, (before, after) in line.changes.items():
        column = name.removesuffix("_sealed")
        if column not in INNER:
            yield name, before, after
            continue
        old, new = custom_parts(before, None), custom_parts(after, None)
        for key in {*old, *new}:
            if old.get(key) != new.get(key):
                yield f"{column}.{key}", old.get(key), new.get(key)


def is_empty(value: Any) -> bool:
    """Say whether a value is none: null, an empty text, list or set of fields."""
    return value is None or value in ("", [], {}, ())


def made_at(record_id: UUID) -> datetime:
    """Return the instant that an id was made at, which is all that is left of a record's own: ids are made in the order
    of time (UUIDv7), to the millisecond."""
    return datetime.fromtimestamp((record_id.int >> 80) / 1000, UTC)


def size_of(value: Any) -> int:
    """Return how many characters a value has; of a list or a set of fields those of all of them."""
    if is_empty(value):
        return 0
    if isinstance(value, dict):
        return sum(map(size_of, value.values()))
    return sum(map(size_of, value)) if isinstance(value, (list, tuple)) else len(str(value))
