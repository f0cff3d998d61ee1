"""The needs in the order of a formula: their numbers, scores and ranks, who asks, and what is at stake."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, NotFound, texts
from crmkit_needs.catalogue.models import Need
from crmkit_needs.catalogue.words import OPEN
from crmkit_needs.scoring.counting import Support, support_of
from crmkit_needs.scoring.formulas import Formula, Score, score_of
from crmkit_needs.scoring.known import formulas_of
from crmkit_needs.scoring.ranking import Rank, ranks_of
from crmkit_needs.scoring.stakes import Stake, stakes_of

_ = texts("crmkit_needs")

MOVE = Decimal(20)
"""By how many percent numbers are moved unless said otherwise."""


@frozen(kw_only=True)
class Ranked:
    """A need with its score and rank; both are empty where a number is missing."""

    need: Need
    score: Score
    rank: Rank | None
    support: Support
    stake: Stake


def formula_named(session: CrmSession, name: str) -> Formula:
    """Return a formula by its name, in any case. Raises NotFound, with those that there are."""
    known = formulas_of(session)
    found = next((each for each in known if each.name == name.strip().lower()), None)
    if found is None:
        names = [each.name for each in known]
        close = difflib.get_close_matches(name.lower(), names, 2) or names
        raise NotFound(
            _('There is no formula "{name}".'), fix=_("There are: {known}."), name=name, known=", ".join(close)
        )
    return found


def inputs_of(need: Need, support: Support) -> dict[str, Decimal]:
    """Return the numbers of a need: those that were given, and where none was, what the evidence says."""
    found = {name: Decimal(value) for name, value in (need.inputs or {}).items()}
    measured = {
        "reach": Decimal(support.companies) if support.companies else None,
        "importance": support.importance,
        "satisfaction": support.satisfaction,
    }
    return {**{name: value for name, value in measured.items() if value is not None}, **found}


def ranked(
    session: CrmSession, formula: Formula, *, move: Decimal = MOVE, states: Sequence[str] = OPEN, stakes: bool = True
) -> list[Ranked]:
    """Return the needs in some states, the best rank first, those without a score last."""
    needs = list(session.scalars(select(Need).where(Need.state.in_(list(states)))))
    support = support_of(session, needs)
    scores = {each.id: score_of(formula, inputs_of(each, support[each.id]), move) for each in needs}
    ranks = ranks_of(scores)
    at_stake: dict[UUID, Stake] = stakes_of(session, support) if stakes else {}
    found = [
        Ranked(
            need=each,
            score=scores[each.id],
            rank=ranks.get(each.id),
            support=support[each.id],
            stake=at_stake.get(each.id, Stake()),
        )
        for each in needs
    ]
    return sorted(found, key=lambda each: (each.rank is None, each.rank.rank if each.rank else 0, each.need.number))
