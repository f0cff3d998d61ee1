"""Contracts: their days, notice, reminders that come once, renewals on the day, and what recurs."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from crmkit_sales.contracts.errors import ContractState, NoticeTooLate
from crmkit_sales.contracts.models import Contract, ContractFile
from crmkit_sales.contracts.reports import RenewalParameters, recurring_rows, renewal_rows
from crmkit_sales.pipelines.models import Opportunity
from crmkit_work.api import Task

from crmkit import InvalidInput, Period, open_attachment
from crmkit.testing.workbench import emitted
from tests.plugins.sales.orders.desk import SYSTEM, Desk


def day(text: str) -> datetime:
    """Return noon of a day in Shanghai."""
    return datetime.fromisoformat(f"{text}T04:00:00+00:00").astimezone(UTC)


def tick(desk: Desk, on: str) -> Any:
    """Let the job of a day run, on that day."""
    desk.clock.set(day(on))
    return desk.run("sales.contract.tick", by=SYSTEM)


def terms(desk: Desk) -> list[tuple[str, str, date, date | None]]:
    """Return all terms: label, state, first and last day."""
    found = desk.all(Contract, Contract.number, Contract.term)
    return [(each.label, each.state, each.start_on, each.end_on) for each in found]


def test_days_follow_from_the_months(lite: Desk) -> None:
    """The end from the months, the last day of notice from the end, the reminder from that."""
    found = lite.contract(start_on="2035-01-31", term_months=1, notice_days=7, remind_days=3, active=False)
    assert (found.end_on, found.notice_by, found.remind_on) == (date(2035, 2, 28), date(2035, 2, 21), date(2035, 2, 18))
    changed = lite.run("sales.contract.update", {"start_on": "2035-03-01", "term_months": 12}, target=found.id)
    assert (changed.end_on, changed.notice_by) == (date(2036, 2, 29), date(2036, 2, 22))
    endless = lite.contract(active=False)
    assert (endless.end_on, endless.notice_by) == (None, None)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"renewal": "automatic"}, "term_months"),
        ({"renewal": "sometimes"}, "renewal"),
        ({"title": "  "}, "title"),
        ({"term_months": 0}, "term_months"),
        ({"start_on": "2299-01-01", "term_months": 600}, "start_on"),
        ({"value_minor": 1, "currency": "XXQ"}, None),
    ],
)
def test_bad_input_is_named(lite: Desk, values: dict[str, Any], field: str | None) -> None:
    """What renews itself has an end; choices are choices."""
    with pytest.raises(InvalidInput) as caught:
        lite.contract(active=False, **values)
    assert [each.field for each in caught.value.problems] == [field]


def test_what_was_agreed_on_stays(lite: Desk) -> None:
    """Of an active contract days and value do not change; what happens at the end can."""
    found = lite.contract(term_months=12, value_minor=1_000)
    with pytest.raises(ContractState, match="agreed on"):
        lite.run("sales.contract.update", {"value_minor": 2_000}, target=found.id)
    changed = lite.run("sales.contract.update", {"renewal": "none", "value_minor": 1_000}, target=found.id)
    assert (changed.renewal, changed.notice_by) == ("none", date(2035, 12, 31))


def test_the_owner_is_told_once(desk: Desk) -> None:
    """However often and however late the job runs; a second last day of notice is told of anew."""
    found = desk.contract(term_months=12, renewal="automatic", notice_days=30, remind_days=14)
    assert tick(desk, "2035-11-16").contracts == 0
    assert [tick(desk, on).contracts for on in ("2035-11-18", "2035-11-18", "2035-11-25")] == [1, 0, 0]
    (task,) = desk.all(Task)
    assert (task.owner_id, task.ref) == (desk.people["sam"].user_id, f"sales.contract:{found.id}")
    assert task.due_at == datetime(2035, 12, 1, 4, tzinfo=UTC)
    assert "2036-01-01" in task.title
    assert "2035-12-01" in task.title
    assert [each["notice_by"] for each in emitted(desk.crm, "sales.contract.reminded")] == ["2035-12-01"]


def test_what_renews_itself_is_renewed_on_the_day(desk: Desk) -> None:
    """Once; a job that comes years late makes every term that was missed, and tells of the last one alone."""
    desk.contract(start_on="2035-01-31", term_months=1, renewal="automatic", notice_days=3, remind_days=0)
    assert tick(desk, "2035-02-28").contracts == 1
    assert [each[0] for each in terms(desk)] == ["C-1"]
    assert [tick(desk, "2035-03-01").contracts for _time in range(2)] == [1, 0]
    tick(desk, "2035-05-15")
    assert terms(desk) == [
        ("C-1", "renewed", date(2035, 1, 31), date(2035, 2, 28)),
        ("C-1/2", "renewed", date(2035, 3, 1), date(2035, 3, 30)),
        ("C-1/3", "renewed", date(2035, 3, 31), date(2035, 4, 30)),
        ("C-1/4", "active", date(2035, 5, 1), date(2035, 5, 30)),
    ]
    assert len(desk.all(Task)) == 1


def test_notice_ends_it_with_its_term(desk: Desk) -> None:
    """In time it is not renewed; too late is refused where it renews itself, unless it is accepted all the same."""
    found = desk.contract(term_months=12, renewal="automatic", notice_days=30)
    with pytest.raises(NoticeTooLate, match="2035-12-01"):
        desk.run("sales.contract.give_notice", {"on": "2035-12-02"}, target=found.id)
    given = desk.run("sales.contract.give_notice", {"on": "2035-12-01", "reason": "Moves away"}, target=found.id)
    assert (given.state, given.notice_side, given.end_on) == ("notice_given", "customer", date(2035, 12, 31))
    back = desk.run("sales.contract.withdraw_notice", target=found.id)
    assert (back.state, back.notice_by) == ("active", date(2035, 12, 1))
    desk.run("sales.contract.give_notice", {"on": "2035-12-20", "despite_late": True}, target=found.id)
    tick(desk, "2036-01-01")
    assert [each[:2] for each in terms(desk)] == [("C-1", "ended")]
    with pytest.raises(ContractState):
        desk.run("sales.contract.renew", target=found.id)


def test_notice_to_one_without_an_end(lite: Desk) -> None:
    """It ends after its days of notice; taken back, it has no end again."""
    found = lite.contract(notice_days=60)
    assert lite.run("sales.contract.give_notice", {"side": "us"}, target=found.id).end_on == date(2035, 5, 4)
    assert lite.run("sales.contract.withdraw_notice", target=found.id).end_on is None


def test_who_has_to_renew_gets_an_opportunity(desk: Desk) -> None:
    """With the reminder, worth the next term; once it is won the contract is renewed, one time."""
    found = desk.contract(term_months=12, value_minor=50_000, period="quarter", notice_days=0, remind_days=30)
    tick(desk, "2035-12-01")
    (deal,) = desk.all(Opportunity)
    assert (deal.amount_minor, deal.currency, deal.expected_close) == (200_000, "CNY", date(2035, 12, 31))
    assert desk.run("sales.contract.open_renewal", target=found.id).id == deal.id
    desk.run("sales.opportunity.win", target=deal.id)
    desk.work()
    assert [each[:2] for each in terms(desk)] == [("C-1", "renewed"), ("C-1/2", "active")]
    with pytest.raises(ContractState):
        desk.run("sales.contract.renew", target=found.id)


def test_what_is_not_renewed_ends(desk: Desk) -> None:
    """On the day after its last one; and one that is ended early ends on that day."""
    desk.contract(term_months=2)
    early = desk.contract(term_months=12)
    with pytest.raises(InvalidInput):
        desk.run("sales.contract.end", {"reason": "Broke", "on": "2036-01-01"}, target=early.id)
    assert desk.run("sales.contract.end", {"reason": "Broke"}, target=early.id).ended_on == date(2035, 3, 5)
    tick(desk, "2035-03-06")
    ended = [(each.state, each.ended_on) for each in desk.all(Contract, Contract.number)]
    assert ended == [("ended", date(2035, 2, 28)), ("ended", date(2035, 3, 5))]


def test_what_recurs_is_a_fact_of_the_day(desk: Desk) -> None:
    """By days and not by states: before the first day nothing, with notice until the last one; rates that are missing
    are counted."""
    names = ("contract_count", "arr", "mrr", "contracts_unconverted", "next_contract_end", "contracts_under_notice")
    found = desk.contract(term_months=12, value_minor=1_000, period="month")
    desk.contract(start_on="2035-03-06", term_months=1, value_minor=999, period="quarter")
    desk.contract(value_minor=5_000, currency="USD")
    desk.contract(value_minor=77, period="once")
    assert desk.facts("lin", *names) == (3, 12_000, 1_000, 1, date(2035, 12, 31), 0)
    desk.run("sales.contract.give_notice", target=found.id)
    desk.clock.set(day("2035-03-07"))
    assert desk.facts("lin", *names) == (4, 15_996, 1_333, 1, date(2035, 4, 5), 1)
    desk.clock.set(day("2036-01-01"))
    assert desk.facts("lin", "contract_count", "arr") == (2, 0)
    assert desk.facts("ada", *names) == (0, 0, 0, 0, None, 0)


def test_files_are_kept_with_the_contract(lite: Desk) -> None:
    """They are among the customer's files, and the next term shows them too."""
    found = lite.contract(term_months=12)
    upload = {"filename": "signed.txt", "content": b"We agree."}
    kept = lite.run("sales.contract.attach", {"upload": upload}, target=found.id)
    with lite.crm.session(lite.people["sam"]) as session:
        assert open_attachment(session, kept.attachment_id).content == b"We agree."
        assert session.get_one(ContractFile, kept.id).filename == "signed.txt"


