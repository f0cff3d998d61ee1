"""Each built-in fact on both databases, against values that were worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from crmkit import CRM
from tests.engines.facts.support import START, SYSTEM, buy, configure, customer, day, facts, record, reverse

# --- purchases -------------------------------------------------------------------------------------------------------


def test_purchases_count_gross_and_without_what_was_reversed(crm: CRM) -> None:
    """A refund is not subtracted but from the net amount; a reversed purchase and its reversal are none."""
    configure(crm)
    who = customer(crm)
    buy(crm, who, day(0), "100.00")
    buy(crm, who, day(10), "50.01")
    reverse(crm, buy(crm, who, day(20), "900.00"))
    record(crm, who, "refund", day(12), amount="20.00", currency="CNY")
    names = ("count", "amount", "average_amount", "refunds", "refund_amount", "net_amount", "unconverted")
    assert [2, 15001, 7501, 1, 2000, 13001, 0] == facts(crm, who, *(f"purchase.{name}" for name in names))
    assert [day(0), day(10), day(12)] == facts(
        crm, who, "purchase.first_at", "purchase.last_at", "purchase.last_refund_at"
    )


def test_a_customer_of_whom_nothing_is_known_has_the_defaults(crm: CRM) -> None:
    """Counts and amounts are 0, averages and instants null."""
    configure(crm)
    names = ("count", "amount", "net_amount", "average_amount", "last_at", "gap_p90_days", "favourite_category")
    assert [0, 0, 0, None, None, None, None] == facts(crm, customer(crm), *(f"purchase.{name}" for name in names))


def test_gaps_between_purchases(crm: CRM) -> None:
    """On average the span by the number of gaps; the 90th percentile by nearest rank, the tenth of eleven gaps."""
    who = customer(crm)
    configure(crm)
    passed = 0.0
    for gap in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 30, 90.5):
        passed += gap
        buy(crm, who, day(passed), "1.00")
    (average, highest) = facts(crm, who, "purchase.average_gap_days", "purchase.gap_p90_days")
    assert (Decimal("15.045455"), Decimal(30)) == (average, highest)


def test_days_are_the_companys_calendar_days(crm: CRM) -> None:
    """23:30 and 00:30 in Shanghai are two days, though the same in UTC."""
    configure(crm)
    who = customer(crm)
    late = datetime(2026, 3, 1, 15, 30, tzinfo=UTC)
    for when in (late, late + timedelta(hours=1), late + timedelta(minutes=1)):
        buy(crm, who, when, "1.00")
    assert [3, 2] == facts(crm, who, "purchase.count", "purchase.days")


def test_money_is_converted_at_the_rate_of_the_day(crm: CRM) -> None:
    """By the last rate from that day or before, or the inverse of the inverse one; what has no rate is counted."""
    configure(crm)
    who = customer(crm)
    for currency, base, since, rate in (
        ("USD", "CNY", date(2026, 3, 1), "7.1"),
        ("USD", "CNY", date(2026, 3, 5), "7.25"),
        ("CNY", "JPY", date(2026, 1, 1), "20.5"),
        ("KWD", "CNY", date(2026, 1, 1), "23.4567891"),
    ):
        crm.run(SYSTEM, "currency_rate.set", {"currency": currency, "base": base, "valid_from": since, "rate": rate})
    buy(crm, who, datetime(2026, 3, 4, 15, 59, tzinfo=UTC), "10.05", "USD")  # still the 4th in Shanghai: 71.355
    buy(crm, who, datetime(2026, 3, 4, 16, 0, tzinfo=UTC), "10.00", "USD")  # 72.50
    buy(crm, who, day(1), "1000", "JPY")  # 48.780…
    buy(crm, who, day(1), "1.005", "KWD")  # 23.57407…
    buy(crm, who, day(1), "5.00", "EUR")
    buy(crm, who, day(-10), "5.00", "USD")  # before the first rate
    assert [7136 + 7250 + 4878 + 2357, 2] == facts(crm, who, "purchase.amount", "purchase.unconverted")


def test_halves_are_rounded_to_even(crm: CRM) -> None:
    """As money is converted everywhere."""
    configure(crm)
    who, other = customer(crm), customer(crm, "Wang")
    crm.run(
        SYSTEM, "currency_rate.set", {"currency": "USD", "base": "CNY", "valid_from": date(2026, 1, 1), "rate": "0.5"}
    )
    buy(crm, who, day(1), "0.05", "USD")
    buy(crm, other, day(1), "0.07", "USD")
    assert [[2], [4]] == [facts(crm, each, "purchase.amount") for each in (who, other)]


def test_an_amount_that_no_sum_could_hold_is_not_converted(crm: CRM) -> None:
    """It is counted as such, and breaks nobody's figures."""
    configure(crm)
    who = customer(crm)
    for _number in range(2):
        buy(crm, who, day(1), "90000000000000000")
    buy(crm, who, day(1), "3")
    assert [300, 2] == facts(crm, who, "purchase.amount", "purchase.unconverted")


