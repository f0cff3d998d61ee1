"""Handing work between departments: who may, who answers, what goes over, and how long it takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from attrs import frozen
from crmkit_work.calendars.clock import Hours, WorkingCalendar
from crmkit_work.handoffs.models import Handoff, HandoffStep
from crmkit_work.handoffs.reading import rows, sides_of
from crmkit_work.notices.reading import told
from crmkit_work.tasks.models import Task
from sqlalchemy import select

from crmkit import Customer, Period
from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.errors import Conflict, InvalidInput, NotFound, Refused
from tests.conftest import ENGINES, Templates
from tests.plugins.work.staff import SYSTEM, customer, person, team, work


@frozen(kw_only=True)
class Desk:
    """Sales and service, who see their own customers alone."""

    crm: CRM
    sales: UUID
    service: UUID
    sam: Actor
    """In sales."""
    kim: Actor
    """In service."""
    lee: Actor
    """In service, too."""
    ada: UUID
    """A customer of sales."""


def fill(crm: CRM) -> dict[str, Any]:
    """Enable work, and add two departments."""
    crm.enable("work")
    sales, service = team(crm, "Sales"), team(crm, "Service")
    sam = person(crm, "sam", teams=[sales])
    return {
        "sales": sales,
        "service": service,
        "sam": sam,
        "kim": person(crm, "kim", teams=[service]),
        "lee": person(crm, "lee", teams=[service]),
        "ada": customer(crm, team_id=sales, owner_id=sam.user_id),
    }


@pytest.fixture(params=ENGINES)
def desk(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[Desk]:
    """Two departments, once for each engine."""
    url, found = templates.copy_filled(request.param, tmp_path, fill)
    with CRM.open(url) as crm:
        yield Desk(crm=crm, **found)


def offer(desk: Desk, actor: Actor | None = None, **values: Any) -> Handoff:
    """Hand something over, by default from sales to service."""
    given: dict[str, Any] = {"title": "Install it", "to_team_id": desk.service, "customer_id": desk.ada, **values}
    found: Handoff = desk.crm.run(actor or desk.sam, "work.handoff.offer", given)
    return found


def state(desk: Desk, handoff: Handoff) -> str:
    """Return what a hand-off is."""
    with desk.crm.session(SYSTEM) as session:
        return session.get_one(Handoff, handoff.id).state


def steps(desk: Desk, handoff: Handoff) -> list[str]:
    """Return what happened to a hand-off."""
    with desk.crm.session(SYSTEM) as session:
        query = select(HandoffStep.action).where(HandoffStep.handoff_id == handoff.id)
        return list(session.scalars(query.order_by(HandoffStep.at, HandoffStep.id)))


def heard(crm: CRM, actor: Actor) -> list[str]:
    """Return what somebody was told, the newest first."""
    with crm.session(actor) as session:
        return [each.title for each in told(session, "en")]


def test_a_hand_off_is_accepted_by_the_side_that_was_asked(desk: Desk) -> None:
    """Both sides see it, one accepts it; everything that happened is kept and told."""
    handoff = offer(desk)
    with desk.crm.session(desk.kim) as session:
        assert [each.title for each in sides_of(session).waiting] == ["Install it"]
    desk.crm.run(desk.kim, "work.handoff.accept", target=handoff.id)
    desk.crm.run(desk.kim, "work.handoff.finish", target=handoff.id)
    assert (state(desk, handoff), steps(desk, handoff)) == ("done", ["offer", "accept", "finish"])
    assert heard(desk.crm, desk.kim) == ["Sam hands over to you: Install it"]
    assert heard(desk.crm, desk.sam) == ["Kim has finished: Install it", "Kim has accepted: Install it"]
    with desk.crm.session(desk.sam) as session:
        assert session.get_one(Handoff, handoff.id).owner_id == desk.kim.user_id


def test_only_the_side_that_was_asked_answers(desk: Desk) -> None:
    """Neither who has made it nor anybody else, also where these may see it; what is not seen is not found."""
    handoff = offer(desk)
    for actor in (desk.sam, person(desk.crm, "boss", "admin")):
        with pytest.raises(Refused):
            desk.crm.run(actor, "work.handoff.accept", target=handoff.id)
    stranger = person(desk.crm, "ann", teams=[team(desk.crm, "Other")])
    for operation in ("accept", "withdraw"):
        with pytest.raises(NotFound):
            desk.crm.run(stranger, f"work.handoff.{operation}", target=handoff.id)
    with pytest.raises(Refused):
        desk.crm.run(desk.kim, "work.handoff.withdraw", target=handoff.id)
    assert state(desk, handoff) == "offered"


def test_one_of_two_accepts(desk: Desk) -> None:
    """The second is told that it has been answered."""
    handoff = offer(desk)
    desk.crm.run(desk.kim, "work.handoff.accept", target=handoff.id)
    with pytest.raises(Conflict):
        desk.crm.run(desk.lee, "work.handoff.accept", target=handoff.id)
    with pytest.raises(Refused):
        desk.crm.run(desk.lee, "work.handoff.finish", target=handoff.id)


def test_declining_and_returning_need_a_reason(desk: Desk) -> None:
    """Who has made it is told."""
    first, second = offer(desk), offer(desk, title="Second")
    with pytest.raises(InvalidInput):
        desk.crm.run(desk.kim, "work.handoff.decline", {"reason": " "}, target=first.id)
    desk.crm.run(desk.kim, "work.handoff.decline", {"reason": "Not ours"}, target=first.id)
    desk.crm.run(desk.kim, "work.handoff.accept", target=second.id)
    desk.crm.run(desk.kim, "work.handoff.return", {"reason": "A part is missing"}, target=second.id)
    assert (state(desk, first), state(desk, second)) == ("declined", "returned")
    assert heard(desk.crm, desk.sam)[0] == "Kim has given back: Second"
    with desk.crm.session(desk.sam) as session:
        reasons = session.scalars(select(HandoffStep).where(HandoffStep.action.in_(("decline", "return")))).all()
        assert sorted(str(each.reason) for each in reasons) == ["A part is missing", "Not ours"]


def test_it_is_withdrawn_while_nobody_has_it(desk: Desk) -> None:
    """Not any more once it was accepted."""
    first, second = offer(desk), offer(desk)
    desk.crm.run(desk.sam, "work.handoff.withdraw", target=first.id)
    desk.crm.run(desk.kim, "work.handoff.accept", target=second.id)
    with pytest.raises(Conflict):
        desk.crm.run(desk.sam, "work.handoff.withdraw", target=second.id)
    assert (state(desk, first), state(desk, second)) == ("withdrawn", "accepted")


def test_the_deadline_is_working_time_of_the_receiving_side(desk: Desk) -> None:
    """By the calendar of its team."""
    hours = desk.crm.run(
        SYSTEM, "work.calendar.create", {"name": "desk", "hours": "mon-sun 09:00-10:00", "zone": "UTC"}
    )
    desk.crm.run(SYSTEM, "work.calendar.assign_team", {"team_id": desk.service}, target=hours.id)
    handoff = offer(desk, accept_minutes=150)
    hour = WorkingCalendar(zone="UTC", week={day: (Hours(9 * 3600, 10 * 3600),) for day in range(7)})
    assert handoff.due_at == hour.add(handoff.offered_at, timedelta(minutes=150))
    assert handoff.due_at - handoff.offered_at > timedelta(days=1)


def test_what_nobody_accepts_in_time_is_told_to_both_sides(desk: Desk) -> None:
    """And to who leads the receiving one; it can still be accepted, late."""
    boss = person(desk.crm, "boss", "manager", teams=[desk.service])
    desk.crm.run(SYSTEM, "work.ladder.set_lead", {"team_id": desk.service, "user_id": boss.user_id})
    handoff = offer(desk)
    run_out(desk, handoff)
    assert state(desk, handoff) == "expired"
    for actor in (desk.sam, desk.kim, boss):
        assert heard(desk.crm, actor)[0] == "Nobody has accepted in time: Install it"
    desk.crm.run(desk.kim, "work.handoff.accept", target=handoff.id)
    desk.crm.run(SYSTEM, "work.handoff.expire", {"handoff_id": handoff.id})
    assert state(desk, handoff) == "accepted"


def test_nothing_runs_out_before_its_time(desk: Desk) -> None:
    """Whoever asks for it; and nobody but the framework does."""
    handoff = offer(desk)
    desk.crm.run(SYSTEM, "work.handoff.expire", {"handoff_id": handoff.id})
    with pytest.raises(Refused):
        desk.crm.run(desk.kim, "work.handoff.expire", {"handoff_id": handoff.id})
    assert state(desk, handoff) == "offered"


def test_the_customer_goes_over_on_acceptance(desk: Desk) -> None:
    """Not before; and back with a return."""
    boss = person(desk.crm, "boss", "manager", teams=[desk.sales])
    with pytest.raises(Refused):
        offer(desk, desk.sam, handed="customer")
    handoff = offer(desk, boss, handed="customer")
    with desk.crm.session(desk.kim) as session:
        assert session.get(Customer, desk.ada) is None
    desk.crm.run(desk.kim, "work.handoff.accept", target=handoff.id)
    work(desk.crm)
    with desk.crm.session(desk.kim) as session:
        assert session.get_one(Customer, desk.ada).owner_id == desk.kim.user_id
    desk.crm.run(desk.kim, "work.handoff.return", {"reason": "Not ours"}, target=handoff.id)
    work(desk.crm)
    with desk.crm.session(boss) as session:
        found = session.get_one(Customer, desk.ada)
        assert (found.owner_id, found.team_id) == (boss.user_id, desk.sales)
    assert steps(desk, handoff) == ["offer", "accept", "transfer", "return", "transfer"]


def test_the_customer_is_shared_on_acceptance(desk: Desk) -> None:
    """With who has accepted, to read."""
    handoff = offer(desk, handed="share")
    desk.crm.run(desk.kim, "work.handoff.accept", target=handoff.id)
    work(desk.crm)
    with desk.crm.session(desk.kim) as session:
        assert session.get_one(Customer, desk.ada).owner_id == desk.sam.user_id
    with desk.crm.session(desk.lee) as session:
        assert session.get(Customer, desk.ada) is None


def test_a_task_goes_over_on_acceptance(desk: Desk) -> None:
    """To who has accepted, though it was not theirs to see before."""
    task = desk.crm.run(desk.sam, "work.task.create", {"title": "Install", "customer_id": desk.ada})
    handoff = offer(desk, ref=f"work.task:{task.id}", customer_id=None)
    with desk.crm.session(desk.kim) as session:
        assert session.get(Task, task.id) is None
    desk.crm.run(desk.kim, "work.handoff.accept", target=handoff.id)
    work(desk.crm)
    with desk.crm.session(desk.kim) as session:
        assert session.get_one(Task, task.id).owner_id == desk.kim.user_id


def test_nobody_gives_away_what_is_not_theirs(desk: Desk) -> None:
    """Neither a customer whom one only sees, nor one whom one does not see, nor another's task."""
    ann = person(desk.crm, "ann", "analyst")
    with pytest.raises(Refused):
        offer(desk, ann)
    agent = person(desk.crm, "agent", "service_agent")
    with pytest.raises(Refused):
        offer(desk, agent, handed="customer")
    with pytest.raises(NotFound):
        offer(desk, desk.kim, to_team_id=desk.sales)
    with pytest.raises(NotFound):
        offer(desk, desk.kim, to_team_id=desk.sales, customer_id=None, ref=f"customer:{desk.ada}")


