"""What calls tasks to mind by itself: reminders, ladders, series, and the tick that drives them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from crmkit_work.tasks.alarm_models import Escalation, Heartbeat, Reminder, ReminderFiring
from crmkit_work.tasks.models import Task
from crmkit_work.tasks.recurrence import Recurrence
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import text

from crmkit import Actor
from crmkit.doctor import examine
from crmkit.errors import AlreadyExists, InvalidInput, NotFound
from crmkit.testing.workbench import emitted
from tests.conftest import Templates
from tests.plugins.work.tasks.conftest import MONDAY, SYSTEM, Office, enabled, office_at

DESK = {"name": "desk", "hours": "mon-fri 09:00-17:00", "zone": "Europe/Berlin", "usual": True}
BERLIN = ZoneInfo("Europe/Berlin")


def absent(office: Office, who: Actor, deputy: Actor | None, days: int = 9) -> None:
    """Have somebody be absent from now on."""
    values: dict[str, Any] = {"user_id": who.user_id, "starts_at": office.clock.instant, "kind": "holiday"}
    values["ends_at"] = office.clock.instant + timedelta(days=days)
    if deputy is not None:
        values["deputy_id"] = deputy.user_id
    office.crm.run(SYSTEM, "work.absence.create", values)


def ladder(office: Office, steps: str, **values: Any) -> Any:
    """Add a ladder, and put what is open on it."""
    made = office.crm.run(SYSTEM, "work.ladder.create", {"name": "usual", "steps": steps, **values})
    office.crm.run(SYSTEM, "work.task.climb_anew")
    return made


def told(office: Office, entries: list[Any]) -> list[list[str]]:
    """Return whom some entries of a log told, by login."""
    logins = {str(actor.user_id): login for login, actor in office.people.items()}
    return [[logins[each] for each in entry.told] for entry in entries]


# --- reminders -------------------------------------------------------------------------------------------------------


def test_a_reminder_fires_at_its_instant_and_once(office: Office) -> None:
    """Not before, and not again; the person is told, the log has when."""
    eve = office.person("eve")
    task = office.task(eve, "Call Ada")
    office.run(eve, "remind", task, when="+2h")
    office.tick()
    assert office.all(ReminderFiring) == []
    office.clock.advance(hours=2)
    office.tick()
    office.tick()
    (entry,) = office.all(ReminderFiring)
    assert (entry.planned_at, entry.late, told(office, [entry])) == (MONDAY + timedelta(hours=2), False, [["eve"]])
    assert office.notices("eve") == ["Reminder: Call Ada"]
    assert office.all(Reminder)[0].state == "fired"


def test_a_reminder_goes_by_the_due_time_in_working_days(office: Office) -> None:
    """One working day before Monday's deadline is Friday at that time; the due time moves it."""
    office.crm.run(SYSTEM, "work.calendar.create", DESK)
    eve = office.person("eve", zone="Europe/Berlin")
    task = office.task(eve, due_at=datetime(2026, 11, 30, 10, tzinfo=UTC))
    office.run(eve, "remind", task, working_days=1)
    assert office.all(Reminder)[0].next_at == datetime(2026, 11, 27, 10, tzinfo=UTC)
    office.run(eve, "update", task, due_at=datetime(2026, 12, 2, 12, tzinfo=UTC))
    assert office.all(Reminder)[0].next_at == datetime(2026, 12, 1, 12, tzinfo=UTC)
    office.run(eve, "update", task, due_at=None)
    assert office.all(Reminder)[0].next_at is None


def test_a_reminder_comes_again_at_the_same_time_on_the_wall(lite: Office) -> None:
    """Across the change of the clocks in the person's zone, whatever the company's is."""
    lite.clock.set(datetime(2026, 3, 27, 6, tzinfo=UTC))
    eve = lite.person("eve", zone="Europe/Berlin")
    task = lite.task(eve)
    lite.run(eve, "remind", task, at=datetime(2026, 3, 27, 8, tzinfo=UTC), rule="FREQ=DAILY")
    for _day in range(4):
        lite.clock.advance(days=1)
        lite.tick()
    planned = [each.planned_at for each in lite.all(ReminderFiring, ReminderFiring.planned_at)]
    assert [f"{at.astimezone(BERLIN):%d %H:%M}" for at in planned] == ["27 09:00", "28 09:00", "29 09:00", "30 09:00"]
    assert [at.hour for at in planned] == [8, 8, 7, 7]


