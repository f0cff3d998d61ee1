"""What a person says of a pair: merge, not duplicates, later, or that it is to be looked at again after all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import or_, select

from crmkit import Conflict, CrmSession, Customer, Input, InvalidInput, NotFound, Problem, operation, texts
from crmkit_quality.duplicates.events import PairDecided
from crmkit_quality.duplicates.models import DEFERRED, DISTINCT, MERGED, OPEN, STATES, MergeNote, Pair

_ = texts("crmkit_quality")

MERGE, REVIEW = "quality.pair.merge", "quality.pair.review"
Reason = Annotated[str, Input(title=_("Why"), max_length=500, multiline=True)]


@frozen(kw_only=True)
class Choice:
    """Whose value a field has after a merge: that of the first or of the second of a pair, or one typed by hand."""

    field: Annotated[str, Input(title=_("Field"), max_length=120, classified="internal")]
    take: Annotated[
        Literal["first", "second", "value"],
        Input(
            title=_("Value of"),
            choices={"first": _("First"), "second": _("Second"), "value": _("Typed")},
            classified="internal",
        ),
    ] = "first"
    value: Annotated[str | None, Input(title=_("Value"), max_length=2000)] = None


@operation(MERGE, title=_("Merge the two customers"), permission=MERGE, effect="update")
def merge_pair(
    session: CrmSession,
    pair: Pair,
    *,
    survivor: Annotated[UUID | None, Input(title=_("Who stays"), classified="internal", resource="customer")] = None,
    choices: Annotated[tuple[Choice, ...], Input(title=_("Fields"), max_length=200)] = (),
    reason: Reason = "",
) -> Pair:
    """Merge the customers of a pair into the one who is to stay; what is not chosen is as the rules of survivorship
    propose.

    Raises Conflict for a pair that is decided, InvalidInput for a survivor that is none of the two, and whatever
    ``customer.merge`` raises.
    """
    from crmkit_quality.survivorship import propose

    _require_undecided(pair)
    if survivor is not None and survivor not in (pair.first_id, pair.second_id):
        raise InvalidInput([Problem("CK500", _("The survivor is one of the two."), field="survivor")])
    proposal = propose(session, pair.first_id, pair.second_id, survivor_id=survivor)
    stays, leaves = proposal.survivor_id, proposal.absorbed_id
    first, second = ("survivor", "absorbed") if stays == pair.first_id else ("absorbed", "survivor")
    whose = {"first": first, "second": second, "value": "value"}
    wanted: dict[str, Any] = {each.field: each for each in proposal.choices}
    for each in choices:
        value = each.value if each.take == "value" else None
        wanted[each.field] = {"field": each.field, "take": whose[each.take], "value": value}
    if left := [one for one in proposal.open if one.field not in wanted]:
        text = _("A person decides about this field: {title}.")
        raise InvalidInput([Problem("CK500", text, field="choices", title=one.title) for one in left])
    _decide(session, pair, MERGED, reason)
    session.flush()
    merge(session, stays, leaves, list(wanted.values()), reason, pair_id=pair.id)
    session.emit(PairDecided(pair_id=pair.id, first_id=stays, second_id=leaves, merged=True))
    # The merge has moved the pair to the survivor, past this session.
    session.expire(pair)
    return pair


def merge(
    session: CrmSession,
    survivor: UUID,
    absorbed: UUID,
    choices: Sequence[Any],
    reason: str,
    *,
    pair_id: UUID | None = None,
    automatic: bool = False,
) -> Any:
    """Merge two customers as whoever acts may, and note that it was decided here."""
    done = session.run("customer.merge", {"absorb": absorbed, "choices": choices, "reason": reason}, target=survivor)
    session.add(MergeNote(customer_id=survivor, merge_id=done.merge_id, pair_id=pair_id, automatic=automatic))
    session.flush()
    return done


@operation("quality.pair.distinct", title=_("Not duplicates"), permission=REVIEW, effect="update")
def keep_apart(session: CrmSession, pair: Pair, *, reason: Reason = "") -> Pair:
    """Say that the two are different customers: no search brings them up again. Raises Conflict when they are
    merged."""
    if pair.state == MERGED:
        _require_undecided(pair)
    _decide(session, pair, DISTINCT, reason)
    session.emit(PairDecided(pair_id=pair.id, first_id=pair.first_id, second_id=pair.second_id, merged=False))
    return pair


@operation("quality.pair.defer", title=_("Later"), permission=REVIEW, effect="update")
def defer_pair(session: CrmSession, pair: Pair, *, reason: Reason = "") -> Pair:
    """Leave a pair for later: it goes behind those that nobody has looked at. Raises Conflict when it is decided."""
    _require_undecided(pair)
    _decide(session, pair, DEFERRED, reason)
    return pair


@operation("quality.pair.reopen", title=_("Look at it again"), permission=REVIEW, effect="update")
def reopen_pair(session: CrmSession, pair: Pair) -> Pair:
    """Take back that a pair was put off, or said to be none. Raises Conflict when the two are merged."""
    if pair.state == MERGED:
        raise Conflict(_("The two are merged."), fix=_("Undo the merge."))
    _decide(session, pair, OPEN, "")
    return pair


@operation(
    "quality.duplicates.apart", title=_("Say that two customers are not one"), permission=REVIEW, effect="create"
)
def tell_apart(
    session: CrmSession,
    *,
    first_id: Annotated[UUID, Input(title=_("First"), classified="internal", resource="customer")],
    second_id: Annotated[UUID, Input(title=_("Second"), classified="internal", resource="customer")],
    reason: Reason = "",
) -> Pair:
    """Say that two customers are different ones, whether a search has found them alike or not.

    Raises NotFound for a customer that there is not, InvalidInput for the same one twice.
    """
    if first_id == second_id:
        raise InvalidInput([Problem("CK500", _("These are the same customer."), field="second_id")])
    for identity in (first_id, second_id):
        if session.get(Customer, identity) is None:
            raise NotFound(_("There is no customer {id}."), id=identity)
    first, second = sorted((first_id, second_id))
    pair = session.scalar(select(Pair).where(between(first, second)).order_by(Pair.id).limit(1))
    if pair is None:
        pair = Pair(first_id=first, second_id=second, probability=0.0, weight=0.0, band="review", evidence=[])
        session.add(pair)
    _decide(session, pair, DISTINCT, reason)
    return pair


@operation("quality.merge.undo", title=_("Undo the merge"), permission=MERGE, effect="update")
def undo_merge(
    session: CrmSession,
    note: MergeNote,
    *,
    on_conflict: Annotated[
        Literal["refuse", "keep", "restore"],
        Input(
            title=_("What was changed since"),
            choices={
                "refuse": _("Undo nothing then"),
                "keep": _("Keep it as it is now"),
                "restore": _("Restore it as it was before the merge"),
            },
            classified="internal",
        ),
    ] = "refuse",
    reason: Reason = "",
) -> MergeNote:
    """Undo a merge that was decided here: both customers are back. Raises what ``customer.unmerge`` raises."""
    session.run(
        "customer.unmerge",
        {"merge": note.merge_id, "on_conflict": on_conflict, "reason": reason},
        target=note.customer_id,
    )
    session.expire(note)
    return note


def between(first: UUID, second: UUID) -> Any:
    """Return the condition that a pair is of two customers, in either order."""
    return or_(
        (Pair.first_id == first) & (Pair.second_id == second), (Pair.first_id == second) & (Pair.second_id == first)
    )


def _require_undecided(pair: Pair) -> None:
    if pair.state not in (OPEN, DEFERRED):
        raise Conflict(_("It is decided already: {state}."), fix=_("Look at it again first."), state=STATES[pair.state])


def _decide(session: CrmSession, pair: Pair, state: str, reason: str) -> None:
    pair.state = state
    pair.decided_by = None if state == OPEN else session.actor.id
    pair.decided_at = None if state == OPEN else session.gate.clock.now()
    pair.reason = reason or None


OPERATIONS = [merge_pair, keep_apart, defer_pair, reopen_pair, tell_apart, undo_merge]
