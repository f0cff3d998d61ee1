"""Reports: what they count, as of when, for whom, and what they leave in the audit log."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crmkit.core.operations.tables import AuditRecord
from crmkit.core.store.guard import region
from crmkit.engines.reports.documents import document
from crmkit.engines.reports.running import reports, rows_behind
from crmkit.engines.reports.values import ReportRun
from crmkit.errors import InvalidInput, Refused, UnknownFigure, UnknownReport
from crmkit.hooks.contributions import Column, Figure, Period, Report, Table
from tests.engines.reports.conftest import JUNE, MAY, Shop
from tests.security.world import SYSTEM


def column(run: ReportRun, name: str) -> dict[str, Any]:
    """Return a column's values by the keys of rows."""
    return {row.key: run.cell(row.key, name).value for row in run.rows}


# --- what is counted -------------------------------------------------------------------------------------------------


def test_customers_by_label_add_up_and_have_intervals(shop: Shop) -> None:
    """Each label has its customers, their share of all, and Wilson's interval; who has none is counted, too."""
    found = shop.run("customer.by_label", dimension="buyer")
    assert column(found, "customers") == {"much": 2, "little": 1, "-": 5}
    share = found.cell("much", "share")
    assert share.value == pytest.approx(0.25)
    assert share.interval is not None
    # Wilson's interval for 2 of 8, by hand.
    assert (share.interval.low, share.interval.high) == (
        pytest.approx(0.0715, abs=1e-3),
        pytest.approx(0.5907, abs=1e-3),
    )
    assert found.cell("total", "customers").value == 8


def test_a_condition_narrows_a_report(shop: Shop) -> None:
    """The share is of those who are looked at."""
    found = shop.run("customer.by_label", dimension="buyer", where="purchase.count >= 1")
    assert column(found, "customers") == {"much": 2, "little": 1}
    assert found.cell("little", "share").value == pytest.approx(1 / 3)


def test_purchases_are_divided_by_the_companys_months(own: Shop) -> None:
    """Gross and net by month; what was bought at midnight in Shanghai belongs to the new month there."""
    own.buy("Hal", 7, datetime(2026, 5, 31, 16, 30, tzinfo=UTC))
    own.buy("Fay", 40, JUNE + timedelta(days=1), kind="refund")
    found = own.run("purchase.summary", period="2026-04-01..2026-06-30")
    assert column(found, "amount") == {"2026-04": 0, "2026-05": 12_000, "2026-06": 35_700}
    assert column(found, "net") == {"2026-04": 0, "2026-05": 12_000, "2026-06": 31_700}
    assert column(found, "customers") == {"2026-04": 0, "2026-05": 2, "2026-06": 3}
    assert found.cell("total", "customers").value == 4


def test_a_reversed_purchase_does_not_count_from_then_on(own: Shop) -> None:
    """By what was known before the reversal it still does."""
    identity = own.buy("Gus", 1000)
    known = own.crm.clock.now()
    own.crm.run(SYSTEM, "interaction.reverse", {"reason": "mistake"}, target=identity)
    assert own.run("purchase.summary", period="2026-06").cell("total", "amount").value == 35_000
    earlier = own.run("purchase.summary", period="2026-06", times={"known_at": known})
    assert earlier.cell("total", "amount").value == 135_000


def test_purchases_stand_beside_the_period_before(shop: Shop) -> None:
    """Month by month in their order, with the change as a part of what was."""
    found = shop.run("purchase.summary", period="2026-06", compare="period")
    assert column(found, "before") == {"2026-06": 12_000}
    assert found.cell("2026-06", "change").value == pytest.approx((35_000 - 12_000) / 12_000)


def test_months_that_have_not_begun_are_no_rows(shop: Shop) -> None:
    """As of the end of April the year has four months."""
    found = shop.run("purchase.summary", period="2026", times={"as_of": date(2026, 4, 30)})
    assert [row.key for row in found.rows] == ["2026-01", "2026-02", "2026-03", "2026-04"]


