"""Tasks: adding them, working on them, giving them to others, and who sees them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from crmkit_work.api import NewTask, create_task
from crmkit_work.tasks.models import Task, TaskNote
from sqlalchemy import select, text

from crmkit import Actor
from crmkit.errors import Conflict, InvalidInput, NotFound, Refused
from crmkit.testing.workbench import audited, emitted
from tests.plugins.work.tasks.conftest import MONDAY, SYSTEM, Office


def customer(office: Office, name: str = "Ada", owner: Actor | None = None) -> UUID:
    """Add a customer and return the id."""
    values = {"name": name, **({"owner_id": owner.user_id} if owner is not None else {})}
    found: UUID = office.crm.run(SYSTEM, "customer.create", values).id
    return found


def queue(office: Office, name: str, *members: Actor) -> UUID:
    """Add a queue with members and return its id."""
    made = office.crm.run(SYSTEM, "work.queue.create", {"name": name, "title": name.title(), "in_hours": False})
    for member in members:
        office.crm.run(SYSTEM, "work.queue.add_member", {"user_id": member.user_id}, target=made.id)
    identity: UUID = made.id
    return identity


def seen(office: Office, actor: Actor) -> list[str]:
    """Return the titles of the tasks that somebody sees."""
    with office.crm.session(actor) as session:
        return sorted(session.scalars(select(Task.title)))


# --- adding ----------------------------------------------------------------------------------------------------------


def test_a_task_is_whoevers_adds_it_and_has_a_short_number(office: Office) -> None:
    """Numbers count up by one; the description is sealed, the due time is understood in words."""
    eve = office.person("eve")
    first = office.task(eve, "Call Ada", due="tomorrow 10:00", description="About the lease")
    second = office.task(eve, "Write to Bob")
    assert (first.number, second.number) == (1, 2)
    assert (first.owner_id, first.state, first.due_at) == (eve.user_id, "open", MONDAY + timedelta(days=1, hours=2))
    with office.crm.engines.system_read.connect() as connection:
        stored = connection.execute(
            text("SELECT description, description_sealed FROM work_task WHERE number = 1")
        ).first()
    assert stored is not None
    assert (stored[0], b"lease" in bytes(stored[1])) == (None, False)
    with office.crm.session(eve) as session:
        assert session.scalars(select(Task).where(Task.number == 1)).one().description == "About the lease"


def test_a_task_of_nobody_in_particular_is_the_customers_owners(lite: Office) -> None:
    """What a plugin adds about a customer goes to who looks after it, or while that one is away to the deputy."""
    eve, bob = lite.person("eve"), lite.person("bob")
    ada = customer(lite, owner=eve)
    assert lite.task(customer_id=ada).owner_id == eve.user_id
    span = {"starts_at": MONDAY - timedelta(days=1), "ends_at": MONDAY + timedelta(days=9)}
    lite.crm.run(
        SYSTEM,
        "work.absence.create",
        {"user_id": eve.user_id, "deputy_id": bob.user_id, "kind": "holiday", **span},
    )
    assert lite.task(customer_id=ada).owner_id == bob.user_id


def test_out_of_a_queue_the_engine_picks_somebody_and_says_why(office: Office) -> None:
    """The task keeps its queue; the log has the reason."""
    from crmkit_work.assignment.reading import decisions_of

    bob, cy = office.person("bob", "service_agent"), office.person("cy", "service_agent")
    support = queue(office, "support", bob, cy)
    owners = [office.task(queue="support").owner_id for _number in range(4)]
    assert sorted(owners, key=str) == sorted([bob.user_id, cy.user_id] * 2, key=str)
    task = office.task(queue="support")
    assert task.queue_id == support
    with office.crm.session(SYSTEM) as session:
        (decision,) = decisions_of(session, f"work.task:{task.id}")
    assert decision.why.render() == "It was their turn: 5."


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": "  "}, "title"),
        ({"priority": "asap"}, "priority"),
        ({"due": "whenever"}, "due"),
        ({"due": "today", "due_at": "2026-11-24T10:00:00Z"}, "due"),
        ({"repeat_rule": "FREQ=DAILY"}, "due_at"),
        ({"repeat_rule": "daily", "due": "today"}, "repeat_rule"),
        ({"ref": "customer:nobody"}, "ref"),
        ({"ref": "nothing:01900000-0000-7000-8000-000000000000"}, "ref"),
        ({"title": "x" * 301}, "title"),
    ],
)
def test_bad_input_is_named(lite: Office, values: dict[str, object], field: str) -> None:
    """Each is refused with its field, and nothing is added."""
    with pytest.raises(InvalidInput) as caught:
        lite.task(**values)
    assert [problem.field for problem in caught.value.problems] == [field]
    assert lite.all(Task) == []


@pytest.mark.parametrize("name", ["customer_id", "owner_id", "team_id", "queue_id"])
def test_what_is_not_there_is_not_found(lite: Office, name: str) -> None:
    """A customer, a user, a team and a queue have to be there."""
    with pytest.raises(NotFound):
        lite.task(**{name: "01900000-0000-7000-8000-000000000000"})


def test_nobody_adds_a_task_about_a_customer_that_is_hidden(lite: Office) -> None:
    """Foreign and nonexistent look alike."""
    eve = lite.person("eve", team=lite.team("North"))
    foreign = customer(lite, "Hidden")
    with pytest.raises(NotFound):
        lite.task(eve, customer_id=foreign)


def test_other_plugins_add_tasks_by_a_function(lite: Office) -> None:
    """It goes through the gate: audited, with its event and its source."""
    ada = customer(lite)
    with lite.crm.transaction(SYSTEM) as session:
        made = create_task(session, NewTask(title="Answer", customer_id=ada, source="messaging", ref=f"customer:{ada}"))
    assert (made.source, made.ref) == ("messaging", f"customer:{ada}")
    (event,) = emitted(lite.crm, "work.task.created")
    assert (event["task_id"], event["source"]) == (str(made.id), "messaging")
    assert len(audited(lite.crm, "work.task.create")) == 1


def test_two_who_add_at_once_get_two_numbers(office: Office) -> None:
    """The counter is held until a task is kept or given up."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda number: office.task(title=f"Task {number}").number, range(12)))
    assert sorted(made) == list(range(1, 13))