def test_an_absent_persons_reminder_goes_to_the_deputy(office: Office) -> None:
    """The deputy is told for whom; the log says in whose place."""
    eve, bob = office.person("eve"), office.person("bob")
    task = office.task(eve, "Call Ada")
    office.run(eve, "remind", task, when="+1h")
    absent(office, eve, bob)
    office.clock.advance(hours=1)
    office.tick()
    assert (office.notices("eve"), office.notices("bob")) == ([], ["Reminder for Eve, who is away: Call Ada"])
    (entry,) = office.all(ReminderFiring)
    assert (told(office, [entry]), entry.in_place_of) == ([["bob"]], eve.user_id)


def test_what_was_missed_is_caught_up_in_order_marked_late_and_told_once(office: Office) -> None:
    """After three days without a worker each turn stands in the log; the person is told of the last one alone."""
    eve = office.person("eve")
    daily, once = office.task(eve, "Daily"), office.task(eve, "Once")
    office.run(eve, "remind", daily, at=MONDAY + timedelta(hours=1), rule="FREQ=DAILY")
    office.run(eve, "remind", once, at=MONDAY + timedelta(days=1))
    office.clock.advance(days=3, hours=2)
    office.tick()
    entries = office.all(ReminderFiring, ReminderFiring.id)
    hours = [(each.planned_at - MONDAY) // timedelta(hours=1) for each in entries]
    assert hours == [1, 24, 25, 49, 73]
    assert [each.late for each in entries] == [True] * 5
    assert office.notices("eve") == ["Reminder: Once", "Reminder: Daily"]
    assert [event["late"] for event in emitted(office.crm, "work.reminder.fired")] == [True] * 5


def test_a_reminder_is_put_off_and_dismissed(lite: Office) -> None:
    """It fires again when it was put off to, and not any more once it is dismissed."""
    eve = lite.person("eve")
    task = lite.task(eve)
    reminder = lite.run(eve, "remind", task, when="+1h")
    lite.clock.advance(hours=1)
    lite.tick()
    lite.crm.run(eve, "work.reminder.snooze", {"choice": "hour"}, target=reminder.id)
    lite.clock.advance(hours=1)
    lite.tick()
    assert len(lite.all(ReminderFiring)) == 2
    lite.crm.run(eve, "work.reminder.snooze", {"choice": "hour"}, target=reminder.id)
    lite.crm.run(eve, "work.reminder.dismiss", target=reminder.id)
    lite.clock.advance(hours=2)
    lite.tick()
    assert len(lite.all(ReminderFiring)) == 2


def test_nobody_is_reminded_of_what_is_done(lite: Office) -> None:
    """Finishing a task ends its reminders, and opening it again brings back those by its due time."""
    eve = lite.person("eve")
    task = lite.task(eve, due="+3h", remind_minutes=60)
    lite.run(eve, "finish", task)
    assert lite.all(Reminder)[0].state == "dismissed"
    lite.clock.advance(hours=4)
    lite.tick()
    assert lite.all(ReminderFiring) == []


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"minutes": 5, "working_days": 1},
        {"at": "2026-11-24T09:00:00Z", "minutes": 5},
        {"at": "2026-11-20T09:00:00Z"},
        {"minutes": 5, "rule": "FREQ=DAILY"},
        {"at": "2026-11-24T09:00:00Z", "rule": "hourly"},
        {"at": "2026-11-24T09:00:00Z", "zone": "Mars/Olympus"},
        {"at": "2026-01-01T09:00:00Z", "rule": "FREQ=DAILY;COUNT=3"},
    ],
)
def test_a_reminder_says_once_when(lite: Office, values: dict[str, Any]) -> None:
    """At an instant to come, or so long before the due time; with a rule that is one and comes again."""
    eve = lite.person("eve")
    task = lite.task(eve, due="+9h")
    with pytest.raises(InvalidInput):
        lite.run(eve, "remind", task, **values)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rule=st.sampled_from(("FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=DAILY;BYHOUR=9,15", "FREQ=DAILY;COUNT=4")),
    zone=st.sampled_from(("Europe/Berlin", "Asia/Shanghai", "America/New_York")),
    steps=st.lists(st.integers(1, 96), min_size=1, max_size=5),
)
def test_whenever_the_ticks_come_every_turn_fires_once(
    templates: Templates, tmp_path_factory: pytest.TempPathFactory, rule: str, zone: str, steps: list[int]
) -> None:
    """However long the worker stands still in between, the log has the turns that the rule has, each once, in order."""
    url, _none = templates.copy_filled("sqlite", tmp_path_factory.mktemp("ticks"), enabled)
    for office in office_at(url):
        office.clock.set(datetime(2026, 10, 22, 5, tzinfo=UTC))
        start = datetime(2026, 10, 22, 7, tzinfo=UTC)
        task = office.task(office.person("eve"))
        office.run(office.people["eve"], "remind", task, at=start, rule=rule, zone=zone)
        for hours in steps:
            office.clock.advance(hours=hours)
            office.tick()
        planned = [each.planned_at for each in office.all(ReminderFiring, ReminderFiring.id)]
        series = Recurrence(rule=rule, start=start, zone=zone)
        assert planned == series.between(start - timedelta(hours=1), office.clock.instant)


