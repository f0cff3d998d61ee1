"""The page of friction: the steps by what is at stake, and the customers of one as the reader sees them. Must not
change anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, Customer, Page, texts
from crmkit_experience.friction.counting import span_of, touches_at, worth_of
from crmkit_experience.friction.models import FrictionStep
from crmkit_experience.friction.sources import SOURCES, source_of, titles_of
from crmkit_experience.friction.touches import Touch
from crmkit_experience.friction.words import PARTS

_ = texts("crmkit_experience")

HOME = "/modules/experience/friction"
SHOWN = 100


@frozen(kw_only=True)
class Hit:
    """A customer at a step, with what the customer is worth in major units, where that is known."""

    customer_id: Any
    name: str
    touch: Touch
    worth: float | None


def friction_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the steps, or with ``step`` how the customers whom the reader sees fared at one."""
    rights = session.guarding.rights
    rows = session.scalars(select(FrictionStep).order_by(FrictionStep.place, FrictionStep.step).limit(SHOWN)).all()
    step = query.get("step", "")
    if source_of(step) is None:
        step = ""
    row = next((each for each in rows if each.step == step), None)
    hits = hits_at(session, step) if step else []
    most = max((float(each.excess) for each in rows if each.leading), default=0.0)
    return {
        "rows": rows,
        "row": row,
        "step": step,
        "titles": titles_of(session, [*(each.step for each in rows), *([step] if step else [])]),
        "sources": {each.name: each.title for each in SOURCES},
        "efforts": {each.name: each.effort for each in SOURCES},
        "widths": {each.step: round(100 * max(0.0, float(each.excess)) / most) if most > 0 else 0 for each in rows},
        "hits": hits[:SHOWN],
        "more": len(hits) > SHOWN,
        "parts": PARTS,
        "may_count": bool(rights.unrestricted or rights.scope("experience.friction", "manage") != "none"),
        "may_act": bool(rights.unrestricted or rights.scope("experience.action", "create") != "none"),
        "home": HOME,
    }


def hits_at(session: CrmSession, step: str) -> Sequence[Hit]:
    """Return the customers whom the session sees and for whom a step was hard, who are worth most first."""
    touches = [
        each for each in touches_at(session, step, span_of(session)) if each.dropped or each.laborious or each.unhappy
    ]
    worth = worth_of(session) if touches else None
    of: Mapping[Any, float] = worth.of if worth is not None else {}
    touches.sort(key=lambda each: (-of.get(each.customer_id, 0.0), str(each.customer_id)))
    first = touches[: SHOWN + 1]
    ids = [each.customer_id for each in first]
    names = {each.id: each.name for each in session.scalars(select(Customer).where(Customer.id.in_(ids)))}
    return [
        Hit(
            customer_id=each.customer_id,
            name=str(names[each.customer_id]),
            touch=each,
            worth=of.get(each.customer_id) if worth is not None else None,
        )
        for each in first
        if each.customer_id in names
    ]


PAGES = [
    Page(
        name="experience.friction",
        title=_("Friction"),
        path="/friction",
        template="experience/friction/friction.html",
        context=friction_page,
        permission="experience.friction.read",
        icon="alert-triangle",
        order=42,
    )
]
