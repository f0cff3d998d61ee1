"""The pages of this room: the queue, two customers side by side, what would be merged automatically, merges and undoing
one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import (
    CardLine,
    CrmSession,
    Customer,
    DashboardCard,
    NotFound,
    Page,
    Panel,
    Team,
    User,
    merges_of,
    new_id,
    plan_merge,
    plan_unmerge,
    texts,
)
from crmkit_quality.duplicates.automatic import plan_automatic
from crmkit_quality.duplicates.models import RUNS, MergeNote, Pair
from crmkit_quality.duplicates.reading import counts, names_of, next_pair, open_pairs_of, queue, search_status
from crmkit_quality.duplicates.wording import lines_of, reason_of_lines

_ = texts("crmkit_quality")

SHOWN = 50
MERGES = 50
PLANNED = 100
PAGE = "/modules/quality/duplicates"
REVIEW = "/modules/quality/duplicates/review"
_NEVER = frozenset(("name_key", "sort_name", "birthday", "birth_band"))


@frozen(kw_only=True)
class Row:
    """A pair in the list."""

    id: UUID
    first: Customer
    second: Customer
    probability: float
    clear: bool
    deferred: bool
    conflict: bool
    reason: str


@frozen(kw_only=True)
class Side:
    """A field of two customers, and whose value is proposed, first or second, and why; empty where a person has to
    decide."""

    field: str
    title: str
    first: Any
    second: Any
    take: str
    because: Any
    differs: bool
    same: bool
    typed: bool
    """Whether another value can be typed."""


def overview(session: CrmSession) -> Mapping[str, Any]:
    """Return the queue, how many wait, and how searching stands."""
    pairs = queue(session, SHOWN)
    return {
        "rows": _rows(session, pairs),
        "counts": counts(session),
        "status": search_status(session),
        "run_titles": RUNS,
        "may_search": _may(session, "quality.duplicates", "search"),
        "may_merge": _may(session, "quality.duplicates", "merge_automatic"),
        "key": str(new_id()),
    }


def _rows(session: CrmSession, pairs: Sequence[Pair]) -> list[Row]:
    known = names_of(session, [each for pair in pairs for each in (pair.first_id, pair.second_id)])
    return [
        Row(
            id=pair.id,
            first=known[pair.first_id],
            second=known[pair.second_id],
            probability=pair.probability,
            clear=pair.band == "automatic",
            deferred=pair.state == "deferred",
            conflict=pair.conflict,
            reason=reason_of_lines(lines_of(pair.evidence)),
        )
        for pair in pairs
        if pair.first_id in known and pair.second_id in known
    ]


def _may(session: CrmSession, resource: str, action: str) -> bool:
    return bool(session.gate.rights(session).scope(resource, action) != "none")


# --- side by side -----------------------------------------------------------------------------------------------------


def review(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return two customers side by side: those that are asked for, else those at the head of the queue. What was just
    decided is said, with the way back."""
    last = _id(query.get("done"))
    asked = _id(query.get("pair"))
    if query.get("pair"):
        pair = session.get(Pair, asked) if asked is not None else None
        if pair is None or pair.first_id == pair.second_id:
            raise NotFound()
    else:
        pair = next_pair(session, last)
    found: dict[str, Any] = {
        "pair": None,
        "done": _done(session, last) if last is not None else None,
        "counts": counts(session),
        "key": str(new_id()),
        "page": PAGE,
        "here": REVIEW,
    }
    if pair is None:
        return found
    from crmkit_quality.survivorship import propose

    proposal = propose(session, pair.first_id, pair.second_id)
    survivor = proposal.survivor_id
    plan = plan_merge(session, survivor, proposal.absorbed_id, proposal.choices)
    known = names_of(session, [pair.first_id, pair.second_id])
    return {
        **found,
        "pair": pair,
        "first": known[pair.first_id],
        "second": known[pair.second_id],
        "points": _points(known[pair.first_id], known[pair.second_id]),
        "survivor": survivor,
        "sides": _sides(session, plan, pair, proposal),
        "evidence": lines_of(pair.evidence),
        "because": proposal.because,
        "warnings": plan.warnings,
        "refusal": plan.refusal,
        "tables": [each for each in plan.tables if each.moved or each.united],
        "decided": pair.state in ("distinct", "merged"),
        "may_review": _may(session, "quality.pair", "review"),
        "may_merge": _may(session, "quality.pair", "merge") and _may(session, "customer", "merge"),
    }


