"""Opportunities out of files: from other systems, with their past and whatever their stages are called."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from crmkit_sales.pipelines.models import Opportunity, OpportunityState
from sqlalchemy import func, select

from crmkit import Customer, moment_of, values_of
from crmkit.app import CRM
from crmkit.errors import InvalidInput, MappingError
from tests.exchange.importing import ACTOR, figures, load, write_rows

SAMPLES = Path(__file__).parents[3] / "data" / "import-samples"


def accounts(crm: CRM) -> None:
    """Add the accounts that the sample's opportunities name, by their ids there."""
    rows = (SAMPLES / "salesforce_opportunity.csv").read_text("utf-8").splitlines()[1:]
    for id_ in sorted({line.split('","')[2] for line in rows if line.startswith('"006')}):
        values = {"name": f"Account {id_}", "kind": "organization"}
        identifiers = [{"source": "salesforce", "external_id": id_}]
        crm.run(ACTOR, "customer.create", {**values, "identifiers": identifiers})


def read(crm: CRM, query: Any) -> Any:
    """Return the first value of a query."""
    with crm.session(ACTOR) as session:
        return session.scalar(query)


def test_salesforce_opportunities_sum_as_published(lite: CRM) -> None:
    """38 rows, 6,270,000 in all, 8 of them won: as the sample's own figures say; a second time nothing is added."""
    accounts(lite)
    report = load(lite, SAMPLES / "salesforce_opportunity.csv", currency="USD")
    assert figures(report) == (38, 38, 0, 0, 0)
    assert read(lite, select(func.sum(Opportunity.amount_minor))) == 627_000_000
    with lite.session(ACTOR) as session:
        kinds = dict(
            session.execute(select(Opportunity.stage_kind, func.count()).group_by(Opportunity.stage_kind)).all()
        )
        stages = dict(session.execute(select(Opportunity.stage, func.count()).group_by(Opportunity.stage)).all())
    assert kinds == {"open": 30, "won": 8}
    # Prospecting and needs analysis; value proposition, decision makers and quotes; negotiations.
    assert stages == {"qualification": 10, "proposal": 16, "negotiation": 4, "won": 8}
    again = load(lite, SAMPLES / "salesforce_opportunity.csv", currency="USD", again=True)
    assert figures(again) == (38, 0, 0, 38, 0)


def test_what_was_won_was_won_then(lite: CRM) -> None:
    """Its history begins and ends in the past: before it closed it is in no figure of what was won."""
    accounts(lite)
    load(lite, SAMPLES / "salesforce_opportunity.csv", currency="USD")
    first = select(OpportunityState.since).where(OpportunityState.stage_kind == "won").order_by(OpportunityState.since)
    won_at = read(lite, first)
    assert won_at.date() <= date(2005, 11, 9)
    with lite.session(ACTOR) as session:
        ids = list(session.scalars(select(Customer.id)))

        def won(day: date) -> int:
            values = values_of(session, [fact("sales.won_count")], ids, moment_of(session, day))
            return sum(each["sales.won_count"] for each in values.values())

        assert (won(date(2005, 1, 1)), won(date(2030, 1, 1))) == (0, 8)


def fact(name: str) -> Any:
    """Return the reference to a fact."""
    from crmkit.engines.expressions.symbols import FactRef

    return FactRef(name=name)


HEADINGS = ("Deal Name", "Account Name", "Stage", "Amount", "Currency", "Close Date", "Probability")


@pytest.mark.parametrize(
    ("said", "percent", "expected"),
    [
        ("Proposal", "", "proposal"),
        ("赢单", "", "won"),
        ("Closed Lost", "", "lost"),
        ("Demo Scheduled", "", "qualification"),
        ("our own words", "85 %", "negotiation"),
        ("our own words", "5", "qualification"),
        ("", "", "qualification"),
    ],
)
def test_stages_of_other_systems(lite: CRM, said: str, percent: str, expected: str) -> None:
    """By name or title, by words for an end, by how likely they say it is, by what is usual for a name."""
    ada = lite.run(ACTOR, "customer.create", {"name": "Ada"}).id
    values = {"customer_id": ada, "title": "Chairs", "stage": said, "percent": percent}
    assert lite.run(ACTOR, "sales.opportunity.import", values).stage == expected


def test_a_stage_that_says_nothing_is_refused(lite: CRM) -> None:
    """With the stages that there are, so that the row can be mended."""
    ada = lite.run(ACTOR, "customer.create", {"name": "Ada"}).id
    with pytest.raises(InvalidInput, match="no stage that is known here") as caught:
        lite.run(ACTOR, "sales.opportunity.import", {"customer_id": ada, "title": "Chairs", "stage": "our own words"})
    assert [problem.field for problem in caught.value.problems] == ["stage"]


def test_rows_that_cannot_be_told_come_back(lite: CRM, tmp_path: Path) -> None:
    """Each with its reason; the others go in."""
    lite.run(ACTOR, "customer.create", {"name": "Acme", "kind": "organization"})
    rows = [
        ("One", "Acme", "Proposal", "1,000.50", "EUR", "2030-01-31", "50"),
        ("Two", "Nobody", "Proposal", "5", "EUR", "2030-01-31", "50"),
        ("Three", "Acme", "who knows", "5", "EUR", "2030-01-31", ""),
        ("", "Acme", "Proposal", "5", "EUR", "2030-01-31", "50"),
    ]
    path = write_rows(tmp_path / "deals.csv", HEADINGS, rows)
    report = load(lite, path, resource="sales.opportunity")
    assert figures(report) == (4, 1, 0, 0, 3)
    assert read(lite, select(Opportunity.amount_minor).where(Opportunity.title == "One")) == 100_050
    assert {reason.split(".")[0] for reason in report.reasons} == {
        "No customer is known by this",
        '"{stage}" is no stage that is known here',
        "This is required",
    }


def test_without_a_plugin_for_it_a_file_of_deals_is_refused(kernel: CRM) -> None:
    """The file is recognised all the same, and what could be done is said."""
    with pytest.raises(MappingError, match="No plugin that is enabled"):
        load(kernel, SAMPLES / "salesforce_opportunity.csv")
