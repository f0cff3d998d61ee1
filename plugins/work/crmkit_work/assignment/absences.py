"""What can be done with absences: planning them, changing them, calling them off.

Everybody plans their own; who manages absences plans those of others.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import attrs
from sqlalchemy import select

from crmkit import (
    UNSET,
    CrmSession,
    Input,
    InvalidInput,
    Problem,
    UnsetType,
    User,
    given,
    operation,
    texts,
)
from crmkit_work.assignment.events import AbsenceCancelled, AbsencePlanned
from crmkit_work.assignment.models import ABSENCES, Absence
from crmkit_work.assignment.people import whose_it_is

_ = texts("crmkit_work")

PLAN = "work.absence.plan"

Starts = Annotated[datetime, Input(title=_("From"), classified="internal")]
Ends = Annotated[datetime, Input(title=_("Until"), classified="internal", help=_("The first instant back at work."))]
Deputy = Annotated[UUID | None, Input(title=_("Deputy"), resource="user", classified="internal")]
Kind = Annotated[Literal["holiday", "illness", "training", "leave", "other"], Input(title=_("Kind"), choices=ABSENCES)]
Why = Annotated[str, Input(title=_("Reason"), max_length=300)]


@operation("work.absence.create", title=_("Plan an absence"), permission=PLAN, effect="create")
def create_absence(
    session: CrmSession,
    *,
    starts_at: Starts,
    ends_at: Ends,
    user_id: Annotated[UUID | None, Input(title=_("Person"), resource="user", classified="internal")] = None,
    deputy_id: Deputy = None,
    kind: Kind = "holiday",
    reason: Why = "",
) -> Absence:
    """Plan an absence, one's own or with the right to manage absences somebody else's. Instants are in UTC; the end is
    the first instant back at work.

    Raises Refused for somebody else without that right, InvalidInput for an end before the beginning, and for a deputy
    who is the person, is not active, or is absent for all of that time.
    """
    whose = whose_it_is(session, user_id, "work.absence")
    _check(session, whose, starts_at, ends_at, deputy_id, None)
    absence = Absence(
        user_id=whose, starts_at=starts_at, ends_at=ends_at, deputy_id=deputy_id, kind=kind, reason=reason or None
    )
    session.add(absence)
    _tell(session, absence)
    return absence


@attrs.frozen(kw_only=True)
class AbsenceUpdate:
    """What to change of an absence; what is not given stays."""

    starts_at: Starts | UnsetType = UNSET
    ends_at: Ends | UnsetType = UNSET
    deputy_id: Annotated[UUID | UnsetType | None, Input(title=_("Deputy"), resource="user", classified="internal")] = (
        UNSET
    )
    kind: Kind | UnsetType = UNSET
    reason: Why | UnsetType = UNSET


@operation("work.absence.update", title=_("Change the absence"), permission=PLAN, effect="update")
def update_absence(session: CrmSession, absence: Absence, changes: AbsenceUpdate) -> Absence:
    """Change an absence; one that has begun can end earlier. Raises Refused and InvalidInput as planning one does."""
    whose_it_is(session, absence.user_id, "work.absence")
    values = given(changes)
    _check(
        session,
        absence.user_id,
        values.get("starts_at", absence.starts_at),
        values.get("ends_at", absence.ends_at),
        values.get("deputy_id"),
        absence,
    )
    for name, value in values.items():
        setattr(absence, name, (value or None) if name == "reason" else value)
    _tell(session, absence)
    return absence


@operation("work.absence.delete", title=_("Call the absence off"), permission=PLAN, effect="delete")
def delete_absence(session: CrmSession, absence: Absence) -> None:
    """Call an absence off, as if it had never been planned. Raises Refused for somebody else's without the right to
    manage absences."""
    whose_it_is(session, absence.user_id, "work.absence")
    session.emit(AbsenceCancelled(absence_id=absence.id, user_id=absence.user_id))
    session.delete(absence)


def _tell(session: CrmSession, absence: Absence) -> None:
    session.emit(
        AbsencePlanned(
            absence_id=absence.id,
            user_id=absence.user_id,
            starts_at=absence.starts_at,
            ends_at=absence.ends_at,
            deputy_id=absence.deputy_id,
        )
    )


def _check(
    session: CrmSession,
    user_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    deputy_id: UUID | None,
    absence: Absence | None,
) -> None:
    problems: list[Problem] = []
    if ends_at <= starts_at:
        problems.append(Problem(InvalidInput.code, _("It ends before it begins."), field="ends_at", value=ends_at))
    if deputy_id is not None:
        problems.extend(_deputy_problems(session, user_id, starts_at, ends_at, deputy_id))
    overlapping = select(Absence.id).where(
        Absence.user_id == user_id, Absence.starts_at < ends_at, Absence.ends_at > starts_at
    )
    if absence is not None:
        overlapping = overlapping.where(Absence.id != absence.id)
    if not problems and session.scalar(overlapping.limit(1)) is not None:
        message = _("An absence is planned for a part of this time already.")
        problems.append(
            Problem(InvalidInput.code, message, field="starts_at", hint=_("Change that one, or call it off."))
        )
    if problems:
        raise InvalidInput(problems)


def _deputy_problems(
    session: CrmSession, user_id: UUID, starts_at: datetime, ends_at: datetime, deputy_id: UUID
) -> list[Problem]:
    if deputy_id == user_id:
        return [Problem(InvalidInput.code, _("Nobody stands in for themselves."), field="deputy_id")]
    deputy = session.get(User, deputy_id)
    if deputy is None or not deputy.active:
        return [Problem(InvalidInput.code, _("There is no such active person."), field="deputy_id", value=deputy_id)]
    away = select(Absence.id).where(
        Absence.user_id == deputy_id, Absence.starts_at <= starts_at, Absence.ends_at >= ends_at
    )
    if session.scalar(away.limit(1)) is not None:
        return [Problem(InvalidInput.code, _("The deputy is absent for all of that time."), field="deputy_id")]
    return []


OPERATIONS = [create_absence, update_absence, delete_absence]