def test_it_is_handed_to_one(desk: Desk) -> None:
    """To a person, a team or a queue, who are there."""
    for values in ({"to_team_id": None}, {"to_user_id": desk.kim.user_id}, {"title": " "}, {"ref": "nothing"}):
        with pytest.raises(InvalidInput):
            offer(desk, **values)
    with pytest.raises(NotFound):
        offer(desk, to_team_id=UUID(int=5))


def test_out_of_a_queue_somebody_is_asked(desk: Desk) -> None:
    """Whom the assignment engine finds; another member may accept as well."""
    queue = desk.crm.run(SYSTEM, "work.queue.create", {"name": "install", "title": "Install", "in_hours": False})
    for each in (desk.kim, desk.lee):
        desk.crm.run(SYSTEM, "work.queue.add_member", {"user_id": each.user_id}, target=queue.id)
    handoff = offer(desk, to_team_id=None, to_queue="install")
    assert handoff.owner_id in (desk.kim.user_id, desk.lee.user_id)
    asked = desk.kim if handoff.owner_id == desk.kim.user_id else desk.lee
    assert heard(desk.crm, asked) == ["Sam hands over to you: Install it"]
    desk.crm.run(asked, "work.handoff.accept", target=handoff.id)
    assert state(desk, handoff) == "accepted"


