"""Pipelines as they are laid down, the criteria of their stages, and opportunities that are brought along."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from crmkit_sales.pipelines.errors import NotPublishable, StageRefused
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.pipelines.pipeline_models import ClosingReason, Pipeline, PipelineVersion, Stage
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.operations.worker import Worker
from crmkit.core.store.actor import Actor
from crmkit.errors import AlreadyExists, Conflict, InvalidInput
from tests.plugins.work.staff import person

BOSS = Actor.system("laying down pipelines")

Make = Callable[..., Any]


@pytest.fixture
def deal(lite: CRM) -> Make:
    """Adds opportunities of one customer."""
    ada = lite.run(BOSS, "customer.create", {"name": "Ada"}).id

    def add(title: str = "Chairs", **values: Any) -> Any:
        return lite.run(BOSS, "sales.opportunity.create", {"customer_id": ada, "title": title, **values})

    return add


def standard(crm: CRM) -> UUID:
    """Return the id of the standard pipeline."""
    with crm.session(BOSS) as session:
        found: UUID = session.scalars(select(Pipeline.id).where(Pipeline.name == "standard")).one()
        return found


def stage(crm: CRM, name: str, state: str = "draft") -> Any:
    """Return a stage of the standard pipeline's draft, or its published version."""
    with crm.session(BOSS) as session:
        query = select(Stage).join(PipelineVersion).where(Stage.name == name, PipelineVersion.state == state)
        return session.scalars(query).one()


def change(crm: CRM, which: str, **values: Any) -> None:
    """Publish the standard pipeline with a stage that was changed."""
    crm.run(BOSS, "sales.pipeline.draft", target=standard(crm))
    crm.run(BOSS, "sales.stage.update", values, target=stage(crm, which))
    crm.run(BOSS, "sales.pipeline.publish", target=standard(crm))


def words(caught: pytest.ExceptionInfo[StageRefused]) -> list[str]:
    """Return what each criterion that is not met says."""
    return [problem.render() for problem in caught.value.problems]


def test_a_company_begins_with_a_pipeline_in_its_language(lite: CRM) -> None:
    """Open stages first, then won and lost, with what they count in a forecast."""
    with lite.session(BOSS) as session:
        query = select(Stage.name, Stage.kind, Stage.probability, Stage.category).order_by(Stage.position)
        found = [tuple(row) for row in session.execute(query)]
        reasons = session.scalars(select(ClosingReason.name).where(ClosingReason.kind == "lost")).all()
    assert found == [
        ("qualification", "open", 20, "pipeline"),
        ("proposal", "open", 50, "best_case"),
        ("negotiation", "open", 80, "commit"),
        ("won", "won", 100, "closed"),
        ("lost", "lost", 0, "omitted"),
    ]
    assert "price" in reasons


def test_what_is_published_is_never_changed(lite: CRM, deal: Make) -> None:
    """A draft is; opportunities that began before go on in the stages that they know."""
    with pytest.raises(Conflict, match="never changed"):
        lite.run(BOSS, "sales.stage.update", {"title": "Other"}, target=stage(lite, "proposal", "published"))
    before = deal()
    lite.run(BOSS, "sales.pipeline.draft", target=standard(lite))
    with pytest.raises(Conflict, match="a draft already"):
        lite.run(BOSS, "sales.pipeline.draft", target=standard(lite))
    lite.run(BOSS, "sales.stage.delete", target=stage(lite, "proposal"))
    new = {"pipeline": "standard", "name": "demo", "title": "Demo", "probability": 40, "position": 10}
    lite.run(BOSS, "sales.stage.create", new)
    lite.run(BOSS, "sales.pipeline.publish", target=standard(lite))
    assert lite.run(BOSS, "sales.opportunity.move", {"stage": "proposal"}, target=before).stage == "proposal"
    assert lite.run(BOSS, "sales.opportunity.move", {"stage": "demo"}, target=deal()).stage == "demo"


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("won", {"probability": 90}, '"Won" has to have 100 percent'),
        ("proposal", {"probability": 100}, '"Proposal" is open'),
        ("proposal", {"category": "closed"}, '"Proposal" has to have one of these categories'),
        ("lost", {"kind": "won"}, "exactly one won stage; there are 2"),
        ("proposal", {"entry": [{"kind": "expression", "condition": "nothing.known > 1"}]}, "nothing.known"),
        ("proposal", {"exit": [{"kind": "activity", "interaction": "dance"}]}, 'no kind of interaction "dance"'),
    ],
)
def test_a_draft_that_is_no_pipeline_is_not_published(lite: CRM, name: str, values: Any, said: str) -> None:
    """Everything that is wrong with it is said."""
    lite.run(BOSS, "sales.pipeline.draft", target=standard(lite))
    lite.run(BOSS, "sales.stage.update", values, target=stage(lite, name))
    with pytest.raises(NotPublishable) as caught:
        lite.run(BOSS, "sales.pipeline.publish", target=standard(lite))
    assert said in caught.value.render()
    assert caught.value.code == "SAL102"


