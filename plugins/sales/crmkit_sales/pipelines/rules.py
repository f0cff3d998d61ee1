"""The rules that sales ships; an admin can change or stop each of them."""

from __future__ import annotations

from crmkit import Do, Rule, texts

_ = texts("crmkit_sales")

RULES = [
    Rule(
        name="sales.convert",
        title=_("Make who buys a customer"),
        doc=_("Whoever has an opportunity that was won is no potential customer any more."),
        on="sales.opportunity.won",
        when='customer.standing == "potential"',
        then=[Do(operation="customer.convert")],
    )
]