_REFERRING: Mapping[str, Any] = {"owner_id": User, "team_id": Team, "parent_id": Customer}
_WORDS = {
    "person": _("Person"),
    "organization": _("Organisation"),
    "potential": _("Potential"),
    "customer": _("Customer"),
}


def _shown(session: CrmSession, name: str, value: Any) -> Any:
    """Return a value as people read it: the name of a record that an id names, the word for a code."""
    if name in _REFERRING and value is not None:
        record = session.get(_REFERRING[name], value)
        return record.name if record is not None else "…"
    return _WORDS.get(value, value) if name in ("kind", "standing") else value


def _sides(session: CrmSession, plan: Any, pair: Pair, proposal: Any) -> list[Side]:
    turned = proposal.survivor_id != pair.first_id
    found: list[Side] = []
    for each in plan.fields:
        first, second = (each.absorbed, each.survivor) if turned else (each.survivor, each.absorbed)
        if each.field in _NEVER or (first in (None, "", [], {}) and second in (None, "", [], {})):
            continue
        take = {"survivor": "second" if turned else "first", "absorbed": "first" if turned else "second"}
        ruled = proposal.of(each.field)
        undecided = ruled is not None and ruled.open
        found.append(
            Side(
                field=each.field,
                title=each.title,
                first=_shown(session, each.field, first),
                second=_shown(session, each.field, second),
                take="" if undecided else take[each.taken],
                because=ruled.because if ruled is not None and (ruled.rule or undecided) else None,
                differs=each.differs,
                same=first == second and not each.differs and not undecided,
                typed=each.field not in _REFERRING,
            )
        )
    return sorted(found, key=lambda side: not side.differs)


def _points(first: Customer, second: Customer) -> list[tuple[str, list[str], list[str]]]:
    """Return the ways to reach two customers, and what else is united, as their reader may see it."""
    titles = {
        "email": _("E-mail"),
        "phone": _("Phone"),
        "address": _("Address"),
        "social": _("Social"),
        "web": _("Web"),
    }
    found: list[tuple[str, list[str], list[str]]] = []
    for kind, title in titles.items():
        pair = [
            [str(point.value) for point in customer.contact_points if point.kind == kind]
            for customer in (first, second)
        ]
        if any(pair):
            found.append((title, pair[0], pair[1]))
    ids = [[f"{each.source}: {each.external_id}" for each in customer.identifiers] for customer in (first, second)]
    if any(ids):
        found.append((_("Ids of other systems"), ids[0], ids[1]))
    tags = [[each.name for each in customer.tags] for customer in (first, second)]
    if any(tags):
        found.append((_("Tags"), tags[0], tags[1]))
    return found


@frozen(kw_only=True)
class Done:
    """What was decided just now. ``merge`` is the note by which a merge is undone."""

    state: str
    pair_id: UUID
    name: str = ""
    merge: MergeNote | None = None


def _done(session: CrmSession, pair_id: UUID) -> Done | None:
    pair = session.get(Pair, pair_id)
    if pair is None or pair.decided_at is None:
        return None
    note = None
    name = ""
    if pair.state == "merged":
        note = session.scalar(select(MergeNote).where(MergeNote.pair_id == pair_id).order_by(MergeNote.id.desc()))
        if note is None:
            return None
        name = note.customer.name
    return Done(state=pair.state, pair_id=pair_id, name=name, merge=note)


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


# --- merges -----------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Merge:
    """A merge in the list."""

    note: MergeNote
    customer: Customer
    record: Any


