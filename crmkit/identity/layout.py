"""Which tables hold rows about customers, by which columns, and what a merge does with them.

The personal-data map says it, of the kernel and of every plugin that has data, loaded or not; a column with a foreign
key to the customer that is in no map moves, whoever's table it is, as its rows would go with the absorbed customer.
What only the database knows (keys, unique constraints, who refers to whom) is read from it once for each generation of
plugins. Must not read or write rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, cast
from weakref import WeakKeyDictionary

from attrs import field, frozen
from sqlalchemy import ClauseElement, Connection, inspect, select

from crmkit.core.operations.registry import KERNEL
from crmkit.core.store.session import CrmSession
from crmkit.core.store.tables import Generation, PersonalDataMap, PluginTable

CUSTOMER = "crm_customer"
FOLLOWING = "crm_search_document"
"""The index of the search follows what it is of: nothing about it has to be remembered."""
BESIDE = (("crm_data_key", "subject_id"), ("crm_legal_hold", "customer_id"))
"""Columns that name customers without a foreign key, and are in no map: whose a data key is, who was on hold."""
NEVER_CHANGED = frozenset(
    {
        *("crm_interaction", "crm_interaction_key", "crm_purchase_line", "crm_attachment", "crm_consent"),
        *("crm_change", "crm_rule_log", "crm_fact_touch", "crm_data_key", "crm_legal_hold", "crm_public_link"),
        *("crm_merge", "crm_merge_row"),
    }
)
"""Tables whose rows are many or are not rewritten: of each it is enough to know that it went over."""


@frozen(kw_only=True)
class Holder:
    """A column that names a customer, and what a merge does with the rows by it."""

    column: str
    on_merge: str = "move"


@frozen(kw_only=True)
class Reference:
    """A column that refers to a row of another table: of ``table`` where it says who refers to a place, to ``table``
    where it says what a place refers to."""

    table: str
    column: str
    referred: str


@frozen(kw_only=True)
class Place:
    """A table with rows about customers. ``unique`` are the sets of columns of which no two rows have the same,
    ``pointed`` the columns of other tables that refer to its rows, ``refers`` its own columns with the table and column
    that they refer to, ``nullable`` the columns that may be empty. Of a ``light`` one the journal keeps that a row went
    over, of any other how the row stood. ``derived`` rows follow from others."""

    table: str
    plugin: str = KERNEL
    columns: tuple[str, ...] = field(converter=tuple)
    key: tuple[str, ...] = field(converter=tuple)
    holders: tuple[Holder, ...] = field(converter=tuple)
    unique: tuple[tuple[str, ...], ...] = field(default=(), converter=tuple)
    pointed: tuple[Reference, ...] = field(default=(), converter=tuple)
    refers: tuple[Reference, ...] = field(default=(), converter=tuple)
    nullable: frozenset[str] = frozenset()
    light: bool = False
    derived: bool = False

    @property
    def named_by(self) -> tuple[str, ...]:
        """Return the columns that name customers."""
        return tuple(each.column for each in self.holders)

    @property
    def combines(self) -> bool:
        """Say whether equal rows of the two customers become one."""
        return all(each.on_merge == "combine" for each in self.holders)


@frozen(kw_only=True)
class Layout:
    """All places, the customer's own aside; ``customer`` is that one, with the columns that refer to it from itself."""

    places: Mapping[str, Place]
    customer: Place
    references: Mapping[str, Place]
    """Tables that are no places, and refer to rows of one."""

    def of(self, table: str) -> Place | None:
        """Return what is known of a table."""
        if table == CUSTOMER:
            return self.customer
        return self.places.get(table) or self.references.get(table)


@frozen(kw_only=True)
class _Read:
    """What the database says of its tables."""

    columns: Mapping[str, tuple[str, ...]]
    keys: Mapping[str, tuple[str, ...]]
    unique: Mapping[str, tuple[tuple[str, ...], ...]]
    foreign: Mapping[str, tuple[Reference, ...]]
    """For each table the columns that refer to its rows."""
    refers: Mapping[str, tuple[Reference, ...]]
    nullable: Mapping[str, frozenset[str]]


_known: WeakKeyDictionary[Any, tuple[Any, _Read]] = WeakKeyDictionary()


