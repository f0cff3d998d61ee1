"""Passages: criteria move forward and leave evidence, people and rules do the rest with a reason, nothing is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from crmkit_lifecycle.errors import MoveRefused

from crmkit import InvalidInput
from crmkit.errors import Refused
from crmkit.testing.workbench import emitted
from tests.plugins.lifecycle.house import TRIAL, House


def test_criteria_move_forward_one_stage_after_the_other(house: House) -> None:
    """Who meets several criteria at once passes through the stages, each with its evidence."""
    house.model()
    lin, ada = house.customer("Lin", "asked"), house.customer("Ada")
    house.refresh()
    assert (house.way(lin), house.way(ada)) == ([(1, "lead", "enter")], [])
    house.tag(lin, "trial")
    house.buy(lin, 0)
    house.refresh(lin)
    assert house.way(lin) == [(1, "lead", "enter"), (1, "trial", "forward"), (1, "won", "forward")]
    assert [each.evidence for each in house.intervals(lin)][1:] == [
        {"customer.tags": ["asked", "trial"]},
        {"purchase.count": 1},
    ]
    (passage,) = house.passages(lin)
    assert (passage.outcome, passage.ended_at is not None) == ("good", True)


def test_qualifying_again_is_another_passage(lite: House) -> None:
    """Who qualifies, leaves and qualifies again is in the second passage: the first neither blocks it nor is lost."""
    lite.model(leave='"left" in customer.tags')
    lin = lite.customer("Lin", "asked", "trial")
    lite.refresh()
    lite.clock.advance(days=3)
    lite.tag(lin, "left")
    lite.refresh()
    lite.clock.advance(days=3)
    lite.untag(lin, "left", "asked")
    lite.refresh()
    assert lite.facts(lin, "lifecycle.stage", "lifecycle.stage_kind", "lifecycle.passage") == (None, "left", 1)
    lite.tag(lin, "asked")
    lite.refresh()
    assert lite.way(lin) == [
        (1, "lead", "enter"),
        (1, "trial", "forward"),
        (2, "lead", "enter"),
        (2, "trial", "forward"),
    ]
    assert [each.outcome for each in lite.passages(lin)] == ["left", None]
    assert lite.facts(lin, "lifecycle.stage", "lifecycle.passage") == ("trial", 2)
    assert lite.facts(lin, "lifecycle.stage", as_of=(lite.clock.instant - timedelta(days=5)).date()) == ("trial",)


def test_after_an_end_nothing_begins_until_the_criterion_has_ceased(lite: House) -> None:
    """Who still meets the entry's criterion after an end stays there; another passage needs the criterion anew."""
    lite.model()
    lin = lite.customer("Lin", "asked", "trial", "gone")
    for _turn in range(2):
        lite.refresh()
        assert len(lite.passages(lin)) == 1
    lite.untag(lin, "asked", "gone")
    lite.refresh()
    lite.tag(lin, "asked")
    lite.refresh()
    assert [each.outcome for each in lite.passages(lin)] == ["bad", None]


def test_again_has_a_condition_and_a_rest_of_its_own(lite: House) -> None:
    """With a condition for it another passage begins when that holds and so many days have gone by."""
    lite.model(again='"again" in customer.tags', again_days=10)
    lin = lite.customer("Lin", "asked", "gone")
    lite.tag(lin, "trial")
    lite.refresh()
    lite.tag(lin, "again")
    lite.untag(lin, "gone")
    lite.refresh()
    assert len(lite.passages(lin)) == 1
    lite.clock.advance(days=11)
    lite.refresh()
    assert [each.number for each in lite.passages(lin)] == [1, 2]


def test_back_and_ahead_need_a_reason(lite: House) -> None:
    """A person moves forward where the criteria are met; back, ahead or against them with a reason, which is kept."""
    lite.model()
    lin = lite.customer("Lin", "asked", "trial")
    lite.refresh()
    ask = {"customer_id": lin, "stage": "lead"}
    with pytest.raises(MoveRefused, match="lies back"):
        lite.run("lifecycle.passage.move", ask, by="sam")
    lite.clock.advance(hours=1)
    lite.run("lifecycle.passage.move", {**ask, "reason": "Came too early"}, by="sam")
    lite.untag(lin, "trial")
    with pytest.raises(MoveRefused, match="not met"):
        lite.run("lifecycle.passage.move", {"customer_id": lin, "stage": "trial"}, by="sam")
    with pytest.raises(MoveRefused, match="not the next"):
        lite.run("lifecycle.passage.move", {"customer_id": lin, "stage": "won"}, by="sam")
    lite.clock.advance(hours=1)
    skip = {"customer_id": lin, "stage": "won", "reason": "Paid in cash", "rule": "cash"}
    lite.run("lifecycle.passage.move", skip, by="sam")
    assert lite.way(lin) == [(1, "lead", "enter"), (1, "trial", "forward"), (1, "lead", "back"), (1, "won", "skip")]
    last = lite.intervals(lin)[-1]
    assert (last.cause, last.moved_by) == ("rule", "cash")
    assert last.evidence == {"purchase.count": 0, "criteria_met": False}
    assert lite.intervals(lin)[2].visit == 2
    with pytest.raises(InvalidInput, match="no stage"):
        lite.run("lifecycle.passage.move", {"customer_id": lin, "stage": "nowhere"}, by="sam")


