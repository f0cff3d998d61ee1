"""Asking for topics, keeping what was found, and what becomes of a topic. Must not know how topics are found."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit import Conflict, CrmSession, Input, Interaction, NotFound, operation, texts
from crmkit_needs.catalogue.history import problem
from crmkit_needs.catalogue.inputs import Area, Kind, Title
from crmkit_needs.catalogue.models import Need
from crmkit_needs.topics.events import TopicBecameNeed, TopicsMined
from crmkit_needs.topics.extras import library
from crmkit_needs.topics.models import Topic, TopicRun, TopicText
from crmkit_needs.topics.reading import kinds_for, nearest, said_in, title_of

_ = texts("crmkit_needs")

JOB = "needs.mine_topics"
MINE, UPDATE = "needs.topic.mine", "needs.topic.update"
DAYS = 90
"""So many days are read where nobody says which."""
LONGEST = 366 * 3
MOST_EVIDENCE = 200
"""A need gets evidence of so many customers at most, those who stand best for the topic."""
QUOTE = 2000

Kinds = Annotated[
    tuple[str, ...],
    Input(
        title=_("Kinds"),
        help=_("Kinds of interactions, such as email. None: mails, calls, chats, cases and feedback."),
        max_length=30,
        classified="internal",
    ),
]
Number = Annotated[
    int,
    Input(
        title=_("How many topics"),
        help=_("Nothing: as many as the number of texts suggests."),
        minimum=2,
        maximum=200,
        classified="internal",
    ),
]


@operation("needs.topics.mine", title=_("Look for topics"), permission=MINE, effect="create")
def mine_topics(
    session: CrmSession,
    *,
    since: Annotated[date, Input(title=_("From"), classified="internal")] | None = None,
    until: Annotated[date, Input(title=_("Until"), classified="internal")] | None = None,
    kinds: Kinds = (),
    topics: Number | None = None,
) -> TopicRun:
    """Have topics looked for in what customers wrote and said from one day to another, both included, else in the last
    90 days; a job does so within moments, with the rights of who asks, in texts of the customers they may see.

    Raises InvalidInput for a period that is none and for a kind that there is not, MissingExtra where the libraries are
    not installed.
    """
    library("sklearn.cluster")
    last = until or session.today()
    first = since or last - timedelta(days=DAYS - 1)
    if first > last:
        raise problem("since", _("The period ends before it begins."))
    if (last - first).days > LONGEST:
        raise problem("since", _("The period is longer than three years."))
    known = session.gate.registry.interaction_kinds
    for each in kinds:
        if each not in known:
            raise problem("kinds", _('There is no kind of interaction "{name}".'), name=each)
    run = TopicRun(
        number=(session.scalar(select(func.max(TopicRun.number))) or 0) + 1,
        state="waiting",
        since=first,
        until=last,
        kinds=list(dict.fromkeys(kinds)) or list(kinds_for(session)),
        wanted=topics,
        asked_at=session.gate.clock.business_now(),
        user_id=session.actor.user_id,
    )
    session.add(run)
    session.flush()
    session.defer(JOB, run_id=str(run.id))
    return run


@frozen(kw_only=True)
class FoundText:
    """A text that belongs to a topic."""

    interaction_id: Annotated[UUID, Input(classified="internal")]
    nearness: float
    before: bool = False


@operation("needs.topics.keep", title=_("Keep a topic"), permission=MINE, hidden=True)
def keep_topic(
    session: CrmSession,
    run: TopicRun,
    *,
    number: Annotated[int, Input(classified="internal")],
    terms: Annotated[tuple[str, ...], Input(classified="internal")],
    ignored: Annotated[bool, Input(classified="internal")] = False,
) -> Topic:
    """Keep a topic of a run, under its number, without its texts."""
    run.state = "running"
    topic = Topic(run_id=run.id, number=number, terms=list(terms), state="ignored" if ignored else "new")
    session.add(topic)
    return topic


@operation("needs.topics.fill", title=_("Keep texts of a topic"), permission=MINE, hidden=True)
def fill_topic(session: CrmSession, topic: Topic, *, found: tuple[FoundText, ...]) -> None:
    """Keep which texts belong to a topic, of those that there still are and that the actor still sees."""
    said = {each.interaction_id: each for each in found}
    query = select(Interaction.id, Interaction.customer_id).where(
        Interaction.id.in_(list(said)), Interaction.customer_id.is_not(None)
    )
    known = set(
        session.scalars(
            select(TopicText.interaction_id).where(
                TopicText.topic_id == topic.id, TopicText.interaction_id.in_(list(said))
            )
        )
    )
    session.add_all(
        TopicText(
            topic_id=topic.id,
            interaction_id=row.id,
            customer_id=row.customer_id,
            nearness=said[row.id].nearness,
            before=said[row.id].before,
        )
        for row in session.execute(query).all()
        if row.id not in known
    )


@operation("needs.topics.end", title=_("End of a search for topics"), permission=MINE, effect="update", hidden=True)
def end_run(
    session: CrmSession,
    run: TopicRun,
    *,
    state: Annotated[Literal["running", "done", "empty", "failed"], Input(classified="internal")],
    error: Annotated[str, Input(max_length=300, classified="internal")] = "",
) -> TopicRun:
    """Note where a search for topics stands; one that begins anew loses what it had found before it broke off."""
    if state == "running":
        for each in session.scalars(select(Topic).where(Topic.run_id == run.id)):
            session.delete(each)
    else:
        run.ended_at = session.gate.clock.business_now()
    run.state, run.error = state, error or None
    if state == "done":
        session.emit(TopicsMined(run_id=run.id))
    return run


@operation("needs.topic.make_need", title=_("Make it a need"), permission=UPDATE, effect="create")
def make_need(
    session: CrmSession,
    topic: Topic,
    *,
    title: Title = "",
    kind: Kind = "request",
    area: Area = "",
    into_id: Annotated[UUID, Input(title=_("Add it to the need"), resource="needs.need", classified="internal")]
    | None = None,
) -> Need:
    """Make a topic a need, or evidence of one that there is: for each customer the text that stands best for the topic,
    of those that the actor may read, up to 200. A title that is not given is made of the topic's terms.

    Raises Conflict for a topic that has become a need, NotFound where the actor sees none of its texts and for a need
    that there is not.
    """
    if topic.need_id is not None:
        raise Conflict(_("The topic has become a need already."))
    found = nearest(session, topic, MOST_EVIDENCE * 5)
    if not found:
        raise NotFound(_("There is no text of this topic that you may see."))
    if into_id is None:
        terms = ", ".join(topic.terms)
        need: Need = session.run(
            "needs.need.create",
            {"title": title.strip() or title_of(topic), "description": terms, "kind": kind, "area": area},
        )
    else:
        need = session.get(Need, into_id) or _no_need(into_id)
    seen: set[UUID] = set()
    for interaction, customer in found:
        if customer.id in seen or len(seen) == MOST_EVIDENCE:
            continue
        seen.add(customer.id)
        evidence = session.run(
            "needs.evidence.add",
            {
                "customer_id": customer.id,
                "quote": said_in(interaction)[:QUOTE],
                "source": "mined",
                "ref": f"interaction:{interaction.id}",
            },
            target=need,
        )
        evidence.interaction_id = interaction.id
    topic.need_id, topic.state = need.id, "need"
    session.emit(TopicBecameNeed(topic_id=topic.id, need_id=need.id))
    return need


@operation("needs.topic.ignore", title=_("Ignore"), permission=UPDATE, effect="update")
def ignore_topic(session: CrmSession, topic: Topic) -> Topic:
    """Ignore a topic, and those like it that are found later. Raises Conflict for one that has become a need."""
    return _put(topic, "ignored")


@operation("needs.topic.restore", title=_("No longer ignore"), permission=UPDATE, effect="update")
def restore_topic(session: CrmSession, topic: Topic) -> Topic:
    """No longer ignore a topic. Raises Conflict for one that has become a need."""
    return _put(topic, "new")


def _put(topic: Topic, state: str) -> Topic:
    if topic.state == "need":
        raise Conflict(_("The topic has become a need already."))
    topic.state = state
    return topic


def _no_need(need_id: UUID) -> Need:
    raise NotFound(_("There is no need {id}."), id=need_id)


OPERATIONS = [mine_topics, keep_topic, fill_topic, end_run, make_need, ignore_topic, restore_topic]