def test_categories_stand_for_all_below_them(crm: CRM) -> None:
    """Lines count for their category and those above; a purchase counts once."""
    configure(crm)
    tea = crm.run(SYSTEM, "product_category.create", {"name": "tea", "title": "Tea"})
    crm.run(SYSTEM, "product_category.create", {"name": "green", "title": "Green tea", "parent_id": tea.id})
    crm.run(SYSTEM, "product_category.create", {"name": "cups", "title": "Cups"})
    for sku, category, kind in (("T1", "tea", "main"), ("G1", "green", "new"), ("C1", "cups", "addon")):
        crm.run(SYSTEM, "product.create", {"sku": sku, "title": sku, "category": category, "kind": kind})
    who = customer(crm)
    for when, lines in (
        (day(0), [("T1", "10"), ("G1", "5")]),
        (day(1), [("C1", "100")]),
        (day(2), [("G1", "7"), ("C1", "1")]),
    ):
        given = [{"sku": sku, "amount": amount} for sku, amount in lines]
        record(crm, who, "purchase", when, currency="CNY", lines=given)
    asked = ('purchase.category_count["tea"]', 'purchase.category_amount["tea"]', 'purchase.category_amount["green"]')
    assert [2, 2200, 1200] == facts(crm, who, *asked)
    assert [2, 10100, day(2)] == facts(
        crm, who, 'purchase.kind_count["addon"]', 'purchase.kind_amount["addon"]', 'purchase.kind_last_at["addon"]'
    )
    assert [1, 1000] == facts(crm, who, 'purchase.product_count["T1"]', 'purchase.product_amount["T1"]')
    assert ["cups", "addon"] == facts(crm, who, "purchase.favourite_category", "purchase.favourite_kind")


# --- usage and interactions ------------------------------------------------------------------------------------------


def test_interactions_by_channel_and_kind(crm: CRM) -> None:
    """Each key is counted for itself, in one pass with all of them."""
    configure(crm)
    who = customer(crm)
    record(crm, who, "call", day(0), direction="in")
    record(crm, who, "call", day(3), direction="out")
    record(crm, who, "note", day(4))
    reverse(crm, record(crm, who, "email", day(5)))
    names = ("count", "first_at", "last_at", "last_inbound_at", "last_outbound_at")
    assert [3, day(0), day(4), day(0), day(3)] == facts(crm, who, *(f"interaction.{name}" for name in names))
    asked = ('kind_count["call"]', 'kind_last_at["call"]', 'channel_count["phone"]', 'kind_count["email"]')
    assert [2, day(3), 2, 0] == facts(crm, who, *(f"interaction.{name}" for name in asked))


def test_usage_by_feature(crm: CRM) -> None:
    """The features are those of the payload."""
    configure(crm)
    who = customer(crm)
    for days, feature in ((0, "export"), (1, "导出"), (1.1, "export")):
        record(crm, who, "usage", day(days), payload={"feature": feature})
    assert [3, 2, day(0), day(1.1)] == facts(crm, who, "usage.count", "usage.days", "usage.first_at", "usage.last_at")
    assert [2, day(1)] == facts(crm, who, 'usage.feature_count["export"]', 'usage.feature_last_at["导出"]')


# --- the customer's own record ---------------------------------------------------------------------------------------


def test_the_profile(crm: CRM) -> None:
    """The customer's own columns, with the age band of the year."""
    configure(crm)
    who = customer(crm, city="杭州", country="CN", birth_date=date(1993, 5, 17), source="fair", tags=["vip", "茶", "a"])
    names = ("kind", "standing", "name", "country", "city", "source", "birthday", "born_from", "age_band")
    assert ["person", "potential", "Li Wei", "CN", "杭州", "fair", "05-17", 1990, "32-36"] == facts(
        crm, who, *(f"customer.{name}" for name in names), as_of=None
    )
    assert [["a", "vip", "茶"], [], None] == facts(crm, who, "customer.tags", "customer.interests", "customer.owner")


def test_contact_points(crm: CRM) -> None:
    """Whether there are any, and how many."""
    who = customer(crm, email="li@example.com", phone="+8613800138000")
    assert [True, True, False, 2, 1] == facts(
        crm, who, "contact.has_email", "contact.has_phone", "contact.has_web", "contact.points", "contact.email_count"
    )


def test_consent_is_what_was_said_last(crm: CRM) -> None:
    """Of the channel's own entries and those for every channel; an expired one allows nothing."""
    configure(crm)
    who = customer(crm)
    for when, channel, granted, expires in (
        (day(0), "*", True, None),
        (day(1), "email", False, None),
        (day(2), "sms", True, day(3)),
    ):
        given = {"purpose": "marketing", "channel": channel, "granted": granted, "occurred_at": when}
        crm.run(SYSTEM, "consent.record", {**given, **({"expires_at": expires} if expires else {})}, target=who)
    asked = [f'consent.granted["marketing{channel}"]' for channel in ("", "/phone", "/email", "/sms")]
    assert [True, True, False, False] == facts(crm, who, *asked)
    assert [True, True, False, True] == facts(crm, who, *asked, as_of=day(2.5))
    assert [day(1), None] == facts(crm, who, 'consent.since["marketing/email"]', 'consent.since["news"]')


def test_custom_fields_are_facts_of_their_type_and_class(crm: CRM) -> None:
    """What is sealed is none."""
    configure(crm)
    for name, type_ in (
        ("level", "integer"),
        ("rate", "decimal"),
        ("wants", "boolean"),
        ("since", "date"),
        ("seen", "instant"),
        ("note", "text"),
    ):
        given = {"resource": "customer", "name": name, "title": name, "type": type_, "field_class": "internal"}
        crm.run(SYSTEM, "custom_field.create", given)
    crm.run(SYSTEM, "custom_field.create", {"resource": "customer", "name": "hidden", "title": "H", "type": "text"})
    given = {
        "level": 3,
        "rate": "0.1234567",
        "wants": True,
        "since": "2025-02-03",
        "seen": START,
        "note": "好",
        "hidden": "x",
    }
    who, other = customer(crm, custom=given), customer(crm, "Wang")
    names = [f"custom.{name}" for name in ("level", "rate", "wants", "since", "seen", "note")]
    assert [3, Decimal("0.123457"), True, date(2025, 2, 3), START, "好"] == facts(crm, who, *names)
    assert [None] * 6 == facts(crm, other, *names)
