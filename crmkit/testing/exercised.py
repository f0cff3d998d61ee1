"""What can only be checked by doing it: migrations there and back, and a plugin's whole life on a database of its own.

Steps that build on one that failed are left out. Must not decide how a plugin is found.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import attrs
from sqlalchemy import Connection, func, inspect, select, table
from sqlalchemy.sql import Select

from crmkit.core.store.tables import PersonalDataMap, PluginState, PluginTable
from crmkit.engines.rules.index import index_of
from crmkit.errors import CrmkitError
from crmkit.hooks.contributions import Finding, IncomingChange, Probe
from crmkit.i18n import texts
from crmkit.lifecycle.records import lineage_of
from crmkit.lifecycle.schema import check_schema
from crmkit.migrations.lineage import version_table
from crmkit.migrations.runner import runner
from crmkit.testing.report import broken, from_error, named
from crmkit.testing.scenes import Use, use_for
from crmkit.testing.workbench import fact_query

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.testing.workbench import Workbench

_ = texts("crmkit")


def migrations_run_both_ways(bench: Workbench) -> Iterator[Finding]:
    """Run the migrations to the end, compare with the models, run them back, look for what stayed, run them again."""
    name = bench.subject.name
    with bench.crm(enabled=False) as crm:
        before = _objects(crm)
        crm.enable(name)
        for drift in check_schema(crm):
            if drift.name == name and drift.error is not None:
                yield from_error(drift.error, "CK402")
            elif drift.name == name and not drift.sound:
                yield broken(
                    "CK403",
                    _("The tables are not what the models say: {differences}."),
                    _("Write a revision with: crmkit db revision {name}"),
                    differences="; ".join(drift.differences or drift.pending),
                    name=name,
                )
        lineage = lineage_of(crm, bench.subject.manifest)
        if lineage is None:
            return
        there = _objects(crm)
        try:
            with runner(crm.engines) as connection:
                lineage.move(connection, "base", down=True)
            left = _objects(crm) - before - {version_table(name)} - _of_others(crm, bench)
            if left:
                yield broken("CK404", _("Run back, the migrations leave {objects}."), objects=named(left))
                return
            with runner(crm.engines) as connection:
                lineage.move(connection)
            missing = there - _objects(crm)
            if missing:
                yield broken(
                    "CK404", _("Run forth again, the migrations do not make {objects}."), objects=named(missing)
                )
        except CrmkitError as error:
            yield from_error(error, "CK404", always=True)


def _objects(crm: CRM) -> set[str]:
    """Return the names of all tables and indexes."""
    with crm.engines.system_read.connect() as connection:
        looked = inspect(connection)
        tables = looked.get_table_names()
        return {*tables, *(str(index["name"]) for each in tables for index in looked.get_indexes(each))}


def _of_others(crm: CRM, bench: Workbench) -> set[str]:
    """Return what the plugins that were enabled with it have brought."""
    manifests = {found.name: found.manifest for found in crm.found}
    names, more = set[str](), [*bench.subject.manifest.requires]
    while more:
        name = more.pop()
        manifest = manifests.get(name)
        if name not in names and manifest is not None:
            more.extend(manifest.requires)
        names.add(name)
    prefixes = [f"{other}_" for other in names]
    return {
        name
        for name in _objects(crm)
        if any(name.startswith((prefix, f"ix_{prefix}", f"crm_migration_{prefix[:-1]}")) for prefix in prefixes)
    }


def life_is_clean(bench: Workbench, use: Use | None = None) -> Iterator[Finding]:
    """Use the plugin for two customers, disable it, remove one, enable it again, purge it, and look after each step."""
    name = bench.subject.name
    with bench.crm(enabled=False) as crm:
        crm.enable(name)
        tables = _customer_tables(crm, name)
        leaver, stayer = (_customer(crm, f"Customer {number}") for number in (1, 2))
        try:
            for customer in (leaver, stayer):
                use_for(crm, name, customer, use)
        except Exception as error:
            yield from_error(error, "CK601")
            return
        used = _counts(crm, tables, stayer)
        yield from _hooks_answer(crm, name, [leaver, stayer])
        yield from _facts_fit(crm, name)
        yield from _rules_fit(crm, name)

        crm.disable(name)
        try:
            crm.run(crm.system("checking a plugin"), "customer.remove", target=leaver)
        except CrmkitError as error:
            yield from_error(error, "CK602")
            return
        left = [each for each, number in _counts(crm, tables, leaver).items() if number]
        if left:
            yield broken("CK602", _("A customer was removed, and rows of it stayed in {tables}."), tables=named(left))

        crm.enable(name)
        if _counts(crm, tables, stayer) != used:
            yield broken(
                "CK603", _("Enabled again, it does not find the rows that it had: {tables}."), tables=named(tables)
            )

        crm.disable(name)
        crm.purge(name)
        yield from _nothing_is_left(crm, name)


def _customer(crm: CRM, name: str) -> UUID:
    made = crm.run(crm.system("checking a plugin"), "customer.create", {"name": name})
    return made if isinstance(made, UUID) else made.id


def _customer_tables(crm: CRM, name: str) -> Mapping[str, str]:
    """Return the plugin's tables that name a customer, each with the column that does."""
    owned = {model.__tablename__ for model in crm.registry.owned(name, "model")}
    return {entry.table: entry.column for entry in crm.registry.personal_data.values() if entry.table in owned}


