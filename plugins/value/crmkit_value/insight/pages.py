"""The pages of value: the map with grades and concentration, the RFM grid, one customer with everything behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crmkit_analytics.api import adopted, runs_of
from sqlalchemy import select

from crmkit import CrmSession, Customer, NotFound, Page, texts
from crmkit_value.grades.grading import GRADES, curve, gini, top_share
from crmkit_value.insight.drawing import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, concentration, tenths, value_map
from crmkit_value.insight.explaining import explain
from crmkit_value.insight.reading import (
    dots_of,
    grades_of,
    grid_of,
    history_of,
    in_cell,
    moves_of,
    segments_of,
    totals_of,
    worths_of,
)
from crmkit_value.lifetimes.kinds import MODELS_TO_FIT
from crmkit_value.lifetimes.scoring import counting
from crmkit_value.policy.models import GRADE_MEASURES, GRADINGS, TIES
from crmkit_value.policy.operations import policy_of
from crmkit_value.rfm.scores import OTHERS, OTHERS_TITLE
from crmkit_value.scoring.reading import latest

_ = texts("crmkit_value")

HOME, RFM, CUSTOMER = "/modules/value", "/modules/value/rfm", "/modules/value/customer"
LISTED = 100
SIZE = (WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM)
TITLES = {kind.name: kind.title for kind in MODELS_TO_FIT}


def overview(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the map of customers by P(alive) and lifetime value, grades, concentration, and how good the model was."""
    lifetime, grades = latest(session, "lifetime"), latest(session, "grade")
    run = counting(session)
    dots = [] if lifetime is None else dots_of(session, lifetime)
    worths = [] if grades is None else worths_of(session, grades)
    best = sorted(dots, key=lambda each: (-each[0].clv_minor, each[0].customer_id))[:20]
    return {
        "lifetime": lifetime,
        "totals": None if lifetime is None else totals_of(session, lifetime),
        "drawn": value_map([(each.p_alive, each.clv_minor, (each, name)) for each, name in dots]) if dots else None,
        "best": best,
        "grades": grades,
        "grade_rows": [] if grades is None else grades_of(session, grades),
        "grade_measures": GRADE_MEASURES,
        "gradings": GRADINGS,
        "names": GRADES,
        "moves": {} if grades is None else moves_of(grades),
        "curve": concentration(curve(worths)) if worths and curve(worths) else None,
        "gini": gini(worths),
        "top": top_share(worths, 0.2),
        "run": run,
        "spending": adopted(session, "value.gamma_gamma"),
        "candidates": [] if run is not None else [each for each in runs_of(session) if each.model in TITLES][:5],
        "titles": TITLES,
        "tenths": tenths(run.figures["deciles"]) if run is not None and run.figures.get("deciles") else None,
        "policy": policy_of(session),
        "size": SIZE,
        **_rights(session),
    }


def rfm_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the grid of recency and frequency, the segments, and the customers of a cell or a segment."""
    scoring = latest(session, "rfm")
    asked = {name: _number(query.get(name, "")) for name in ("recency", "frequency")}
    segment = query.get("segment") or None
    if scoring is None:
        return {"scoring": None, "size": SIZE, **_rights(session)}
    grid = grid_of(session, scoring)
    bins = scoring.rules["bins"]
    most = max((cell.customers for cell in grid.values()), default=1)
    chosen = segment is not None or any(value is not None for value in asked.values())
    titles = {each["name"]: each["title"] for each in scoring.rules["segments"]} | {OTHERS: OTHERS_TITLE}
    listed = in_cell(session, scoring, asked["recency"], asked["frequency"], segment, LISTED) if chosen else []
    return {
        "scoring": scoring,
        "grid": grid,
        "bins": list(range(1, bins + 1)),
        "heat": {place: 1 + round(7 * cell.customers / most) for place, cell in grid.items()},
        "segments": segments_of(session, scoring),
        "segment_titles": titles,
        "edges": _spans(scoring.rules["boundaries"], scoring.rules["ties"]),
        "ties": TIES[scoring.rules["ties"]],
        "chosen": chosen,
        "asked": asked,
        "segment": segment,
        "listed": listed,
        "limit": LISTED,
        **_rights(session),
    }


def customer_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return everything that is said of a customer's value, and what it was computed from. Raises NotFound."""
    try:
        customer_id = UUID(query.get("id", ""))
    except ValueError:
        raise NotFound(_("There is no such customer.")) from None
    customer = session.scalars(select(Customer).where(Customer.id == customer_id)).first()
    if customer is None:
        raise NotFound(_("There is no such customer."))
    found = explain(session, customer_id)
    titles: dict[str, str] = {OTHERS: OTHERS_TITLE}
    if found.rfm_scoring is not None:
        titles |= {each["name"]: each["title"] for each in found.rfm_scoring.rules["segments"]}
    return {
        "customer": customer,
        "found": found,
        "parameters": found.parameters(),
        "titles": TITLES,
        "segment_titles": titles,
        "history": history_of(session, customer_id),
        "grade_measures": GRADE_MEASURES,
    }


def _spans(edges: Mapping[str, list[float]], ties: str) -> dict[str, list[tuple[float | None, float | None]]]:
    """Return of each score the values from which to which each part reaches, the lowest part first."""
    return {name: list(zip([None, *values], [*values, None], strict=True)) for name, values in edges.items()}


def _rights(session: CrmSession) -> dict[str, bool]:
    rights = session.guarding.rights
    return {
        "may_run": rights.scope("value.score", "run") != "none",
        "may_manage": rights.scope("value.policy", "manage") != "none",
        "may_fit": rights.scope("analytics.model_run", "request") != "none",
    }


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 3 else None


PAGES = [
    Page(
        name="value.overview",
        title=_("Customer value"),
        path="",
        template="value/insight/overview.html",
        context=overview,
        permission="value.score.read",
        icon="coin",
        order=60,
    ),
    Page(
        name="value.rfm",
        title=_("RFM segments"),
        path="/rfm",
        template="value/insight/rfm.html",
        context=rfm_page,
        permission="value.score.read",
        icon="table",
        order=61,
    ),
    Page(
        name="value.customer",
        title=_("Value of a customer"),
        path="/customer",
        template="value/insight/customer.html",
        context=customer_page,
        permission="value.score.read",
        menu=False,
    ),
]