# --- ladders ---------------------------------------------------------------------------------------------------------


def test_a_late_task_climbs_from_its_owner_to_the_leads(office: Office) -> None:
    """Each step tells whom it is to tell, once, and is logged; the task's page shows what comes next."""
    house = office.team("House")
    desk = office.team("Desk", house)
    eve, kim, lou = office.person("eve", team=desk), office.person("kim"), office.person("lou")
    for team, lead in ((desk, kim), (house, lou)):
        office.crm.run(SYSTEM, "work.ladder.set_lead", {"team_id": team, "user_id": lead.user_id})
    ladder(office, "-60m owner; 0 lead; +2h above; +1d user:kim")
    office.task(eve, "Send the offer", due_at=MONDAY + timedelta(hours=2))
    for hours in (1, 1, 2, 22):
        office.clock.advance(hours=hours)
        office.tick()
    entries = office.all(Escalation, Escalation.id)
    assert told(office, entries) == [["eve"], ["kim"], ["lou"], ["kim"]]
    assert [each.late for each in entries] == [False] * 4
    assert [name.split(":")[0] for name in office.notices("kim")] == ["Task 1 is late"] * 2
    assert office.notices("eve")[0].startswith("Task 1 will soon be due: Send the offer")


def test_steps_of_working_time_wait_for_work(office: Office) -> None:
    """Two working hours after Friday evening lie on Monday morning."""
    office.crm.run(SYSTEM, "work.calendar.create", DESK)
    eve = office.person("eve", zone="Europe/Berlin")
    ladder(office, "+2wh owner; +1wd owner")
    task = office.task(eve, due_at=datetime(2026, 11, 27, 15, 30, tzinfo=UTC))
    assert task.escalation_at == datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
    office.clock.set(datetime(2026, 11, 30, 9, 30, tzinfo=UTC))
    office.tick()
    assert office.all(Task)[0].escalation_at == datetime(2026, 11, 30, 15, 30, tzinfo=UTC)


def test_acknowledging_stops_the_ladder(office: Office) -> None:
    """Nobody else is told any more; the steps that were taken say who sees to it; another due time begins anew."""
    eve = office.person("eve")
    ladder(office, "0 owner repeat 30m x5")
    task = office.task(eve, due="+1h")
    office.clock.advance(hours=2)
    office.tick()
    assert len(office.all(Escalation)) == 3
    office.run(eve, "acknowledge", task)
    office.clock.advance(days=1)
    office.tick()
    entries = office.all(Escalation)
    assert [each.acknowledged_by_id for each in entries] == [eve.user_id] * 3
    office.run(eve, "update", task, due_at=office.clock.instant + timedelta(hours=1))
    office.clock.advance(hours=1)
    office.tick()
    assert len(office.all(Escalation)) == 4


