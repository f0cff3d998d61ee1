"""The retention schedule: nothing is kept for longer than it is needed.

What the personal-data map says of a table is the default; an admin's rule for a table, or for one kind of interaction,
wins. A job keeps the schedule every day and writes down what it removed. Customers on legal hold are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import Table, and_, exists, func, not_, select

from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.privacy.holds import LegalHold
from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.errors import InvalidInput, NotFound, Problem
from crmkit.hooks.contributions import Job
from crmkit.i18n import texts
from crmkit.security.privacy.erasing import erase_person
from crmkit.security.privacy.erasures import note_erased
from crmkit.security.privacy.rows import Held, anonymise, older_than, personal_data, remove, table_of
from crmkit.security.privacy.tables import Retained, RetentionRule, RetentionRun

_ = texts("crmkit")

CUSTOMERS = "crm_customer"
STREAM = "crm_interaction"
BATCH = 500
MOST = 20_000
"""Rows that one run removes from one table at the most; what is left waits for the next, so that none takes hours."""
SHORTEST = 30
"""Days below which a rule is taken for a slip of the hand."""

TableName = Annotated[str, Input(title=_("Table"), max_length=63, classified="internal")]
KindName = Annotated[str, Input(title=_("Kind of interaction"), max_length=60, classified="internal")]


@frozen(kw_only=True)
class Period:
    """How long rows of a table (of one kind of interaction, where ``kind`` is not empty) are kept, and who says so."""

    table: str
    kind: str
    days: int
    action: str
    decided: bool
    """Whether an admin's rule says so; otherwise it is the personal-data map."""


@frozen(kw_only=True)
class Removal:
    """What a run of the schedule removes, or would remove, from one table."""

    table: str
    kind: str
    before: datetime
    rows: int
    action: str


@frozen(kw_only=True)
class RetentionReport:
    """What a run of the schedule did, or would do where it is a ``dry_run``."""

    dry_run: bool
    removals: tuple[Removal, ...] = field(converter=tuple)
    unlocked: int = 0
    """Sealed parcels of erased persons whose day has come."""


@operation("privacy.set_retention", title=_("Set how long something is kept"), permission="privacy.admin")
def set_retention(session: CrmSession, *, table: TableName, days: int | None, kind: KindName = "") -> None:
    """Set the days after which rows of a table are removed; None goes back to the personal-data map's own.

    For ``crm_customer`` the days count from the last interaction, or from the last change where there is none, and the
    customer is erased. Raises InvalidInput for a table that holds nothing about persons.
    """
    with region(session, "the retention schedule"):
        known = {held.table for held in personal_data(session)}
        problems: list[Problem] = []
        if table not in known:
            problems.append(Problem("CK500", _("This table holds nothing about persons."), field="table", value=table))
        if kind and table != STREAM:
            problems.append(Problem("CK500", _("Only interactions have kinds."), field="kind", value=kind))
        if days is not None and days < SHORTEST:
            hint = _("Give at least {least} days.")
            problems.append(
                Problem("CK500", _("This is too short."), field="days", value=days, hint=hint, least=SHORTEST)
            )
        if problems:
            raise InvalidInput(problems)
        query = select(RetentionRule).where(RetentionRule.table_name == table, RetentionRule.kind == kind)
        rule = session.scalar(query)
        if days is None:
            if rule is None:
                raise NotFound(_("There is no rule for {table}."), table=table)
            session.delete(rule)
        elif rule is None:
            session.add(RetentionRule(table_name=table, kind=kind, days=days))
        else:
            rule.days = days
        session.flush()


def periods(session: CrmSession) -> list[Period]:
    """Return the schedule that is in force, by table and kind."""
    with region(session, "the retention schedule"):
        return _periods(session, personal_data(session))


def _periods(session: CrmSession, held: list[Held]) -> list[Period]:
    found: dict[tuple[str, str], Period] = {}
    for entry in held:
        if entry.retention_days is not None:
            period = Period(table=entry.table, kind="", days=entry.retention_days, action=_action(entry), decided=False)
            found[entry.table, ""] = period
    actions = {entry.table: _action(entry) for entry in held}
    for rule in session.scalars(select(RetentionRule)):
        found[rule.table_name, rule.kind] = Period(
            table=rule.table_name,
            kind=rule.kind,
            days=rule.days,
            action=actions.get(rule.table_name, "delete"),
            decided=True,
        )
    return [found[key] for key in sorted(found)]


def _action(held: Held) -> str:
    if held.table == CUSTOMERS:
        return "erase"
    return "anonymise" if held.on_erase == "anonymise" else "delete"


@operation("privacy.run_retention", title=_("Keep the retention schedule now"), permission="privacy.admin")
def run_retention(session: CrmSession, *, dry_run: bool = False) -> RetentionReport:
    """Remove what is older than the schedule allows, and return what was; with ``dry_run`` nothing is."""
    return keep_schedule(session, dry_run=dry_run)


