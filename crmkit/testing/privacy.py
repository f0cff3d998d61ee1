"""Checks what becomes of a person's rows: erased, exported, merged with somebody else's and parted again.

What the plugin keeps is read before and after, and compared: by the personal-data map, and beyond it in every row that
refers to a customer. Must not know how any of it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import asdict
from sqlalchemy import JSON, MetaData, String, Table, select

from crmkit.core.privacy.mapping import fields_of
from crmkit.core.store.types import Id
from crmkit.hooks.contributions import Finding, PersonalData
from crmkit.i18n import texts
from crmkit.testing.report import broken, from_error, named
from crmkit.testing.scenes import WHY, Scene, Use, scene

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.testing.workbench import Workbench

_ = texts("crmkit")

Values = Mapping[tuple[str, UUID, str], str]


def erasing_is_whole(bench: Workbench, use: Use | None = None) -> Iterator[Finding]:
    """Erase a person, and look for what is left."""
    with scene(bench, use) as tried:
        before = tried.ids()
        leaver = tried.customer()
        held = tried.personal(tried.added(before))
        tried.customer()
        entries = _entries(tried)
        emptied = _named_in(tried.crm, entries, leaver.id)
        try:
            tried.crm.run(tried.crm.system(WHY), "privacy.erase", {"reason": WHY}, target=leaver.id)
        except Exception as error:
            yield from_error(error, "CK605", always=True)
            return
        yield from _still_named(tried.crm, entries, leaver.id, "CK605")
        for entry in entries:
            if entry.on_erase == "anonymise":
                yield from _not_emptied(tried, entry, emptied[entry.table, entry.column])
        yield from _still_held(tried, held, (leaver.name, leaver.text))


def erasing_while_disabled(bench: Workbench, use: Use | None = None) -> Iterator[Finding]:
    """Erase a person while the plugin is disabled, and look for rows that still name them."""
    with scene(bench, use) as tried:
        leaver = tried.customer()
        entries = _entries(tried)
        models = tried.models
        tried.crm.disable(tried.plugin)
        try:
            tried.crm.run(tried.crm.system(WHY), "privacy.erase", {"reason": WHY}, target=leaver.id)
        except Exception as error:
            yield from_error(error, "CK608", always=True)
            return
        yield from _still_named(tried.crm, entries, leaver.id, "CK608")
        for table, columns in _left_in_texts(tried.crm, models, (leaver.name, leaver.text)).items():
            yield broken(
                "CK608",
                _("A person was erased while it was disabled, and {table} still holds what was kept: {columns}."),
                _("The map is heeded in any case, crmkit_erase_customer is called only while it is enabled."),
                table=table,
                columns=named(columns),
            )  # fmt: skip


def exporting_is_whole(bench: Workbench, use: Use | None = None) -> Iterator[Finding]:
    """Export a person, and look for what is missing."""
    with scene(bench, use) as tried:
        before = tried.ids()
        person = tried.customer()
        held = tried.personal(tried.added(before))
        try:
            told = tried.crm.run(tried.crm.system(WHY), "privacy.export", target=person.id)
        except Exception as error:
            yield from_error(error, "CK606", always=True)
            return
        shown = "\n".join(_texts_in(asdict(told)["sections"]))
        missing: dict[str, set[str]] = {}
        for (table, _identity, field), value in held.items():
            if value not in shown:
                missing.setdefault(table, set()).add(field)
        for table, fields in sorted(missing.items()):
            yield broken(
                "CK606",
                _("What {table} keeps about a person is not in their export: {fields}."),
                _("Let its rows name the customer and the map name the table, or return them from "
                  "crmkit_export_customer."),
                table=table,
                fields=named(fields),
            )  # fmt: skip


def merging_and_back(bench: Workbench, use: Use | None = None) -> Iterator[Finding]:
    """Merge two customers for whom the plugin was used, look where the rows are, undo it, and compare."""
    with scene(bench, use) as tried:
        survivor, absorbed = tried.customer(), tried.customer()
        entries = [entry for entry in _entries(tried) if not entry.derived]
        before = [_named_in(tried.crm, entries, each.id) for each in (survivor, absorbed)]
        system = tried.crm.system(WHY)
        try:
            merged = tried.crm.run(system, "customer.merge", {"absorb": absorbed.id}, target=survivor.id)
        except Exception as error:
            yield from_error(error, "CK607", always=True)
            return
        yield from _still_named(tried.crm, _entries(tried), absorbed.id, "CK607")
        there = _named_in(tried.crm, entries, survivor.id)
        for entry in entries:
            place = entry.table, entry.column
            lost = (before[0][place] | before[1][place]) - there[place]
            if entry.on_merge == "move" and lost:
                yield broken(
                    "CK607",
                    _("After a merge {count} rows of {table} are gone that were to move along."),
                    _('Say on_merge="keep_winner" where a customer can have one only.'),
                    table=entry.table,
                    count=len(lost),
                )
        try:
            tried.crm.run(system, "customer.unmerge", {"merge": merged.merge_id}, target=survivor.id)
        except Exception as error:
            yield from_error(error, "CK607", always=True)
            return
        after = [_named_in(tried.crm, entries, each.id) for each in (survivor, absorbed)]
        other = sorted({table for table, _column in before[0] if any(
            before[side][table, _column] != after[side][table, _column] for side in (0, 1))})  # fmt: skip
        if other:
            yield broken(
                "CK607",
                _("After a merge was undone these tables have other rows of the two customers than before: {tables}."),
                _("Change rows in crmkit_merge_customers by the session alone, so that the merge remembers them."),
                tables=named(other),
            )


# --- the parts -------------------------------------------------------------------------------------------------------


def _entries(tried: Scene) -> list[PersonalData]:
    """Return what the plugin's personal-data map says, as far as its tables have ids."""
    return tried.crm.registry.owned(tried.plugin, "personal data")