def test_late_steps_come_in_order_across_tasks_and_are_marked(office: Office) -> None:
    """What two tasks missed is taken in the order in which it was due, each marked late."""
    eve = office.person("eve")
    ladder(office, "0 owner; +3h owner")
    office.task(eve, "First", due="+1h")
    office.task(eve, "Second", due="+2h")
    office.clock.advance(days=1)
    office.tick()
    entries = office.all(Escalation, Escalation.id)
    hours = [(each.planned_at - MONDAY) // timedelta(hours=1) for each in entries]
    assert (hours, {each.late for each in entries}) == ([1, 2, 4, 5], {True})


def test_where_a_step_would_tell_nobody_others_are_told(lite: Office) -> None:
    """The owner is absent without a deputy: the lead hears of it, without a lead the team, without one who gave it."""
    desk = lite.team("Desk")
    eve, ann, boss = lite.person("eve", team=desk), lite.person("ann", team=desk), lite.person("boss", "manager")
    alone = lite.person("alone")
    ladder(lite, "0 owner")
    lite.task(SYSTEM, "Eve's", owner_id=eve.user_id, due="+1h")
    lite.task(boss, "Alone's", owner_id=alone.user_id, due="+1h")
    absent(lite, eve, None)
    absent(lite, alone, None)
    lite.clock.advance(hours=1)
    lite.tick()
    assert told(lite, lite.all(Escalation, Escalation.id)) == [["ann"], ["boss"]]
    lite.crm.run(SYSTEM, "work.ladder.set_lead", {"team_id": desk, "user_id": boss.user_id})
    lite.task(SYSTEM, "Eve's other", owner_id=eve.user_id, due="+1h")
    lite.clock.advance(hours=1)
    lite.tick()
    assert told(lite, lite.all(Escalation, Escalation.id))[-1] == ["boss"]
    assert ann.user_id is not None


def test_the_first_ladder_that_fits_counts(lite: Office) -> None:
    """By queue and priority, in their order; one that was chosen for the task stands above all."""
    eve = lite.person("eve")
    chosen = lite.crm.run(SYSTEM, "work.ladder.create", {"name": "own", "steps": "+3h owner", "automatic": False})
    values = {"name": "urgent", "steps": "+1h owner", "priorities": ["urgent"], "position": 1}
    lite.crm.run(SYSTEM, "work.ladder.create", values)
    ladder(lite, "+2h owner")
    due = MONDAY + timedelta(hours=1)
    tasks = [
        lite.task(eve, due_at=due, priority="urgent"),
        lite.task(eve, due_at=due),
        lite.task(eve, due_at=due, priority="urgent", ladder_id=chosen.id),
    ]
    assert [(each.escalation_at - due) // timedelta(hours=1) for each in tasks] == [1, 2, 3]


def test_a_ladder_that_is_added_later_holds_for_what_is_open(lite: Office) -> None:
    """By a job; deleting the ladder takes the tasks off it."""
    eve = lite.person("eve")
    lite.task(eve, due="+5h")
    made = lite.crm.run(SYSTEM, "work.ladder.create", {"name": "usual", "steps": "0 owner"})
    lite.crm.worker().run_until_idle()
    assert lite.all(Task)[0].escalation_at is not None
    lite.crm.run(SYSTEM, "work.ladder.delete", target=made.id)
    lite.crm.worker().run_until_idle()
    assert lite.all(Task)[0].escalation_at is None


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"steps": "0 nobody"}, InvalidInput),
        ({"steps": ""}, InvalidInput),
        ({"name": " "}, InvalidInput),
        ({"priorities": ["asap"]}, InvalidInput),
        ({"steps": "0 user:ghost"}, NotFound),
        ({"steps": "0 team:Ghosts"}, NotFound),
        ({"name": "there"}, AlreadyExists),
    ],
)
def test_a_ladder_that_makes_no_sense_is_refused(lite: Office, values: dict[str, Any], error: type[Exception]) -> None:
    """Its steps have to be understood, and whom they tell has to be there."""
    lite.crm.run(SYSTEM, "work.ladder.create", {"name": "there", "steps": "0 owner"})
    with pytest.raises(error):
        lite.crm.run(SYSTEM, "work.ladder.create", {"name": "usual", "steps": "0 owner", **values})


# --- series ----------------------------------------------------------------------------------------------------------


def test_the_next_one_is_made_when_one_is_finished(office: Office) -> None:
    """With its reminder and its description, due by the rule, never in the past; the series is one."""
    eve = office.person("eve")
    rule = "FREQ=WEEKLY;BYDAY=MO"
    first = office.task(eve, "Weekly report", due="+2h", repeat_rule=rule, remind_minutes=30, description="All of it")
    office.clock.advance(days=15)
    office.run(eve, "finish", first)
    made = office.all(Task, Task.number)[1]
    assert (made.due_at, made.series_id, made.owner_id) == (MONDAY + timedelta(days=21, hours=2), first.id, eve.user_id)
    with office.crm.session(eve) as session:
        assert session.get(Task, made.id).description == "All of it"
    assert office.all(Reminder, Reminder.id)[1].next_at == made.due_at - timedelta(minutes=30)


