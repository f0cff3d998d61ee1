"""What the figures of value mean, for the register of analytics. Must not compute any."""

from __future__ import annotations

from crmkit_analytics.api import Metric

from crmkit import texts

_ = texts("crmkit_value")

_COUNTED = _("Reversed purchases and reversals are left out; refunds are subtracted.")
_CUSTOMER = _("a customer")
_SOURCE = _("a source, and a cohort of it")

METRICS = [
    Metric(
        name="value.p_alive",
        title=_("P(alive)"),
        formula=_("Probability that the customer has not left for good, by the adopted model of buying."),
        grain=_CUSTOMER,
        unit="share",
        filters=_COUNTED,
        owner="value",
    ),
    Metric(
        name="value.clv",
        title=_("Lifetime value"),
        formula=_(
            "Sum over the months of the horizon: purchases expected × worth of one × margin ÷ (1 + interest)^months."
        ),
        grain=_CUSTOMER,
        unit="money",
        filters=_COUNTED,
        owner="value",
        shown=[("value.acquisition", "expected")],
    ),
    Metric(
        name="value.dert",
        title=_("Discounted purchases without end"),
        formula=_("All purchases still to come, each discounted by the interest up to then (DERT)."),
        grain=_CUSTOMER,
        unit="number",
        filters=_COUNTED,
        owner="value",
    ),
    Metric(
        name="value.contribution",
        title=_("Contribution"),
        formula=_("Margin less what contacts cost, and less what cases of service cost where that is known."),
        grain=_CUSTOMER,
        unit="money",
        filters=_COUNTED,
        owner="value",
        shown=[("value.contribution", "contribution")],
    ),
    Metric(
        name="value.gini",
        title=_("Gini"),
        formula=_("Twice the area between the curve of concentration and the line of equal shares."),
        grain=_("all customers graded"),
        unit="number",
        owner="value",
        shown=[("value.grades", "share")],
    ),
    Metric(
        name="value.grade_move",
        title=_("Moves between grades"),
        formula=_("Of the customers of a grade the part that has another one at the next grading."),
        grain=_("a pair of grades"),
        unit="share",
        owner="value",
        shown=[("value.migration", "rate")],
    ),
    Metric(
        name="value.cac",
        title=_("Cost of winning a customer"),
        formula=_("Costs of a source in a time ÷ customers of it who bought first in that time."),
        grain=_SOURCE,
        unit="money",
        owner="value",
        shown=[("value.acquisition", "cac")],
    ),
    Metric(
        name="value.clv_to_cac",
        title=_("Value : cost"),
        formula=_("(Margin brought + lifetime value expected) of a customer ÷ cost of winning one."),
        grain=_SOURCE,
        unit="number",
        owner="value",
        shown=[("value.acquisition", "ratio")],
    ),
    Metric(
        name="value.payback",
        title=_("Paid back (months)"),
        formula=_("First month after first purchases in which the margin brought so far reaches the cost."),
        grain=_SOURCE,
        unit="number",
        owner="value",
        shown=[("value.acquisition", "payback")],
    ),
    Metric(
        name="value.growth_room",
        title=_("Room to grow"),
        formula=_("Upper quarter of what customers who are alike bought in 365 days − what this one bought."),
        grain=_CUSTOMER,
        unit="money",
        filters=_COUNTED,
        owner="value",
        shown=[("value.growth_room", "room")],
    ),
    Metric(
        name="value.offer_lift",
        title=_("Lift of an offer"),
        formula=_("Customers with both × all customers ÷ (customers with the one × customers with the other)."),
        grain=_("a pair of products"),
        unit="number",
        filters=_COUNTED,
        owner="value",
        shown=[("value.offers", "lift")],
    ),
]