def _reflected(crm: CRM, name: str) -> Table:
    """Return a table as the database has it: its model may not be loaded."""
    with crm.engines.system_read.connect() as connection:
        return Table(name, MetaData(), autoload_with=connection, resolve_fks=False)


def _named_in(crm: CRM, entries: Sequence[PersonalData], person: UUID) -> Mapping[tuple[str, str], frozenset[Any]]:
    """Return the rows that name a person, by their keys, for each entry of a map."""
    found: dict[tuple[str, str], frozenset[Any]] = {}
    for entry in entries:
        table = _reflected(crm, entry.table)
        keys = [column for column in table.primary_key if column.name != entry.column] or [table.c[entry.column]]
        condition = _names(table, entry.column, person)
        with crm.engines.system_read.connect() as connection:
            found[entry.table, entry.column] = frozenset(
                tuple(row) for row in connection.execute(select(*keys).where(condition))
            )
    return found


def _names(table: Table, column: str, person: UUID) -> Any:
    """Return the condition that a column of a table names a person."""
    table.c[column].type = Id()
    return table.c[column] == person


def _still_named(crm: CRM, entries: Sequence[PersonalData], person: UUID, code: str) -> Iterator[Finding]:
    left = [table for (table, _column), rows in _named_in(crm, entries, person).items() if rows]
    if left:
        happened = {
            "CK605": _("A person was erased, and rows still name them in {tables}."),
            "CK607": _("A customer was absorbed by another one, and rows still name them in {tables}."),
            "CK608": _("A person was erased while the plugin was disabled, and rows still name them in {tables}."),
        }
        yield broken(
            code,
            happened[code],
            _("Name every column that names a customer in a PersonalData of its own."),
            tables=named(left),
        )


def _not_emptied(tried: Scene, entry: PersonalData, keys: frozenset[Any]) -> Iterator[Finding]:
    """Look for columns that were to be made anonymous and hold something."""
    table: Any = tried.crm.registry.models[entry.table].__table__
    columns = [table.c[label] for name in entry.columns for label in fields_of(table, name)]
    key = [column for column in table.primary_key if column.name != entry.column]
    if len(key) != 1 or not columns or not keys:
        return
    with tried.crm.engines.system_read.connect() as connection:
        rows = connection.execute(select(*columns).where(key[0].in_([_uuid(each[0]) for each in keys]))).mappings()
        full = {name for row in rows for name, value in row.items() if value not in (None, "", {}, [])}
    if full:
        yield broken(
            "CK605",
            _("A person was erased, and of {table} these columns still hold something: {columns}."),
            _("Something fills them again: look at crmkit_erase_customer and at what listens to the erasure."),
            table=entry.table,
            columns=named(full),
        )


def _uuid(value: Any) -> Any:
    return UUID(bytes=value) if isinstance(value, bytes) else value


def _still_held(tried: Scene, held: Values, known: Sequence[str]) -> Iterator[Finding]:
    """Look for what was kept about a person in rows that are still there, and for some texts in all of the plugin's
    tables."""
    rows: dict[str, frozenset[UUID]] = {}
    for table, identity, _field in held:
        rows[table] = rows.get(table, frozenset()) | {identity}
    now = tried.personal(rows)
    places = {(table, field) for (table, identity, field), value in held.items()
              if now.get((table, identity, field)) == value}  # fmt: skip
    for table, columns in _left_in_texts(tried.crm, tried.models, known).items():
        places.update((table, column) for column in columns)
    for table in sorted({table for table, _field in places}):
        yield broken(
            "CK605",
            _("A person was erased, and {table} still holds what was kept about them: {columns}."),
            _("Let its rows name the customer and the map name the table, or go with what they refer to; what "
              "that cannot reach erases crmkit_erase_customer."),
            table=table,
            columns=named(field for each, field in places if each == table),
        )  # fmt: skip


def _left_in_texts(crm: CRM, models: Sequence[Any], known: Sequence[str]) -> Mapping[str, set[str]]:
    """Return the columns of tables in which one of some texts still stands, by table."""
    left: dict[str, set[str]] = {}
    for model in models:
        for column in model.__table__.columns:
            if not isinstance(column.type, (String, JSON)):
                continue
            with crm.engines.system_read.connect() as connection:
                found = connection.execute(select(column).where(column.is_not(None))).scalars()
                if any(value in str(each) for each in found for value in known):
                    left.setdefault(model.__tablename__, set()).add(column.name)
    return left


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _texts_in(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts_in(each)
    elif isinstance(value, str):
        yield value


STEPS: Sequence[Callable[[Workbench, Use | None], Iterator[Finding]]] = (
    erasing_is_whole,
    exporting_is_whole,
    merging_and_back,
    erasing_while_disabled,
)
"""What is done, each in a customer base of its own."""
