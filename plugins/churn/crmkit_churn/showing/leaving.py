"""Who may leave that would be missed: the most probable ones, ordered by what is at risk. Must not know pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmSession, Customer, Money, catalogue_of, moment_of, values_of
from crmkit_churn.scoring.explaining import Told, told
from crmkit_churn.scoring.models import ChurnScore, Departure

COMPARED = 2000
"""Of so many of the most probable to leave, those come first of whom most is at risk."""
SAID = ("value.clv", "value.clv_low", "value.clv_high", "churn.health", "label.churn_risk")


@frozen(kw_only=True)
class Leaving:
    """Somebody who may leave: the latest score, what is known, the reasons, the largest first, and what is at risk,
    which is the probability of leaving times the lifetime value in the base currency; None without one."""

    score: ChurnScore
    customer: Customer
    facts: Mapping[str, Any]
    reasons: Sequence[Told]
    risked: Money | None


@frozen(kw_only=True)
class Board:
    """Those who may leave, whether they are ordered by what is at risk, among how many, and what that is in all."""

    rows: Sequence[Leaving]
    by_value: bool
    compared: int
    at_risk: Money | None


def board_of(session: CrmSession, limit: int) -> Board:
    """Return the customers that the reader may see who have not left, by what is at risk, at most so many."""
    newest = (
        select(ChurnScore.customer_id, func.max(ChurnScore.as_of).label("at"))
        .group_by(ChurnScore.customer_id)
        .subquery()
    )
    gone = select(Departure.customer_id).where(Departure.returned_on.is_(None))
    rows = session.execute(
        select(ChurnScore, Customer)
        .join(newest, (newest.c.customer_id == ChurnScore.customer_id) & (newest.c.at == ChurnScore.as_of))
        .join(Customer, Customer.id == ChurnScore.customer_id)
        .where(Customer.deleted_at.is_(None), Customer.id.not_in(gone))
        .order_by(ChurnScore.probability.desc(), ChurnScore.customer_id)
        .limit(COMPARED)
    ).all()
    worth = facts_of(session, [customer.id for _score, customer in rows], ("value.clv",))
    lines = [(score, customer, _risked(score, worth.get(customer.id, {}))) for score, customer in rows]
    risked = [each for _score, _customer, each in lines if each is not None]
    if risked:
        lines.sort(key=lambda line: (-(line[2].amount if line[2] is not None else -1), -line[0].probability))
    facts = facts_of(session, [customer.id for _score, customer, _risked_ in lines[:limit]], SAID)
    return Board(
        rows=[
            Leaving(
                score=score,
                customer=customer,
                facts=facts.get(customer.id, {}),
                reasons=told(session, score.reasons),
                risked=each,
            )
            for score, customer, each in lines[:limit]
        ],
        by_value=bool(risked),
        compared=len(lines),
        at_risk=Money(sum(each.amount for each in risked), risked[0].currency) if risked else None,
    )


def facts_of(session: CrmSession, ids: Sequence[UUID], names: Sequence[str]) -> dict[UUID, dict[str, Any]]:
    """Return those of some facts that there are, by customer and name; money as `Money`."""
    catalogue, moment = catalogue_of(session), moment_of(session)
    refs = [catalogue.ref(name) for name in names if name in catalogue.names()]
    found: dict[UUID, dict[str, Any]] = {}
    for who, own in values_of(session, refs, ids, moment).items():
        found[who] = {
            str(ref): Money(value, moment.base_currency)
            if value is not None and moment.base_currency and catalogue.known(ref.name).symbol.type.kind == "money"
            else value
            for ref, value in own.items()
        }
    return found


def _risked(score: ChurnScore, facts: Mapping[str, Any]) -> Money | None:
    worth = facts.get("value.clv")
    return Money(round(worth.amount * score.probability), worth.currency) if isinstance(worth, Money) else None
