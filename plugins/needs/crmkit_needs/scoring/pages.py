"""The page of priorities: the open needs in the order of a formula, and how sure that order is."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from crmkit import CrmSession, Page, moment_of, texts
from crmkit_needs.catalogue.words import KINDS, STATES, URGENCIES
from crmkit_needs.scoring.formulas import RICE
from crmkit_needs.scoring.known import formulas_of
from crmkit_needs.scoring.models import ScoreModel
from crmkit_needs.scoring.reading import MOVE, formula_named, ranked
from crmkit_needs.scoring.stakes import facts_for

_ = texts("crmkit_needs")

HOME = "/modules/needs/priorities"


def priorities_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the needs in the order of the formula that was chosen, and in that of another one beside it."""
    formula = formula_named(session, query.get("formula") or RICE.name)
    formulas = formulas_of(session)
    move = query.get("move", "")
    percent = Decimal(move) if move.isdigit() and int(move) <= 90 else MOVE
    found = ranked(session, formula, move=percent)
    other = next((each for each in formulas if each.name == query.get("beside")), None)
    beside = {} if other is None else {each.need.id: each.rank for each in ranked(session, other, stakes=False)}
    rights = session.guarding.rights
    return {
        "formula": formula,
        "formulas": formulas,
        "move": percent,
        "rows": found,
        "count": sum(each.rank is not None for each in found),
        "other": other,
        "beside": beside,
        "told": facts_for(session),
        "currency": moment_of(session).base_currency,
        "kinds": KINDS,
        "states": STATES,
        "urgencies": URGENCIES,
        "may_change": rights.unrestricted or rights.scope("needs.need", "update") != "none",
        "own": session.scalars(select(ScoreModel).where(ScoreModel.name == formula.name)).first(),
        "may_model": rights.unrestricted or rights.scope("needs.model", "manage") != "none",
        "home": HOME,
        "here": f"{HOME}?formula={formula.name}&move={percent}",
    }


PAGES = [
    Page(
        name="needs.priorities",
        title=_("Priorities"),
        path="/priorities",
        template="needs/scoring/priorities.html",
        context=priorities_page,
        permission="needs.need.read",
        icon="sort-descending",
        order=76,
    )
]
