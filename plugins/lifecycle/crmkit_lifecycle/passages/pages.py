"""The page of one customer's passages: each stage with when, why, on what evidence, and what can be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Customer, NotFound, Page, User, texts
from crmkit_lifecycle.designing.choosing import onward, stages_of
from crmkit_lifecycle.designing.models import LifecycleModel, Stage
from crmkit_lifecycle.passages.models import Passage, RolledUp, StageInterval
from crmkit_lifecycle.words import ANSWERS, CAUSES, DIRECTIONS, OUTCOMES, ROLL_UPS

_ = texts("crmkit_lifecycle")

TONES = {"good": "good", "bad": "bad", "left": "warn", "back": "warn", "skip": "info", "accepted": "good"}


def passages_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the passages of a customer. Raises NotFound for one whom the reader does not see."""
    try:
        customer = session.get(Customer, UUID(query.get("customer", "")))
    except ValueError:
        customer = None
    if customer is None:
        raise NotFound(_("There is no such customer."))
    passages = session.scalars(
        select(Passage)
        .join(LifecycleModel, LifecycleModel.id == Passage.model_id)
        .where(Passage.customer_id == customer.id)
        .order_by(LifecycleModel.usual.desc(), LifecycleModel.name, Passage.number.desc())
    ).all()
    intervals: dict[UUID, list[StageInterval]] = {each.id: [] for each in passages}
    for each in session.scalars(
        select(StageInterval)
        .where(StageInterval.customer_id == customer.id)
        .order_by(StageInterval.entered_at, StageInterval.step, StageInterval.id)
    ):
        intervals.setdefault(each.passage_id, []).append(each)
    models = {each.id: each for each in session.scalars(select(LifecycleModel))}
    shown = {each.stage_id for listed in intervals.values() for each in listed}
    rights = session.guarding.rights
    return {
        "customer": customer,
        "passages": passages,
        "intervals": intervals,
        "models": models,
        "titles": {each.id: each.title for each in session.scalars(select(Stage).where(Stage.id.in_(shown)))},
        "ahead": {each.id: _ahead(session, each) for each in passages if each.ended_at is None},
        "rolled": session.scalars(
            select(RolledUp).where(RolledUp.customer_id == customer.id).order_by(RolledUp.since.desc()).limit(5)
        ).all(),
        "people": _people(session, intervals),
        "causes": CAUSES,
        "directions": DIRECTIONS,
        "outcomes": OUTCOMES,
        "answers": ANSWERS,
        "methods": ROLL_UPS,
        "tones": TONES,
        "may_move": bool(rights.unrestricted or rights.scope("lifecycle.passage", "move") != "none"),
        "may_answer": bool(rights.unrestricted or rights.scope("lifecycle.passage", "answer") != "none"),
        "here": f"/modules/lifecycle/passages?customer={customer.id}",
        "now": session.gate.clock.business_now(),
    }


def _ahead(session: CrmSession, passage: Passage) -> list[Stage]:
    stages = stages_of(session, passage.version_id)
    here = next((each for each in stages if each.id == passage.stage_id), None)
    return onward(stages, here) if here is not None else []


def _people(session: CrmSession, intervals: Mapping[UUID, list[StageInterval]]) -> dict[str, str]:
    """Return the names of users who have moved somebody, by what intervals call them."""
    found: dict[str, str] = {}
    ids: dict[UUID, str] = {}
    for each in (one for listed in intervals.values() for one in listed):
        kind, _colon, identity = (each.moved_by or "").partition(":")
        if kind == "user":
            ids[UUID(identity)] = each.moved_by or ""
    for user in session.scalars(select(User).where(User.id.in_(ids))):
        found[ids[user.id]] = user.name
    return found


PAGES = [
    Page(
        name="lifecycle.customer",
        title=_("Passages"),
        path="/passages",
        template="lifecycle/passages/passages.html",
        context=passages_page,
        permission="lifecycle.passage.read",
        menu=False,
    )
]
