"""Looking for topics: the job, which reads as whoever asked, holds no transaction while it thinks, and keeps what it
found by operations. Must not know how texts are compared."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from crmkit import CRM, Actor, CrmSession
from crmkit.errors import MissingExtra
from crmkit_needs.topics.clearing import cleared
from crmkit_needs.topics.clustering import Found, topics_of
from crmkit_needs.topics.models import Topic, TopicRun
from crmkit_needs.topics.reading import Text, names_of, texts_of

WHY = "names are kept out of topics"
CHUNK = 500
SAME = 0.5
"""A topic that shares so many of its terms with an ignored one is ignored as well."""
REMEMBERED = 200


def mine(crm: CRM, actor: Actor, run_id: str) -> None:
    """Look for the topics of a run and keep them: the job. A run that has ended is left as it is."""
    identity = UUID(run_id)
    with crm.session(actor) as session:
        run = session.get(TopicRun, identity)
        if run is None or run.state not in ("waiting", "running"):
            return
        days = (run.until - run.since).days + 1
        now = texts_of(session, run.kinds, run.since, run.until)
        before = texts_of(session, run.kinds, run.since - timedelta(days=days), run.since - timedelta(days=1))
        number, ignored = run.wanted, _ignored(session)
    # Whoever may not read a name must not find it among the terms either.
    with crm.session(crm.system(WHY)) as whole:
        names = names_of(whole, {each.customer_id for each in (*now, *before)})
    try:
        found = topics_of(
            [cleared(each.text, names) for each in now],
            [each.customer_id for each in now],
            number=number,
            before=[cleared(each.text, names) for each in before],
        )
    except MissingExtra as error:
        crm.run(actor, "needs.topics.end", {"state": "failed", "error": str(error)[:300]}, target=identity)
        return
    crm.run(actor, "needs.topics.end", {"state": "running"}, target=identity)
    for place, each in enumerate(found, start=1):
        _keep(crm, actor, identity, place, each, now, before, ignored)
    crm.run(actor, "needs.topics.end", {"state": "done" if found else "empty"}, target=identity)


def _keep(
    crm: CRM,
    actor: Actor,
    run: UUID,
    number: int,
    found: Found,
    now: list[Text],
    before: list[Text],
    ignored: list[frozenset[str]],
) -> None:
    terms = frozenset(found.terms)
    like = any(len(terms & each) >= SAME * min(len(terms), len(each)) for each in ignored if each)
    topic = crm.run(
        actor, "needs.topics.keep", {"number": number, "terms": list(found.terms), "ignored": like}, target=run
    )
    rows = [
        {"interaction_id": texts[each.at].interaction_id, "nearness": each.nearness, "before": earlier}
        for texts, places, earlier in ((now, found.texts, False), (before, found.before, True))
        for each in places
    ]
    for start in range(0, len(rows), CHUNK):
        crm.run(actor, "needs.topics.fill", {"found": rows[start : start + CHUNK]}, target=topic.id)


def _ignored(session: CrmSession) -> list[frozenset[str]]:
    query = select(Topic).where(Topic.state == "ignored").order_by(Topic.created_at.desc(), Topic.id).limit(REMEMBERED)
    return [frozenset(each.terms) for each in session.scalars(query)]
