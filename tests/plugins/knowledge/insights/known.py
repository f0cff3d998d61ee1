"""Customers of whom something is known: what tests of insights begin with."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crmkit_knowledge.insights.history import history_of
from crmkit_knowledge.insights.models import Insight
from sqlalchemy import select

from crmkit import catalogue_of, moment_of, values_of
from tests.plugins.knowledge.base import START, Base

DAY = timedelta(days=1)


def customer(base: Base, name: str = "Lin", owner: str = "") -> UUID:
    """Return a new customer, somebody's or nobody's."""
    values = {"name": name, "owner_id": base.users[owner]} if owner else {"name": name}
    return base.run("customer.create", values).id


def noted(base: Base, who: UUID, topic: str = "packaging", text: str = "No plastic", by: str = "", **more: Any) -> UUID:
    """Note something about a customer."""
    values = {"customer_id": who, "topic": topic, "text": text, **more}
    return base.run("knowledge.insight.note", values, who=by).id


def promised(base: Base, who: UUID, days: int = 3, by: str = "", **more: Any) -> UUID:
    """Promise something to a customer for so many days from now."""
    due = (base.clock.as_clock().business_now() + days * DAY).date()
    return noted(base, who, "follow_up", "We call back", by, due_on=due, **more)


def act(base: Base, name: str, insight: UUID, by: str = "", **values: Any) -> Any:
    """Do something with an insight."""
    return base.run(f"knowledge.insight.{name}", values, target=insight, who=by)


def insight(base: Base, identity: UUID) -> Insight:
    """Return an insight as it is now, with its text read."""
    with base.crm.session(base.actor()) as session:
        found = session.get_one(Insight, identity)
        _ = (found.text, found.outcome)
        session.expunge_all()
        return found


def story(base: Base, identity: UUID) -> list[tuple[str, str]]:
    """Return what happened to an insight, with the state that it had then."""
    with base.crm.session(base.actor()) as session:
        return [(each.kind, each.state) for each in history_of(session, session.get_one(Insight, identity))]


def current(base: Base, who: UUID, by: str = "") -> list[UUID]:
    """Return the insights of a customer that hold, as somebody sees them."""
    with base.crm.session(base.actor(by)) as session:
        query = select(Insight.id).where(Insight.customer_id == who, Insight.state == "current").order_by(Insight.id)
        return list(session.scalars(query))


def due(base: Base) -> None:
    """Do what is due with insights."""
    while base.run("knowledge.insight.run_due"):
        pass


def facts(base: Base, who: UUID, *names: str, as_of: datetime | None = None, known_at: datetime | None = None) -> Any:
    """Return facts of a customer, as of a time and as known then."""
    with base.crm.session(base.actor()) as session:
        refs = [catalogue_of(session).ref(f"knowledge.{each}") for each in names]
        found = values_of(session, refs, [who], moment_of(session, as_of, known_at))
        return tuple(found[who][ref] for ref in refs)


__all__ = ["DAY", "START", "act", "current", "customer", "due", "facts", "insight", "noted", "promised", "story"]