# --- working on them -------------------------------------------------------------------------------------------------


def test_a_task_goes_its_way(office: Office) -> None:
    """It is started, waits, goes on, and is done with an outcome and what follows from it."""
    eve = office.person("eve")
    ada = customer(office, owner=eve)
    task = office.task(eve, "Send the offer", customer_id=ada, due="+1h")
    states = [
        office.run(eve, "start", task).state,
        office.run(eve, "wait", task, until=MONDAY + timedelta(hours=3), note="For the legal department").state,
        office.run(eve, "resume", task).state,
    ]
    done = office.run(
        eve, "finish", task, outcome="successful", note="Sent", follow_up="Ask whether it came", follow_up_due="+3d"
    )
    assert [*states, done.state] == ["in_progress", "waiting", "in_progress", "done"]
    assert (done.outcome, done.done_at, done.done_by_id) == ("successful", MONDAY, eve.user_id)
    following = office.all(Task, Task.number)[1]
    assert (following.title, following.customer_id, following.owner_id) == ("Ask whether it came", ada, eve.user_id)
    assert emitted(office.crm, "work.task.finished")[0]["late"] is False
    assert len(office.all(TaskNote)) == 1


@pytest.mark.parametrize("verb", ["start", "wait", "resume", "finish", "drop", "snooze", "acknowledge", "take"])
def test_what_is_done_is_opened_again_first(lite: Office, verb: str) -> None:
    """Nothing is done with a task that is not open."""
    eve = lite.person("eve")
    task = lite.task(eve)
    lite.run(eve, "drop", task)
    with pytest.raises(Conflict):
        lite.run(eve, verb, task)
    assert lite.run(eve, "reopen", task).is_open


def test_a_task_is_put_aside_and_comes_back(office: Office) -> None:
    """It is off the list until then, and its owner is told; its due time stays."""
    from crmkit_work.tasks.listing import work_list

    eve = office.person("eve")
    task = office.task(eve, "Prepare the visit", due="+5h")
    office.run(eve, "snooze", task, choice="hour")
    with office.crm.session(eve) as session:
        hidden = work_list(session)
    assert (hidden.count, hidden.snoozed) == (0, 1)
    office.clock.advance(hours=1)
    office.tick()
    with office.crm.session(eve) as session:
        shown = work_list(session)
    assert ([each.title for each in shown.of("today").tasks], shown.snoozed) == (["Prepare the visit"], 0)
    assert office.notices("eve") == ["Back on your list: Prepare the visit"]


