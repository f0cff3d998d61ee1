"""Onboarding lists and the calendar of reviews: begun by stages, ticked by people, tasks and facts, told in time."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from crmkit_lifecycle.caring.models import Checklist, ChecklistItem, Review
from crmkit_lifecycle.caring.reviews import later
from sqlalchemy import select

from crmkit import Conflict, InvalidInput
from crmkit.testing.workbench import emitted
from tests.plugins.lifecycle.house import SYSTEM, House

ITEMS = [
    {"title": "Welcome call", "due_days": 2},
    {"title": "First export", "due_days": 10, "done_when": 'usage.feature_count["export"] > 0'},
    {"title": "Gift", "required": False},
]


def template(house: House, **values: object) -> None:
    """Add the list."""
    house.run("lifecycle.template.create", {"name": "start", "title": "Start", "items": ITEMS, **values}, by="mia")


def items(house: House, customer: UUID) -> dict[str, ChecklistItem]:
    """Return the items of a customer's list by title."""
    with house.crm.session(SYSTEM) as session:
        query = select(ChecklistItem).where(ChecklistItem.customer_id == customer)
        return {each.title: each for each in session.scalars(query)}


def test_a_stage_begins_a_list_and_three_ways_tick_it(lite: House) -> None:
    """Whoever comes to the stage gets the list; a task that is done, a feature that is used and a person tick items,
    and with the last required one it is done."""
    lite.model()
    template(lite, model="sale", stage="trial")
    lin = lite.customer("Lin", "asked")
    lite.refresh()
    lite.tag(lin, "trial")
    lite.refresh(lin)
    lite.work()
    assert set(items(lite, lin)) == {"Welcome call", "First export", "Gift"}
    lite.run("work.task.finish", {}, target=items(lite, lin)["Welcome call"].task_id)
    use = {"kind": "usage", "customer_id": lin, "payload": {"feature": "export"}}
    lite.run("interaction.record", {**use, "occurred_at": lite.clock.instant})
    lite.work()
    found = items(lite, lin)
    assert {each.title: (each.state, each.done_by) for each in found.values()} == {
        "Welcome call": ("done", "task"),
        "First export": ("done", "facts"),
        "Gift": ("open", None),
    }
    assert [each["days"] for each in emitted(lite.crm, "lifecycle.checklist.done")] == [0]
    lite.run("lifecycle.checklist.tick", {"item_id": found["Gift"].id}, by="sam")
    with pytest.raises(Conflict):
        lite.run("lifecycle.checklist.tick", {"item_id": found["Gift"].id}, by="sam")
    assert lite.facts(lin, "lifecycle.onboarding_items", "lifecycle.onboarding_done") == (3, 3)


def test_a_list_is_begun_once(lite: House) -> None:
    """By hand too; while it is under way it is not begun again, and what is late is a fact."""
    template(lite)
    lin = lite.customer("Lin")
    lite.run("lifecycle.checklist.start", {"customer_id": lin, "template": "start"}, by="sam")
    with pytest.raises(Conflict):
        lite.run("lifecycle.checklist.start", {"customer_id": lin, "template": "start"}, by="sam")
    lite.clock.advance(days=6)
    assert lite.facts(lin, "lifecycle.onboarding_late", "lifecycle.onboarding_done") == (2, 0)
    with lite.crm.session(SYSTEM) as session:
        (found,) = session.scalars(select(Checklist))
        assert (found.state, found.customer_id) == ("open", lin)


def test_lists_are_checked(lite: House) -> None:
    """Names, conditions and the want of items are refused by their places."""
    with pytest.raises(InvalidInput) as caught:
        template(lite, name="No name", items=[{"title": "X", "done_when": "no.such > 0"}])
    assert sorted(str(each.field) for each in caught.value.problems) == ["items.0.done_when", "name"]


def test_a_review_is_told_in_time_and_repeats(lite: House) -> None:
    """Its owner is told so many days before; when it was held the next one is planned."""
    lin = lite.customer("Lin")
    plan = {"customer_id": lin, "kind": "qbr", "due_on": "2035-03-31", "every_months": 3, "lead_days": 14}
    made = lite.run("lifecycle.review.plan", plan, by="mia")
    assert lite.run("lifecycle.review.remind") == 0
    lite.clock.advance(days=13)
    assert (lite.run("lifecycle.review.remind"), lite.run("lifecycle.review.remind")) == (1, 0)
    lite.run("lifecycle.review.hold", {"result": "Content"}, target=made.id, by="mia")
    with lite.crm.session(SYSTEM) as session:
        found = session.scalars(select(Review).order_by(Review.due_on)).all()
        assert [(each.state, each.due_on) for each in found] == [
            ("done", date(2035, 3, 31)),
            ("planned", date(2035, 6, 30)),
        ]
    assert lite.facts(lin, "lifecycle.next_review") == (date(2035, 6, 30),)
    with pytest.raises(Conflict):
        lite.run("lifecycle.review.cancel", target=made.id, by="mia")


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2036, 1, 31), 1, date(2036, 2, 29)),
        (date(2035, 11, 30), 3, date(2036, 2, 29)),
        (date(2035, 5, 15), 12, date(2036, 5, 15)),
    ],
)
def test_months_later(day: date, months: int, expected: date) -> None:
    """The same day of the month, the last one where there is none."""
    assert later(day, months) == expected