@pytest.mark.parametrize(
    ("criterion", "field"),
    [
        ({"kind": "dance"}, "entry.0.kind"),
        ({"kind": "field", "field": "shoe_size"}, "entry.0.field"),
        ({"kind": "activity", "count": 0}, "entry.0.count"),
        ({"kind": "min_days", "days": "many"}, "entry.0.days"),
        ({"kind": "min_days", "days": 3, "of": "rain"}, "entry.0.of"),
    ],
)
def test_criteria_that_are_none_are_refused_by_their_place(lite: CRM, criterion: Any, field: str) -> None:
    """With the number in the list, and the part that is wrong."""
    lite.run(BOSS, "sales.pipeline.draft", target=standard(lite))
    with pytest.raises(InvalidInput) as caught:
        lite.run(BOSS, "sales.stage.update", {"entry": [criterion]}, target=stage(lite, "proposal"))
    assert [problem.field for problem in caught.value.problems] == [field]


def test_every_criterion_that_is_not_met_is_named(lite: CRM, deal: Make) -> None:
    """A field, contacts, days and facts: each in words; once they are met the opportunity goes on."""
    change(
        lite,
        "proposal",
        entry=[
            {"kind": "field", "field": "amount_minor"},
            {"kind": "activity", "interaction": "call", "count": 1},
            {"kind": "expression", "condition": 'customer.kind == "organization"', "words": "a company"},
        ],
    )
    change(lite, "qualification", exit=[{"kind": "min_days", "days": 2}])
    found = deal()
    with pytest.raises(StageRefused) as caught:
        lite.run(BOSS, "sales.opportunity.move", {"stage": "proposal"}, target=found)
    assert caught.value.code == "SAL101"
    assert words(caught) == [
        "2 days in this stage are needed; it has been 0.",
        "amount_minor: Amount is missing.",
        '1 times "Call" is needed in this stage; there is 0.',
        "This does not hold of the customer: a company",
    ]
    assert "Amount is missing" in caught.value.render()


def test_criteria_that_are_met_let_it_pass(lite: CRM, deal: Make) -> None:
    """What was missing is there: the field, and a call since it is in its stage."""
    change(
        lite,
        "proposal",
        entry=[{"kind": "field", "field": "next_step"}, {"kind": "activity", "interaction": "call"}],
    )
    found = deal(next_step="Send the offer")
    call = {"kind": "call", "customer_id": found.customer_id, "occurred_at": lite.clock.now() - timedelta(days=30)}
    lite.run(BOSS, "interaction.record", call)
    with pytest.raises(StageRefused) as caught:
        lite.run(BOSS, "sales.opportunity.move", {"stage": "proposal"}, target=found)
    assert len(caught.value.problems) == 1
    lite.run(BOSS, "interaction.record", {**call, "occurred_at": lite.clock.now()})
    assert lite.run(BOSS, "sales.opportunity.move", {"stage": "proposal"}, target=found).stage == "proposal"


def test_going_back_and_losing_need_nothing_of_the_way_ahead(lite: CRM, deal: Make) -> None:
    """Criteria guard the way ahead: back one goes freely, and an end that asks for nothing is open."""
    change(lite, "proposal", entry=[{"kind": "field", "field": "amount_minor"}], exit=[{"kind": "min_days", "days": 9}])
    there = deal(stage="negotiation")
    assert lite.run(BOSS, "sales.opportunity.move", {"stage": "proposal"}, target=there).stage == "proposal"
    lost = lite.run(BOSS, "sales.opportunity.lose", {"reason": "late"}, target=there)
    assert lost.stage_kind == "lost"


