"""What each customer is expected to bring, as facts.

Must not use mapped classes in a select: facts are not the reader's.
"""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from sqlalchemy import Select, select

from crmkit import Fact, FactQuery, FactSet, Money, texts
from crmkit_value.lifetimes.models import LifetimeScore
from crmkit_value.scoring.facts import counting

_ = texts("crmkit_value")

_TABLE = cast(Any, LifetimeScore).__table__


def select_lifetimes(query: FactQuery) -> Select[Any]:
    """Return a select with one row for each customer who was scored last at the two times."""
    table = _TABLE
    return select(
        table.c.customer_id,
        table.c.p_alive,
        table.c.p_alive_low,
        table.c.p_alive_high,
        table.c.expected.label("expected_purchases"),
        table.c.expected_low.label("expected_purchases_low"),
        table.c.expected_high.label("expected_purchases_high"),
        table.c.spend_minor.label("expected_spend"),
        table.c.clv_minor.label("clv"),
        table.c.clv_low,
        table.c.clv_high,
        table.c.next_on.label("next_purchase"),
    ).where(table.c.scoring_id == counting("lifetime", query), query.within(table.c.customer_id))


_LOW = _("Lower bound at 95 % of what the model says")
_HIGH = _("Upper bound at 95 % of what the model says")
FACTS = [
    FactSet(
        name="value",
        title=_("Customer value"),
        select=select_lifetimes,
        doc=_("What the customer is expected to bring, as it was scored last"),
        columns=[
            Fact(
                name="p_alive",
                type=float | None,
                title=_("P(alive)"),
                doc=_("Probability that the customer has not left for good, 0 to 1"),
            ),
            Fact(name="p_alive_low", type=float | None, doc=_LOW),
            Fact(name="p_alive_high", type=float | None, doc=_HIGH),
            Fact(
                name="expected_purchases",
                type=float | None,
                title=_("Expected purchases in a year"),
                doc=_("Days of buying that are expected within 365 days"),
            ),
            Fact(name="expected_purchases_low", type=float | None, doc=_LOW),
            Fact(name="expected_purchases_high", type=float | None, doc=_HIGH),
            Fact(
                name="expected_spend",
                type=Money | None,
                title=_("Expected worth of a purchase"),
                doc=_("What a further day of buying is expected to come to"),
            ),
            Fact(
                name="clv",
                type=Money | None,
                title=_("Lifetime value"),
                doc=_("Margin of expected purchases within the policy's horizon, discounted"),
            ),
            Fact(name="clv_low", type=Money | None, doc=_LOW),
            Fact(name="clv_high", type=Money | None, doc=_HIGH),
            Fact(
                name="next_purchase",
                type=date | None,
                title=_("Next purchase"),
                doc=_("Day by which the next purchase is as likely as not; of who has probably left there is none"),
            ),
        ],
    )
]
