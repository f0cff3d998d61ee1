"""What topics are made of and what is shown of them, as the session's actor may see it. Must not change anything."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import field, frozen
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from crmkit import CrmSession, Customer, Interaction, NotFound, User, texts
from crmkit_needs.catalogue.models import Need
from crmkit_needs.topics.clearing import Names
from crmkit_needs.topics.models import Topic, TopicRun, TopicText

_ = texts("crmkit_needs")

USUAL = ("email", "call", "chat", "sms", "social", "meeting", "visit")
"""Kinds that are read where nobody says which, with those of service and feedback where they are enabled."""
OF_PLUGINS = ("service.", "feedback.")
SPOKEN = ("call", "meeting", "visit")
"""Of these the customer says something whoever began; of all others what went out is ours."""
MOST = 20_000
"""So many texts, the newest of the period, are read, and as many of the period before."""
CHUNK = 500
EXAMPLES = 3
LENGTH = 300


@frozen(kw_only=True)
class Text:
    """What somebody said: the interaction, its customer, and the words."""

    interaction_id: UUID
    customer_id: UUID
    text: str = field(repr=False)


@frozen(kw_only=True)
class Example:
    """A text of a topic, cut short, with when it was and whose."""

    interaction_id: UUID
    customer_id: UUID
    customer: str
    at: datetime
    text: str = field(repr=False)


@frozen(kw_only=True)
class Shown:
    """A topic as a reader sees it: texts and customers of those that they may see, the share of all texts of the run
    that belong to a topic, from 0 to 1, the texts of the period before, and examples."""

    topic: Topic
    title: str
    texts: int
    customers: int
    share: float
    before: int
    need: Need | None
    examples: tuple[Example, ...] = ()


def kinds_for(session: CrmSession) -> tuple[str, ...]:
    """Return the kinds that are read where nobody says which."""
    known = session.gate.registry.interaction_kinds
    return tuple(name for name in known if name in USUAL or name.startswith(OF_PLUGINS))


def texts_of(session: CrmSession, kinds: Collection[str], since: date, until: date) -> list[Text]:
    """Return what customers said from one day to another, both included, the newest first, as far as the session's
    actor may read it. What was taken back is left out, and what we wrote ourselves."""
    zone = ZoneInfo(session.crm.config.get(session).zone)
    first, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (since, until + timedelta(days=1)))
    taken_back = aliased(Interaction)
    query = (
        select(Interaction.id)
        .where(
            Interaction.kind.in_(tuple(kinds)),
            Interaction.customer_id.is_not(None),
            Interaction.occurred_at >= first,
            Interaction.occurred_at < end,
            (Interaction.direction != "out") | Interaction.kind.in_(SPOKEN),
            Interaction.reverses_id.is_(None),
            ~select(taken_back.id).where(taken_back.reverses_id == Interaction.id).exists(),
        )
        .order_by(Interaction.occurred_at.desc(), Interaction.id)
        .limit(MOST)
    )
    ids = list(session.scalars(query))
    return [each for start in range(0, len(ids), CHUNK) for each in _read(session, ids[start : start + CHUNK])]


def _read(session: CrmSession, ids: Sequence[UUID]) -> Iterator[Text]:
    found = {each.id: each for each in session.scalars(select(Interaction).where(Interaction.id.in_(ids)))}
    for each in (found[one] for one in ids if one in found):
        said = said_in(each)
        if said and each.customer_id is not None:
            yield Text(interaction_id=each.id, customer_id=each.customer_id, text=said)


def said_in(interaction: Interaction) -> str:
    """Return subject and text of an interaction; of what the reader may not see nothing."""
    # What the actor may not read comes masked, which is no plain text.
    parts = [each.strip() for each in (interaction.subject, interaction.body) if type(each) is str and each.strip()]
    return "\n".join(parts)


def names_of(session: CrmSession, customers: Collection[UUID]) -> Names:
    """Return the names that are to be in no topic: of some customers and of all users."""
    persons = [each.name for each in session.scalars(select(User))]
    companies: list[str] = []
    ids = sorted(customers)
    for start in range(0, len(ids), CHUNK):
        for each in session.scalars(select(Customer).where(Customer.id.in_(ids[start : start + CHUNK]))):
            (companies if each.kind == "organization" else persons).append(each.name)
    return Names((each for each in persons if type(each) is str), (each for each in companies if type(each) is str))


def runs(session: CrmSession, most: int = 20) -> Sequence[TopicRun]:
    """Return the runs, the newest first."""
    return session.scalars(select(TopicRun).order_by(TopicRun.number.desc()).limit(most)).all()


def shown_of(session: CrmSession, run: TopicRun, *, examples: int = EXAMPLES) -> list[Shown]:
    """Return the topics of a run of which the reader sees a text, the largest first, each as far as they see it."""
    counted = (
        select(
            TopicText.topic_id,
            TopicText.before,
            func.count().label("texts"),
            func.count(func.distinct(TopicText.customer_id)).label("customers"),
        )
        .join(Topic, Topic.id == TopicText.topic_id)
        .where(Topic.run_id == run.id)
        .group_by(TopicText.topic_id, TopicText.before)
    )
    now: dict[UUID, Any] = {}
    then: dict[UUID, int] = {}
    for row in session.execute(counted):
        if row.before:
            then[row.topic_id] = row.texts
        else:
            now[row.topic_id] = row
    total = sum(row.texts for row in now.values())
    topics = session.scalars(select(Topic).where(Topic.run_id == run.id)).all()
    wanted = {each.need_id for each in topics if each.need_id is not None}
    needs = {each.id: each for each in session.scalars(select(Need).where(Need.id.in_(wanted)))} if wanted else {}
    found = [
        Shown(
            topic=each,
            title=title_of(each),
            texts=now[each.id].texts,
            customers=now[each.id].customers,
            share=now[each.id].texts / total,
            before=then.get(each.id, 0),
            need=needs.get(each.need_id) if each.need_id is not None else None,
            examples=examples_of(session, each, examples) if examples else (),
        )
        for each in topics
        if each.id in now
    ]
    return sorted(found, key=lambda each: (-each.texts, each.topic.number))


def title_of(topic: Topic, most: int = 4) -> str:
    """Return the first terms of a topic."""
    return ", ".join(topic.terms[:most])


def nearest(session: CrmSession, topic: Topic, most: int) -> list[tuple[Interaction, Customer]]:
    """Return the texts that stand best for a topic with their customers, of those that the actor sees."""
    query = (
        select(Interaction, Customer)
        .join(TopicText, TopicText.interaction_id == Interaction.id)
        .join(Customer, Customer.id == Interaction.customer_id)
        .where(TopicText.topic_id == topic.id, TopicText.before.is_(False))
        .order_by(TopicText.nearness.desc(), TopicText.interaction_id)
        .limit(most)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def examples_of(session: CrmSession, topic: Topic, most: int = EXAMPLES) -> tuple[Example, ...]:
    """Return the texts that stand best for a topic, of those that the reader may see."""
    found: list[Example] = []
    for interaction, customer in nearest(session, topic, most):
        words = " ".join(said_in(interaction).split())
        if words:
            found.append(
                Example(
                    interaction_id=interaction.id,
                    customer_id=customer.id,
                    customer=str(customer.name),
                    at=interaction.occurred_at,
                    text=words if len(words) <= LENGTH else f"{words[: LENGTH - 1]}…",
                )
            )
    return tuple(found)


def run_numbered(session: CrmSession, number: int) -> TopicRun:
    """Return a run by its number. Raises NotFound."""
    found = session.scalars(select(TopicRun).where(TopicRun.number == number)).first()
    if found is None:
        raise NotFound(_("There is no run {number}."), number=number)
    return found
