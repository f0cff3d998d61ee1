"""A business with people of several rights, a team with its lead and a clock that stands, for the tests of feedback."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from attrs import frozen
from crmkit_feedback.items.models import Feedback, FeedbackEvent
from crmkit_work.api import Task
from crmkit_work.notices.models import Notice
from sqlalchemy import select

from crmkit import CRM, Actor, catalogue_of, moment_of, values_of
from crmkit.testing.workbench import MovableClock

SYSTEM = Actor.system("a test")
MONDAY = datetime(2035, 3, 5, 2, 0, tzinfo=UTC)
"""When the tests begin: ten o'clock on a Monday in Shanghai, later than any record is made by the machine's clock."""
ROLES = {"mia": "manager", "sam": "seller", "ann": "analyst", "joe": "seller"}


@frozen(kw_only=True)
class Office:
    """A base with feedback enabled, its clock, its people by login, its team."""

    crm: CRM
    clock: MovableClock
    people: Mapping[str, Actor]
    team: UUID

    def run(self, operation: str, values: Any = None, *, by: str | Actor = SYSTEM, **options: Any) -> Any:
        """Run an operation in system scope, or as somebody."""
        actor = by if isinstance(by, Actor) else self.people[by]
        return self.crm.run(actor, operation, values or {}, **options)

    def customer(self, name: str = "Lin", **values: Any) -> UUID:
        """Add a customer of the team's and return its id."""
        mine = {"owner_id": self.people["sam"].user_id, "team_id": self.team}
        found: UUID = self.run("customer.create", {"name": name, **mine, **values}).id
        return found

    def said(self, score: int | None = 2, customer: UUID | None = None, **values: Any) -> UUID:
        """Write feedback down and return its id; of a customer of the team's with an NPS of 2 unless said otherwise."""
        given: dict[str, Any] = {"customer_id": customer or self.customer(), "verbatim": "The pump leaks"}
        if score is not None:
            given |= {"metric": "nps", "score": score}
        found: UUID = self.run("feedback.feedback.create", {**given, **values}).id
        return found

    def act(self, name: str, item: UUID, values: Any = None, *, by: str | Actor = SYSTEM) -> Any:
        """Run an operation on feedback, by the last part of its name."""
        return self.run(f"feedback.feedback.{name}", values, target=item, by=by)

    def item(self, item: UUID) -> Feedback:
        """Return feedback as it is."""
        with self.crm.session(SYSTEM) as session:
            return session.get_one(Feedback, item)

    def events(self, item: UUID) -> list[str]:
        """Return the kinds of what happened to feedback, in order."""
        with self.crm.session(SYSTEM) as session:
            query = select(FeedbackEvent.kind).where(FeedbackEvent.feedback_id == item)
            return list(session.scalars(query.order_by(FeedbackEvent.at, FeedbackEvent.id)))

    def task(self, item: UUID) -> Task | None:
        """Return the task of feedback as it is."""
        with self.crm.session(SYSTEM) as session:
            found = session.get_one(Feedback, item).task_id
            return session.get(Task, found) if found is not None else None

    def facts(self, customer: UUID, *names: str, as_of: Any = None, known_at: Any = None) -> tuple[Any, ...]:
        """Return facts of a customer."""
        with self.crm.session(SYSTEM) as session:
            refs = [catalogue_of(session).ref(name) for name in names]
            found = values_of(session, refs, [customer], moment_of(session, as_of, known_at))
            return tuple(found[customer][ref] for ref in refs)

    def wait(self, **span: float) -> None:
        """Let time go by, and what is due be done."""
        self.clock.advance(**span)
        self.work()

    def work(self) -> None:
        """Carry out what is due."""
        self.crm.worker().run_until_idle()

    def told(self, login: str) -> list[str]:
        """Return the titles of the notices of somebody, with their values, the first first."""
        with self.crm.session(SYSTEM) as session:
            query = select(Notice).where(Notice.user_id == self.people[login].user_id).order_by(Notice.created_at)
            return [each.title.format_map(each.details) for each in session.scalars(query)]


def fill(crm: CRM) -> tuple[Mapping[str, UUID], UUID]:
    """Enable feedback, and add people; return their ids and the team's. Mia leads the team."""
    crm.run(SYSTEM, "business.configure", {"name": "Pumps", "base_currency": "CNY", "zone": "Asia/Shanghai"})
    crm.enable("feedback")
    team = crm.run(SYSTEM, "team.create", {"name": "North"}).id
    users: dict[str, UUID] = {}
    for login, role in ROLES.items():
        users[login] = crm.run(SYSTEM, "user.create", {"login": login, "name": login.title()}).id
        crm.run(SYSTEM, "user.assign_role", {"role": role}, target=users[login])
        if login != "joe":
            crm.run(SYSTEM, "team.add_member", {"user_id": users[login], "main": True}, target=team)
    crm.run(SYSTEM, "work.ladder.set_lead", {"team_id": team, "user_id": users["mia"]})
    return users, team