def keep_schedule(session: CrmSession, *, dry_run: bool = False) -> RetentionReport:
    """Do what `run_retention` does, for the daily job too."""
    now = session.gate.clock.now()
    with region(session, "the retention schedule"):
        held = personal_data(session)
        removals: list[Removal] = []
        schedule = _periods(session, held)
        for period in schedule:
            before = now - timedelta(days=period.days)
            others = [other.kind for other in schedule if other.table == period.table and other.kind]
            rows = _remove(session, held, period, before, others, dry_run=dry_run)
            if rows:
                removals.append(
                    Removal(table=period.table, kind=period.kind, before=before, rows=rows, action=period.action)
                )
        unlocked = _unlock(session, now, dry_run=dry_run)
        if not dry_run:
            for done in removals:
                session.add(
                    RetentionRun(
                        table_name=done.table, kind=done.kind, before=done.before, removed=done.rows, action=done.action
                    )
                )
            session.flush()
    return RetentionReport(dry_run=dry_run, removals=removals, unlocked=unlocked)


def _remove(
    session: CrmSession, held: list[Held], period: Period, before: datetime, others: list[str], *, dry_run: bool
) -> int:
    if period.table == CUSTOMERS:
        return _erase_inactive(session, before, dry_run=dry_run)
    entry = next(each for each in held if each.table == period.table)
    table = table_of(session, period.table)
    condition = _old(entry, table, period, before, others)
    if condition is None:
        return 0
    connection = session.connection()
    if dry_run:
        return int(connection.execute(select(func.count()).select_from(table).where(condition)).scalar() or 0)
    key = list(table.primary_key.columns) or [table.c.id]
    done = 0
    while done < MOST:
        found = connection.execute(select(*key).where(condition).limit(BATCH)).all()
        if not found:
            break
        chosen = key[0].in_([row[0] for row in found])
        batch = and_(chosen, condition) if len(key) > 1 else chosen
        if period.action == "anonymise":
            done += anonymise(session, entry, table, batch)
        else:
            done += remove(session, table, batch)
    return done


def _old(held: Held, table: Table, period: Period, before: datetime, others: list[str]) -> Any | None:
    """Return the condition that a row is due: old enough, about nobody who is on hold, and not anonymous already."""
    old = older_than(table, before)
    if old is None:
        return None
    about = table.c[held.column]
    holds: Any = LegalHold.__table__
    free = not_(exists().where(holds.c.customer_id == about, holds.c.released_at.is_(None)))
    due = and_(old, free)
    if period.action == "anonymise":
        due = and_(due, about.is_not(None))
    if period.kind:
        due = and_(due, table.c.kind == period.kind)
    elif others:
        due = and_(due, table.c.kind.not_in(others))
    return due


def _erase_inactive(session: CrmSession, before: datetime, *, dry_run: bool) -> int:
    count = 0
    for person in _inactive(session, before):
        if not dry_run:
            erase_person(session, person, "retention schedule")
        count += 1
    return count


def _inactive(session: CrmSession, before: datetime) -> Iterator[UUID]:
    """Return the customers with whom nothing has happened since an instant, and who have not been changed since."""
    customers, stream, holds = (table_of(session, name) for name in (CUSTOMERS, STREAM, "crm_legal_hold"))
    query = (
        select(customers.c.id)
        .where(
            customers.c.updated_at < before,
            not_(exists().where(stream.c.customer_id == customers.c.id, stream.c.occurred_at >= before)),
            not_(exists().where(holds.c.customer_id == customers.c.id, holds.c.released_at.is_(None))),
        )
        .order_by(customers.c.id)
        .limit(BATCH)
    )
    yield from session.connection().execute(query).scalars().all()


def _unlock(session: CrmSession, now: datetime, *, dry_run: bool) -> int:
    """Remove what was locked away of erased persons and whose day has come, with its key."""
    parcels: Any = Retained.__table__
    due = parcels.c.until < now.date()
    ids = session.connection().execute(select(parcels.c.id).where(due)).scalars().all()
    if ids and not dry_run:
        remove(session, parcels, parcels.c.id.in_(ids))
        session.crm.vault.destroy(session, ids)
    return len(ids)


def _daily(session: CrmSession, *, tick: datetime) -> None:
    session.run("privacy.run_retention")
    crm = session.crm
    # A crash between an erasure's commit and the list leaves a gap that is closed here.
    session.on_commit(lambda: note_erased(crm))


OPERATIONS = [set_retention, run_retention]
JOBS = [
    Job(
        name="crm.retention",
        handler=_daily,
        cron="30 3 * * *",
        catch_up="latest",
        title=_("Keep the retention schedule"),
        acts_as="system",
    )
]