def test_the_next_one_is_made_when_one_is_due(office: Office) -> None:
    """Each turn once, also those that were missed; finishing one earlier makes it then, and not again."""
    eve = office.person("eve")
    first = office.task(eve, "Daily round", due="+1h", repeat_rule="FREQ=DAILY", repeat_when="due")
    office.run(eve, "finish", first)
    office.clock.advance(days=2, hours=2)
    office.tick()
    office.tick()
    due = [(each.due_at - MONDAY) // timedelta(hours=1) for each in office.all(Task, Task.number)]
    assert due == [1, 25, 49, 73]


def test_a_series_ends_by_its_rule_or_by_hand(lite: Office) -> None:
    """After its last one nothing follows; dropping one with the series ends it."""
    eve = lite.person("eve")
    counted = lite.task(eve, due="+1h", repeat_rule="FREQ=DAILY;COUNT=2")
    lite.run(eve, "finish", counted)
    lite.run(eve, "finish", lite.all(Task, Task.number)[1])
    assert len(lite.all(Task)) == 2
    ended = lite.task(eve, due="+1h", repeat_rule="FREQ=DAILY")
    lite.run(eve, "drop", ended, series=True)
    assert len(lite.all(Task)) == 3


def test_who_may_not_read_a_description_leaves_the_next_one_to_the_tick(lite: Office) -> None:
    """What is masked for whoever finishes a task is whole in the next one."""
    role = lite.crm.run(SYSTEM, "role.create", {"name": "clerk"})
    for action in ("read", "update", "create"):
        lite.crm.run(SYSTEM, "role.grant", {"resource": "work.task", "action": action, "scope": "all"}, target=role.id)
    lite.crm.run(SYSTEM, "role.set_field_right", {"classified": "text", "level": "masked"}, target=role.id)
    clerk = lite.person("clerk", "clerk")
    task = lite.task(SYSTEM, description="Whole", due="+1h", repeat_rule="FREQ=DAILY", owner_id=clerk.user_id)
    lite.run(clerk, "finish", task)
    lite.tick()
    made = lite.all(Task, Task.number)[1]
    with lite.crm.session(SYSTEM) as session:
        assert session.get(Task, made.id).description == "Whole"


# --- the tick --------------------------------------------------------------------------------------------------------


def test_the_worker_ticks_every_minute(lite: Office) -> None:
    """The job is scheduled by itself and leaves its mark."""
    lite.crm.worker().run_until_idle()
    lite.clock.advance(minutes=2)
    lite.crm.worker().run_until_idle()
    assert [each.ticked_at for each in lite.all(Heartbeat)] == [lite.clock.instant]


def test_one_that_fails_costs_itself_alone(lite: Office) -> None:
    """A ladder that names somebody who is gone, a task of a plugin that refuses: the others fire."""
    eve = lite.person("eve")
    ladder(lite, "0 owner")
    lite.task(eve, "Broken", due="+1h")
    lite.task(eve, "Sound", due="+1h")
    with lite.crm.engines.system_write.begin() as connection:
        broken = "repeat_rule = 'nonsense', repeat_start = due_at, repeat_at = due_at"
        connection.execute(text(f"UPDATE work_task SET {broken} WHERE number = 1"))
    lite.clock.advance(hours=1)
    done = lite.tick()
    assert (done.fired, done.failed) == (2, 1)
    assert len(lite.all(Escalation)) == 2


def test_more_than_one_tick_can_hold_goes_on(lite: Office) -> None:
    """What is left over is taken up at once by another job, in order."""
    eve = lite.person("eve")
    for number in range(5):
        lite.run(eve, "remind", lite.task(eve, f"Task {number}"), at=MONDAY + timedelta(minutes=10 + number))
    lite.clock.advance(hours=1)
    first = lite.crm.run(SYSTEM, "work.task.tick", {"most": 3})
    assert (first.fired, first.left) == (3, True)
    lite.crm.worker().run_until_idle()
    planned = [each.planned_at for each in lite.all(ReminderFiring, ReminderFiring.id)]
    assert planned == [MONDAY + timedelta(minutes=10 + number) for number in range(5)]


def findings(office: Office) -> list[tuple[str, str]]:
    """Return what the doctor says of the tick."""
    return [(each.level, each.message) for each in examine(office.crm) if each.code == "work.tick"]


def test_the_doctor_fails_when_no_tick_came(lite: Office) -> None:
    """As long as something waits that nobody looks after; a tick mends it."""
    eve = lite.person("eve")
    lite.run(eve, "remind", lite.task(eve), when="+1h")
    assert [level for level, _message in findings(lite)] == ["info"]
    lite.tick()
    assert [level for level, _message in findings(lite)] == ["ok"]
    lite.clock.advance(minutes=30)
    assert [level for level, _message in findings(lite)] == ["warning"]
    lite.clock.advance(hours=3)
    assert findings(lite)[0][0] == "error"
    lite.tick()
    assert [level for level, _message in findings(lite)] == ["ok"]
