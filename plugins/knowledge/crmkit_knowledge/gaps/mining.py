"""Looking for gaps and for articles that are alike: reads as whoever asked, holds no transaction while it thinks, and
keeps what it found by operations. Must not know how texts are compared."""

from __future__ import annotations

from datetime import datetime
from statistics import median
from typing import Any

from sqlalchemy import select

from crmkit import CRM, Actor, Job, texts
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.articles.words import SHOWN
from crmkit_knowledge.capturing.clearing import cleared
from crmkit_knowledge.capturing.reading import names_by_customer
from crmkit_knowledge.gaps.clustering import Cluster, clusters_of, pairs_of
from crmkit_knowledge.gaps.keeping import MOST
from crmkit_knowledge.gaps.reading import DAYS, Asked, asked_lately

_ = texts("crmkit_knowledge")

ALIKE = 0.6
"""Articles that are so alike are shown as a pair."""
MOST_ARTICLES = 20_000
MOST_PAIRS = 200
_LEFT = "[…]"


def mine(crm: CRM, actor: Actor, days: int = DAYS) -> int:
    """Look for what is asked without an article that answers it, and keep it; returns the number of gaps."""
    with crm.session(actor) as session:
        asked = asked_lately(session, days)
        # Whoever may not read a name must not find it among the words either.
        names = names_by_customer(session, sorted({each.customer_id for each in asked}))
        articles = list(
            session.scalars(
                select(Article).where(Article.state.in_(SHOWN)).order_by(Article.number).limit(MOST_ARTICLES)
            )
        )
        texts_ = [(each.id, each.language, f"{each.title}\n{each.title}\n{each.body or ''}") for each in articles]
    said = [cleared(each.text, names[each.customer_id]).replace(_LEFT, " ") for each in asked]
    found = clusters_of(said, [each.customer_id for each in asked])
    crm.run(actor, "knowledge.gap.begin")
    for each in found:
        crm.run(actor, "knowledge.gap.keep", {"found": _gap(each, asked)})
    pairs: list[tuple[Any, Any, float]] = []
    for language in sorted({language for _id, language, _text in texts_}):
        own = [(id_, text) for id_, spoken, text in texts_ if spoken == language]
        pairs += [(own[one][0], own[two][0], value) for one, two, value in pairs_of([text for _id, text in own], ALIKE)]
    pairs = sorted(pairs, key=lambda each: -each[2])[:MOST_PAIRS]
    values = {"firsts": [each[0] for each in pairs], "seconds": [each[1] for each in pairs]}
    crm.run(actor, "knowledge.alike.keep", {**values, "likeness": [each[2] for each in pairs]})
    return len(found)


def _gap(found: Cluster, asked: list[Asked]) -> dict[str, Any]:
    own = [(asked[place], nearness) for place, nearness in found.texts]
    spent = [each.seconds for each, _nearness in own if each.seconds is not None]
    return {
        "label": list(found.label),
        "volume": len(own),
        "customers": len({each.customer_id for each, _nearness in own}),
        "seconds": round(median(spent)) if spent else None,
        "records": [
            {"ref": each.ref, "customer_id": each.customer_id, "nearness": nearness, "seconds": each.seconds}
            for each, nearness in own[:MOST]
        ],
    }


def _job(crm: CRM, actor: Actor, tick: datetime) -> None:
    mine(crm, actor)


JOBS = [
    Job(
        name="knowledge.gaps",
        title=_("Look for what no article answers"),
        handler=_job,
        cron="30 3 * * *",
        catch_up="latest",
        acts_as="system",
        apart=True,
        lease=1800,
    )
]