def test_the_reports_say_what_renews_and_what_moved(desk: Desk) -> None:
    """Ends by month and kind with their contracts; what recurs moves from opening to closing to the cent, and what has
    no rate is named."""
    renewed = desk.contract(term_months=3, value_minor=1_000)
    desk.run("sales.contract.renew", {"value_minor": 1_250, "months": 12}, target=renewed.id)
    desk.contract(start_on="2035-02-10", term_months=2, renewal="automatic", value_minor=500)
    desk.contract(term_months=12, value_minor=5, currency="USD")
    period = RenewalParameters(period=Period(first=date(2035, 1, 1), last=date(2035, 6, 30)))
    year = RenewalParameters(period=Period(first=date(2035, 4, 1), last=date(2036, 3, 31)))
    with desk.crm.session(desk.people["mia"]) as session:
        moved = recurring_rows(session, period, None)
        ends = renewal_rows(session, year, None)
    rows = {row["month"]: row for row in moved.rows}
    assert [rows["2035-01"][name] for name in ("opening", "new", "closing")] == [0, 12_000, 12_000]
    assert [rows["2035-02"][name] for name in ("opening", "new", "closing")] == [12_000, 6_000, 18_000]
    assert [rows["2035-04"][name] for name in ("opening", "increased", "ended", "closing")] == [
        18_000,
        3_000,
        -6_000,
        15_000,
    ]
    for row in moved.rows:
        assert row["opening"] + row["new"] + row["increased"] + row["decreased"] + row["ended"] == row["closing"]
    assert [note.values for note in moved.notes] == [{"count": 1, "currencies": "USD"}]
    found = {row["month"]: (row["count"], row["automatic"], row["manual"]) for row in ends.rows if row["count"]}
    assert found == {"2035-04": (1, 6_000, 0), "2035-12": (1, 0, 0), "2036-03": (1, 0, 15_000)}
