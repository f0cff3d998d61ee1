"""Cleaning customers, and taking a cleaning back. All of it goes through the operations of customers, with their
checks, audit and history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from crmkit import Conflict, CrmkitError, CrmSession, Customer, Input, operation, texts
from crmkit_quality.cleaning.cleaners import CLEANERS, TEXTS, chosen
from crmkit_quality.cleaning.finding import Proposed, page_of, propose, require_sight, sees_points
from crmkit_quality.cleaning.models import Cleaning, CleaningChange

_ = texts("crmkit_quality")

SLICE = 500
"""Customers that are cleaned at once."""
AT_ONCE = 4
"""Slices that are cleaned while somebody waits; a job cleans the others."""
NAME_FIELDS = ("name", "family_name", "given_name", "middle_name", "sort_name")
"""Fields of which changing one may change the others."""
KEPT = (*TEXTS, "sort_name")

CleanerName = Literal[
    "spaces", "width", "empty", "titles", "name_case", "gender", "places", "email", "phone", "simplified", "traditional"
]
Names = Annotated[
    tuple[CleanerName, ...],
    Input(
        title=_("Cleaners"),
        max_length=50,
        choices={name: each.title for name, each in CLEANERS.items()},
        classified="internal",
    ),
]
Where = Annotated[str, Input(title=_("Customers for whom"), max_length=4000, multiline=True, classified="internal")]
After = Annotated[UUID | None, Input(title=_("After"), classified="internal")]


@operation("quality.cleaning.run", title=_("Clean customers"), permission="quality.cleaning.create", effect="create")
def run_cleaning(session: CrmSession, *, cleaners: Names = (), where: Where = "") -> Cleaning:
    """Clean the customers for whom a condition holds, with some cleaners or, where none is named, the usual ones.

    Up to 2,000 customers are cleaned at once, a job goes on with the others. Raises InvalidInput for cleaners that
    there are not, ExpressionError for a condition that cannot be used, Refused for who may not change many customers.
    """
    require_sight(session)
    names = [each.name for each in chosen(cleaners)]
    cleaning = Cleaning(cleaners=names, where=where.strip(), owner_id=session.guarding.rights.user_id, counts={})
    session.add(cleaning)
    session.flush()
    after: UUID | None = None
    for _slice in range(AT_ONCE):
        after = _clean_slice(session, cleaning, after)
        if after is None:
            return cleaning
    session.defer("quality.clean_on", cleaning=str(cleaning.id), after=str(after))
    return cleaning


@operation("quality.cleaning.go_on", title=_("Go on cleaning"), permission="quality.cleaning.create", hidden=True)
def go_on(
    session: CrmSession,
    *,
    cleaning_id: Annotated[UUID, Input(title=_("Cleaning"), classified="internal")],
    after: After = None,
) -> None:
    """Clean the next customers of a cleaning, and leave those behind them to a job. One that was taken back ends."""
    cleaning = session.get_one(Cleaning, cleaning_id)
    if cleaning.state != "running":
        return
    last = _clean_slice(session, cleaning, after)
    if last is not None:
        session.defer("quality.clean_on", cleaning=str(cleaning.id), after=str(last))


def clean_on(session: CrmSession, cleaning: str, after: str) -> None:
    """Go on with a cleaning: the job, which acts as whoever began it."""
    session.run("quality.cleaning.go_on", {"cleaning_id": cleaning, "after": after})


def _clean_slice(session: CrmSession, cleaning: Cleaning, after: UUID | None) -> UUID | None:
    """Clean the next customers and return the last of them, or None where there are no more."""
    page = page_of(session, cleaning.where, after, SLICE)
    cleaners = chosen(cleaning.cleaners)
    points = sees_points(session)
    cleaning.looked_at += len(page)
    proposed = [found for customer in page if (found := propose(customer, cleaners, points=points)) is not None]
    last = page[-1].id if len(page) == SLICE else None
    if proposed:
        _apply(session, cleaning, {customer.id: customer for customer in page}, proposed)
    if last is None:
        cleaning.state, cleaning.done_at = "done", session.gate.clock.now()
    return last


def _apply(
    session: CrmSession, cleaning: Cleaning, customers: Mapping[UUID, Customer], proposed: Sequence[Proposed]
) -> None:
    before = {each.customer_id: _snapshot(customers[each.customer_id]) for each in proposed}
    fields = [
        {
            "change": {
                "id": each.customer_id,
                "changes": {one.about: one.after or None for one in each.changes if one.contact_point_id is None},
            }
        }
        for each in proposed
        if any(one.contact_point_id is None for one in each.changes)
    ]
    refused: set[UUID] = set()
    if fields:
        outcomes = session.run_many("customer.update_many", [item["change"] for item in fields])
        refused = {item["change"]["id"] for item, one in zip(fields, outcomes, strict=True) if not one.ok}
    changed: set[UUID] = set()
    counts = dict(cleaning.counts)
    for each in proposed:
        if each.customer_id not in refused:
            _keep(session, cleaning, customers[each.customer_id], before[each.customer_id])
            changed.add(each.customer_id)
        for one in each.changes:
            done = each.customer_id not in refused
            if one.contact_point_id is not None:
                done = _change_point(session, cleaning, each.customer_id, one.contact_point_id, one.before, one.after)
                (changed if done else refused).add(each.customer_id)
            for name in one.by if done else ():
                counts[name] = counts.get(name, 0) + 1
    cleaning.counts = counts
    cleaning.changed += len(changed)
    cleaning.refused += len(refused)


def _snapshot(customer: Customer) -> dict[str, str | None]:
    return {name: getattr(customer, name) for name in KEPT}


def _keep(session: CrmSession, cleaning: Cleaning, customer: Customer, before: Mapping[str, str | None]) -> None:
    """Keep what has changed of a customer: also what followed from the change, such as the parts of a name."""
    for name, value in before.items():
        now = getattr(customer, name)
        if now != value:
            session.add(
                CleaningChange(cleaning_id=cleaning.id, customer_id=customer.id, about=name, before=value, after=now)
            )


def _change_point(
    session: CrmSession, cleaning: Cleaning, customer_id: UUID, point_id: UUID, before: str, after: str
) -> bool:
    try:
        point = session.run("contact_point.change", {"value": after}, target=point_id)
    except CrmkitError:
        # Another contact point of the customer has this value already, or it is none of its kind.
        return False
    session.add(
        CleaningChange(
            cleaning_id=cleaning.id,
            customer_id=customer_id,
            about=point.kind,
            contact_point_id=point_id,
            point_before=before,
            point_after=point.value,
        )
    )
    return True


# --- taking back ------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Undone:
    """What taking a cleaning back did: values restored, and values kept as they have been changed since."""

    restored: int
    kept: int


@operation(
    "quality.cleaning.undo",
    title=_("Take the cleaning back"),
    permission="quality.cleaning.create",
    effect="update",
)
def undo_cleaning(session: CrmSession, cleaning: Cleaning) -> Undone:
    """Restore what a cleaning changed and nobody has changed since. Raises Conflict while it runs, and for one that was
    taken back; Refused for who may not change many customers."""
    if cleaning.state != "done":
        raise Conflict(
            _("The cleaning is still running.") if cleaning.state == "running" else _("It was taken back already.")
        )
    require_sight(session)
    restored = kept = 0
    last: UUID | None = None
    while True:
        query = (
            select(CleaningChange.customer_id)
            .where(CleaningChange.cleaning_id == cleaning.id, CleaningChange.undone.is_(False))
            .group_by(CleaningChange.customer_id)
            .order_by(CleaningChange.customer_id)
            .limit(SLICE)
        )
        ids = list(session.scalars(query if last is None else query.where(CleaningChange.customer_id > last)))
        if not ids:
            break
        last = ids[-1]
        done, left = _undo_slice(session, cleaning, ids)
        restored, kept = restored + done, kept + left
    total = session.scalar(
        select(func.count(CleaningChange.id)).where(
            CleaningChange.cleaning_id == cleaning.id, CleaningChange.undone.is_(False)
        )
    )
    cleaning.state, cleaning.kept = "undone", total or 0
    return Undone(restored=restored, kept=kept)


def _undo_slice(session: CrmSession, cleaning: Cleaning, ids: Sequence[UUID]) -> tuple[int, int]:
    changes: dict[UUID, list[CleaningChange]] = {}
    query = select(CleaningChange).where(
        CleaningChange.cleaning_id == cleaning.id,
        CleaningChange.customer_id.in_(ids),
        CleaningChange.undone.is_(False),
    )
    for change in session.scalars(query):
        changes.setdefault(change.customer_id, []).append(change)
    loaded = session.scalars(
        select(Customer)
        .where(Customer.id.in_(ids), Customer.deleted_at.is_(None))
        .options(selectinload(Customer.contact_points))
    )
    customers = {customer.id: customer for customer in loaded}
    restored = kept = 0
    items: list[dict[str, Any]] = []
    of_item: list[list[CleaningChange]] = []
    for customer_id, own in changes.items():
        customer = customers.get(customer_id)
        fields = [change for change in own if change.contact_point_id is None]
        standing = [] if customer is None else _unchanged(customer, fields)
        kept += len(fields) - len(standing)
        if standing:
            items.append({"id": customer_id, "changes": {change.about: change.before for change in standing}})
            of_item.append(standing)
        for change in own:
            if change.contact_point_id is not None:
                done = customer is not None and _restore_point(session, customer, change)
                restored, kept = restored + done, kept + (not done)
    outcomes = session.run_many("customer.update_many", items) if items else []
    for standing, outcome in zip(of_item, outcomes, strict=True):
        if outcome.ok:
            restored += len(standing)
            for change in standing:
                change.undone = True
        else:
            kept += len(standing)
    return restored, kept


def _unchanged(customer: Customer, changes: Sequence[CleaningChange]) -> list[CleaningChange]:
    """Return the changes whose values still stand. The fields of a name are restored together or not at all."""
    standing = [change for change in changes if getattr(customer, change.about) == change.after]
    named = [change for change in changes if change.about in NAME_FIELDS]
    if any(change not in standing for change in named):
        standing = [change for change in standing if change.about not in NAME_FIELDS]
    return standing


def _restore_point(session: CrmSession, customer: Customer, change: CleaningChange) -> bool:
    point = next((each for each in customer.contact_points if each.id == change.contact_point_id), None)
    if point is None or point.value != change.point_after:
        return False
    try:
        session.run("contact_point.change", {"value": change.point_before}, target=point)
    except CrmkitError:
        return False
    change.undone = True
    return True


OPERATIONS = [run_cleaning, go_on, undo_cleaning]
