"""The pages of service levels: policies with what they promise, and why a case is due when it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crmkit_work.api import Queue
from sqlalchemy import func, select

from crmkit import CrmSession, InvalidInput, NotFound, Page, User, texts
from crmkit.i18n import Text, translate
from crmkit_service.cases.history import path_of
from crmkit_service.cases.models import Case
from crmkit_service.cases.words import PRIORITIES
from crmkit_service.sla.ladders import TARGETS
from crmkit_service.sla.models import Clock, Heartbeat, Ladder, Policy, Rota, RotaShift
from crmkit_service.sla.policies import current, versions_of
from crmkit_service.sla.previewing import preview
from crmkit_service.sla.reading import CaseLevels, levels_of
from crmkit_service.sla.terms import format_amount, format_terms, parse_terms
from crmkit_service.sla.ticking import check_ticks
from crmkit_service.sla.words import ALL_CLOCKS, CLOCKS, KINDS, LEVELS, STATES

_ = texts("crmkit_service")

HOME = "/modules/service/sla"
TONES = {"running": "info", "paused": "", "met": "good", "missed": "bad", "cancelled": ""}
WHY = {
    "": _("It fits"),
    "customer": _("It is for another customer"),
    "contract": _("The case is not about its contract"),
    "type": _("It is for other types of case"),
    "queue": _("It is for other queues"),
    "priority": _("It is for other priorities"),
    "condition": _("The customer does not meet its condition"),
}
SIGNS = {"counted": "good", "closed": "", "paused": "warn", "due": "info", "started": "info", "ended": "info"}


def policies_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the policies with what they promise, the ladders, who is on call, and whether anybody looks."""
    policies = session.scalars(select(Policy).order_by(Policy.position, Policy.name)).all()
    counted = select(Clock.policy_id, Clock.state, func.count()).group_by(Clock.policy_id, Clock.state)
    counts: dict[UUID | None, dict[str, int]] = {}
    for policy_id, state, number in session.execute(counted):
        counts.setdefault(policy_id, {})[state] = number
    now = session.gate.clock.business_now()
    shifts = select(RotaShift).where(RotaShift.ends_at > now).order_by(RotaShift.starts_at).limit(50)
    ranked = sorted(policies, key=lambda each: (list(KINDS).index(each.kind), list(LEVELS).index(each.level)))
    rights = session.guarding.rights
    return {
        "policies": [(each, current(session, each), counts.get(each.id, {})) for each in ranked],
        "ladders": session.scalars(select(Ladder).order_by(Ladder.name)).all(),
        "rotas": session.scalars(select(Rota).order_by(Rota.name)).all(),
        "shifts": session.scalars(shifts).all(),
        "users": {each.id: each.name for each in session.scalars(select(User))},
        "queues": {str(each.id): each.title for each in session.scalars(select(Queue))},
        "beat": session.get(Heartbeat, "clocks"),
        "findings": check_ticks(session),
        "kinds": KINDS,
        "levels": LEVELS,
        "clocks": ALL_CLOCKS,
        "priorities": PRIORITIES,
        "targets": TARGETS,
        "amount": format_amount,
        "may": rights.scope("service.sla_policy", "manage") != "none",
        "now": now,
        "home": HOME,
    }


def policy_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return one policy with its versions, and what other terms would change where some are given. Raises NotFound."""
    policy = session.get(Policy, _id(query.get("id", "")))
    if policy is None:
        raise NotFound(_("There is no such policy."))
    text = query.get("terms", "").replace("\r", "").strip()
    found, problems = None, []
    if text:
        try:
            found = preview(session, policy, parse_terms(text, kind=policy.kind))
        except InvalidInput as error:
            problems = error.problems
    shown = [each.case_id for each in found.moved] if found is not None else []
    cases = {each.id: each for each in session.scalars(select(Case).where(Case.id.in_(shown)))} if shown else {}
    return {
        "policy": policy,
        "rules": current(session, policy),
        "text": text or format_terms(current(session, policy)),
        "versions": versions_of(session, policy),
        "preview": found,
        "problems": problems,
        "cases": cases,
        "path_of": path_of,
        "clocks": ALL_CLOCKS,
        "kinds": KINDS,
        "levels": LEVELS,
        "may": session.guarding.rights.scope("service.sla_policy", "manage") != "none",
        "home": HOME,
        "here": f"{HOME}/policy?id={policy.id}",
    }


def case_page(session: CrmSession, query: Mapping[str, str], language: str) -> Mapping[str, Any]:
    """Return why a case is due when it is: its clocks line by line, and the policies that were judged. Raises
    NotFound."""
    case = session.get(Case, _id(query.get("id", "")))
    if case is None:
        raise NotFound(_("There is no such case."))
    levels = levels_of(session, case)
    told = {UUID(each) for one in levels.escalations for each in one.told}
    names = {each.id: each.name for each in session.scalars(select(User).where(User.id.in_(told)))} if told else {}
    return {
        "levels": levels,
        "case": case,
        "lines": [_said(levels, place, language) for place in range(len(levels.clocks))],
        "names": {str(key): name for key, name in names.items()},
        "clocks": ALL_CLOCKS,
        "states": STATES,
        "tones": TONES,
        "signs": SIGNS,
        "why": WHY,
        "customers": CLOCKS,
        "amount": format_amount,
        "back": path_of(case),
        "may": session.guarding.rights.scope("service.case", "update") != "none",
        "here": f"{HOME}/case?id={case.id}",
    }


def _said(levels: CaseLevels, place: int, language: str) -> Sequence[tuple[Any, str]]:
    """Return the lines of a clock with their texts in a language."""
    found: list[tuple[Any, str]] = []
    for line in levels.clocks[place].lines:
        values = {
            name: translate(value, language) if isinstance(value, Text) else value
            for name, value in line.values.items()
        }
        found.append((line, translate(line.text, language).format(**values)))
    return found


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


PAGES = [
    Page(
        name="service.sla",
        title=_("Service levels"),
        path="/sla",
        template="service/sla/policies.html",
        context=policies_page,
        permission="service.sla_policy.read",
        icon="clock",
        order=60,
    ),
    Page(
        name="service.sla_policy_page",
        title=_("Policy of service levels"),
        path="/sla/policy",
        template="service/sla/policy.html",
        context=policy_page,
        permission="service.sla_policy.read",
        menu=False,
    ),
    Page(
        name="service.sla_case",
        title=_("Why it is due then"),
        path="/sla/case",
        template="service/sla/case.html",
        context=case_page,
        permission="service.case.read",
        menu=False,
    ),
]