def test_a_wait_ends_by_itself(lite: Office) -> None:
    """What waits until an instant is open again from then on."""
    eve = lite.person("eve")
    task = lite.task(eve)
    lite.run(eve, "wait", task, until=MONDAY + timedelta(days=1))
    lite.clock.advance(days=1)
    lite.tick()
    assert lite.all(Task)[0].state == "open"
    with pytest.raises(InvalidInput):
        lite.run(eve, "wait", task, until=MONDAY)


def test_a_task_nobody_has_is_taken_once(office: Office) -> None:
    """Whoever starts it has it; a second one is told that somebody does."""
    bob, cy = office.person("bob", "service_agent"), office.person("cy", "service_agent")
    desk = office.team("Desk")
    for each in (bob, cy):
        office.crm.run(SYSTEM, "team.add_member", {"user_id": each.user_id}, target=desk)
    task = office.task(team_id=desk)
    assert office.run(bob, "take", task).owner_id == bob.user_id
    with pytest.raises(Conflict):
        office.run(cy, "take", task)


# --- giving them to others -------------------------------------------------------------------------------------------


def test_who_delegates_goes_on_seeing_it(office: Office) -> None:
    """The colleague of another team has it and is told; whoever gave it sees it under what was given."""
    from crmkit_work.tasks.listing import ListFilter, work_list

    eve = office.person("eve", team=office.team("North"))
    bob = office.person("bob", team=office.team("South"))
    task = office.task(eve, "Check the contract")
    office.run(eve, "delegate", task, owner_id=bob.user_id, note="Clause four")
    assert seen(office, bob) == seen(office, eve) == ["Check the contract"]
    assert office.notices("bob") == ["Task 1 is yours: Check the contract"]
    with office.crm.session(eve) as session:
        assert work_list(session).count == 0
        assert work_list(session, ListFilter(whose="given")).count == 1


def test_nothing_is_given_to_somebody_who_is_absent(lite: Office) -> None:
    """It is refused, naming who stands in, unless it is meant so."""
    eve, bob = lite.person("eve"), lite.person("bob")
    lite.person("cy")
    absence = {"starts_at": MONDAY, "ends_at": MONDAY + timedelta(days=5), "kind": "holiday"}
    values = {"user_id": bob.user_id, "deputy_id": lite.people["cy"].user_id, **absence}
    lite.crm.run(SYSTEM, "work.absence.create", values)
    task = lite.task(eve)
    with pytest.raises(Conflict) as caught:
        lite.run(eve, "assign", task, owner_id=bob.user_id)
    assert caught.value.values["deputy"] == "Cy"
    assert lite.run(eve, "assign", task, owner_id=bob.user_id, anyway=True).owner_id == bob.user_id


def test_what_is_opened_again_does_not_go_to_somebody_who_is_absent(office: Office) -> None:
    """Out of its queue it goes to somebody else, with the reason; without one, to the deputy."""
    bob, cy = office.person("bob", "service_agent"), office.person("cy", "service_agent")
    queue(office, "support", bob, cy)
    queued = office.task(queue="support")
    first = office.people["bob"] if queued.owner_id == bob.user_id else cy
    other = cy if first is not cy else bob
    own = office.task(owner_id=first.user_id, title="Alone")
    for task in (queued, own):
        office.run(SYSTEM, "finish", task)
    absence = {"starts_at": MONDAY, "ends_at": MONDAY + timedelta(days=5), "kind": "illness"}
    values = {"user_id": first.user_id, "deputy_id": other.user_id, **absence}
    office.crm.run(SYSTEM, "work.absence.create", values)
    assert office.run(SYSTEM, "reopen", queued).owner_id == other.user_id
    assert office.run(SYSTEM, "reopen", own).owner_id == other.user_id


def test_the_load_of_people_is_what_they_have_to_do(lite: Office) -> None:
    """Open tasks count, those that wait or are done do not."""
    from crmkit_work.assignment.models import OpenWork

    eve = lite.person("eve")
    first, second, third = (lite.task(eve, f"Task {number}") for number in range(3))
    lite.run(eve, "wait", first)
    lite.run(eve, "finish", second)
    assert [each.ref for each in lite.all(OpenWork)] == [f"work.task:{third.id}"]


# --- who sees them ---------------------------------------------------------------------------------------------------