def merges(session: CrmSession) -> Mapping[str, Any]:
    """Return the merges that were decided here, newest first."""
    notes = list(
        session.scalars(select(MergeNote).order_by(MergeNote.created_at.desc(), MergeNote.id.desc()).limit(MERGES))
    )
    found: list[Merge] = []
    for note in notes:
        record = _record_of(session, note)
        if record is not None:
            found.append(Merge(note=note, customer=note.customer, record=record))
    return {"merges": found, "page": PAGE}


def _record_of(session: CrmSession, note: MergeNote) -> Any:
    return next((each for each in merges_of(session, note.customer_id) if each.id == note.merge_id), None)


def undo(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what undoing a merge would do, with what has changed since."""
    identity = _id(query.get("merge"))
    note = session.get(MergeNote, identity) if identity is not None else None
    record = _record_of(session, note) if note is not None else None
    if note is None or record is None:
        raise NotFound()
    return {
        "note": note,
        "customer": note.customer,
        "record": record,
        "plan": plan_unmerge(session, note.merge_id),
        "key": str(new_id()),
        "page": PAGE,
    }


def automatic(session: CrmSession) -> Mapping[str, Any]:
    """Return what merging the automatic band would merge."""
    return {
        "clusters": plan_automatic(session, PLANNED),
        "may_merge": _may(session, "quality.duplicates", "merge_automatic"),
        "key": str(new_id()),
        "page": PAGE,
    }


# --- elsewhere --------------------------------------------------------------------------------------------------------


def customer_panels(session: CrmSession, customer_ids: Sequence[UUID]) -> list[Panel]:
    """Return the possible duplicates of each customer that has any whom the viewer sees."""
    wanted = set(customer_ids)
    pairs = open_pairs_of(session, customer_ids)
    known = names_of(session, [each for pair in pairs for each in (pair.first_id, pair.second_id)])
    found: dict[UUID, list[tuple[str, str]]] = {}
    first: dict[UUID, UUID] = {}
    for pair in pairs:
        for own, other in ((pair.first_id, pair.second_id), (pair.second_id, pair.first_id)):
            if own in wanted and other in known:
                found.setdefault(own, []).append((str(known[other].name), reason_of_lines(lines_of(pair.evidence))))
                first.setdefault(own, pair.id)
    return [
        Panel(
            customer_id=customer,
            title=_("Possible duplicates"),
            rows=rows[:5],
            path=f"{REVIEW}?pair={first[customer]}",
            link=_("Look at them side by side"),
        )
        for customer, rows in found.items()
    ]


def to_review(session: CrmSession) -> Sequence[CardLine]:
    """Return the pairs of which most is learnt by looking at them."""
    return [
        CardLine(
            title=_("{first} and {second}"),
            values={"first": row.first.name, "second": row.second.name},
            hint=row.reason,
            path=f"{REVIEW}?pair={row.id}",
            icon="users",
        )
        for row in _rows(session, queue(session, 5))
    ]


CARDS = [
    DashboardCard(
        name="quality.duplicates",
        title=_("Customers who may be there twice"),
        rows=to_review,
        permission="quality.pair.review",
        path=PAGE,
        icon="users",
    )
]
PAGES = [
    Page(
        name="quality.duplicates",
        title=_("Duplicates"),
        path="/duplicates",
        template="quality/duplicates/overview.html",
        context=overview,
        permission="quality.pair.read",
        icon="users",
    ),
    Page(
        name="quality.review",
        title=_("Are these one?"),
        path="/duplicates/review",
        template="quality/duplicates/review.html",
        context=review,
        permission="quality.pair.read",
        menu=False,
    ),
    Page(
        name="quality.merges",
        title=_("Merges"),
        path="/duplicates/merges",
        template="quality/duplicates/merges.html",
        context=merges,
        permission="quality.pair.read",
        menu=False,
    ),
    Page(
        name="quality.undo",
        title=_("Undo a merge"),
        path="/duplicates/undo",
        template="quality/duplicates/undo.html",
        context=undo,
        permission="quality.pair.read",
        menu=False,
    ),
    Page(
        name="quality.automatic",
        title=_("Merge what is clear"),
        path="/duplicates/automatic",
        template="quality/duplicates/automatic.html",
        context=automatic,
        permission="quality.duplicates.merge_automatic",
        menu=False,
    ),
]