def test_purchases_by_category_count_their_lines(own: Shop) -> None:
    """An invoice with two categories counts in both, with the amounts of its lines; one without lines in none."""
    for name in ("tea", "cups"):
        category = own.crm.run(SYSTEM, "product_category.create", {"name": name, "title": name.title()})
        values = {
            "sku": name,
            "title": name,
            "category_id": str(category.id),
            "kind": "addon" if name == "cups" else "main",
        }
        own.crm.run(SYSTEM, "product.create", values)
    lines = [{"sku": "tea", "quantity": 1, "amount": "30.00"}, {"sku": "cups", "quantity": 2, "amount": "12.00"}]
    values = {"kind": "purchase", "customer_id": str(own.ids["Gus"]), "lines": lines, "occurred_at": JUNE.isoformat()}
    own.crm.run(SYSTEM, "interaction.record", values)
    found = own.run("purchase.summary", period="2026-06", by="category")
    assert column(found, "amount") == {"-": 35_000, "cups": 1200, "tea": 3000}
    assert column(found, "purchases") == {"-": 2, "cups": 1, "tea": 1}
    kinds = own.run("purchase.summary", period="2026-06", by="kind")
    assert column(kinds, "amount") == {"-": 35_000, "addon": 1200, "main": 3000}


def test_labels_over_time_come_from_their_history(own: Shop) -> None:
    """A label that came later is not there before; units that have not begun are left out."""
    found = own.run("customer.over_time", dimension="buyer", period="this month", unit="month")
    (row,) = found.rows
    assert column(found, "much") == {row.key: 2}
    long_ago = own.run("customer.over_time", dimension="buyer", period="last year", unit="year")
    assert [each.cells[1].value for each in long_ago.rows] == [0]


# --- as of when ------------------------------------------------------------------------------------------------------


def test_an_old_as_of_gives_the_old_numbers(own: Shop) -> None:
    """Whatever happens afterwards: more purchases, other labels, a customer who is gone."""
    then = own.crm.clock.now()
    times = {"as_of": then, "known_at": then}
    labels = own.run("customer.by_label", dimension="buyer", times=times)
    purchases = own.run("purchase.summary", period="2026", times=times)
    own.buy("Hal", 900, MAY)
    own.buy("Cai", 5, MAY)
    own.crm.run(SYSTEM, "classification.run", {"dimensions": ["buyer"]})
    own.crm.run(SYSTEM, "customer.delete", target=own.ids["Eve"])
    assert column(own.run("customer.by_label", dimension="buyer"), "customers") == {"much": 3, "little": 2, "-": 2}
    assert own.run("customer.by_label", dimension="buyer", times=times).rows == labels.rows
    again = own.run("purchase.summary", period="2026", times=times)
    assert (again.rows, again.totals) == (purchases.rows, purchases.totals)


def test_a_day_means_its_end_where_the_company_is(shop: Shop) -> None:
    """As of the day before the June purchases there are those of May alone."""
    found = shop.run("purchase.summary", period="2026-05-01..2026-06-30", times={"as_of": date(2026, 6, 9)})
    assert column(found, "amount") == {"2026-05": 12_000, "2026-06": 0}
    assert document(found)["as_of"] == "2026-06-09T15:59:59.999999Z"


# --- for whom --------------------------------------------------------------------------------------------------------


def test_a_reader_counts_what_he_may_see(shop: Shop) -> None:
    """Nora counts the north; the report says that it covers what she may see."""
    found = shop.run("customer.by_label", shop.nora, dimension="buyer")
    assert column(found, "customers") == {"much": 1, "little": 1, "-": 3}
    assert (found.scope, found.smallest) == ("visible", None)
    assert shop.run("purchase.summary", shop.nora, period="2026-06").cell("total", "amount").value == 5000


