"""Reports on a schedule: each is made as its recipient, whose rights are found out anew every time, and written into a
folder that its owner alone can read.

Must not know how a report is delivered to people.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import select

from crmkit.core.access.models import User
from crmkit.core.interactions.files import safe_filename
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.operations.outbox import write_jobs
from crmkit.core.operations.unit import DeferredJob
from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.core.store.opening import plain
from crmkit.core.store.session import CrmSession
from crmkit.engines.definitions.publishing import publish, reset
from crmkit.engines.reports.running import find_report, run
from crmkit.engines.reports.templates import KIND
from crmkit.errors import ConfigurationError, InvalidInput, NotFound, Problem, Refused, StoreError, TemplateError
from crmkit.exchange.reports.tables import ReportSchedule
from crmkit.hooks.contributions import Job, ReportTemplate
from crmkit.i18n import normalise_language, texts
from crmkit.private import make_private_folder

_ = texts("crmkit")

DELIVER = "crm.report.deliver"
WHY = "reports on a schedule"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")

Name = Annotated[str, Input(title=_("Name"), max_length=80, classified="internal")]


@frozen(kw_only=True)
class Scheduled:
    """A report on a schedule, as lists show it. ``recipient`` is a login, ``file`` the path of the last one made."""

    id: UUID
    name: str
    report: str
    parameters: Mapping[str, Any]
    format: str
    language: str
    cron: str
    recipient: str
    keep_days: int
    next_at: datetime
    last_at: datetime | None
    file: str | None


@operation("report.schedule", title=_("Schedule a report"), permission="report.read")
def schedule(
    session: CrmSession,
    *,
    name: Name,
    report: Annotated[str, Input(title=_("Report"), max_length=120, classified="internal")],
    cron: Annotated[str, Input(title=_("When"), max_length=120, classified="internal")],
    format: Annotated[Literal["html", "pdf", "xlsx", "csv", "json"], Input(title=_("Format"), classified="internal")],
    parameters: Annotated[dict[str, Any], Input(title=_("Parameters"))] | None = None,
    language: str | None = None,
    recipient: Annotated[str | None, Input(title=_("Recipient"), max_length=120, classified="internal")] = None,
    keep_days: Annotated[int, Input(title=_("Kept for (days)"), minimum=1, maximum=3660, classified="internal")] = 90,
) -> Scheduled:
    """Have a report made again and again, at the times of a cron expression in the company's zone, or change that.

    It is run once as who asks, so that what is wrong shows now. The recipient is a login, by default whoever asks; for
    somebody else it needs the right ``definition.admin``. Raises InvalidInput, UnknownReport and Refused.
    """
    if not _NAME.fullmatch(name):
        raise InvalidInput([Problem("CK500", _("Use letters, digits, - and _."), field="name", value=name)])
    person = _recipient(session, recipient)
    run(session, find_report(session, report).name, parameters or {})
    zone = session.crm.config.get(session).zone
    values = {
        "report": report,
        "parameters": dict(parameters or {}),
        "format": format,
        "language": normalise_language(language or session.crm.config.get(session).language),
        "cron": cron,
        "user_id": person.id,
        "keep_days": keep_days,
        "next_at": next_tick(cron, session.gate.clock.now(), zone),
    }
    with region(session, WHY):
        row = session.scalar(select(ReportSchedule).where(ReportSchedule.name == name))
        if row is not None and row.user_id != person.id:
            _require_admin(session)
        row = row or ReportSchedule(name=name)
        for field, value in values.items():
            setattr(row, field, value)
        session.add(row)
        session.flush()
        return _shown(row, person.login)


def _recipient(session: CrmSession, login: str | None) -> User:
    """Return the user who gets a report. Raises InvalidInput, and Refused where it is somebody else."""
    own = session.actor.user_id
    with region(session, WHY):
        wanted = User.login == login if login is not None else User.id == own
        found = session.scalar(select(User).where(wanted)) if login is not None or own is not None else None
    if found is None:
        text = _("Say which user gets it.") if login is None else _('There is no user "{login}".')
        raise InvalidInput([Problem("CK500", text, field="recipient", value=login, login=login)])
    if found.id != own:
        _require_admin(session)
    return found


def _require_admin(session: CrmSession) -> None:
    if session.gate.rights(session).scope("definition", "admin") == "none":
        raise Refused(
            _("{actor} may schedule reports for {actor} alone."),
            fix=_("It needs the right {permission}."),
            actor=session.actor.name or session.actor.id,
            permission="definition.admin",
        )


@operation("report.unschedule", title=_("End a scheduled report"), permission="report.read")
def unschedule(session: CrmSession, *, name: Name) -> None:
    """Have a report made no more; what was made stays until its time. Raises NotFound and Refused."""
    with region(session, WHY):
        row = session.scalar(select(ReportSchedule).where(ReportSchedule.name == name))
        if row is None:
            raise NotFound(_('There is no scheduled report "{name}".'), name=name)
        if row.user_id != session.actor.user_id:
            _require_admin(session)
        session.delete(row)
        session.flush()


def schedules(session: CrmSession) -> Sequence[Scheduled]:
    """Return the scheduled reports by name: the reader's own, or all with the right ``definition.admin``."""
    everything = session.gate.rights(session).scope("definition", "admin") != "none"
    with region(session, WHY):
        query = select(ReportSchedule, User.login).join(User, User.id == ReportSchedule.user_id)
        if not everything:
            query = query.where(ReportSchedule.user_id == session.actor.user_id)
        return [_shown(row, login) for row, login in session.execute(query.order_by(ReportSchedule.name))]


