"""What the doctor looks at: settings, folders, database, plugins, jobs and backups of an installation.

Every examination stands alone: what keeps one from being made is itself a finding. Must not change anything, nor know
how findings are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from attrs import evolve
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from crmkit.core.operations.jobs import count_jobs, runnable
from crmkit.core.operations.retention import last_backup
from crmkit.core.operations.schedule import due
from crmkit.core.operations.tables import Heartbeat, JobRecord, Schedule
from crmkit.core.operations.translate import database_error
from crmkit.core.store.actor import Actor
from crmkit.core.store.session import CrmSession
from crmkit.errors import ContributionError, CrmkitError
from crmkit.hooks.contributions import Finding
from crmkit.hooks.origin import origin
from crmkit.i18n import texts
from crmkit.protection import examine_accounts, examine_audit
from crmkit.settings import Settings
from crmkit.soundness import damage, examine_database, examine_folders

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")

SEEN = timedelta(minutes=1)
"""A worker that was seen this long ago is taken to be running."""
LATE = timedelta(minutes=5)
"""How late a tick or a job may be before it is a finding."""
VERY_LATE = timedelta(days=1)
"""From here on lateness is an error: what customers were promised does not happen."""
BACKUP_AGE = timedelta(days=7)
_ACTOR = Actor.system("examining the installation")


def examine(target: CRM | Settings) -> list[Finding]:
    """Examine an open CRM, or the installation that settings name, and return what was found, the good included.

    Raises nothing: an installation that cannot be opened is a finding.
    """
    if isinstance(target, Settings):
        return examine_settings(target)
    return [*_guarded("folders", lambda: examine_folders(target.settings)), *_open(target)]


def examine_settings(settings: Settings) -> list[Finding]:
    """Examine an installation by its settings, as far as it can be opened. Raises nothing."""
    from crmkit.app import CRM

    found = list(_guarded("folders", lambda: examine_folders(settings)))
    try:
        crm = CRM.open(settings)
    except CrmkitError as error:
        return [*found, _unopened(error, settings)]
    except DBAPIError as error:
        return [*found, damage(error) or _unopened(database_error(error), settings)]
    except Exception as error:
        return [*found, _unexpected("open", error)]
    with crm:
        return [*found, *_open(crm)]


def _unopened(error: CrmkitError, settings: Settings) -> Finding:
    values = {"reason": error.render(settings.language)}
    return Finding(level="error", code="open", message=_("The installation cannot be opened: {reason}"), values=values)


def _open(crm: CRM) -> Iterator[Finding]:
    from crmkit.lifecycle.opening import check_plugins

    with_session: tuple[tuple[str, Callable[[CrmSession], Iterable[Finding]]], ...] = (
        ("workers", _workers),
        ("ticks", _ticks),
        ("jobs", _jobs),
        ("backup", _backup),
        ("audit", examine_audit),
        ("accounts", examine_accounts),
    )
    yield from _guarded("database", lambda: examine_database(crm.engines, crm.settings))
    yield from _guarded("schema", lambda: _schema(crm))
    yield from _guarded("plugins", lambda: check_plugins(crm))
    yield from _guarded("hooks", lambda: _breakers(crm))
    for name, look in with_session:
        yield from _guarded(name, lambda look=look: _reading(crm, look))
    yield from _guarded("clock", lambda: _clock(crm))
    for name, check in sorted(crm.registry.tables["check"].items()):
        yield from _guarded(name, lambda check=check: _reading(crm, check.run))


def _reading(crm: CRM, look: Callable[[CrmSession], Iterable[Finding]]) -> list[Finding]:
    with crm.session(_ACTOR) as session:
        return list(look(session))


def _guarded(name: str, look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    try:
        return list(look())
    except Exception as error:
        return [damage(error) or _unexpected(name, error)]


def _unexpected(name: str, error: BaseException) -> Finding:
    if isinstance(error, CrmkitError):
        said = f"{error.code} {error.render()}"
    else:
        said = f"{type(error).__name__} ({origin(error)})"
    return Finding(
        level="error",
        code=f"{name}.failed",
        message=_("The examination of {name} failed: {reason}"),
        values={"name": name, "reason": said},
    )


# --- schema and plugins ----------------------------------------------------------------------------------------------


def _schema(crm: CRM) -> Iterator[Finding]:
    from crmkit.lifecycle.schema import check_schema

    sound = True
    for drift in check_schema(crm):
        values = {"name": drift.name, "number": len(drift.pending) or len(drift.differences)}
        if drift.pending:
            message, hint = _("{number} revisions of {name} have not been run."), _("Run: crmkit db upgrade")
            yield Finding(level="error", code="schema.pending", message=message, hint=hint, values=values)
        elif drift.differences:
            message = _("The tables of {name} differ from its models in {number} places, first: {first}")
            first = {"first": drift.differences[0]}
            yield Finding(level="warning", code="schema.drift", message=message, values=values | first)
        elif drift.error is not None and drift.name not in crm.broken:
            message = _("The schema of {name} cannot be examined: {reason}")
            reason = {"reason": drift.error.render()}
            yield Finding(level="error", code="schema.failed", message=message, values=values | reason)
        sound = sound and (drift.sound or drift.name in crm.broken)
    if sound:
        yield Finding(level="ok", code="schema", message=_("The schema is current."))


def _breakers(crm: CRM) -> Iterator[Finding]:
    for state in crm.dispatcher.breakers():
        if state.state != "closed":
            yield Finding(
                level="warning",
                code="hooks.breaker",
                message=_("{hook} of the plugin {plugin} is left out: it failed {failures} times, lastly by {reason}."),
                values={
                    "hook": state.hook,
                    "plugin": state.plugin,
                    "failures": state.failures,
                    "reason": state.reason,
                },
            )


# --- workers and jobs ------------------------------------------------------------------------------------------------


def _workers(session: CrmSession) -> Iterator[Finding]:
    now = session.gate.clock.now()
    rows = session.scalars(select(Heartbeat).order_by(Heartbeat.worker)).all()
    alive = [row for row in rows if row.seen_at >= now - SEEN]
    if alive:
        names = ", ".join(row.worker for row in alive)
        message = _("{number} workers are running: {names}")
        yield Finding(level="ok", code="worker", message=message, values={"number": len(alive), "names": names})
    else:
        hint = _("Run: crmkit worker")
        yield Finding(level="info", code="worker.none", message=_("No worker is running."), hint=hint)
    for row in rows:
        if row.seen_at < now - SEEN:
            message = _("The worker {name} has not been seen for {age}; it did not end by itself.")
            values = {"name": row.worker, "age": age(now - row.seen_at)}
            yield Finding(level="info", code="worker.gone", message=message, values=values)
    generation = session.gate.generation(session, "plugins")
    for row in alive:
        if row.generation != generation:
            message = _("The worker {name} runs with plugins as they were before.")
            hint = _("It takes up the change by itself within seconds; otherwise restart it.")
            values = {"name": row.worker}
            yield Finding(level="warning", code="worker.stale", message=message, hint=hint, values=values)


def _ticks(session: CrmSession) -> Iterator[Finding]:
    now = session.gate.clock.now()
    zone = str(session.crm.config.get(session).zone)
    known = {row.name: row.last_tick for row in session.scalars(select(Schedule))}
    late = 0
    for job in sorted(session.gate.registry.jobs.values(), key=lambda job: job.name):
        if not (job.every or job.cron):
            continue
        last = known.get(job.name)
        try:
            # Lateness counts from the first missed tick, whether or not it is to be made up for.
            found = due(evolve(job, catch_up="all"), last or now, now, zone)
        except ContributionError as error:
            message = _("The periodic job {name} cannot be scheduled: {reason}")
            values = {"name": job.name, "reason": error.render()}
            yield Finding(level="error", code="tick.unreadable", message=message, values=values)
            continue
        if last is None or not found.ticks or now - found.ticks[0] < LATE:
            continue
        late += 1
        yield Finding(
            level=_severity(now - found.ticks[0]),
            code="tick.late",
            message=_("The last tick of {name} was {age} ago and {number} are missed: no worker is running."),
            hint=_("Run: crmkit worker. Missed ticks are caught up in order."),
            values={"name": job.name, "age": age(now - last), "number": len(found.ticks) + found.left_out},
        )
    if known and not late:
        yield Finding(level="ok", code="tick", message=_("Periodic jobs are on time."))


def _jobs(session: CrmSession) -> Iterator[Finding]:
    now = session.gate.clock.now()
    names = set(runnable(session.gate.registry))
    for (name, state), number in sorted(count_jobs(session).items()):
        values = {"name": name, "number": number}
        if state == "dead":
            message = _("{number} jobs of {name} failed for good.")
            hint = _("See: crmkit job list --state dead. Mend the cause, then: crmkit job retry ID")
            yield Finding(level="warning", code="job.dead", message=message, hint=hint, values=values)
        elif state == "queued" and name not in names:
            message = _("{number} jobs of {name} wait for a plugin that is not running.")
            hint = _("Enable or mend the plugin, or discard them.")
            yield Finding(level="warning", code="job.unknown", message=message, hint=hint, values=values)
    overdue = select(func.min(JobRecord.run_at), func.count()).where(
        JobRecord.state == "queued", JobRecord.run_at < now - LATE, JobRecord.name.in_(names)
    )
    oldest, number = session.execute(overdue).one()
    if oldest is not None:
        message, hint = _("{number} jobs are due and not done, the oldest for {age}."), _("Run: crmkit worker")
        yield Finding(
            level=_severity(now - oldest),
            code="job.late",
            message=message,
            hint=hint,
            values={"number": number, "age": age(now - oldest)},
        )


def _severity(late: timedelta) -> Literal["warning", "error"]:
    return "error" if late >= VERY_LATE else "warning"


# --- backup and clock ------------------------------------------------------------------------------------------------


def _backup(session: CrmSession) -> Iterator[Finding]:
    last, now = last_backup(session), session.gate.clock.now()
    hint = _("Run: crmkit backup")
    if last is None:
        yield Finding(level="warning", code="backup.none", message=_("The data was never backed up."), hint=hint)
        return
    values = {"age": age(now - last)}
    message = _("The last backup is {age} old.")
    if now - last > BACKUP_AGE:
        yield Finding(level="warning", code="backup.old", message=message, hint=hint, values=values)
    else:
        yield Finding(level="ok", code="backup", message=message, values=values)


def _clock(crm: CRM) -> Iterator[Finding]:
    fixed: datetime | None = crm.clock.fixed
    if fixed is not None:
        message = _("The business's clock stands still at {instant}.")
        values = {"instant": fixed.isoformat(" ", "minutes")}
        yield Finding(level="info", code="clock.fixed", message=message, values=values)


def age(length: timedelta) -> str:
    """Return a length of time in its largest fitting unit, such as "5 min", "3 h" or "12 d"."""
    minutes = max(int(length.total_seconds() // 60), 0)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"
