"""A shop with people, a team that takes over, and a clock that stands, for the tests of lifecycle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from attrs import frozen
from crmkit_lifecycle.designing import models
from crmkit_lifecycle.passages.models import Passage, StageInterval
from sqlalchemy import select

from crmkit import CRM, Actor, catalogue_of, moment_of, values_of
from crmkit.testing.workbench import MovableClock

SYSTEM = Actor.system("a test")
MONDAY = datetime(2035, 3, 5, 2, 0, tzinfo=UTC)
"""When the tests begin: ten o'clock on a Monday in Shanghai, later than any record is made by the machine's clock."""
ROLES = {"mia": "manager", "sam": "seller", "ann": "analyst"}
TRIAL: tuple[dict[str, Any], ...] = (
    {"name": "lead", "title": "Lead", "kind": "entry", "enter": '"asked" in customer.tags'},
    {"name": "trial", "title": "Trial", "enter": '"trial" in customer.tags', "weight": 3},
    {"name": "won", "title": "Won", "kind": "good", "enter": "purchase.count > 0", "label": "mature", "weight": 5},
    {"name": "gone", "title": "Gone", "kind": "bad", "enter": '"gone" in customer.tags', "label": "lost", "weight": 9},
)
"""The stages of a model that tags move people through."""


@frozen(kw_only=True)
class House:
    """A base with lifecycle enabled, its clock, its people by login, its team."""

    crm: CRM
    clock: MovableClock
    people: Mapping[str, Actor]
    team: UUID

    def run(self, operation: str, values: Any = None, *, by: str | Actor = SYSTEM, **options: Any) -> Any:
        """Run an operation in system scope, or as somebody."""
        actor = by if isinstance(by, Actor) else self.people[by]
        return self.crm.run(actor, operation, values or {}, **options)

    def customer(self, name: str = "Lin", *tags: str, **values: Any) -> UUID:
        """Add a customer of the team's, with tags, and return its id."""
        mine = {"owner_id": self.people["sam"].user_id, "team_id": self.team}
        found: UUID = self.run("customer.create", {"name": name, **mine, **values}).id
        if tags:
            self.tag(found, *tags)
        return found

    def tag(self, customer: UUID, *names: str) -> None:
        """Give a customer tags."""
        self.run("customer.tag", {"names": list(names)}, target=customer)

    def untag(self, customer: UUID, *names: str) -> None:
        """Take tags away."""
        self.run("customer.untag", {"names": list(names)}, target=customer)

    def buy(self, customer: UUID, *days_ago: float, amount: str = "100") -> None:
        """Record purchases so many days before now."""
        for days in days_ago:
            when = self.clock.instant - timedelta(days=days)
            given = {"kind": "purchase", "customer_id": customer, "amount": amount, "currency": "CNY"}
            self.run("interaction.record", {**given, "occurred_at": when})

    def model(self, *stages: Mapping[str, Any], name: str = "sale", usual: bool = True, **values: Any) -> None:
        """Lay down a model and publish it."""
        version = {each: values.pop(each) for each in ("among", "leave", "again", "again_days") if each in values}
        made = self.run("lifecycle.model.create", {"name": name, "title": name.title(), "usual": usual, **values})
        if version:
            draft = self.one("ModelVersion", model_id=made.id)
            self.run("lifecycle.version.update", version, target=draft)
        for stage in stages or TRIAL:
            self.run("lifecycle.stage.create", {**stage, "model": name})
        self.run("lifecycle.model.publish", {}, target=made.id)
        self.work()

    def one(self, model: str, **values: Any) -> UUID:
        """Return the id of the last record of a model with some values."""
        of = getattr(models, model)
        with self.crm.session(SYSTEM) as session:
            query = select(of.id).filter_by(**values).order_by(of.created_at.desc(), of.id.desc())
            found: UUID = session.scalars(query).first()
            return found

    def refresh(self, *customers: UUID) -> Any:
        """Look at all customers, or some, and return what was done."""
        return self.run("lifecycle.passage.refresh", {"customers": list(customers)} if customers else {})

    def way(self, customer: UUID, name: str = "sale") -> list[tuple[int, str, str]]:
        """Return a customer's intervals: passage, stage, direction."""
        with self.crm.session(SYSTEM) as session:
            query = (
                select(StageInterval.number, StageInterval.stage_name, StageInterval.direction)
                .where(StageInterval.customer_id == customer, _of(StageInterval, name))
                .order_by(StageInterval.number, StageInterval.entered_at, StageInterval.step)
            )
            return [(row[0], row[1], row[2]) for row in session.execute(query)]

    def intervals(self, customer: UUID, name: str = "sale") -> list[StageInterval]:
        """Return a customer's intervals."""
        with self.crm.session(SYSTEM) as session:
            query = select(StageInterval).where(StageInterval.customer_id == customer, _of(StageInterval, name))
            return list(session.scalars(query.order_by(StageInterval.entered_at, StageInterval.step)))

    def passages(self, customer: UUID, name: str = "sale") -> list[Passage]:
        """Return a customer's passages in their order."""
        with self.crm.session(SYSTEM) as session:
            query = select(Passage).where(Passage.customer_id == customer, _of(Passage, name))
            return list(session.scalars(query.order_by(Passage.number)))

    def facts(self, customer: UUID, *names: str, as_of: Any = None, known_at: Any = None) -> tuple[Any, ...]:
        """Return facts of a customer."""
        with self.crm.session(SYSTEM) as session:
            refs = [catalogue_of(session).ref(name) for name in names]
            found = values_of(session, refs, [customer], moment_of(session, as_of, known_at))
            return tuple(found[customer][ref] for ref in refs)

    def work(self) -> None:
        """Carry out what is due."""
        self.crm.worker().run_until_idle()


def _of(table: Any, name: str) -> Any:
    return table.model_id.in_(select(models.LifecycleModel.id).where(models.LifecycleModel.name == name))


def fill(crm: CRM) -> tuple[Mapping[str, UUID], UUID]:
    """Enable lifecycle, and add people; return their ids and the team's."""
    crm.run(SYSTEM, "business.configure", {"name": "Shop", "base_currency": "CNY", "zone": "Asia/Shanghai"})
    crm.enable("work")
    crm.enable("lifecycle")
    team = crm.run(SYSTEM, "team.create", {"name": "North"}).id
    users: dict[str, UUID] = {}
    for login, role in ROLES.items():
        users[login] = crm.run(SYSTEM, "user.create", {"login": login, "name": login.title()}).id
        crm.run(SYSTEM, "user.assign_role", {"role": role}, target=users[login])
        crm.run(SYSTEM, "team.add_member", {"user_id": users[login], "main": True}, target=team)
    return users, team
