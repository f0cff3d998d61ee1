"""Whom a step of a ladder tells: the owner of a case, its leads, the chain above them, whoever is on call.

Must not tell anybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from crmkit_work.api import lead_of, main_team, members_of, stand_in
from sqlalchemy import select

from crmkit import CrmSession, Team, User
from crmkit_service.cases.models import Case
from crmkit_service.sla.ladders import Step
from crmkit_service.sla.models import Rota, RotaShift


def whom(session: CrmSession, case: Case, step: Step, turn: int, now: datetime) -> list[UUID]:
    """Return who is told at a step, deputies for those who are away. Where that would be nobody it goes to the lead,
    then to everybody of the team, then up the chain."""
    team = team_of(session, case)
    found = _present(session, _wanted(session, case, step, turn, team, now), now)
    for instead in (lambda: [lead_of(session, team)], lambda: _members(session, team), lambda: chain(session, team)):
        found = found or _present(session, instead(), now)
    return found


def team_of(session: CrmSession, case: Case) -> UUID | None:
    """Return the team that a case is with: its own, or the main one of its owner."""
    if case.team_id is not None or case.owner_id is None:
        return case.team_id
    return main_team(session, case.owner_id)


def chain(session: CrmSession, team_id: UUID | None) -> list[UUID]:
    """Return the leads of the teams above a team, from below; who leads several of them stands there once."""
    found: list[UUID] = []
    seen: set[UUID] = set()
    while team_id is not None and team_id not in seen:
        seen.add(team_id)
        team = session.get(Team, team_id)
        team_id = team.parent_id if team is not None else None
        lead = lead_of(session, team_id) if team_id is not None else None
        if lead is not None and lead not in found:
            found.append(lead)
    return found


def on_call(session: CrmSession, name: str, at: datetime) -> UUID | None:
    """Return who is on call by a rota at an instant; None for a rota that there is not, or when nobody is."""
    query = (
        select(RotaShift.user_id)
        .join(Rota, Rota.id == RotaShift.rota_id)
        .where(Rota.name == name, RotaShift.starts_at <= at, RotaShift.ends_at > at)
        .order_by(RotaShift.starts_at.desc(), RotaShift.id)
    )
    return session.scalar(query.limit(1))


def _wanted(
    session: CrmSession, case: Case, step: Step, turn: int, team: UUID | None, now: datetime
) -> Iterable[UUID | None]:
    if step.target == "owner":
        return [case.owner_id]
    if step.target == "lead":
        return [lead_of(session, team)]
    if step.target == "manager":
        above = chain(session, team)
        return above[min(turn, len(above) - 1) :][:1]
    if step.target == "rota":
        return [on_call(session, step.name, now)]
    if step.target == "user":
        return session.scalars(select(User.id).where(User.login == step.name, User.active)).all()
    return _members(session, session.scalar(select(Team.id).where(Team.name == step.name)))


def _members(session: CrmSession, team_id: UUID | None) -> Collection[UUID]:
    return members_of(session, team_id) if team_id is not None else []


def _present(session: CrmSession, users: Iterable[UUID | None], now: datetime) -> list[UUID]:
    found = [stand_in(session, each, now) for each in users if each is not None]
    return list(dict.fromkeys(each for each in found if each is not None))