def _shown(row: ReportSchedule, login: str) -> Scheduled:
    # The parameters are sealed in the database; who is shown them is their recipient, or administers definitions.
    return Scheduled(
        id=row.id,
        name=row.name,
        report=row.report,
        parameters=dict(plain(row, "parameters") or {}),
        format=row.format,
        language=row.language,
        cron=row.cron,
        recipient=login,
        keep_days=row.keep_days,
        next_at=row.next_at,
        last_at=row.last_at,
        file=row.last_file,
    )


def next_tick(cron: str, after: datetime, zone: str) -> datetime:
    """Return the next instant (UTC) of a cron expression that is read in a zone. Raises InvalidInput."""
    from cronsim import CronSim, CronSimError

    try:
        return next(CronSim(cron, after.astimezone(ZoneInfo(zone)))).astimezone(UTC)
    except (CronSimError, StopIteration):
        hint = _("Write five fields, such as 30 6 * * 1 for Mondays at half past six.")
        problem = Problem(
            "CK500", _("This is no cron expression that comes again."), field="cron", value=cron, hint=hint
        )
        raise InvalidInput([problem]) from None


# --- making them -----------------------------------------------------------------------------------------------------


def find_due(session: CrmSession, *, tick: datetime) -> None:
    """Put each report that is due in the queue, as a job of its recipient."""
    session.run("report.queue_due")


@operation("report.queue_due", title=_("Queue the reports that are due"), permission="job.admin", hidden=True)
def queue_due(session: CrmSession) -> int:
    """Put each scheduled report that is due in the queue and return how many these were; ticks that were missed are
    made up for once."""
    now, zone = session.gate.clock.now(), session.crm.config.get(session).zone
    with region(session, WHY):
        rows = list(session.scalars(select(ReportSchedule).where(ReportSchedule.next_at <= now)))
        for row in rows:
            job = DeferredJob(
                name=DELIVER, arguments={"schedule": str(row.id)}, unique=f"{row.id}@{row.next_at.isoformat()}"
            )
            write_jobs(session, [job], Actor.user(row.user_id))
            row.next_at = next_tick(row.cron, now, zone)
        session.flush()
    return len(rows)