def test_renaming_loses_nothing(lite: House) -> None:
    """A stage that is renamed stays the same stage; what was, is called as it was, and its times go on."""
    lite.model()
    lin = lite.customer("Lin", "asked")
    lite.refresh()
    since = lite.passages(lin)[0].stage_since
    lite.clock.advance(days=2)
    model = lite.one("LifecycleModel", name="sale")
    lite.run("lifecycle.model.draft", target=model)
    draft = lite.one("ModelVersion", model_id=model, state="draft")
    stage = lite.one("Stage", version_id=draft, name="lead")
    lite.run("lifecycle.stage.update", {"name": "inquiry", "title": "Inquiry"}, target=stage)
    lite.run("lifecycle.model.publish", {}, target=model)
    lite.work()
    (passage,) = lite.passages(lin)
    assert (passage.version_id, passage.stage_id, passage.stage_since) == (draft, stage, since)
    lite.tag(lin, "trial")
    lite.refresh()
    assert [each[1] for each in lite.way(lin)] == ["lead", "trial"]
    assert len({each.version_id for each in lite.intervals(lin)}) == 2


def test_a_stage_that_is_gone_needs_another_in_its_place(lite: House) -> None:
    """Publishing without one is refused; with it, its customers go there."""
    lite.model()
    lin = lite.customer("Lin", "asked", "trial")
    lite.refresh()
    model = lite.one("LifecycleModel", name="sale")
    lite.run("lifecycle.model.draft", target=model)
    draft = lite.one("ModelVersion", model_id=model, state="draft")
    lite.run("lifecycle.stage.delete", target=lite.one("Stage", version_id=draft, name="trial"))
    with pytest.raises(Exception, match="gone"):
        lite.run("lifecycle.model.publish", {}, target=model)
    lite.run("lifecycle.model.publish", {"instead": {"trial": "lead"}}, target=model)
    lite.work()
    assert lite.way(lin)[-1] == (1, "lead", "version")


def test_drafts_that_cannot_work_are_not_published(lite: House) -> None:
    """All that is wrong is said at once: entries, ends, ways to nowhere, conditions."""
    made = lite.run("lifecycle.model.create", {"name": "bad", "title": "Bad"})
    stage = {"name": "one", "title": "One", "enter": "no.such > 1", "moves": ["nowhere"], "model": "bad"}
    lite.run("lifecycle.stage.create", stage)
    with pytest.raises(Exception, match="cannot be published") as caught:
        lite.run("lifecycle.model.publish", {}, target=made.id)
    words = str(caught.value)
    assert all(part in words for part in ("exactly one entry", "no end", "nowhere", "no fact"))


def test_what_is_told(lite: House) -> None:
    """Moves are events, but for the first run of a model, which finds what has been so before."""
    lite.model()
    lin = lite.customer("Lin", "asked")
    lite.refresh()
    assert list(emitted(lite.crm, "lifecycle.stage.entered")) == []
    lite.tag(lin, "trial")
    lite.refresh(lin)
    (told,) = emitted(lite.crm, "lifecycle.stage.entered")
    assert (told["stage_from"], told["stage"], told["cause"]) == ("lead", "trial", "criteria")


def test_too_long_in_a_stage_is_told_once(lite: House) -> None:
    """When the working time of a stage is over, its customer's owner is told and a task is added, once."""
    stages = [{**each, "limit_minutes": 60} if each["name"] == "trial" else each for each in TRIAL]
    lite.model(*stages)
    lin = lite.customer("Lin", "asked")
    lite.refresh()
    lite.tag(lin, "trial")
    lite.refresh(lin)
    assert lite.run("lifecycle.passage.mark_late") == 0
    lite.clock.advance(minutes=61)
    assert (lite.run("lifecycle.passage.mark_late"), lite.run("lifecycle.passage.mark_late")) == (1, 0)
    assert [each["stage"] for each in emitted(lite.crm, "lifecycle.stage.late")] == ["trial"]
    lite.work()
    assert [each["customer_id"] for each in emitted(lite.crm, "work.task.created")] == [str(lin)]


def test_a_stage_hands_over_and_a_rejection_leads_back(lite: House) -> None:
    """The team that takes over accepts in working time, or declines with a reason that is kept, and the stage says
    where to."""
    stages = [
        {**each, "hand_to_team_id": lite.team, "declined_to": "lead"} if each["name"] == "trial" else each
        for each in TRIAL
    ]
    lite.model(*stages)
    lin, ada = lite.customer("Lin", "asked"), lite.customer("Ada", "asked")
    lite.refresh()
    for each in (lin, ada):
        lite.tag(each, "trial")
    lite.refresh(lin, ada)
    lite.clock.advance(minutes=30)
    lite.run("lifecycle.passage.answer", {"customer_id": lin, "answer": "accepted"}, by="mia")
    lite.run("lifecycle.passage.answer", {"customer_id": ada, "answer": "declined", "why": "No budget"}, by="mia")
    lite.work()
    accepted = lite.intervals(lin)[-1]
    assert (accepted.answer, accepted.waited_seconds) == ("accepted", 1800)
    assert lite.way(ada)[-1] == (1, "lead", "back")
    assert [each.answer for each in lite.intervals(ada)] == [None, "declined", None]


def test_passages_are_computed_in_system_scope_alone(lite: House) -> None:
    """Nobody moves everybody by hand, but who may can have it done."""
    lite.model()
    with pytest.raises(Refused):
        lite.run("lifecycle.passage.refresh", by="mia")
    lite.customer("Lin", "asked")
    lite.run("lifecycle.passage.run", by="mia")
    lite.work()
    assert lite.facts(lite.customer("Ada"), "lifecycle.stage") == (None,)