def _counts(crm: CRM, tables: Mapping[str, str], customer: UUID) -> dict[str, int]:
    """Return how many rows of each table name a customer, asked of the database as no model may be loaded."""
    from sqlalchemy import column

    from crmkit.core.store.types import Id

    with crm.engines.system_read.connect() as connection:
        return {
            name: connection.execute(
                select(func.count()).select_from(table(name)).where(column(key, Id()) == customer)
            ).scalar_one()
            for name, key in tables.items()
        }


def _hooks_answer(crm: CRM, name: str, customers: Sequence[UUID]) -> Iterator[Finding]:
    """Call the hooks that answer while somebody waits, once with two customers and once with nobody."""
    for ids in (customers, []):
        calls: Mapping[str, Mapping[str, Any]] = {
            "crmkit_timeline": {"customer_ids": ids, "since": None, "until": None},
            "crmkit_customer_panels": {"customer_ids": ids},
            "crmkit_match_customers": {"probes": [Probe(name="Customer 1"), Probe(identifiers=((name, "1"),))]},
            "crmkit_search": {"text": "100%_", "limit": 10},
            "crmkit_keep_values": {
                "source": "elsewhere",
                "changes": [IncomingChange(customer_id=each, fields=("name", "city")) for each in ids],
            },
        }
        with crm.session(crm.system("checking a plugin")) as session:
            for hook, arguments in calls.items():
                answer = crm.dispatcher.only(name, hook, session=session, **arguments)
                if answer is not None and answer.error is not None:
                    yield from_error(answer.error, "CK202")
            for customer in ids:
                answer = crm.dispatcher.only(name, "crmkit_export_customer", session=session, customer_id=customer)
                if answer is not None and answer.error is not None:
                    yield from_error(answer.error, "CK202")
            for check in crm.registry.owned(name, "check"):
                try:
                    check.run(session)
                except Exception as error:
                    yield from_error(error, "CK202")


def _facts_fit(crm: CRM, name: str) -> Iterator[Finding]:
    """Run each fact set and compare its columns and its rows with what it declares."""
    from crmkit.engines.facts.composing import statement_of

    nobody = uuid.UUID(int=0)
    for facts in crm.registry.owned(name, "fact set"):
        if all(each.expression for each in facts.columns):
            continue  # made from other facts, which are asked for themselves
        keys = ("none",) if facts.keyed else ()
        try:
            query = statement_of(facts, attrs.evolve(fact_query(crm), keys=keys))
            fewer = statement_of(facts, attrs.evolve(fact_query(crm, customers=[nobody]), keys=keys))
        except Exception as error:
            yield from_error(error, "CK205")
            continue
        if not isinstance(query, Select) or any(each.get("entity") for each in query.column_descriptions):
            yield broken(
                "CK205",
                _("The fact set {name} is no Core select."),
                _("Select from Model.__table__: facts are computed for all, whoever reads them."),
                name=facts.name,
            )
            continue
        suffix = ":0" if facts.keyed else ""
        declared = ["customer_id", *(f"{each.name}{suffix}" for each in facts.columns if not each.expression)]
        given = list(query.selected_columns.keys())
        if sorted(given) != sorted(declared):
            yield broken(
                "CK205",
                _("The fact set {name} gives the columns {given} and declares {declared}."),
                name=facts.name,
                given=named(given),
                declared=named(declared),
            )
            continue
        try:
            with crm.engines.system_read.connect() as connection:
                ids = [row.customer_id for row in connection.execute(query)]
                rest = [row.customer_id for row in connection.execute(fewer)]
        except Exception as error:
            yield from_error(error, "CK205")
            continue
        if len(ids) != len(set(ids)):
            yield broken("CK205", _("The fact set {name} gives more than one row for a customer."), name=facts.name)
        if any(each != nobody for each in rest):
            yield broken(
                "CK205", _("The fact set {name} does not heed the customers it is asked for."), name=facts.name
            )


def _rules_fit(crm: CRM, name: str) -> Iterator[Finding]:
    """Make each rule ready that the plugin ships: its conditions are parsed, and what it does is looked up."""
    own = {rule.name for rule in crm.registry.owned(name, "rule")}
    if not own:
        return
    with crm.session(crm.system("checking a plugin")) as session:
        for rule, error in index_of(session).check_all().items():
            if rule in own:
                yield broken(
                    "CK204",
                    _('The rule "{name}" cannot be used: {reason}'),
                    _("Correct {fields}; crmkit fact list says which facts there are."),
                    name=rule,
                    reason=error.render(),
                    fields=", ".join(sorted({each.field or "when" for each in error.problems})),
                )


def _nothing_is_left(crm: CRM, name: str) -> Iterator[Finding]:
    left = [
        each for each in _objects(crm) if each.startswith((f"{name}_", f"ix_{name}_")) or each == version_table(name)
    ]
    with crm.engines.system_read.connect() as connection:
        for model, column in ((PluginState, "name"), (PluginTable, "plugin"), (PersonalDataMap, "plugin")):
            if _mentions(connection, model, column, name):
                left.append(model.__tablename__)
    if left:
        yield broken("CK604", _("Purged, it leaves {objects}."), objects=named(left))


def _mentions(connection: Connection, model: Any, column: str, name: str) -> bool:
    rows = model.__table__
    return bool(connection.execute(select(func.count()).select_from(rows).where(rows.c[column] == name)).scalar_one())