def layout_of(session: CrmSession) -> Layout:
    """Return the places of a session's database, inside a region."""
    connection = session.connection()
    read = _read(session, connection)
    map_: Any = cast(Any, PersonalDataMap).__table__
    owned: Any = cast(Any, PluginTable).__table__
    rows = connection.execute(select(map_.c.table_name, map_.c.column_name, map_.c.on_merge, map_.c.plugin)).all()
    owners = {row.table_name: row.plugin for row in connection.execute(select(owned.c.table_name, owned.c.plugin))}
    owners.update({row.table_name: row.plugin for row in rows})
    rules: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        if row.column_name in read.columns.get(row.table_name, ()):
            rules[row.table_name][row.column_name] = row.on_merge
    for each in read.foreign.get(CUSTOMER, ()):
        if each.referred == "id":
            rules[each.table].setdefault(each.column, "move")
    for table, column in BESIDE:
        rules[table].setdefault(column, "move")
    own = rules.pop(CUSTOMER, {})
    rules.pop(FOLLOWING, None)
    places = {table: _place(session, read, table, columns, owners) for table, columns in sorted(rules.items())}
    beside = {each.table for place in places.values() for each in place.pointed} - set(places) - {CUSTOMER}
    return Layout(
        places=places,
        customer=_place(session, read, CUSTOMER, {name: rule for name, rule in own.items() if name != "id"}, owners),
        references={table: _place(session, read, table, {}, owners) for table in sorted(beside)},
    )


def _place(
    session: CrmSession, read: _Read, table: str, holders: Mapping[str, str], owners: Mapping[str, str]
) -> Place:
    registry = session.gate.registry
    model = registry.models.get(table)
    declared = [each for each in registry.personal_data.values() if each.table == table]
    unique = read.unique.get(table, ())
    append_only = table in NEVER_CHANGED or bool(getattr(model, "__append_only__", False))
    return Place(
        table=table,
        plugin=owners.get(table, KERNEL if table.startswith("crm_") else ""),
        columns=read.columns[table],
        key=read.keys[table] or read.columns[table],
        holders=[Holder(column=name, on_merge=rule) for name, rule in sorted(holders.items())],
        unique=unique,
        pointed=read.foreign.get(table, ()) if table != CUSTOMER else (),
        refers=read.refers.get(table, ()),
        nullable=read.nullable[table],
        light=append_only and not any(set(columns) & set(holders) for columns in unique),
        derived=any(each.derived for each in declared),
    )


def _read(session: CrmSession, connection: Connection) -> _Read:
    table: Any = cast(Any, Generation).__table__
    generation = connection.execute(select(table.c.value).where(table.c.name == "plugins")).scalar()
    known = _known.get(session.crm)
    if known is None or known[0] != generation:
        known = _known[session.crm] = (generation, _inspected(connection))
    return known[1]


def _inspected(connection: Connection) -> _Read:
    found = inspect(connection)

    def by_table(answers: Mapping[Any, Any]) -> dict[str, Any]:
        return {str(name): value for (_schema, name), value in answers.items()}

    listed_columns = by_table(found.get_multi_columns())
    columns = {
        name: tuple(str(each["name"]) for each in listed if not each.get("computed"))
        for name, listed in listed_columns.items()
    }
    keys = {
        name: tuple(key["constrained_columns"]) if key else ()
        for name, key in by_table(found.get_multi_pk_constraint()).items()
    }
    unique: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for name, key in keys.items():
        if key:
            unique[name].add(key)
    for name, constraints in by_table(found.get_multi_unique_constraints()).items():
        unique[name].update(tuple(each["column_names"]) for each in constraints)
    for name, indexes in by_table(found.get_multi_indexes()).items():
        unique[name].update(tuple(each["column_names"]) for each in indexes if _plain(each))
    foreign: dict[str, list[Reference]] = defaultdict(list)
    refers: dict[str, list[Reference]] = defaultdict(list)
    for name, listed in by_table(found.get_multi_foreign_keys()).items():
        for each in listed:
            if len(each["constrained_columns"]) == 1:
                (column,), (referred,) = each["constrained_columns"], each["referred_columns"] or ["id"]
                foreign[each["referred_table"]].append(Reference(table=name, column=column, referred=referred))
                refers[name].append(Reference(table=each["referred_table"], column=column, referred=referred))
    return _Read(
        columns=columns,
        keys=keys,
        unique={name: tuple(sorted(sets)) for name, sets in unique.items()},
        foreign={name: tuple(sorted(each, key=lambda one: (one.table, one.column))) for name, each in foreign.items()},
        refers={name: tuple(sorted(each, key=lambda one: one.column)) for name, each in refers.items()},
        nullable={
            name: frozenset(str(each["name"]) for each in listed if each.get("nullable", True))
            for name, listed in listed_columns.items()
        },
    )


def _plain(index: Any) -> bool:
    """Say whether an index is over columns, of all rows, and unique."""
    given: Mapping[str, Any] = index.get("dialect_options") or {}
    # The condition of a partial index is a clause, which is neither true nor false.
    options: Sequence[str] = [name for name, value in given.items() if isinstance(value, ClauseElement) or value]
    return bool(
        index["unique"]
        and all(name is not None for name in index["column_names"])
        and not any(name.endswith("_where") for name in options)
    )
