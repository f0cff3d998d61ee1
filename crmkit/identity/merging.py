"""Merging two customers: the survivor gets every row of the other one, in the kernel and in every plugin, loaded or
not, and a journal remembers what was done, so that it can be undone.

Nothing is sealed anew: the absorbed customer's data keys go over with its rows. Whether two customers are the same is
decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, cast
from uuid import UUID

from attrs import define
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from crmkit.core.customers.events import CustomersUpdated
from crmkit.core.customers.models import Customer, CustomerIdentifier
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.clock import system_now
from crmkit.core.store.guard.regions import region
from crmkit.core.store.ids import new_id
from crmkit.core.store.session import CrmSession
from crmkit.errors import StaleWrite
from crmkit.i18n import texts
from crmkit.identity import following, journal, past
from crmkit.identity.deciding import LEAP, Decider, Decision, decisions
from crmkit.identity.events import CustomersMerged
from crmkit.identity.fields import decide_fields, set_fields
from crmkit.identity.images import (
    Image,
    Key,
    change_row,
    delete_rows,
    key_of,
    point,
    read_rows,
    rows_at,
    rows_naming,
    table_of,
)
from crmkit.identity.journal import Entry
from crmkit.identity.layout import CUSTOMER, Layout, Place, layout_of
from crmkit.identity.pairing import hold_pair, other_of, refusal
from crmkit.identity.tables import Merge
from crmkit.identity.values import FieldChoice, Merged

_ = texts("crmkit")

WHY = "merging customers"
_customer: Any = cast(Any, Customer).__table__
_identifier: Any = cast(Any, CustomerIdentifier).__table__

Absorb = Annotated[UUID, Input(title=_("Absorb"), classified="internal", resource="customer")]
Choices = Annotated[tuple[FieldChoice, ...], Input(title=_("Choices"), max_length=500)]
Reason = Annotated[str, Input(title=_("Reason"), max_length=500, classified="internal")]
Version = Annotated[int | None, Input(title=_("Version of the other customer"), classified="internal")]


@operation("customer.merge", title=_("Merge with another customer"), permission="customer.merge")
def merge_customers(
    session: CrmSession,
    customer: Customer,
    *,
    absorb: Absorb,
    choices: Choices = (),
    reason: Reason = "",
    absorbed_version: Version = None,
) -> Merged:
    """Have a customer absorb another one, who is gone afterwards; `customer.unmerge` takes it back.

    Without a choice a field keeps the survivor's value, and takes the absorbed one's where it is empty; contact points,
    tags, identifiers and relationships are united. The actor needs the right on both. Raises NotFound, AlreadyMerged,
    MergeError for two that cannot be merged, OnLegalHold, InvalidInput for a choice, StaleWrite.
    """
    absorbed = other_of(session, absorb)
    session.gate.permits.check_target(session, merge_customers, absorbed)
    if absorbed_version is not None and absorbed.version != absorbed_version:
        raise StaleWrite(fix=_("Read it again and repeat the change."))
    refused = refusal(session, customer, absorbed, choices)
    if refused is not None:
        raise refused
    session.flush()
    hold_pair(session, customer, absorbed)
    return _Merging(session, customer, absorbed, choices, reason.strip()).carry_out()


@define
class _Counts:
    moved: int = 0
    united: int = 0
    changed: int = 0


class _Merging:
    """One merge under way."""

    def __init__(
        self,
        session: CrmSession,
        survivor: Customer,
        absorbed: Customer,
        choices: Sequence[FieldChoice],
        reason: str,
    ) -> None:
        self.session = session
        self.connection: Connection = session.connection()
        self.survivor = survivor
        self.absorbed = absorbed
        self.choices = choices
        self.reason = reason
        self.ids = survivor.id, absorbed.id
        self.merge_id = new_id()
        self.decider = Decider(session, *self.ids)
        self.pointed: list[Entry] = []
        self.counts = _Counts()

    def carry_out(self) -> Merged:
        session, (survivor, absorbed) = self.session, self.ids
        name = str(self.absorbed.name)
        with region(session, WHY):
            layout = layout_of(session)
            before = self._customer_rows(layout.customer)
            found = decisions(self.decider, list(layout.places.values()))
        decided = decide_fields(session, self.survivor, self.absorbed, self.choices)
        fields = set_fields(session, self.survivor, self.absorbed, decided)
        session.flush()
        with region(session, WHY):
            sets = past.sets_of(session, survivor)
            dimensions = following.dimensions_of(session, self.ids)
            lines = [line for decision in found for line in past.lines_of(session, decision, survivor)]
            for decision in found:
                self._carry_out(layout, decision)
            for place in layout.places.values():
                if place.light:
                    self._point(place, self._naming(place))
            self._point(layout.customer, self._parts(layout.customer))
            self._keep_the_number()
            following.documents_follow(session, absorbed, survivor)
            session.expire_all()
            self._ask_plugins()
            self._remove_absorbed(layout.customer)
            following.decide_anew(session, [survivor], dimensions)
            self._leap()
            following.look_again(session, [survivor, absorbed])
            past.write(session, lines)
            past.keep_sets(session, self.survivor, sets)
            entries = [*self._of_customers(layout.customer, before), *self._differences(found), *self.pointed]
            self._remember(name, entries)
        self._tell(fields)
        return Merged(
            merge_id=self.merge_id,
            customer_id=survivor,
            absorbed_id=absorbed,
            moved=self.counts.moved,
            united=self.counts.united,
            changed=self.counts.changed,
        )

    # --- rows --------------------------------------------------------------------------------------------------------

    def _customer_rows(self, place: Place) -> dict[Any, Image]:
        keys = [(self.decider.survivor,), (self.decider.absorbed,)]
        return {key[0]: row for key, row in rows_at(self.connection, place, keys).items()}

    def _carry_out(self, layout: Layout, decision: Decision) -> None:
        """Do with the rows of one place what was decided."""
        place = decision.place
        for key, twin in decision.removed.items():
            if twin is not None:
                self._repoint(layout, place, decision.before[key], decision.before[twin])
        delete_rows(self.connection, place, list(decision.removed))
        for key, values in decision.changes.items():
            if values:
                change_row(self.connection, place, key, values)
        self._move(place, decision)

    def _move(self, place: Place, decision: Decision) -> None:
        """Have the rows name the survivor; one that cannot is left out as one that the survivor has the like of."""
        try:
            with self.connection.begin_nested():
                for name in place.named_by:
                    self.connection.execute(self._moving(place, name))
        except IntegrityError:
            removed = cast("dict[Key, Key | None]", decision.removed)
            for key in decision.moved:
                row = decision.before[key]
                values = {name: self.decider.survivor for name in place.named_by if row[name] == self.decider.absorbed}
                try:
                    with self.connection.begin_nested():
                        change_row(self.connection, place, key, values)
                except IntegrityError:
                    delete_rows(self.connection, place, [key])
                    removed[key] = None

    def _moving(self, place: Place, name: str) -> Any:
        column = table_of(place).c[name]
        return update(column.table).where(column == self.decider.absorbed).values({name: self.decider.survivor})

    def _repoint(self, layout: Layout, place: Place, gone: Image, twin: Image) -> None:
        """Have what refers to a row that is left out refer to the one that stands for it."""
        for reference in place.pointed:
            other = layout.of(reference.table)
            if other is None or gone[reference.referred] is None:
                continue
            column = table_of(other).c[reference.column]
            keys = read_rows(self.connection, other, column == gone[reference.referred], other.key)
            self._remember_pointed(other, keys, reference.column, gone[reference.referred], twin[reference.referred])

    def _naming(self, place: Place) -> Mapping[str, list[Image]]:
        """Return for each column that names customers the keys of the rows in which it names the absorbed one."""
        table = table_of(place)
        return {
            name: read_rows(self.connection, place, table.c[name] == self.decider.absorbed, place.key)
            for name in place.named_by
        }

    def _keep_the_number(self) -> None:
        """Have lists that name the absorbed customer by its number mean the survivor."""
        from crmkit.exchange.customer_values import OWN

        values = {"source": OWN, "external_id": str(self.ids[1]), "customer_id": self.ids[0]}
        known = select(_identifier.c.source).where(
            _identifier.c.source == OWN, _identifier.c.external_id == values["external_id"]
        )
        if self.connection.execute(known).first() is None:
            self.connection.execute(insert(_identifier).values(**values, recorded_at=system_now()))

    def _parts(self, place: Place) -> Mapping[str, list[Image]]:
        """Return the organisation's parts and members, who become the survivor's."""
        found = self._naming(place)
        ours = {self.decider.survivor, self.decider.absorbed}
        return {name: [key for key in keys if key["id"] not in ours] for name, keys in found.items()}

    def _point(self, place: Place, naming: Mapping[str, list[Image]]) -> None:
        for name, keys in naming.items():
            self._remember_pointed(place, keys, name, self.decider.absorbed, self.decider.survivor)
            self.counts.moved += len(keys)

    def _remember_pointed(self, place: Place, keys: Sequence[Image], column: str, was: Any, becomes: Any) -> None:
        if not keys:
            return
        point(self.connection, place, [key_of(place, key) for key in keys], {column: becomes})
        self.pointed.append(
            Entry(
                table=place.table,
                action=journal.POINTED,
                keys=keys,
                before={column: was},
                after={column: becomes},
            )
        )

    def _ask_plugins(self) -> None:
        survivor, absorbed = self.ids
        for answer in self.session.gate.dispatcher.collect(
            "crmkit_merge_customers", session=self.session, source_id=absorbed, target_id=survivor
        ):
            if answer.error is not None:
                raise answer.error
        self.session.flush()

    def _remove_absorbed(self, place: Place) -> None:
        self.session.expunge(self.absorbed)
        table = table_of(place)
        self.connection.execute(delete(table).where(table.c.id == self.decider.absorbed))

    def _leap(self) -> None:
        """Make the survivor another version than anybody has seen."""
        statement = (
            update(_customer)
            .where(_customer.c.id == self.ids[0])
            .values(version=_customer.c.version + LEAP, updated_at=system_now())
        )
        self.connection.execute(statement)
        self.session.refresh(self.survivor)

    # --- remembering -------------------------------------------------------------------------------------------------

    def _of_customers(self, place: Place, before: Mapping[Any, Image]) -> Iterator[Entry]:
        after = self._customer_rows(place)
        gone, was = before[self.decider.absorbed], before[self.decider.survivor]
        yield Entry(table=CUSTOMER, action=journal.REMOVED, keys=[{"id": gone["id"]}], before=gone)
        yield _changed(place, was, was, after[self.decider.survivor])

    def _differences(self, found: Sequence[Decision]) -> Iterator[Entry]:
        """Return what became of every row of the places that are remembered row by row, whoever did it: a plugin's
        hook may have done more than was decided here."""
        for decision in found:
            place = decision.place
            now = {key_of(place, row): row for row in rows_naming(self.connection, place, [self.decider.survivor])}
            for key, row in decision.before.items():
                expected = self.decider.replaced(place, row)
                after = None if key in decision.removed else now.pop(key_of(place, expected), None)
                identity = _named(place, key)
                if after is None:
                    self.counts.united += key in decision.absorbed
                    yield Entry(table=place.table, action=journal.REMOVED, keys=[identity], before=row)
                elif key in decision.absorbed:
                    self.counts.moved += 1
                    changes = {name: value for name, value in after.items() if value != expected[name]}
                    yield Entry(table=place.table, action=journal.MOVED, keys=[identity], before=row, after=changes)
                elif after != row:
                    self.counts.changed += 1
                    yield _changed(place, row, expected, after)
            for key, row in now.items():
                yield Entry(table=place.table, action=journal.CREATED, keys=[_named(place, key)], after=row)

    def _remember(self, name: str, entries: Sequence[Entry]) -> None:
        merge = Merge(
            id=self.merge_id,
            customer_id=self.ids[0],
            survivor_id=self.ids[0],
            absorbed_id=self.ids[1],
            absorbed_name=name[:300],
            actor_id=self.session.actor.id,
            reason=self.reason or None,
            fields=[choice.field for choice in self.choices],
        )
        self.session.add(merge)
        self.session.flush()
        merge.rows = journal.write(self.session, self.merge_id, self.ids[0], entries)
        self.session.flush()

    def _tell(self, fields: Sequence[str]) -> None:
        survivor, absorbed = self.ids
        self.session.unit.about(self.ids)
        if fields:
            self.session.emit(CustomersUpdated(customer_ids=(survivor,), fields=tuple(fields)))
        self.session.emit(CustomersMerged(customer_id=survivor, absorbed_id=absorbed, merge_id=self.merge_id))


def _changed(place: Place, row: Image, expected: Image, after: Image) -> Entry:
    names = [name for name in place.columns if after[name] != expected[name]]
    return Entry(
        table=place.table,
        action=journal.CHANGED,
        keys=[_named(place, key_of(place, row))],
        before={name: row[name] for name in names},
        after={name: after[name] for name in names},
    )


def _named(place: Place, key: Key) -> Image:
    return dict(zip(place.key, key, strict=True))


OPERATIONS: list[Any] = [merge_customers]