def test_report_all_counts_everything_and_withholds_few(shop: Shop) -> None:
    """The analyst sees nobody's name, so groups of fewer than five are withheld, with one that would tell of them: the
    sum without it is that of three customers."""
    found = shop.run("customer.by_label", shop.analyst, dimension="buyer")
    assert (found.scope, found.smallest) == ("all", 5)
    assert [row.cells[1].withheld for row in found.rows] == [True, True, True]
    assert found.totals is not None
    assert found.totals.cells[1].value == 8
    assert found.cell("much", "share").interval is None
    assert any("fewer than 5" in note for note in document(found)["notes"])


def test_who_may_see_each_can_withhold_for_others(shop: Shop) -> None:
    """A report that is to be published leaves few out, also for who sees them."""
    from crmkit.engines.reports.running import run

    with shop.crm.session(SYSTEM) as session:
        found = run(session, "customer.by_label", {"dimension": "buyer"}, smallest=3)
    assert found.smallest == 3
    assert [row.cells[1].withheld for row in found.rows] == [True, True, False]


def test_without_the_right_a_report_is_refused_and_that_is_audited(own: Shop) -> None:
    """Paul is not told which reports there are."""
    with pytest.raises(Refused, match=r"report\.read"):
        own.run("customer.by_label", own.paul, dimension="buyer")
    with own.crm.session(own.paul) as session:
        assert reports(session) == {}
    assert ("refused", own.paul.id) in audited(own, "report.run")


def audited(shop: Shop, operation: str) -> list[tuple[str, str]]:
    """Return outcome and actor of the audit records of an operation."""
    with shop.crm.session(SYSTEM) as session, region(session, "a test"):
        query = select(AuditRecord.outcome, AuditRecord.actor_id).where(AuditRecord.operation == operation)
        return [(outcome, actor) for outcome, actor in session.execute(query)]


def test_a_run_is_audited_without_what_conditions_say(own: Shop) -> None:
    """Which report, as of when and how many rows; a condition may tell about somebody and is kept as a hash."""
    own.run("customer.by_label", own.nora, dimension="buyer", where='customer.name == "Ann"')
    with own.crm.session(SYSTEM) as session, region(session, "a test"):
        (details,) = session.scalars(select(AuditRecord.details).where(AuditRecord.operation == "report.run"))
    assert '"report":"customer.by_label"' in (details or "").replace(" ", "")
    assert '"buyer"' in (details or "")
    assert "Ann" not in (details or "")
    assert "sha256:" in (details or "")


# --- rows behind -----------------------------------------------------------------------------------------------------


def behind(shop: Shop, name: str, row: str, column: str, actor: Any = SYSTEM, **values: Any) -> ReportRun:
    """Return the rows behind a figure."""
    with shop.crm.session(actor) as session:
        return rows_behind(session, name, Figure(row=row, column=column), values)


def test_the_rows_behind_a_figure_make_it(shop: Shop) -> None:
    """As many customers as were counted, and purchases whose amounts add up to the sum."""
    found = behind(shop, "customer.by_label", "much", "customers", dimension="buyer")
    assert {row.cells[1].value for row in found.rows} == {"Ann", "Fay"}
    listed = behind(shop, "purchase.summary", "2026-06", "amount", period="2026-06")
    assert sorted(row.cells[4].value for row in listed.rows) == ["300.00 CNY", "50.00 CNY"]
    whole = behind(shop, "purchase.summary", "total", "purchases", period="2026")
    assert len(whole.rows) == 4


def test_the_rows_behind_a_figure_are_the_readers(shop: Shop) -> None:
    """Nora gets the north; the analyst, who counts all, gets names masked."""
    found = behind(shop, "customer.by_label", "much", "customers", shop.nora, dimension="buyer")
    assert [row.cells[1].value for row in found.rows] == ["Ann"]
    masked = behind(shop, "customer.by_label", "much", "customers", shop.analyst, dimension="buyer")
    assert "Ann" not in str(document(masked))


def test_a_figure_that_there_is_not_has_no_rows(shop: Shop) -> None:
    """The number of customers of a month is no list of purchases."""
    with pytest.raises(UnknownFigure):
        behind(shop, "purchase.summary", "2026-06", "customers", period="2026-06")
    with pytest.raises(UnknownFigure, match="no row"):
        shop.run("purchase.summary", period="2026-06").cell("2030-01", "amount")