def test_a_deputy_accepts_during_an_absence(desk: Desk) -> None:
    """And is told of it, as the one who is asked is."""
    now = datetime.now(UTC)
    given = {"user_id": desk.kim.user_id, "deputy_id": desk.lee.user_id}
    span = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(days=3)}
    desk.crm.run(SYSTEM, "work.absence.create", {**given, **span})
    handoff = offer(desk, to_team_id=None, to_user_id=desk.kim.user_id)
    assert heard(desk.crm, desk.lee) == heard(desk.crm, desk.kim) == ["Sam hands over to you: Install it"]
    desk.crm.run(desk.lee, "work.handoff.accept", target=handoff.id)
    assert state(desk, handoff) == "accepted"


def test_the_report_measures_working_time_to_acceptance(desk: Desk) -> None:
    """For each receiving side what the reader may see of it."""
    first, second, third = (offer(desk, title=f"No {number}") for number in range(3))
    change(desk, first, offered_at=datetime.now(UTC) - timedelta(hours=2))
    desk.crm.run(desk.kim, "work.handoff.accept", target=first.id)
    desk.crm.run(desk.kim, "work.handoff.decline", {"reason": "No"}, target=second.id)
    run_out(desk, third)
    today = date.today()
    period = Period(first=today - timedelta(days=2), last=today + timedelta(days=1))
    with desk.crm.session(desk.kim) as session:
        (row,) = rows(session, period, None)
    shown = {name: row[name] for name in ("side", "offered", "accepted", "declined", "late", "in_time", "median_hours")}
    assert shown == {
        "side": "Service",
        "offered": 3,
        "accepted": 1,
        "declined": 1,
        "late": 1,
        "in_time": 1.0,
        "median_hours": 2.0,
    }


def test_the_title_of_a_hand_off_is_all_that_a_stranger_could_be_told(desk: Desk) -> None:
    """What is asked is sealed, and in no notice."""
    offer(desk, request="The door code is 4711")
    with desk.crm.engines.system_read.connect() as connection:
        for table in ("work_handoff", "work_notice", "work_handoff_step"):
            found = connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            assert "code is 4711" not in repr(found)


def run_out(desk: Desk, handoff: Handoff) -> None:
    """Let the time to accept run out."""
    change(desk, handoff, due_at=datetime.now(UTC) - timedelta(minutes=1))
    desk.crm.run(SYSTEM, "work.handoff.expire", {"handoff_id": handoff.id})


def change(desk: Desk, handoff: Handoff, **values: Any) -> None:
    """Change a hand-off behind everybody's back."""
    table: Any = Handoff.__table__
    with desk.crm.engines.system_write.begin() as connection:
        connection.execute(table.update().where(table.c.id == handoff.id).values(**values))