def test_an_approval_is_asked_for_and_carries_the_move_out(lite: CRM, deal: Make) -> None:
    """Until others agree the stage is shut; without a chain that asks it is shut as well, and says so."""
    change(lite, "negotiation", entry=[{"kind": "approval", "chain": "large"}])
    sam, mia = (person(lite, name, "manager") for name in ("sam", "mia"))
    found = deal(stage="proposal", owner_id=sam.user_id)
    with pytest.raises(StageRefused, match='No active chain "large"'):
        lite.run(BOSS, "sales.opportunity.move", {"stage": "negotiation"}, target=found)
    chain = {"name": "large", "title": "Large deals", "operation": "sales.opportunity.move"}
    steps = [{"title": "Boss", "who": "user", "name": "mia"}]
    lite.run(BOSS, "work.approval_chain.create", {**chain, "condition": 'stage == "negotiation"', "steps": steps})
    with pytest.raises(StageRefused, match='ask by the chain "large"'):
        lite.run(BOSS, "sales.opportunity.move", {"stage": "negotiation"}, target=found)
    values = {"chain": "large", "values": {"stage": "negotiation"}, "target_id": found.id}
    asked = lite.run(sam, "work.approval.request", values)
    lite.run(mia, "work.approval.approve", {"approval_id": asked})
    Worker(lite).run_until_idle()
    with lite.session(BOSS) as session:
        assert session.get_one(Opportunity, found.id).stage == "negotiation"


def test_a_reason_is_asked_for_where_the_stage_says_so(lite: CRM, deal: Make) -> None:
    """One of those to choose from, or words; one of the other kind is none."""
    found = deal()
    with pytest.raises(InvalidInput, match="asks for a reason"):
        lite.run(BOSS, "sales.opportunity.lose", target=found)
    with lite.session(BOSS) as session:
        reasons = {each.name: each.id for each in session.scalars(select(ClosingReason))}
    with pytest.raises(Exception, match="no such reason"):
        lite.run(BOSS, "sales.opportunity.lose", {"reason_id": reasons["best_offer"]}, target=found)
    rival = lite.run(BOSS, "sales.competitor.create", {"name": "Rival"})
    values = {"reason_id": reasons["price"], "competitor_id": rival.id}
    lost = lite.run(BOSS, "sales.opportunity.lose", values, target=found)
    assert (lost.reason_id, lost.competitor_id, lost.reopened) == (reasons["price"], rival.id, 0)
    again = lite.run(BOSS, "sales.opportunity.reopen", target=found)
    assert (again.reason_id, again.reopened, again.stage_kind) == (None, 1, "open")
    with pytest.raises(AlreadyExists):
        lite.run(BOSS, "sales.competitor.create", {"name": "Rival"})


def test_opportunities_are_brought_along_by_an_explicit_map(lite: CRM, deal: Make) -> None:
    """Every stage in use has to be mapped; closed ones stay where they were closed."""
    here, there, closed = deal(stage="qualification"), deal(stage="proposal"), deal()
    lite.run(BOSS, "sales.opportunity.win", target=closed)
    change(lite, "proposal", name="offer", title="Offer")
    with pytest.raises(InvalidInput, match="qualification") as caught:
        lite.run(BOSS, "sales.pipeline.migrate", {"stages": {"proposal": "offer"}}, target=standard(lite))
    assert [problem.field for problem in caught.value.problems] == ["stages"]
    stages = {"proposal": "offer", "qualification": "qualification"}
    assert lite.run(BOSS, "sales.pipeline.migrate", {"stages": stages}, target=standard(lite)) == 2
    with lite.session(BOSS) as session:
        found = {each.id: each for each in session.scalars(select(Opportunity))}
        versions = {each.id: each.number for each in session.scalars(select(PipelineVersion))}
    assert [found[each.id].stage for each in (here, there, closed)] == ["qualification", "offer", "won"]
    assert [versions[found[each.id].version_id] for each in (here, there, closed)] == [2, 2, 1]


def test_another_pipeline(lite: CRM, deal: Make) -> None:
    """One is added with the stages of another, made the usual one, and one opportunity is brought there."""
    made = lite.run(BOSS, "sales.pipeline.create", {"name": "renewals", "title": "Renewals", "like": "standard"})
    with pytest.raises(Exception, match="No version of this pipeline is published"):
        deal(pipeline="renewals")
    lite.run(BOSS, "sales.pipeline.publish", target=made)
    found = lite.run(BOSS, "sales.opportunity.transfer", {"pipeline": "renewals", "stage": "proposal"}, target=deal())
    assert (found.pipeline_id, found.stage) == (made.id, "proposal")
    with pytest.raises(Conflict, match="is the usual pipeline"):
        lite.run(BOSS, "sales.pipeline.update", {"active": False}, target=standard(lite))
    lite.run(BOSS, "sales.pipeline.update", {"usual": True}, target=made)
    assert deal().pipeline_id == made.id