# --- parameters ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "values", "field", "hint"),
    [
        ("customer.by_label", {"dimension": "buyr"}, "dimension", "buyer"),
        ("customer.by_label", {}, "dimension", ""),
        ("customer.by_label", {"dimension": "buyer", "where": "purchase.cout > 1"}, "where", "purchase.count"),
        ("purchase.summary", {"period": "soon"}, "period", "2026-Q3"),
        ("purchase.summary", {"period": "2026", "by": "mounth"}, "by", "month"),
        ("purchase.summary", {"period": "2026", "colour": "red"}, "colour", "compare"),
        ("purchase.summary", {"period": "1900-01-01..2026-01-01", "by": "day"}, "by", ""),
    ],
)
def test_a_wrong_parameter_is_named_with_what_is_right(
    shop: Shop, name: str, values: dict[str, Any], field: str, hint: str
) -> None:
    """Each mistake names its field, and what was probably meant."""
    with pytest.raises(InvalidInput) as caught:
        shop.run(name, **values)
    (problem,) = caught.value.problems
    assert problem.field == field
    assert hint in problem.render()


def test_every_mistake_is_named_at_once(shop: Shop) -> None:
    """A period and a choice that are wrong are two problems."""
    with pytest.raises(InvalidInput) as caught:
        shop.run("purchase.summary", period="soon", compare="never")
    assert {problem.field for problem in caught.value.problems} == {"period", "compare"}


def test_an_unknown_report_is_answered_with_the_nearest(shop: Shop) -> None:
    """Did you mean."""
    with pytest.raises(UnknownReport, match=r"customer\.by_label"):
        shop.run("customer.by_labels", dimension="buyer")


# --- reports of plugins ----------------------------------------------------------------------------------------------


def test_a_plugin_needs_a_function_and_no_more(own: Shop) -> None:
    """Rows as mappings, parameters of its own; columns are made from the rows, which are numbered for want of a key."""
    own.crm.registry.add(
        "crmkit",
        "report",
        [
            Report(
                name="test.days",
                title="Days",
                parameters=Period,
                rows=lambda session, parameters, moment: [
                    {"kind": "a", "day": parameters.first},
                    {"kind": "a", "day": parameters.last},
                ],
            )
        ],
    )
    found = own.run("test.days", first="2026-01-01", last="2026-01-02")
    assert [row.key for row in found.rows] == ["1", "2"]
    assert [column.name for column in found.columns] == ["kind", "day"]
    with pytest.raises(InvalidInput, match="ends before it begins"):
        own.run("test.days", first="2026-01-02", last="2026-01-01")


def test_a_report_without_history_says_so(own: Shop) -> None:
    """It is not run as of an earlier time."""
    now = Report(name="test.now", title="Now", rows=lambda *_: Table(rows=[]), temporal=False)
    own.crm.registry.add("crmkit", "report", [now])
    assert own.run("test.now").rows == ()
    with pytest.raises(InvalidInput, match="no history"):
        own.run("test.now", times={"as_of": date(2026, 1, 1)})


def test_sums_stand_under_the_columns_that_add_up(own: Shop) -> None:
    """Rates are made from the sums, never added up."""
    columns = [
        Column(name="team", title="Team"),
        Column(name="won", title="Won", kind="integer", total=True),
        Column(name="tried", title="Tried", kind="integer", total=True),
        Column(name="rate", title="Rate", kind="rate", successes="won", trials="tried"),
    ]
    rows = [{"team": "a", "won": 1, "tried": 4}, {"team": "b", "won": 3, "tried": 4}]
    own.crm.registry.add(
        "crmkit", "report", [Report(name="test.won", title="W", rows=lambda *_: rows, columns=columns)]
    )
    found = own.run("test.won")
    assert [found.cell("total", name).value for name in ("won", "tried", "rate")] == [4, 8, 0.5]