def test_tasks_are_seen_by_scope_queue_and_making(office: Office) -> None:
    """One's own and the team's, those of one's queues, and those that one added; nobody else's."""
    north, south = office.team("North"), office.team("South")
    eve, ann = office.person("eve", team=north), office.person("ann", team=north)
    bob = office.person("bob", team=south)
    queue(office, "sales")
    support = office.crm.run(SYSTEM, "work.queue.create", {"name": "support", "title": "Support"}).id
    office.crm.run(SYSTEM, "work.queue.add_member", {"team_id": south}, target=support)
    office.task(title="Eve's", owner_id=eve.user_id)
    office.task(title="North's", team_id=north)
    office.task(title="Of the queue", queue_id=support)
    office.task(ann, "Ann's for Bob", owner_id=bob.user_id)
    office.task(title="Nobody's", queue="sales")
    assert seen(office, eve) == ["Eve's", "North's"]
    assert seen(office, ann) == ["Ann's for Bob", "Eve's", "North's"]
    assert seen(office, bob) == ["Ann's for Bob", "Of the queue"]


def test_a_task_about_a_hidden_customer_is_seen_by_its_owner_alone(lite: Office) -> None:
    """The team sees it only where it sees the customer."""
    north = lite.team("North")
    eve, ann = lite.person("eve", team=north), lite.person("ann", team=north)
    hidden = customer(lite, "Hidden")
    lite.task(title="About somebody", customer_id=hidden, owner_id=eve.user_id, team_id=north)
    assert (seen(lite, eve), seen(lite, ann)) == (["About somebody"], [])


def test_who_sees_no_task_cannot_tell_it_from_none(lite: Office) -> None:
    """Working on a foreign task and on one that is not there fails alike."""
    eve, bob = lite.person("eve", team=lite.team("North")), lite.person("bob", team=lite.team("South"))
    task = lite.task(eve)
    with pytest.raises(NotFound) as foreign:
        lite.run(bob, "finish", task)
    with pytest.raises(NotFound) as none:
        lite.crm.run(bob, "work.task.finish", {}, target=UUID(int=task.id.int ^ 1))
    assert foreign.value.message == none.value.message


@pytest.mark.parametrize("operation", ["wake", "escalate", "repeat", "tick", "climb_anew"])
def test_what_the_clock_does_nobody_else_does(lite: Office, operation: str) -> None:
    """The operations of the tick are refused to everybody but system scope."""
    boss = lite.person("boss", "manager")
    task = lite.task(boss)
    target = {"target": task.id} if operation in ("wake", "escalate", "repeat") else {}
    with pytest.raises(Refused):
        lite.crm.run(boss, f"work.task.{operation}", {}, **target)


def test_notes_and_reminders_are_seen_with_their_task(lite: Office) -> None:
    """Whoever does not see the task sees nothing that hangs on it."""
    from crmkit_work.tasks.alarm_models import Reminder

    eve, bob = lite.person("eve", team=lite.team("North")), lite.person("bob", team=lite.team("South"))
    task = lite.task(eve, due="+5h")
    lite.run(eve, "note", task, note="Ask for Ada")
    lite.run(eve, "remind", task, minutes=30)
    for model in (TaskNote, Reminder):
        counts: list[int] = []
        for actor in (eve, bob):
            with lite.crm.session(actor) as session:
                counts.append(len(session.scalars(select(model)).all()))
        assert counts == [1, 0]


def test_a_customer_who_is_erased_takes_the_tasks_along(office: Office) -> None:
    """Nothing is left of tasks about somebody who is gone, nor of what hangs on them."""
    ada = customer(office)
    task = office.task(customer_id=ada, due="+5h", remind_minutes=10)
    office.run(SYSTEM, "note", task, note="Private")
    office.crm.run(SYSTEM, "privacy.erase", {"reason": "asked for"}, target=ada)
    assert (office.all(Task), office.all(TaskNote)) == ([], [])


def test_changing_a_task_keeps_what_is_sealed(lite: Office) -> None:
    """What is said of it stays readable when it turns out whom it is about."""
    eve = lite.person("eve")
    ada = customer(lite, owner=eve)
    task = lite.task(eve, description="About the lease")
    lite.run(eve, "update", task, customer_id=ada, priority="urgent", due_at=datetime(2026, 12, 1, tzinfo=UTC))
    with lite.crm.session(eve) as session:
        found: Any = session.get(Task, task.id)
        assert (found.description, found.rank, found.customer_id) == ("About the lease", 3, ada)
