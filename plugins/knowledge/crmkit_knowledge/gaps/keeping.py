"""Keeping what was found, and what people do with it: owners, states, and the draft that is written for a gap."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, Input, operation, texts
from crmkit.i18n import translate
from crmkit_knowledge.articles.errors import problem
from crmkit_knowledge.articles.inputs import CategoryName, SpaceName
from crmkit_knowledge.articles.models import Article
from crmkit_knowledge.capturing.clearing import line
from crmkit_knowledge.capturing.drafting import UNNAMED, body_of
from crmkit_knowledge.capturing.reading import heard_in, names_for, record_of
from crmkit_knowledge.capturing.words import RECORDS
from crmkit_knowledge.gaps.models import AlikePair, Gap, GapRecord
from crmkit_knowledge.gaps.words import STATES

_ = texts("crmkit_knowledge")

UPDATE, MANAGE = "knowledge.gap.update", "knowledge.gap.manage"
SAME = 0.5
"""A gap that shares so many of its words, or of its records, with an earlier one is that one."""
EXAMPLES = 3
MOST = 500
Seconds = Annotated[int, Input(minimum=0, classified="internal")]
Share = Annotated[float, Input(minimum=0, maximum=1, classified="internal")]


@frozen(kw_only=True)
class FoundRecord:
    """A record of a gap that was found."""

    ref: Annotated[str, Input(max_length=160, classified="internal")]
    customer_id: Annotated[UUID, Input(classified="internal")]
    nearness: Share
    seconds: Seconds | None = None


@frozen(kw_only=True)
class FoundGap:
    """A gap that was found."""

    label: Annotated[tuple[str, ...], Input(max_length=10, classified="internal")]
    volume: Annotated[int, Input(minimum=1, classified="internal")]
    customers: Annotated[int, Input(minimum=1, classified="internal")]
    seconds: Seconds | None
    records: tuple[FoundRecord, ...]


@operation("knowledge.gap.begin", title=_("Look for gaps again"), permission=MANAGE, effect="update", hidden=True)
def begin(session: CrmSession) -> None:
    """Have no gap be there until it is found again; those for which an article was published are answered."""
    for gap in session.scalars(select(Gap)):
        gap.volume = 0
        article = session.get(Article, gap.article_id) if gap.article_id is not None else None
        if gap.state == "writing" and article is not None and article.released is not None:
            gap.state = "answered"


@operation("knowledge.gap.keep", title=_("Keep a gap"), permission=MANAGE, effect="update", hidden=True)
def keep(session: CrmSession, *, found: FoundGap) -> Gap:
    """Keep a gap that was found; where it is one that was found before, its state and its owner stay."""
    gap = _known(session, found)
    if gap is None:
        gap = Gap(label=list(found.label), found_at=session.gate.clock.business_now())
        session.add(gap)
    gap.label, gap.volume, gap.customers = list(found.label), found.volume, found.customers
    gap.seconds, gap.found_at = found.seconds, session.gate.clock.business_now()
    session.flush()
    for old in session.scalars(select(GapRecord).where(GapRecord.gap_id == gap.id)):
        session.delete(old)
    session.flush()
    session.add_all(
        GapRecord(
            gap_id=gap.id,
            customer_id=each.customer_id,
            ref=each.ref,
            nearness=Decimal(str(round(each.nearness, 6))),
            seconds=each.seconds,
        )
        for each in found.records[:MOST]
    )
    return gap


def _known(session: CrmSession, found: FoundGap) -> Gap | None:
    words, refs = set(found.label), {each.ref for each in found.records}
    best: tuple[float, Gap] | None = None
    for gap in session.scalars(select(Gap).where(Gap.volume == 0).order_by(Gap.id)):
        own = set(session.scalars(select(GapRecord.ref).where(GapRecord.gap_id == gap.id)))
        alike = max(_overlap(words, set(gap.label)), _overlap(refs, own))
        if alike >= SAME and (best is None or alike > best[0]):
            best = (alike, gap)
    return best[1] if best is not None else None


def _overlap(first: set[str], second: set[str]) -> float:
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0


@operation("knowledge.gap.assign", title=_("Say whose it is"), permission=UPDATE, effect="update")
def assign(
    session: CrmSession,
    gap: Gap,
    *,
    owner_id: Annotated[UUID | None, Input(title=_("Owner"), resource="user", classified="internal")] = None,
) -> Gap:
    """Say who sees to a gap, or that nobody does."""
    gap.owner_id = owner_id
    return gap


@operation("knowledge.gap.set_state", title=_("Change the state"), permission=UPDATE, effect="update")
def set_state(
    session: CrmSession,
    gap: Gap,
    *,
    state: Annotated[
        Literal["open", "writing", "answered", "dismissed"],
        Input(title=_("State"), choices=STATES, classified="internal"),
    ],
) -> Gap:
    """Say what becomes of a gap; it stays so when gaps are looked for again."""
    gap.state = state
    return gap


@operation("knowledge.gap.write", title=_("Write the article"), permission=UPDATE, effect="create")
def write(session: CrmSession, gap: Gap, *, space: SpaceName = "", category: CategoryName = "") -> Article:
    """Begin an article with what the nearest records of a gap say, those that the actor sees, and link them as its
    sources. Raises InvalidInput where the actor sees none, NotFound for a space or category that there is not."""
    refs = refs_of(session, gap)
    found = []
    for ref in refs:
        resource, record = record_of(session, ref, RECORDS)
        found.append(heard_in(session, resource, record))
    if not found:
        raise problem("gap", _("You see none of its records."))
    names = names_for(session, [each.customer_id for each in found if each.customer_id is not None])
    language = found[0].language or session.actor.language or session.business().language
    article: Article = session.run(
        "knowledge.article.create",
        {
            "title": line(found[0].title, names) or translate(UNNAMED, language),
            "body": body_of(found, names, language),
            "space": space,
            "category": category,
            "kind": "troubleshooting",
        },
    )
    for each in found:
        session.run("knowledge.link.add", {"article_id": article.id, "record": each.ref, "kind": "source"})
    gap.state, gap.article_id = "writing", article.id
    gap.owner_id = gap.owner_id or session.actor.user_id
    return article


def refs_of(session: CrmSession, gap: Gap, most: int = EXAMPLES) -> Sequence[str]:
    """Return the records that stand best for a gap, of those that the actor sees."""
    query = select(GapRecord.ref).where(GapRecord.gap_id == gap.id).order_by(GapRecord.nearness.desc(), GapRecord.id)
    seen: list[str] = []
    for ref in session.scalars(query.limit(10 * most)):
        name, _colon, identity = ref.rpartition(":")
        resource = session.gate.registry.resources.get(name)
        if resource is not None and session.get(resource.model, UUID(identity)) is not None:
            seen.append(ref)
        if len(seen) == most:
            break
    return seen


@operation(
    "knowledge.alike.keep", title=_("Keep articles that are alike"), permission=MANAGE, effect="update", hidden=True
)
def keep_pairs(
    session: CrmSession,
    *,
    firsts: Annotated[tuple[UUID, ...], Input(classified="internal")],
    seconds: Annotated[tuple[UUID, ...], Input(classified="internal")],
    likeness: tuple[Share, ...],
) -> int:
    """Keep the pairs of articles that are alike, in place of those that were; what was dismissed stays so."""
    known = {(each.first_id, each.second_id): each for each in session.scalars(select(AlikePair))}
    wanted = dict(zip(zip(firsts, seconds, strict=True), likeness, strict=True))
    for pair, row in known.items():
        if pair not in wanted and not row.dismissed:
            session.delete(row)
    for (first, second), value in wanted.items():
        row = known.get((first, second)) or AlikePair(first_id=first, second_id=second)
        row.likeness = Decimal(str(round(value, 6)))
        session.add(row)
    return len(wanted)


@operation("knowledge.alike.dismiss", title=_("Both are wanted"), permission="knowledge.alike.update", effect="update")
def dismiss_pair(session: CrmSession, pair: AlikePair) -> AlikePair:
    """Say that two articles that are alike are both wanted."""
    pair.dismissed = True
    return pair


OPERATIONS = [begin, keep, assign, set_state, write, keep_pairs, dismiss_pair]
