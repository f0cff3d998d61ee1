"""What the doctor looks at in what protects the data: checkpoints of the audit log, and the accounts that can sign in.

Reads and changes nothing. Must not know how findings are shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, cast

from sqlalchemy import func, select

from crmkit.core.access.models import User
from crmkit.core.access.tokens import ApiToken
from crmkit.core.operations.audit_chain import head_of
from crmkit.core.operations.tables import AuditCheckpoint
from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.errors import ConfigurationError
from crmkit.hooks.contributions import Finding
from crmkit.i18n import texts
from crmkit.security.audit import sinks
from crmkit.security.audit.reports import administrators
from crmkit.security.credentials.tables import OneTimeCode, Password
from crmkit.settings import Settings

_ = texts("crmkit")

CHECKPOINT_AGE = timedelta(days=1)
"""How long records may wait for a checkpoint, which is made every hour while a worker runs."""
DORMANT = timedelta(days=90)
"""After so long without a sign of life an administrator is a finding."""
_WHY = "examining the installation"
_users, _passwords, _tokens, _codes, _checkpoints = (
    cast(Any, model).__table__ for model in (User, Password, ApiToken, OneTimeCode, AuditCheckpoint)
)
_NAMED = 5
"""Most logins that one finding names."""


# --- the audit log ---------------------------------------------------------------------------------------------------


def examine_audit(session: CrmSession) -> Iterator[Finding]:
    """Look whether the end of the audit log was signed lately, and where the statements of that are kept."""
    settings = session.crm.settings
    yield from _checkpoint(session, "error" if settings.production else "info")
    yield from _sinks(settings)


def _checkpoint(session: CrmSession, level: Literal["error", "info"]) -> Iterator[Finding]:
    now = session.gate.clock.now()
    with region(session, _WHY):
        connection = session.connection()
        query = select(_checkpoints.c.seq, _checkpoints.c.recorded_at).order_by(_checkpoints.c.seq.desc()).limit(1)
        last, head = connection.execute(query).first(), head_of(connection)
    if last is None:
        message = _("The audit log was never signed: whoever cuts off its end is not found out.")
        hint = _("Run a worker (crmkit worker), which does it every hour, or: crmkit audit checkpoint")
        yield Finding(level=level, code="audit.unsigned", message=message, hint=hint)
        return
    waiting = head.seq - int(last.seq)
    since: datetime = last.recorded_at
    # The checkpoint is itself recorded: what is only that needs no other.
    if waiting > 1 and now - since > CHECKPOINT_AGE:
        message = _("The end of the audit log was last signed on {day}; {number} records came since.")
        hint = _("Run a worker (crmkit worker), which does it every hour, or: crmkit audit checkpoint")
        values = {"day": since.date().isoformat(), "number": waiting}
        yield Finding(level=level, code="audit.unsigned", message=message, hint=hint, values=values)
    else:
        values = {"number": int(last.seq)}
        message = _("The audit log is signed up to record {number}.")
        yield Finding(level="ok", code="audit.checkpoint", message=message, values=values)


def _sinks(settings: Settings) -> Iterator[Finding]:
    if not settings.production:
        return
    hint = _("Set audit_sink to a file on another disk, or to syslog:HOST:PORT.")
    try:
        found = sinks.sinks_of(settings)
    except ConfigurationError as error:
        yield Finding(
            level="error", code="audit.sink", message=error.message, hint=error.fix or "", values=dict(error.values)
        )
        return
    if not found:
        message = _("Statements of where the audit log stands are kept in the database alone.")
        yield Finding(level="error", code="audit.sink", message=message, hint=hint)
    for sink in found:
        if isinstance(sink, sinks.FileSink) and _beside_the_database(sink.path, settings):
            message = _("{path} lies where the database lies: whoever can change the one can change the other.")
            yield Finding(level="error", code="audit.sink", message=message, hint=hint, values={"path": str(sink.path)})


def _beside_the_database(path: Path, settings: Settings) -> bool:
    folders = [settings.data, None if settings.sqlite_file is None else settings.sqlite_file.parent]
    place = path.resolve().parent
    return any(folder is not None and place.is_relative_to(folder.resolve()) for folder in folders)


# --- accounts --------------------------------------------------------------------------------------------------------


def examine_accounts(session: CrmSession) -> Iterator[Finding]:
    """Look for administrators who are not seen any more, and for users who cannot sign in by any way."""
    now = session.gate.clock.now()
    with region(session, _WHY):
        dormant = list(_dormant(session, now - DORMANT))
        locked_out = _without_credentials(session, now)
    if dormant:
        yield Finding(
            level="error",
            code="accounts.dormant",
            message=_("{number} administrators were not seen for {days} days: {logins}."),
            hint=_("Take their roles away (crmkit user roles), or deactivate them (crmkit user deactivate)."),
            values={"number": len(dormant), "days": DORMANT.days, "logins": _some(dormant)},
        )
    if locked_out:
        yield Finding(
            level="info",
            code="accounts.locked_out",
            message=_("{number} active users have no password, and no token that is still good: {logins}."),
            hint=_("Invite them anew (crmkit user invite), or deactivate them."),
            values={"number": len(locked_out), "logins": _some(locked_out)},
        )


def _dormant(session: CrmSession, before: datetime) -> Iterator[str]:
    found = [each for each in administrators(session) if each.active]
    query = select(_users.c.id, _users.c.created_at).where(_users.c.id.in_([each.user_id for each in found]))
    made = {row.id: row.created_at for row in session.connection().execute(query)}
    for each in found:
        if (each.last_at or made[each.user_id]) < before:
            yield each.login


def _without_credentials(session: CrmSession, now: datetime) -> list[str]:
    token = select(_tokens.c.user_id).where(_tokens.c.revoked_at.is_(None), _tokens.c.expires_at > now)
    code = select(_codes.c.user_id).where(_codes.c.used_at.is_(None), _codes.c.expires_at > now)
    query = select(_users.c.login).where(
        _users.c.active,
        _users.c.id.not_in(select(_passwords.c.user_id)),
        _users.c.id.not_in(token),
        _users.c.id.not_in(code),
        # Where nobody has a password or token at all, a host application signs its people in by itself.
        select(func.count()).select_from(_passwords).scalar_subquery() > 0,
    )
    return sorted(session.connection().execute(query).scalars())


def _some(logins: list[str]) -> str:
    return ", ".join(logins[:_NAMED]) + (", …" if len(logins) > _NAMED else "")