def deliver(session: CrmSession, *, schedule: str) -> None:
    """Make a scheduled report as its recipient."""
    session.run("report.deliver", {"schedule_id": schedule})


@operation("report.deliver", title=_("Make a scheduled report"), permission="report.read", hidden=True)
def deliver_now(session: CrmSession, *, schedule_id: UUID) -> str | None:
    """Make a scheduled report as whoever runs this, who has to be its recipient, write it and return its path.

    Raises Refused when the recipient may run it no more, and what running and writing it raise.
    """
    with region(session, WHY):
        row = session.get(ReportSchedule, schedule_id)
        login = None if row is None else session.scalar(select(User.login).where(User.id == row.user_id))
    from crmkit.exchange.reports.output import output

    if row is None or login is None:
        return None
    if session.actor.user_id != row.user_id:
        raise Refused(_("A scheduled report is made as its recipient alone."))
    made = run(session, row.report, plain(row, "parameters") or {})
    content = output(session, made, row.format, row.language)  # type: ignore[arg-type]
    now = session.gate.clock.now()
    stamp = now.astimezone(ZoneInfo(made.moment.zone)).strftime("%Y-%m-%d-%H%M")
    folder = folder_of(session) / safe_filename(login)
    path = folder / f"{row.name}-{stamp}.{row.format}"
    _clear(folder, row.name, now - timedelta(days=row.keep_days))
    _write(path, content)
    with region(session, WHY):
        row.last_at, row.last_file = now, str(path)
        session.flush()
    return str(path)


def folder_of(session: CrmSession) -> Path:
    """Return the folder of reports: ``reports`` in the installation's, or beside its files. Raises
    ConfigurationError where there is neither."""
    settings = session.crm.settings
    root = settings.home or (settings.files.parent if settings.files is not None else None)
    if root is None:
        raise ConfigurationError(
            _("No folder is named in which reports can be kept."), fix=_("Set files, or open an installation's folder.")
        )
    return Path(root) / "reports"


def _write(path: Path, content: bytes) -> None:
    """Write a file that its owner alone can read; it appears under its name when it is complete."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        make_private_folder(path.parent)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise StoreError(_("The file cannot be stored: {reason}."), reason=error.strerror or "") from error


def _clear(folder: Path, name: str, before: datetime) -> None:
    """Remove the files of a schedule that are older than they are kept for."""
    pattern = re.compile(rf"{re.escape(name)}-\d{{4}}-\d\d-\d\d-\d{{4}}\.\w+")
    for path in folder.iterdir() if folder.is_dir() else ():
        if pattern.fullmatch(path.name) and datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
            path.unlink(missing_ok=True)


# --- templates -------------------------------------------------------------------------------------------------------


@operation("report.save_template", title=_("Save a template of a report"), permission="definition.admin")
def save_template(
    session: CrmSession,
    *,
    name: Annotated[str, Input(title=_("Report"), max_length=120, classified="internal")],
    text: Annotated[str | None, Input(title=_("Template"), max_length=65_536, classified="internal", multiline=True)],
) -> None:
    """Print a report by a template of one's own, or with None by its own again; "report" is the template of all that
    have none. Raises TemplateError for one that cannot be used, DefinitionError."""
    if text is None:
        reset(session, KIND, name)
        return
    from crmkit.exchange.reports.sandbox import check

    problems = check(text)
    if problems:
        raise TemplateError(problems)
    publish(session, KIND, ReportTemplate(name=name, text=text))


OPERATIONS = (schedule, unschedule, queue_due, deliver_now, save_template)
JOBS = (
    Job(
        name="crm.report.due",
        handler=find_due,
        every="5 minutes",
        catch_up="latest",
        acts_as="system",
        title=_("Scheduled reports"),
    ),
    Job(name=DELIVER, handler=deliver, acts_as="actor", attempts=4, lease=600, title=_("Making a scheduled report")),
)
