"""The rules on leads that sales ships; an admin can change or stop each of them."""

from __future__ import annotations

from crmkit import Do, Rule, texts

_ = texts("crmkit_sales")

RULES = [
    Rule(
        name="sales.qualify_hot",
        title=_("Qualify leads that become hot"),
        doc=_("Whose score by the usual model comes to hot, has an open lead qualified."),
        on="sales.lead.crossed",
        when='event.usual and event.to_label == "hot" and sales.has_open_lead',
        then=[Do(operation="sales.lead.qualify_customer")],
    )
]
