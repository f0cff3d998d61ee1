"""Needs and evidence as other systems have them, taken over many at once.

Each is taken once for its system and external id; what is wrong with a row is said of that row, and the others go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit import (
    CrmkitError,
    CrmSession,
    Customer,
    ImportField,
    Imports,
    Input,
    NotFound,
    new_id,
    operation,
    texts,
)
from crmkit_needs.catalogue.areas import area_named
from crmkit_needs.catalogue.history import next_number, problem, survivor_of
from crmkit_needs.catalogue.models import Evidence, Need, NeedEvent
from crmkit_needs.catalogue.owning import lead_for
from crmkit_needs.catalogue.words import DECLINES, KINDS, OPEN, STATES, URGENCIES

_ = texts("crmkit_needs")

IMPORT = "needs.need.import"
CHUNK = 1000
Word = Annotated[str, Input(max_length=60, classified="internal")]
ExternalSource = Annotated[str, Input(title=_("System"), max_length=60, classified="internal")]
ExternalId = Annotated[str, Input(title=_("External id"), max_length=200, classified="internal")]
Instant = Annotated[datetime, Input(classified="internal")]


@frozen(kw_only=True)
class PastNeed:
    """A need of another system; words are this plugin's names or their titles."""

    title: Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
    external_source: ExternalSource | None = None
    external_id: ExternalId | None = None
    description: Annotated[
        str | None, Input(title=_("Description"), max_length=8000, multiline=True, classified="internal")
    ] = None
    kind: Word | None = None
    state: Word | None = None
    urgency: Word | None = None
    area: Word | None = None
    decline: Word | None = None
    opened_at: Instant | None = None
    due_on: Annotated[date | None, Input(classified="internal")] = None


@frozen(kw_only=True)
class PastEvidence:
    """That a customer needs something, by another system: ``need`` is the number of a need here, or the external id of
    one that was taken over from there."""

    customer_id: Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")]
    need: Annotated[str, Input(title=_("Need"), max_length=200, classified="internal")]
    external_source: ExternalSource | None = None
    external_id: ExternalId | None = None
    quote: Annotated[str | None, Input(title=_("In their words"), max_length=4000, multiline=True)] = None
    importance: Annotated[int, Input(title=_("Importance"), minimum=1, maximum=5, classified="internal")] = 3
    heard_at: Instant | None = None


def import_needs(session: CrmSession, items: Sequence[PastNeed]) -> list[Need | CrmkitError]:
    """Take needs over, and return each, or the error for which it was not taken."""
    known = {(each.external_source or "", each.external_id or ""): each for each in _known_needs(session, items)}
    answers: list[Need | CrmkitError] = []
    for item in items:
        key = (item.external_source or "", item.external_id or "")
        try:
            made = known[key] if item.external_id and key in known else _take_need(session, item)
        except CrmkitError as error:
            answers.append(error)
            continue
        if item.external_id:
            known[key] = made
        answers.append(made)
    session.flush()
    return answers


def import_evidence(session: CrmSession, items: Sequence[PastEvidence]) -> list[Evidence | CrmkitError]:
    """Take evidence over, and return each, or the error for which it was not taken."""
    ids = sorted({each.external_id for each in items if each.external_id})
    known: dict[tuple[str, str], Evidence] = {}
    for start in range(0, len(ids), CHUNK):
        for each in session.scalars(select(Evidence).where(Evidence.external_id.in_(ids[start : start + CHUNK]))):
            known[(each.external_source or "", each.external_id or "")] = each
    answers: list[Evidence | CrmkitError] = []
    for item in items:
        key = (item.external_source or "", item.external_id or "")
        try:
            made = known[key] if item.external_id and key in known else _take_evidence(session, item)
        except CrmkitError as error:
            answers.append(error)
            continue
        if item.external_id:
            known[key] = made
        answers.append(made)
    session.flush()
    return answers


@operation(IMPORT, title=_("Take a need over"), permission=IMPORT, effect="create", bulk=import_needs)
def import_need(session: CrmSession, past: PastNeed) -> Need:
    """Take a need of another system over, once for its external id. Raises InvalidInput for a word that is not known,
    NotFound for an area that there is not."""
    (answer,) = import_needs(session, [past])
    if isinstance(answer, CrmkitError):
        raise answer
    return answer


@operation(
    "needs.evidence.import", title=_("Take evidence over"), permission=IMPORT, effect="create", bulk=import_evidence
)
def import_one_evidence(session: CrmSession, past: PastEvidence) -> Evidence:
    """Take evidence of another system over, once for its external id. Raises NotFound for a customer or a need that
    there is not."""
    (answer,) = import_evidence(session, [past])
    if isinstance(answer, CrmkitError):
        raise answer
    return answer


