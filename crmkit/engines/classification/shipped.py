"""The dimensions that crmkit ships: what customers are commonly classified by, each an admin's to change.

What the kernel's own facts can tell is decided by them. What they cannot tell (needs, buying intent, an opportunity) is
left to persons, who pin it, until a plugin has facts for it. Money is in the base currency. Must not know sessions.
"""

from __future__ import annotations

from crmkit.hooks.classification import (
    ByCutPoints,
    ByExpressions,
    ByPin,
    ByQuantiles,
    ByValue,
    Decider,
    Dimension,
    DimensionLabel,
)
from crmkit.i18n import texts

_ = texts("crmkit")

_SINCE_LAST = "days_since(purchase.last_at)"
_OWN_GAP = "max(30, coalesce(purchase.gap_p90_days, 90))"
"""The days within which nine of ten purchases of the customer followed the one before; 90 for whoever has bought once,
and at least 30."""
_BOUGHT = "purchase.count > 0"


def _labels(*labels: tuple[str, str] | tuple[str, str, str]) -> tuple[DimensionLabel, ...]:
    return tuple(
        DimensionLabel(name=name, title=title, when=when[0] if when else None) for name, title, *when in labels
    )


def _pinned(name: str, title: str, doc: str, *labels: tuple[str, str]) -> Dimension:
    return Dimension(
        name=name,
        title=title,
        labels=_labels(*labels),
        decider=ByPin(),
        classified="internal",
        alert_percent=100,
        doc=doc,
    )


def _decided(
    name: str, title: str, doc: str, *labels: tuple[str, str] | tuple[str, str, str], **more: object
) -> Dimension:
    decider: Decider = ByExpressions()
    values: dict[str, object] = {"decider": decider, "classified": "internal", **more}
    return Dimension(name=name, title=title, doc=doc, labels=_labels(*labels), **values)  # type: ignore[arg-type]


