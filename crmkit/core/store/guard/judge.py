"""Decides at each execution whether a statement may go to the database, for the session that its connection serves.

Must not know how a criterion is made, nor models.
"""

from __future__ import annotations

from typing import Any

from crmkit.core.store.guard.census import Census
from crmkit.core.store.guard.state import Guarding
from crmkit.core.store.guard.tables import mentioned
from crmkit.errors import GuardRefused
from crmkit.i18n import texts

_ = texts("crmkit")

SESSION = "crmkit_session"
"""The execution option that names the `Guarding` of the session that a connection serves."""

REGION = "crmkit_region"
"""The execution option of the framework's own connections: why they are not guarded."""

RELATION = "crmkit_relation"
"""The execution option of loading what a relationship refers to: its conditions are the model's own."""

COLUMNS = "crmkit_columns"
"""The execution option of reloading columns of a record that the session has: the table."""


def judge(statement: str, context: Any) -> None:
    """Return when a statement may be executed. Raises GuardRefused."""
    options = context.execution_options
    if options.get(REGION):
        return
    guarding: Guarding | None = options.get(SESSION)
    compiled = context.compiled
    census: Census | None = getattr(compiled, "census", None)
    if compiled is None:
        raw = mentioned(statement)
        if raw and (guarding is None or not guarding.passes):
            raise _raw(raw)
        return
    if census is not None and census.clean and not (census.personal and guarding is not None):
        return
    if guarding is not None and guarding.passes:
        return
    if census is None:
        if guarding is None:
            return
        raise GuardRefused(
            _("A statement would change the schema, which is for migrations to do."),
            fix=_("Put it into a migration of the plugin."),
        )
    if census.personal and guarding is not None:
        _check_personal(census, guarding, options)
    if census.clean:
        return
    if census.raw:
        raise _raw(census.raw)
    if guarding is None:
        raise GuardRefused(
            _("{tables}: these are read and written in sessions only, and this connection belongs to none."),
            fix=_("Use crm.session(actor) or crm.transaction(actor)."),
            tables=", ".join(sorted(census.unfiltered | census.inserted)),
        )
    if guarding.flushing and census.changes:
        return
    if census.inserted:
        raise GuardRefused(
            _("{tables}: an INSERT of one's own would pass by the checks of what may be written."),
            fix=_("Add the records to the session, or run the operation that creates them."),
            tables=", ".join(sorted(census.inserted)),
        )
    loose = census.unfiltered - {options.get(COLUMNS)}
    if loose:
        raise GuardRefused(
            _("{tables}: the statement reaches rows without the filter of what its reader may see."),
            fix=_("Select the models themselves by session.execute(select(Model)), not their tables."),
            tables=", ".join(sorted(loose)),
        )


def _check_personal(census: Census, guarding: Guarding, options: Any) -> None:
    """Refuse what would tell, by an order, a group or a filter, what the reader may not read in full."""
    if guarding.looking_up or guarding.flushing or options.get(RELATION) or options.get(COLUMNS):
        return
    session = guarding.session
    masked = session.gate.crm.guard.masked_tables(session)
    named = sorted(f"{table}.{column}" for table, column in census.personal if table in masked)
    if named:
        raise GuardRefused(
            _("{columns}: masked for this reader, and so can't be selected, sorted or filtered by."),
            fix=_("Select the model itself, or order by a field that is not personal."),
            columns=", ".join(named),
        )


def _raw(tables: tuple[str, ...]) -> GuardRefused:
    return GuardRefused(
        _("{tables}: SQL in text can't be filtered by what its reader may see."),
        fix=_("Write the statement with the models: session.execute(select(Model))."),
        tables=", ".join(tables),
    )
