"""Facts of purchases agree with what is published about two sets of data: orders of the R package rfm, and the packaged
year of online retail. Licences: ``tests/data/README.md`` and ``crmkit/demo/data/NOTICE.md``."""

from __future__ import annotations

import csv
import json
import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crmkit import CRM
from crmkit.demo import dataset
from crmkit.engines.facts.frame import frame
from crmkit.engines.facts.moments import moment_of
from tests.conftest import Scale
from tests.engines.facts.support import SYSTEM, configure

ORDERS = Path(__file__).parents[2] / "data" / "rfm-orders"
PUBLISHED = json.loads((Path(__file__).parents[2] / "demo" / "published.json").read_text("utf-8"))
RFM = ("purchase.last_at", "purchase.count", "purchase.amount")


def customers(crm: CRM, numbers: Iterable[int]) -> dict[int, UUID]:
    """Add customers and return their ids by number."""
    wanted = sorted(numbers)
    made = crm.run_many(SYSTEM, "customer.create", [{"name": f"C{number}"} for number in wanted])
    return {number: outcome.result for number, outcome in zip(wanted, made, strict=True)}


def happened(crm: CRM, kind: str, currency: str, events: Iterable[tuple[UUID, datetime, Decimal]]) -> None:
    """Record purchases or refunds."""
    given = [
        {"kind": kind, "customer_id": who, "occurred_at": when, "amount": amount, "currency": currency}
        for who, when, amount in events
    ]
    for start in range(0, len(given), 5000):
        done = crm.run_many(SYSTEM, "interaction.record", given[start : start + 5000])
        assert [] == [outcome.problems for outcome in done if outcome.problems]


def rfm(crm: CRM, on: date) -> dict[UUID, tuple[int, int, Decimal]]:
    """Return days since the last purchase, purchases and amount of each customer who bought."""
    with crm.session(SYSTEM) as session:
        found = frame(session, RFM, where="purchase.count > 0", moment=moment_of(session, on))
        zone = found.moment.zone
        return {
            who: ((on - last.astimezone(ZoneInfo(zone)).date()).days, count, amount)
            for who, last, count, amount in found.rows()
        }


def quantiles(values: Sequence[Any]) -> list[Decimal]:
    """Return the quintiles by linear interpolation."""
    ordered = sorted(Decimal(value) for value in values)
    edges = []
    for part in range(1, 5):
        whole, rest = divmod((len(ordered) - 1) * part, 5)
        edges.append(ordered[whole] + (ordered[min(whole + 1, len(ordered) - 1)] - ordered[whole]) * rest / 5)
    return edges


# --- the orders of the R package rfm ---------------------------------------------------------------------------------


def test_the_orders_of_the_r_package(crm: CRM) -> None:
    """Recency, frequency and revenue of each customer, and the champions by its rules: 158, of 1,234 orders."""
    configure(crm, "USD", "UTC")
    with (ORDERS / "orders.csv").open(encoding="utf-8") as file:
        orders = [(int(row["customer"]), row["day"], Decimal(row["revenue"])) for row in csv.DictReader(file)]
    with (ORDERS / "expected.csv").open(encoding="utf-8") as file:
        expected = {int(row["customer"]): row for row in csv.DictReader(file)}
    ids = customers(crm, expected)
    happened(
        crm,
        "purchase",
        "USD",
        ((ids[who], datetime.combine(date.fromisoformat(day), time(12), UTC), revenue) for who, day, revenue in orders),
    )
    found = rfm(crm, date(2006, 12, 31))
    assert {
        ids[who]: (int(row["recency_days"]), int(row["orders"]), Decimal(row["revenue"]))
        for who, row in expected.items()
    } == found
    edges = [[edge + 1 for edge in quantiles([row[place] for row in found.values()])] for place in range(3)]

    def scores(row: tuple[int, int, Decimal]) -> tuple[int, int, int]:
        recency, frequency, monetary = (bisect_right(edges[place], row[place]) + 1 for place in range(3))
        return 6 - recency, frequency, monetary

    assert {
        ids[who]: (int(row["recency"]), int(row["frequency"]), int(row["monetary"])) for who, row in expected.items()
    } == {who: scores(row) for who, row in found.items()}
    champions = [row for row in found.values() if min(scores(row)) >= 4]
    assert (158, 1234, 120178) == (len(champions), sum(row[1] for row in champions), sum(row[2] for row in champions))


# --- a year of online retail -----------------------------------------------------------------------------------------


def pence(purchase: dataset.SamplePurchase) -> Decimal:
    """Return what an invoice comes to, to the penny."""
    return abs(purchase.amount).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def test_a_year_of_online_retail(crm: CRM, scale: Scale) -> None:
    """Recency, frequency and amount of the customers that are quoted; in full size of all, with the published figures.

    Cancellations are refunds: they change neither how often nor how much was bought.
    """
    configure(crm, "GBP", "Europe/London")
    published = PUBLISHED["rfm"]
    quoted = {row["customer"]: row for row in (*published["top_five"], *published["others"])}
    everything = list(dataset.purchases())
    wanted = scale(small=set(quoted), full={purchase.customer for purchase in everything})
    ids = customers(crm, wanted)
    for kind, cancelled in (("purchase", False), ("refund", True)):
        mine = (each for each in everything if each.customer in wanted and each.cancelled == cancelled and pence(each))
        happened(crm, kind, "GBP", ((ids[each.customer], each.occurred_at, pence(each)) for each in mine))
    found = rfm(crm, date.fromisoformat(published["analysis_date"]))
    assert {ids[who]: (row["recency"], row["frequency"], Decimal(row["monetary"])) for who, row in quoted.items()} == {
        ids[who]: found[ids[who]] for who in quoted
    }
    if not scale.full:
        return
    columns = {
        name: [row[place] for row in found.values()] for place, name in enumerate(("recency", "frequency", "monetary"))
    }
    clean = PUBLISHED["clean"]
    assert (clean["customers"], clean["invoices"]) == (len(found), sum(columns["frequency"]))
    assert abs(Decimal(clean["revenue"]) - sum(columns["monetary"])) <= Decimal("0.10")
    assert published["mean"] == {name: round(float(statistics.mean(values)), 4) for name, values in columns.items()}
    for name, values in columns.items():
        edges = quantiles(values)
        counts = [0] * 5
        for value in values:
            score = bisect_left(edges, value)
            counts[4 - score if name == "recency" else score] += 1
        assert published["score_counts"][name] == counts
