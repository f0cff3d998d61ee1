"""What is said of people: presence, absences with deputies, skills, and who may say it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from crmkit_work.api import Availability, is_available
from crmkit_work.assignment.models import Absence, Person
from sqlalchemy import select

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.errors import InvalidInput, NotFound, Refused
from tests.plugins.work.assignment.conftest import BOSS, away, user

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def available(crm: CRM, whose: Any, at: datetime | None = None) -> Availability:
    """Say whether somebody is there."""
    with crm.session(BOSS) as session:
        return is_available(session, whose, at)


def absent(crm: CRM, actor: Actor = BOSS, **values: Any) -> Any:
    """Plan an absence of three days from the first of June."""
    return crm.run(actor, "work.absence.create", {"starts_at": NOW, "ends_at": NOW + 3 * DAY, **values})


def test_an_absence_counts_from_its_first_instant_to_its_last(work: CRM) -> None:
    """The end is the first instant back; the deputy is named meanwhile."""
    ada, bo = user(work, "ada"), user(work, "bo")
    absent(work, user_id=ada, deputy_id=bo)
    assert available(work, ada, NOW - timedelta(seconds=1)).present
    assert available(work, ada, NOW) == Availability(present=False, reason="absent", until=NOW + 3 * DAY, deputy_id=bo)
    assert available(work, ada, NOW + 3 * DAY).present


def test_somebody_off_work_is_back_when_the_calendar_says(lite: CRM) -> None:
    """Friday evening means Monday morning."""
    ada = user(lite, "ada")
    values = {"name": "day", "hours": "mon-fri 09:00-17:00", "zone": "UTC", "usual": True}
    lite.run(BOSS, "work.calendar.create", values)
    friday, monday = datetime(2026, 6, 5, 18, tzinfo=UTC), datetime(2026, 6, 8, 9, tzinfo=UTC)
    assert available(lite, ada, friday) == Availability(present=False, reason="off_hours", until=monday)


def test_the_calendar_of_the_team_holds_for_its_members(lite: CRM) -> None:
    """Of the main team, or that of a team above it."""
    ada = user(lite, "ada")
    team = lite.run(BOSS, "team.create", {"name": "Night"}).id
    lite.run(BOSS, "team.add_member", {"user_id": ada}, target=team)
    night = lite.run(BOSS, "work.calendar.create", {"name": "night", "hours": "mon-sun 20:00-24:00", "zone": "UTC"})
    lite.run(BOSS, "work.calendar.assign_team", {"team_id": team}, target=night.id)
    assert [available(lite, ada, NOW.replace(hour=hour)).present for hour in (9, 21)] == [False, True]


def test_who_is_unknown_or_gone_is_not_there(lite: CRM) -> None:
    """Neither has a presence."""
    ada = user(lite, "ada")
    lite.run(BOSS, "user.deactivate", target=ada)
    assert [available(lite, each).reason for each in (ada, uuid4())] == ["inactive", "inactive"]


def test_everybody_speaks_for_themselves_and_managers_for_others(lite: CRM) -> None:
    """A seller's own presence and absence; a colleague's are refused, a manager's word counts."""
    sal, sue = user(lite, "sal", "seller"), user(lite, "sue", "seller")
    mia = Actor.user(user(lite, "mia", "manager"))
    seller = Actor.user(sal)
    lite.run(seller, "work.person.set_presence", {"presence": "busy"})
    assert available(lite, sal).reason == "busy"
    own = absent(lite, seller)
    assert own.user_id == sal
    for operation, values in (
        ("work.person.set_presence", {"presence": "offline", "user_id": sue}),
        ("work.absence.create", {"starts_at": NOW, "ends_at": NOW + DAY, "user_id": sue}),
        ("work.person.set", {"user_id": sal, "capacity": 1000}),
        ("work.person.set_skill", {"user_id": sal, "skill": "billing", "level": 10}),
    ):
        with pytest.raises(Refused):
            lite.run(seller, operation, values)
    theirs = absent(lite, mia, user_id=sue)
    for operation, change in (("work.absence.update", {"ends_at": NOW + DAY}), ("work.absence.delete", {})):
        with pytest.raises(Refused):
            lite.run(seller, operation, change, target=theirs.id)
    lite.run(seller, "work.absence.delete", target=own.id)
    lite.run(mia, "work.absence.delete", target=theirs.id)


def test_what_an_absence_is_for_is_not_for_everybody(lite: CRM) -> None:
    """Colleagues see when and who stands in; the kind and the reason are kept sealed, and masked."""
    ada = user(lite, "ada")
    absent(lite, user_id=ada, kind="illness", reason="a broken arm")
    colleague = Actor.user(user(lite, "sal", "seller"))
    with lite.session(colleague) as session:
        found = session.scalars(select(Absence)).one()
        assert (found.user_id, found.starts_at) == (ada, NOW)
        assert "arm" not in str(found.reason)
        assert "illness" not in str(found.kind)
    with lite.session(BOSS) as session:
        found = session.scalars(select(Absence)).one()
        assert (found.kind, found.reason) == ("illness", "a broken arm")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"ends_at": NOW}, "ends_at"),
        ({"deputy_id": "self"}, "deputy_id"),
        ({"deputy_id": "gone"}, "deputy_id"),
        ({"deputy_id": "away"}, "deputy_id"),
        ({"starts_at": NOW + 2 * DAY, "ends_at": NOW + 5 * DAY, "again": True}, "starts_at"),
    ],
    ids=["no time", "oneself", "inactive", "absent too", "twice"],
)
def test_an_absence_that_makes_no_sense_is_refused(lite: CRM, wrong: dict[str, Any], field: str) -> None:
    """With the field that is wrong."""
    people = {"self": user(lite, "ada"), "gone": user(lite, "bo"), "away": user(lite, "cy")}
    lite.run(BOSS, "user.deactivate", target=people["gone"])
    absent(lite, user_id=people["away"])
    if wrong.pop("again", False):
        absent(lite, user_id=people["self"])
    values = {name: people.get(value, value) if name == "deputy_id" else value for name, value in wrong.items()}
    with pytest.raises(InvalidInput) as caught:
        absent(lite, **{"user_id": people["self"], **values})
    assert [problem.field for problem in caught.value.problems] == [field]


def test_skills_have_levels(lite: CRM) -> None:
    """Set one by one or all at once; level 0 takes one away; what is not understood is refused."""
    ada = user(lite, "ada")
    for skill, level in (("billing", 3), ("tax", 2), ("tax", 0)):
        lite.run(BOSS, "work.person.set_skill", {"user_id": ada, "skill": skill, "level": level})
    with lite.session(BOSS) as session:
        assert session.scalars(select(Person.skills)).one() == {"billing": 3}
    lite.run(BOSS, "work.person.set", {"user_id": ada, "skills": ["tea", "billing:7"], "languages": ["zh", "zh"]})
    with lite.session(BOSS) as session:
        found = session.scalars(select(Person)).one()
        assert (found.skills, found.languages) == ({"tea": 1, "billing": 7}, ["zh"])
    for operation, values in (
        ("work.person.set", {"user_id": ada, "skills": ["tea:11"]}),
        ("work.person.set_skill", {"user_id": ada, "skill": "a:b"}),
        ("work.person.set_presence", {"user_id": ada, "presence": "away", "until": NOW - 3650 * DAY}),
    ):
        with pytest.raises(InvalidInput):
            lite.run(BOSS, operation, values)
    with pytest.raises(NotFound):
        lite.run(BOSS, "work.person.set_skill", {"user_id": away(lite, ada), "skill": "tea"})
