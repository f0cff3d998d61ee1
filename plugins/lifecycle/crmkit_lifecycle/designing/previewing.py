"""What a change to a model would move: everybody is judged by the model as it holds and by the model as it would be,
from the same facts. Nothing is written.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, Customer, NotFound, moment_of, texts, values_of
from crmkit_lifecycle.designing.choosing import draft_of, model_named, published, stage_named, stages_of
from crmkit_lifecycle.designing.operations import STAGE_FIELDS, VERSION_FIELDS
from crmkit_lifecycle.passages.deciding import Decision, Judge, Standing
from crmkit_lifecycle.passages.models import Passage

_ = texts("crmkit_lifecycle")

CHUNK = 2000
EXAMPLES = 20


@frozen(kw_only=True)
class Shift:
    """How many would be in another stage: where they are now, where the model as it holds leads, and where the other
    one would. None is not in the model."""

    now: str | None
    holds: str | None
    would: str | None
    count: int
    examples: Sequence[UUID]


@frozen(kw_only=True)
class Preview:
    """What a change would move: of so many customers whom the reader sees ``moved`` would stand elsewhere.

    ``before`` and ``after`` count customers by stage, under the one and the other; ``titles`` are those of both.
    """

    customers: int
    moved: int
    shifts: Sequence[Shift]
    before: Mapping[str, int]
    after: Mapping[str, int]
    titles: Mapping[str, str]


def preview(
    session: CrmSession,
    model: str = "",
    *,
    stage: str = "",
    enter: str | None = None,
    leave: str | None = None,
    as_of: date | None = None,
) -> Preview:
    """Return what the draft of a model would move against what holds, or one changed criterion of one stage would.

    With a day the facts are as they stood then. Raises NotFound for a model without a draft where no stage is given,
    InvalidInput for an unknown stage, ExpressionError for a condition that cannot be used, UnknownFact for facts that
    the reader may not read.
    """
    of = model_named(session, model)
    version = published(session, of.id)
    stages = stages_of(session, version.id)
    other, changed = _changed(session, of.id, version, stages, stage, enter, leave)
    moment = moment_of(session, as_of=as_of)
    both: Any = ((version, stages), (other, changed))
    judges = [Judge.of(session, of, each, listed, moment) for each, listed in both]
    refs = sorted({ref for each in judges for ref in each.refs()}, key=str)
    names = {each.key: each.name for each in [*stages, *changed]}
    titles = {each.name: each.title for each in [*stages, *changed]}
    counts: Counter[tuple[str | None, str | None, str | None]] = Counter()
    examples: dict[tuple[str | None, str | None, str | None], list[UUID]] = defaultdict(list)
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    seen = 0
    for part in _parts(session):
        values = values_of(session, refs, part, moment)
        standings = _standings(session, of.id, part)
        seen += len(values)
        for customer_id, own in values.items():
            standing = standings.get(customer_id)
            one, two = (_end(names, standing, each.decide(standing, own, moment.as_of)) for each in judges)
            before.update([one] if one is not None else [])
            after.update([two] if two is not None else [])
            if one == two:
                continue
            now = names.get(standing.stage_key) if standing is not None and standing.ended_at is None else None
            counts[now, one, two] += 1
            if len(examples[now, one, two]) < EXAMPLES:
                examples[now, one, two].append(customer_id)
    shifts = [
        Shift(now=now, holds=one, would=two, count=count, examples=examples[now, one, two])
        for (now, one, two), count in sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    ]
    moved = sum(counts.values())
    return Preview(customers=seen, moved=moved, shifts=shifts, before=before, after=after, titles=titles)


def _changed(
    session: CrmSession, model_id: UUID, version: Any, stages: Sequence[Any], stage: str, enter: Any, leave: Any
) -> tuple[Any, list[Any]]:
    """Return the version and the stages as they would be: the draft's, or those that hold with one of them changed."""
    if not stage:
        draft = draft_of(session, model_id)
        if draft is None:
            raise NotFound(_("There is no draft to preview."), fix=_("Make a draft, or name a stage and a criterion."))
        return draft, stages_of(session, draft.id)
    stage_named(list(stages), stage)
    found: list[Any] = []
    for each in stages:
        values = {name: getattr(each, name) for name in (*STAGE_FIELDS, "id")}
        if each.name == stage:
            values |= {name: text for name, text in (("enter", enter), ("leave", leave)) if text is not None}
        found.append(SimpleNamespace(**values))
    return SimpleNamespace(**{name: getattr(version, name) for name in VERSION_FIELDS}), found


def _end(names: Mapping[UUID, str], standing: Standing | None, decision: Decision) -> str | None:
    """Return the stage in which somebody ends up."""
    if decision.steps:
        last = decision.steps[-1].stage
        return last.name if last is not None else None
    if standing is None:
        return None
    return names.get(standing.stage_key)


def _parts(session: CrmSession) -> Any:
    after: UUID | None = None
    while True:
        query = select(Customer.id).where(Customer.deleted_at.is_(None)).order_by(Customer.id).limit(CHUNK)
        part = list(session.scalars(query if after is None else query.where(Customer.id > after)))
        if part:
            yield part
        if len(part) < CHUNK:
            return
        after = part[-1]


def _standings(session: CrmSession, model_id: UUID, part: Sequence[UUID]) -> dict[UUID, Standing]:
    column: Any = Passage
    query = (
        select(column.customer_id, column.stage_key, column.ended_at, column.armed)
        .where(column.model_id == model_id, column.customer_id.in_(part))
        .order_by(column.ended_at.is_(None), column.began_at, column.number)
    )
    return {row[0]: Standing(stage_key=row[1], ended_at=row[2], armed=row[3]) for row in session.execute(query)}