def _known_needs(session: CrmSession, items: Sequence[PastNeed]) -> list[Need]:
    ids = sorted({each.external_id for each in items if each.external_id})
    found: list[Need] = []
    for start in range(0, len(ids), CHUNK):
        found += session.scalars(select(Need).where(Need.external_id.in_(ids[start : start + CHUNK])))
    return found


def _take_need(session: CrmSession, past: PastNeed) -> Need:
    now = session.gate.clock.business_now()
    title = " ".join(past.title.split())
    if not title:
        raise problem("title", _("Say what is needed."))
    kind = _word(past.kind, "kind", KINDS) or "request"
    urgency = _word(past.urgency, "urgency", URGENCIES) or "normal"
    state = _word(past.state, "state", {name: said for name, said in STATES.items() if name != "duplicate"}) or "new"
    decline = _word(past.decline, "decline", DECLINES) or ("other" if state == "declined" else None)
    area = area_named(session, past.area) if past.area else None
    begun = past.opened_at or now
    identity = new_id()
    need = Need(
        id=identity,
        root_id=identity,
        number=next_number(session),
        title=title,
        description=(past.description or "").strip() or None,
        kind=kind,
        urgency=urgency,
        area_id=area.id if area is not None else None,
        owner_id=lead_for(session, area),
        state=state,
        state_since=begun,
        opened_at=begun,
        ended_at=None if state in OPEN else begun,
        decline=decline if state == "declined" else None,
        due_on=past.due_on,
        links=[],
        tags=[],
        inputs={},
        external_source=past.external_source,
        external_id=past.external_id,
    )
    session.add(need)
    session.flush()
    happened = [("opened", None, kind)] + ([("state", "new", state)] if state != "new" else [])
    recorded = session.gate.clock.now()
    for what, before, after in happened:
        session.add(
            NeedEvent(
                recorded_at=recorded,
                need_id=need.id,
                at=begun,
                kind=what,
                before=before,
                after=after,
                user_id=session.actor.user_id,
            )
        )
    return need


def _take_evidence(session: CrmSession, past: PastEvidence) -> Evidence:
    customer = session.get(Customer, past.customer_id)
    if customer is None:
        raise NotFound(_("There is no customer {id}."), id=past.customer_id)
    said = past.need.strip()
    query = select(Need).where(Need.external_id == said)
    if past.external_source:
        query = query.where(func.coalesce(Need.external_source, "") == past.external_source)
    need = session.scalars(query.order_by(Need.number)).first()
    if need is None and said.isdigit() and len(said) < 10:
        need = session.scalars(select(Need).where(Need.number == int(said))).first()
    if need is None:
        raise NotFound(_("There is no need {number}."), number=said)
    made = Evidence(
        need_id=survivor_of(session, need).id,
        customer_id=customer.id,
        owner_id=customer.owner_id,
        team_id=customer.team_id,
        source="import",
        ref="",
        quote=(past.quote or "").strip() or None,
        importance=past.importance,
        heard_at=past.heard_at or session.gate.clock.business_now(),
        wants_news=True,
        external_source=past.external_source,
        external_id=past.external_id,
    )
    session.add(made)
    return made


def _word(said: str | None, name: str, words: dict[str, str]) -> str | None:
    if said is None or not said.strip():
        return None
    bare = said.strip().casefold().replace(" ", "_")
    for key, title in words.items():
        if bare in (key, title.casefold().replace(" ", "_")):
            return key
    raise problem(name, _('"{word}" is not known here. There are: {known}.'), word=said, known=", ".join(words))


NEEDS = Imports(
    operation=IMPORT,
    known=(("external_source", "external_id"),),
    fields=[
        ImportField(name="external_id", title=_("External id"), headings="id|编号"),
        ImportField(name="title", title=_("Title"), required=True, headings="name|subject|summary|标题|需求"),
        ImportField(name="description", title=_("Description"), headings="details|text|描述"),
        ImportField(name="kind", title=_("Kind"), headings="type|类型"),
        ImportField(name="state", title=_("State"), headings="status|状态"),
        ImportField(name="urgency", title=_("Urgency"), headings="priority|紧急程度"),
        ImportField(name="area", title=_("Product area"), headings="component|产品领域"),
        ImportField(name="opened_at", title=_("Opened at"), type="instant", headings="created|created at|创建时间"),
    ],
)
"""How needs are filled from files."""
EVIDENCE = Imports(
    operation="needs.evidence.import",
    customer="required",
    known=(("external_source", "external_id"),),
    fields=[
        ImportField(name="external_id", title=_("External id"), headings="id|编号"),
        ImportField(name="need", title=_("Need"), required=True, headings="need id|number|需求"),
        ImportField(name="quote", title=_("In their words"), headings="text|comment|原话"),
        ImportField(name="importance", title=_("Importance"), type="integer", headings="weight|重要性"),
        ImportField(name="heard_at", title=_("Heard at"), type="instant", headings="created|date|日期"),
    ],
)
"""How evidence is filled from files."""
OPERATIONS = [import_need, import_one_evidence]