DIMENSIONS: tuple[Dimension, ...] = (
    _decided(
        "type",
        _("Type"),
        _("A person or an organisation."),
        ("person", _("Person"), 'customer.kind == "person"'),
        ("organization", _("Company or organisation"), 'customer.kind == "organization"'),
    ),
    _decided(
        "standing",
        _("Standing"),
        _(
            "Potential until the first purchase or conversion, new for 90 days, loyal from five purchases on, lost a "
            "year after the last purchase, or after three times the own gap between purchases."
        ),
        ("potential", _("Potential"), 'purchase.count == 0 and customer.standing == "potential"'),
        ("new", _("New"), "days_since(coalesce(purchase.first_at, customer.converted_at)) <= 90"),
        (
            "existing",
            _("Existing"),
            f"purchase.count < 5 and {_SINCE_LAST} <= max(365, 3 * {_OWN_GAP}) or purchase.count == 0",
        ),
        ("loyal", _("Loyal"), f"purchase.count >= 5 and {_SINCE_LAST} <= max(365, 3 * {_OWN_GAP})"),
        ("lost", _("Lost"), _BOUGHT),
    ),
    _decided(
        "key_account",
        _("Key account"),
        _("A large customer who is loyal, or whom somebody has tagged or pinned as a key account."),
        ("ordinary", _("Other account")),
        (
            "key",
            _("Key account"),
            'label.amount == "large" and label.standing == "loyal" or "key account" in customer.tags',
        ),
        default="ordinary",
    ),
    _decided(
        "lifecycle",
        _("Lifecycle"),
        _("Potential, new for 90 days from the first purchase, mature, and lost after a year without a purchase."),
        ("potential", _("Potential"), 'purchase.count == 0 and customer.standing == "potential"'),
        ("new", _("New"), "days_since(coalesce(purchase.first_at, customer.converted_at)) <= 90"),
        ("mature", _("Mature"), f"{_SINCE_LAST} <= 365 or purchase.count == 0"),
        ("lost", _("Lost"), _BOUGHT),
    ),
    _decided(
        "value",
        _("Customer value"),
        _("By what they have bought, refunds subtracted: the upper fifth, the next third, the others."),
        ("low", _("Low value")),
        ("medium", _("Medium value")),
        ("high", _("High value")),
        decider=ByQuantiles(score="purchase.net_amount", shares=("0.5", "0.8")),
        among=_BOUGHT,
    ),
    _decided(
        "vip",
        _("VIP"),
        _("The twentieth of the buyers who have bought for the most, refunds subtracted."),
        ("ordinary", _("Ordinary")),
        ("vip", _("VIP")),
        decider=ByQuantiles(score="purchase.net_amount", shares=("0.95",)),
        among=_BOUGHT,
    ),
    _decided(
        "activity",
        _("Activity"),
        _("By the customer's own gap between purchases: silent when it has passed, lost when it has thrice."),
        ("lost", _("No longer active"), f"{_SINCE_LAST} > 3 * {_OWN_GAP}"),
        ("silent", _("Silent"), f"{_SINCE_LAST} > {_OWN_GAP}"),
        ("active", _("Active buyer"), _BOUGHT),
        among=_BOUGHT,
    ),
    _decided(
        "activity_level",
        _("Activity level"),
        _("How often somebody buys or uses in 30 days, since the first time."),
        ("low", _("Hardly active")),
        ("medium", _("Fairly active")),
        ("high", _("Highly active")),
        decider=ByCutPoints(
            score="(purchase.count + usage.count) * 30 / "
            "max(30, days_since(min(coalesce(purchase.first_at, usage.first_at), coalesce(usage.first_at, "
            "purchase.first_at))))",
            points=("0.5", "2"),
        ),
        among="purchase.count + usage.count > 0",
    ),
    _decided(
        "amount",
        _("Amount bought"),
        _("By the amount of all purchases, refunds subtracted, in the base currency."),
        ("small", _("Small customer")),
        ("medium", _("Medium customer")),
        ("large", _("Large customer")),
        decider=ByCutPoints(score="purchase.net_amount", points=("1000", "10000")),
        among=_BOUGHT,
    ),
    _decided(
        "region",
        _("Region"),
        _("In the country of the business, or in another one."),
        ("domestic", _("Domestic"), "place.domestic"),
        ("international", _("International"), "not place.domestic"),
        among="has(place.domestic)",
    ),
    _decided(
        "locality",
        _("Locality"),
        _("In the city of the business, or elsewhere."),
        ("local", _("Local"), "place.local"),
        ("elsewhere", _("Elsewhere"), "not place.local"),
        among="has(place.local)",
    ),
    *(
        _decided(name, title, doc, decider=ByValue(value=f"customer.{name}"), classified="personal")
        for name, title, doc in (
            ("country", _("Country"), _("The country that the customer is in.")),
            ("province", _("Province"), _("The province that the customer is in.")),
            ("city", _("City"), _("The city that the customer is in.")),
        )
    ),
    _decided(
        "industry", _("Industry"), _("The customer's line of business."), decider=ByValue(value="customer.industry")
    ),
    _decided(
        "size",
        _("Size"),
        _("Organisations by their employees."),
        ("micro", _("Micro (below 10)")),
        ("small", _("Small (10 to 49)")),
        ("medium", _("Medium (50 to 249)")),
        ("large", _("Large (from 250)")),
        decider=ByCutPoints(score="customer.size", points=("10", "50", "250")),
        among='customer.kind == "organization"',
    ),
    _decided(
        "interest",
        _("Interest"),
        _("What the customer is interested in: what was said, else what is bought most."),
        decider=ByValue(value="coalesce(interest.first, purchase.favourite_category)"),
    ),
    _decided(
        "product_preference",
        _("Product preference"),
        _("The category that is bought most."),
        decider=ByValue(value="purchase.favourite_category"),
    ),
    _decided(
        "product_kind",
        _("Kind of product"),
        _("Which products are bought most: main ones, add-ons, or new ones."),
        ("main", _("Main products"), 'purchase.favourite_kind == "main"'),
        ("addon", _("Add-on products"), 'purchase.favourite_kind == "addon"'),
        ("new", _("New products"), 'purchase.favourite_kind == "new"'),
    ),
    _decided(
        "service_level",
        _("Service level"),
        _("How much attention is due: premium for VIPs and key accounts, extended for who is of high value."),
        ("standard", _("Standard service")),
        (
            "extended",
            _("Extended service"),
            'label.value == "high" and label.vip != "vip" and label.key_account != "key"',
        ),
        ("premium", _("Premium service"), 'label.vip == "vip" or label.key_account == "key"'),
        default="standard",
    ),
    _pinned(
        "need",
        _("Need"),
        _("What kind of offer the customer needs; a person says it."),
        ("standard", _("Standardised")),
        ("custom", _("Custom-made")),
        ("special", _("Special")),
    ),
    _pinned(
        "need_urgency",
        _("Urgency of the need"),
        _("How soon the need has to be met; a person says it."),
        ("low", _("Not urgent")),
        ("medium", _("Fairly urgent")),
        ("high", _("Urgent")),
    ),
    _pinned(
        "need_complexity",
        _("Complexity of the need"),
        _("How hard the need is to meet; a person says it."),
        ("low", _("Simple")),
        ("medium", _("Fairly complex")),
        ("high", _("Complex")),
    ),
    _decided(
        "sales_stage",
        _("Sales stage"),
        _(
            "How far the sale has come: a lead once something was heard, in follow-up once somebody has called, "
            "written, met or visited, won with the first purchase. An opportunity is for a person to pin."
        ),
        ("potential", _("Potential"), "purchase.count == 0 and interaction.count == 0"),
        ("lead", _("Lead"), "purchase.count == 0 and not has(interaction.last_outbound_at)"),
        ("follow_up", _("In follow-up"), "purchase.count == 0"),
        ("opportunity", _("Opportunity")),
        ("won", _("Won"), _BOUGHT),
    ),
    _decided(
        "temperature",
        _("Temperature"),
        _("Hot for a week after the customer was last heard of, warm for a month, cold afterwards."),
        ("cold", _("Cold"), "not (days_since(interaction.last_inbound_at) <= 30)"),
        ("warm", _("Warm"), "days_since(interaction.last_inbound_at) > 7"),
        ("hot", _("Hot"), "true"),
    ),
    _pinned(
        "buying_intent",
        _("Buying intent"),
        _("How much the customer wants to buy; a person says it."),
        ("low", _("Little intent")),
        ("medium", _("Some intent")),
        ("high", _("Firm intent")),
    ),
    _pinned(
        "buying_ability",
        _("Buying ability"),
        _("Whether the customer can pay for it; a person says it."),
        ("low", _("Little ability")),
        ("medium", _("Some ability")),
        ("high", _("Full ability")),
    ),
    _pinned(
        "buying_timing",
        _("Buying timing"),
        _("When the customer is going to buy; a person says it."),
        ("later", _("Later")),
        ("soon", _("Within months")),
        ("now", _("Now")),
    ),
)
"""The dimensions of the kernel."""
