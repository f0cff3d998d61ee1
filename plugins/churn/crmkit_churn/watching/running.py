"""Keeping watch: opening warnings where rules say so, escalating those that nobody has seen, settling what is over.

In system scope, by a job: whether somebody is warned of does not depend on who looks. Must not decide what risk is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen
from crmkit_work.api import NewNotice, note_load, notify
from sqlalchemy import func, select

from crmkit import (
    CrmSession,
    Customer,
    Refused,
    TeamMember,
    catalogue_of,
    frame,
    moment_of,
    operation,
    texts,
    values_of,
)
from crmkit_churn.scoring.explaining import latest_of
from crmkit_churn.scoring.models import Departure
from crmkit_churn.watching.events import WarningOpened
from crmkit_churn.watching.models import ChurnWarning, WarningRule
from crmkit_churn.watching.operations import move
from crmkit_churn.watching.words import OPEN

_ = texts("crmkit_churn")

JOB = "churn.watch"
CHUNK = 1000
PATH = "/modules/churn/warnings"


@frozen(kw_only=True)
class Watched:
    """What a watch did: warnings opened, those that had to wait as their owner has too many, escalated, settled."""

    opened: int
    waiting: int
    escalated: int
    settled: int


@operation("churn.warning.watch", title=_("Keep watch"), permission="churn.warning_rule.manage", hidden=True)
def watch(session: CrmSession) -> Watched:
    """Open, escalate and settle warnings by the rules that are active. Raises Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    rules = session.scalars(
        select(WarningRule).where(WarningRule.active).order_by(WarningRule.priority.desc(), WarningRule.name)
    ).all()
    settled = _settle(session)
    load: Counter[UUID | None] = Counter()
    query = select(ChurnWarning.owner_id, func.count()).where(ChurnWarning.state.in_(OPEN))
    load.update({row[0]: row[1] for row in session.execute(query.group_by(ChurnWarning.owner_id))})
    opened = waiting = 0
    for rule in rules:
        one, other = _open(session, rule, load)
        opened, waiting = opened + one, waiting + other
    return Watched(opened=opened, waiting=waiting, escalated=_escalate(session), settled=settled)


def watch_job(session: CrmSession, tick: object = None) -> None:
    """Keep watch: the job of every hour."""
    session.run("churn.warning.watch", {})


def _open(session: CrmSession, rule: WarningRule, load: Counter[UUID | None]) -> tuple[int, int]:
    moment, now = moment_of(session), session.gate.clock.business_now()
    holding = [row[0] for row in frame(session, [], where=rule.when, moment=moment).rows()]
    over = rule.clear.strip() or f"not ({rule.when})"
    last = _last(session, rule)
    _clear(session, {who: each for who, each in last.items() if each.cleared_at is None}, over)
    rest = now - timedelta(days=rule.cooldown_days)
    wanted = [
        who
        for who in holding
        if who not in last
        or (
            last[who].state not in OPEN
            and last[who].cleared_at is not None
            and (last[who].closed_at or last[who].opened_at) <= rest
        )
    ]
    if not wanted:
        return 0, 0
    gone = _gone(session, wanted)
    facts = _facts(session, [who for who in wanted if who not in gone])
    # Whoever is worth most times the risk comes first where an owner has no room for all.
    order = sorted(facts, key=lambda who: (-(facts[who][0] or 0.0) * max(facts[who][1] or 0, 1), who))
    owners = {row[0]: (row[1], row[2]) for row in _owners(session, order)}
    reasons: dict[UUID, list[Any]] = {}
    for start in range(0, len(order), CHUNK):
        reasons.update({k: v.reasons for k, v in latest_of(session, order[start : start + CHUNK]).items()})
    opened = waiting = 0
    for who in order:
        owner, team = owners.get(who, (None, None))
        if owner is not None and load[owner] >= rule.per_owner:
            waiting += 1
            continue
        warning = ChurnWarning(
            customer_id=who,
            rule_id=rule.id,
            cause=rule.cause,
            owner_id=owner,
            team_id=team,
            probability=facts[who][0],
            worth_minor=facts[who][1],
            reasons=reasons.get(who, []),
            opened_at=now,
        )
        session.add(warning)
        session.flush()
        session.emit(WarningOpened(customer_id=who, warning_id=warning.id, cause=rule.cause))
        if owner is not None:
            note_load(session, f"churn.warning:{warning.id}", owner)
            notify(session, [owner], _notice(rule, warning, _("{customer} may leave: {rule}"), urgent=False))
        load[owner] += 1
        opened += 1
    return opened, waiting


