"""Taking back what a merge did to each row: which is written how, in an order that every constraint allows.

Must not know whether a merge may be undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast
from uuid import UUID

from attrs import define, field
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from crmkit.core.store.opening import plain
from crmkit.core.store.sealed import OpenItem, SealItem, sealed_as, sealed_fields
from crmkit.core.store.session import CrmSession
from crmkit.core.vault.blind import first_of
from crmkit.core.vault.rows import data_keys
from crmkit.core.vault.state import INDEX
from crmkit.errors import CrmkitError, UnmergeConflict
from crmkit.i18n import texts
from crmkit.identity import journal
from crmkit.identity.deciding import Decider
from crmkit.identity.images import (
    Image,
    Key,
    bytes_of,
    change_row,
    delete_rows,
    envelope_of,
    id_of,
    insert_images,
    key_of,
    point,
    raw_bytes,
    rows_at,
    table_of,
)
from crmkit.identity.layout import CUSTOMER, Layout, Place
from crmkit.identity.states import QUIET, State
from crmkit.identity.values import OnConflict

_ = texts("crmkit")


@define
class Restored:
    """What was taken back: rows by what became of them. ``kept`` are those that stay as they are in spite of a
    conflict."""

    restored: int = 0
    kept: int = 0
    touched: dict[str, list[Key]] = field(factory=dict[str, list[Key]])


class Restorer:
    """Takes back the rows of one merge, inside a region."""

    def __init__(self, session: CrmSession, layout: Layout, decider: Decider, absorbed: UUID) -> None:
        self.session = session
        self.connection: Connection = decider.connection
        self.layout = layout
        self.decider = decider
        self.absorbed = absorbed
        self.found = Restored()
        self._kept: list[tuple[Place, Key]] = []
        self._back: list[tuple[Place, Image]] = []

    def restore(self, states: Sequence[State], on_conflict: OnConflict) -> Restored:
        """Take back what is to be taken back."""
        wanted = [state for state in states if not state.settled]
        self._insert([state for state in wanted if _is_customer(state)])
        for state in wanted:
            if state.action == journal.CREATED:
                self._uncreate(state, on_conflict)
        for state in wanted:
            if state.action == journal.MOVED:
                self._unmove(state, on_conflict)
        self._unpoint([state for state in wanted if state.action == journal.POINTED], on_conflict)
        for state in wanted:
            if state.action == journal.CHANGED:
                self._unchange(state, on_conflict)
        self._insert([state for state in wanted if state.action == journal.REMOVED and not _is_customer(state)])
        self._insert_rows(self._back)
        for place, key in self._kept:
            self._seal_for_owner(place, key)
        self._renew_tokens(wanted)
        return self.found

    # --- each action -------------------------------------------------------------------------------------------------

    def _uncreate(self, state: State, on_conflict: OnConflict) -> None:
        if state.now is None:
            return
        if state.conflict and on_conflict == "keep":
            self.found.kept += 1
            return
        delete_rows(self.connection, state.place, [state.key])
        self.found.restored += 1

    def _unmove(self, state: State, on_conflict: OnConflict) -> None:
        place = state.place
        whole = place.derived or (state.conflict and on_conflict == "restore")
        if state.now is None:
            if whole:
                self._back.append((place, state.before))
            else:
                self.found.kept += 1
            return
        if whole:
            values = {name: value for name, value in state.before.items() if state.now[name] != value}
        elif state.what == "taken":
            self.found.kept += 1
            return
        else:
            values = {
                name: self.decider.absorbed
                for name in place.named_by
                if state.before.get(name) == self.decider.absorbed
            }
            values.update({name: state.before[name] for name in state.after if state.now[name] == state.after[name]})
            if any(
                envelope_of(value) is not None and value != state.before[name]
                for name, value in state.now.items()
                if name not in values
            ):
                self._kept.append((place, key_of(place, {**state.now, **values})))
            self.found.kept += bool(state.what)
        self._change(place, state.key, values)
        self.found.restored += not state.what or whole

    def _unpoint(self, states: Iterable[State], on_conflict: OnConflict) -> None:
        grouped: dict[tuple[str, str, Any], list[State]] = {}
        for state in states:
            if state.now is None:
                continue
            if state.conflict and on_conflict == "keep":
                self.found.kept += 1
                continue
            ((column, value),) = state.before.items()
            grouped.setdefault((state.place.table, column, value), []).append(state)
        for (_table, column, value), group in grouped.items():
            point(self.connection, group[0].place, [state.key for state in group], {column: value})
            self.found.restored += len(group)

    def _unchange(self, state: State, on_conflict: OnConflict) -> None:
        if state.now is None:
            return
        now = state.now
        forced = state.conflict and on_conflict == "restore"
        values = {
            name: value
            for name, value in state.before.items()
            if name not in QUIET and (forced or name not in state.fields) and now[name] != value
        }
        if all(now[name] == state.after[name] for name in QUIET if name in state.after):
            values.update({name: value for name, value in state.before.items() if name in QUIET})
        elif values and "version" in now:
            values["version"] = str(int(now["version"]) + 1) if isinstance(now["version"], str) else now["version"] + 1
        self._change(state.place, state.key, values)
        if state.conflict and not forced:
            self.found.kept += 1
        else:
            self.found.restored += 1

    def _change(self, place: Place, key: Key, values: Image) -> None:
        if not values:
            return
        try:
            with self.connection.begin_nested():
                change_row(self.connection, place, key, values)
        except IntegrityError as error:
            raise _in_the_way(place) from error

    # --- putting back ------------------------------------------------------------------------------------------------

    def _insert(self, states: Iterable[State]) -> None:
        rows = [(state.place, state.before) for state in states if state.now is None]
        self.found.restored += len(rows)
        self._insert_rows(rows)

    def _insert_rows(self, rows: Sequence[tuple[Place, Image]]) -> None:
        """Put rows back; one that refers to another one of them waits until that is there."""
        waiting = [(place, self._with_what_is_there(place, row, rows)) for place, row in rows]
        while waiting:
            left: list[tuple[Place, Image]] = []
            failed: IntegrityError | None = None
            for place, row in waiting:
                try:
                    with self.connection.begin_nested():
                        insert_images(self.connection, place, [row])
                except IntegrityError as error:
                    failed = error
                    left.append((place, row))
            if failed is not None and len(left) == len(waiting):
                raise _in_the_way(left[0][0]) from failed
            waiting = left

    def _with_what_is_there(self, place: Place, row: Image, rows: Sequence[tuple[Place, Image]]) -> Image:
        """Return a row that refers to nothing which has gone since: a team, an owner."""
        found = dict(row)
        for reference in place.refers:
            value = row.get(reference.column)
            other = self.layout.of(reference.table)
            if value is None or reference.column not in place.nullable:
                continue
            if any(each.table == reference.table and image.get(reference.referred) == value for each, image in rows):
                continue
            table = table_of(other or _only(reference.table, reference.referred))
            column = table.c[reference.referred]
            if self.connection.execute(select(column).where(column == value).limit(1)).first() is None:
                found[reference.column] = None
        return found

    # --- what is sealed ----------------------------------------------------------------------------------------------

    def _seal_for_owner(self, place: Place, key: Key) -> None:
        """Seal anew, under the key of whom a row goes back to, what was sealed since under the survivor's."""
        row = rows_at(self.connection, place, [key]).get(key)
        record = None if row is None else id_of(row.get("id"))
        if row is None or record is None:
            return
        sealed = {name: data for name, value in row.items() if (data := envelope_of(value)) is not None}
        foreign = self._foreign(sealed)
        model = self.session.gate.registry.models.get(place.table)
        items = [
            OpenItem(table=place.table, field=sealed_as(model, name), record=record, sealed=sealed[name])
            for name in foreign
        ]
        values = self.session.crm.vault.open_each(self.session, items)
        fresh = [
            (name, SealItem(subject=self.absorbed, table=item.table, field=item.field, record=record, value=value))
            for name, item, value in zip(foreign, items, values, strict=True)
            if not isinstance(value, CrmkitError)
        ]
        envelopes = self.session.crm.vault.seal_many(self.session, [item for _name, item in fresh])
        self._change(
            place,
            key,
            {
                name: raw_bytes(self.connection, envelope)
                for (name, _item), envelope in zip(fresh, envelopes, strict=True)
            },
        )

    def _foreign(self, sealed: dict[str, bytes]) -> list[str]:
        """Return the columns whose envelope is under a key that is not the absorbed customer's."""
        if not sealed:
            return []
        named = {UUID(bytes=data[2:18]): name for name, data in sealed.items()}
        query = select(data_keys.c.id).where(data_keys.c.id.in_(list(named)), data_keys.c.subject_id == self.absorbed)
        own = set(self.connection.execute(query).scalars())
        return [name for name, data in sealed.items() if UUID(bytes=data[2:18]) not in own]

    def _renew_tokens(self, states: Iterable[State]) -> None:
        """Give values that came back with a token of an earlier key of lookups one that is looked for."""
        first = first_of(self.session.crm.vault.state(self.session).current(INDEX).version)
        for state in states:
            model = self.session.gate.registry.models.get(state.place.table)
            for name, sealed in sealed_fields(model).items():
                token = None if sealed.token_slot is None else bytes_of(state.before.get(sealed.token_slot))
                identity = id_of(state.before.get("id"))
                if token is not None and identity is not None and token < first:
                    self._renew_token(model, name, cast(str, sealed.token_slot), identity)

    def _renew_token(self, model: Any, name: str, column: str, identity: UUID) -> None:
        record = self.session.get(model, identity, populate_existing=True)
        value = None if record is None else plain(record, name)
        if record is None or value is None:
            return
        form = record.match_form(name, value)
        table = model.__table__
        token = None if form is None else self.session.crm.vault.token(f"{table.name}.{name}", form)
        self.connection.execute(update(table).where(table.c.id == identity).values({column: token}))
        self.session.expunge(record)


def _is_customer(state: State) -> bool:
    return state.place.table == CUSTOMER and state.action == journal.REMOVED


def _only(table: str, column: str) -> Place:
    return Place(table=table, columns=[column], key=[column], holders=[])


def _in_the_way(place: Place) -> UnmergeConflict:
    return UnmergeConflict(
        _("A row of {table} cannot be restored: what it has to be unique by was given to another one since."),
        table=place.table,
    )
