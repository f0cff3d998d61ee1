"""A company with a published survey, people of several rights and a clock that stands, for the tests of asking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from attrs import frozen
from crmkit_feedback.asking.models import Distribution, Invitation
from crmkit_feedback.surveys.models import Survey
from crmkit_messaging.api import OutgoingMessage
from sqlalchemy import select

from crmkit import CRM, Actor
from crmkit.testing.workbench import MovableClock

SYSTEM = Actor.system("a test")
MONDAY = datetime(2035, 3, 5, 4, 0, tzinfo=UTC)
"""When the tests begin: noon on a Monday in Shanghai, later than any record is made by the machine's clock."""
ROLES = {"mia": "manager", "sam": "seller"}


@frozen(kw_only=True)
class Studio:
    """A base with feedback and messaging enabled, its clock and its people by login."""

    crm: CRM
    clock: MovableClock
    people: Mapping[str, Actor]
    team: UUID

    def run(self, name: str, values: Any = None, *, by: str | Actor = SYSTEM, **options: Any) -> Any:
        """Run an operation in system scope, or as somebody."""
        actor = by if isinstance(by, Actor) else self.people[by]
        return self.crm.run(actor, name, values or {}, **options)

    def customer(self, name: str = "Lin", **values: Any) -> UUID:
        """Add a customer who can be reached by mail, and return its id."""
        mail = f"{name.lower().replace(' ', '.')}@customer.example"
        given = {
            "contact_points": [{"kind": "email", "value": mail}],
            "owner_id": self.people["sam"].user_id,
            "team_id": self.team,
        }
        found: UUID = self.run("customer.create", {"name": name, **given, **values}).id
        return found

    def customers(self, count: int) -> list[UUID]:
        """Add customers and return their ids."""
        return [self.customer(f"Lin {number}") for number in range(count)]

    def survey(self, name: str = "pulse", **values: Any) -> UUID:
        """Publish a survey and return its id."""
        made = self.run("feedback.survey.create", {"name": name, "title": name.title(), **values})
        self.run("feedback.survey.publish", target=made.id)
        found: UUID = made.id
        return found

    def distribution(self, name: str = "all", survey: str = "pulse", *, start: bool = True, **values: Any) -> UUID:
        """Have a survey ask everybody, or whom is said; by a link unless said otherwise. Returns the id."""
        given = {"name": name, "survey": survey, "way": "link", **values}
        if "event" not in values:
            given.setdefault("condition", "true")
        made = self.run("feedback.distribution.create", given)
        if start:
            self.run("feedback.distribution.start", target=made.id)
        found: UUID = made.id
        return found

    def invitations(self, distribution: UUID | None = None) -> list[Invitation]:
        """Return the invitations, of a distribution or of all."""
        query = select(Invitation).order_by(Invitation.id)
        if distribution is not None:
            query = query.where(Invitation.distribution_id == distribution)
        with self.crm.session(SYSTEM) as session:
            return list(session.scalars(query))

    def states(self, distribution: UUID | None = None) -> Counter[str]:
        """Return how many invitations are in which state, with the reason of those that were withheld."""
        return Counter(each.reason or each.state for each in self.invitations(distribution))

    def of(self, customer: UUID) -> Invitation:
        """Return the one invitation of a customer."""
        (found,) = [each for each in self.invitations() if each.customer_id == customer]
        return found

    def answer(self, invitation: UUID, score: int = 9) -> None:
        """Answer an invitation, as its page does."""
        (found,) = [each for each in self.invitations() if each.id == invitation]
        with self.crm.session(SYSTEM) as session:
            anonymous = session.get_one(Survey, found.survey_id).anonymous
        given = {"answers": [{"question": "recommend", "value": score}]}
        if anonymous:
            self.run("feedback.response.drop", {**given, "ballot": invitation}, target=found.survey_id)
        else:
            self.run("feedback.response.answer", {**given, "invitation_id": invitation}, target=found.survey_id)

    def messages(self) -> list[OutgoingMessage]:
        """Return the messages that were handed over, the first first."""
        with self.crm.session(SYSTEM) as session:
            return list(session.scalars(select(OutgoingMessage).order_by(OutgoingMessage.created_at)))

    def state(self, distribution: UUID) -> str:
        """Return the state of a distribution."""
        with self.crm.session(SYSTEM) as session:
            return session.get_one(Distribution, distribution).state

    def wait(self, **span: float) -> None:
        """Let time go by, and what is due be done."""
        self.clock.advance(**span)
        self.work()

    def work(self) -> None:
        """Carry out what is due."""
        self.crm.worker().run_until_idle()


def fill(crm: CRM) -> tuple[Mapping[str, UUID], UUID]:
    """Enable feedback and messaging, and add people; return their ids and the team's."""
    crm.run(SYSTEM, "business.configure", {"name": "Pumps", "base_currency": "CNY", "zone": "Asia/Shanghai"})
    crm.enable("messaging")
    crm.enable("feedback")
    team = crm.run(SYSTEM, "team.create", {"name": "North"}).id
    users: dict[str, UUID] = {}
    for login, role in ROLES.items():
        users[login] = crm.run(SYSTEM, "user.create", {"login": login, "name": login.title()}).id
        crm.run(SYSTEM, "user.assign_role", {"role": role}, target=users[login])
        crm.run(SYSTEM, "team.add_member", {"user_id": users[login], "main": True}, target=team)
    return users, team