def _last(session: CrmSession, rule: WarningRule) -> dict[UUID, ChurnWarning]:
    """Return the last warning of each customer by a rule."""
    query = select(ChurnWarning).where(ChurnWarning.rule_id == rule.id).order_by(ChurnWarning.opened_at)
    return {each.customer_id: each for each in session.scalars(query)}


def _clear(session: CrmSession, waiting: dict[UUID, ChurnWarning], over: str) -> None:
    if not waiting:
        return
    now = session.gate.clock.business_now()
    for row in frame(session, [], where=over, moment=moment_of(session)).rows():
        if row[0] in waiting:
            waiting[row[0]].cleared_at = now


def _gone(session: CrmSession, ids: Sequence[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for start in range(0, len(ids), CHUNK):
        query = select(Departure.customer_id).where(
            Departure.returned_on.is_(None), Departure.customer_id.in_(ids[start : start + CHUNK])
        )
        found.update(session.scalars(query))
    return found


def _facts(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, tuple[float | None, int | None]]:
    """Return the probability of leaving and what each customer is worth (minor units of the base currency)."""
    catalogue, moment = catalogue_of(session), moment_of(session)
    risk = catalogue.ref("churn.probability")
    worth = catalogue.ref("value.clv") if "value.clv" in catalogue.names() else None
    refs = [risk] if worth is None else [risk, worth]
    found = values_of(session, refs, ids, moment)
    return {who: (own[risk], None if worth is None else own[worth]) for who, own in found.items()}


def _owners(session: CrmSession, ids: Sequence[UUID]) -> list[Any]:
    found: list[Any] = []
    for start in range(0, len(ids), CHUNK):
        query = select(Customer.id, Customer.owner_id, Customer.team_id)
        found.extend(session.execute(query.where(Customer.id.in_(ids[start : start + CHUNK]))))
    return found


def _escalate(session: CrmSession) -> int:
    """Tell the owner's team of warnings that nobody has seen in time, once."""
    now = session.gate.clock.business_now()
    query = (
        select(ChurnWarning, WarningRule)
        .join(WarningRule, WarningRule.id == ChurnWarning.rule_id)
        .where(ChurnWarning.state == "new", ChurnWarning.escalated_at.is_(None))
        .order_by(ChurnWarning.opened_at, ChurnWarning.id)
    )
    done = 0
    for warning, rule in session.execute(query):
        if warning.opened_at + timedelta(hours=rule.escalate_hours) > now:
            continue
        warning.escalated_at = now
        done += 1
        people = [each for each in _team(session, warning) if each != warning.owner_id]
        notify(session, people, _notice(rule, warning, _("Nobody has looked after {customer}: {rule}"), urgent=True))
    return done


def _team(session: CrmSession, warning: ChurnWarning) -> list[UUID]:
    if warning.team_id is None:
        return []
    query = select(TeamMember.user_id).where(TeamMember.team_id == warning.team_id).order_by(TeamMember.user_id)
    return list(session.scalars(query.limit(CHUNK)))


def _settle(session: CrmSession) -> int:
    """Settle open warnings of who has left and of what has not come true in time; note on settled ones who left."""
    zone = ZoneInfo(session.crm.config.get(session).zone)
    now, done = session.gate.clock.business_now(), 0
    query = (
        select(ChurnWarning, WarningRule, Departure.since)
        .join(WarningRule, WarningRule.id == ChurnWarning.rule_id)
        .join(Departure, Departure.customer_id == ChurnWarning.customer_id)
        .where(ChurnWarning.left_on.is_(None))
        .order_by(Departure.since, ChurnWarning.id)
    )
    for warning, rule, since in session.execute(query).all():
        begun = warning.opened_at.astimezone(zone).date()
        if since < begun or since > begun + timedelta(days=rule.expires_days) or warning.left_on is not None:
            continue
        warning.left_on = since
        if warning.state in OPEN:
            move(session, warning, "lost")
            done += 1
    late = select(ChurnWarning, WarningRule).join(WarningRule, WarningRule.id == ChurnWarning.rule_id)
    for warning, rule in session.execute(late.where(ChurnWarning.state.in_(OPEN))).all():
        if warning.opened_at + timedelta(days=rule.expires_days) <= now:
            # Nobody saw it, it was wrong, or what was done helped: how often that is so hold-outs say.
            to = "saved" if warning.acted else "false_alarm" if warning.seen_at is not None else "expired"
            move(session, warning, to)
            done += 1
    return done


def _notice(rule: WarningRule, warning: ChurnWarning, title: str, *, urgent: bool) -> NewNotice:
    return NewNotice(
        kind="churn.warning",
        title=title,
        values={"rule": rule.title},
        ref=f"churn.warning:{warning.id}",
        path=f"{PATH}?customer={warning.customer_id}",
        urgent=urgent,
        customer_id=warning.customer_id,
    )


OPERATIONS = [watch]
