"""Reading labels: of customers with the reasons, through time, and how customers moved from label to label.

The customers are those that the reader may see; of a dimension whose labels are masked for the reader nothing is shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast as typed
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, select

from crmkit.core.access.resolving import rights_of
from crmkit.core.customers.models import Customer
from crmkit.core.customers.references import chunks
from crmkit.core.store.guard import region
from crmkit.core.store.guard.computed import computed
from crmkit.engines.classification.dimensions import KIND, class_of
from crmkit.engines.classification.facts import had_at
from crmkit.engines.classification.running import Alert, Decided, latest_runs
from crmkit.engines.classification.writing import LABEL, Move
from crmkit.engines.definitions.publishing import defined, find
from crmkit.engines.facts.moments import Moment, moment_of
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.errors import Refused
from crmkit.hooks.classification import Dimension
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

_RUN_RIGHTS = (("definition", "admin"), ("report", "all"))


@frozen(kw_only=True)
class LabelLine:
    """A label that a customer has, or had until before ``until``, and why: ``cause`` is "decider" or "pin", ``when``
    the condition that gave it, if one did, ``facts`` the values that decided. Of facts above internal ``facts`` has the
    names alone, with None. Money comes in minor units of the base currency."""

    dimension: str
    dimension_title: str
    label: str
    title: str
    since: datetime
    until: datetime | None
    cause: str
    when: str | None
    facts: Mapping[str, Any]
    run_id: UUID


@frozen(kw_only=True)
class Matrix:
    """How customers moved in a dimension between two instants. ``stability`` is the share, from 0 to 1, of those who
    had a label at both and had the same; None where there are none."""

    dimension: str
    first: datetime
    last: datetime
    moves: Sequence[Move]

    @property
    def stability(self) -> float | None:
        """Return the share of those labelled at both instants who had the same label."""
        both = [move for move in self.moves if move.before is not None and move.after is not None]
        total = sum(move.customers for move in both)
        return sum(move.customers for move in both if move.before == move.after) / total if total else None


def may_read(session: CrmSession, dimension: Dimension) -> bool:
    """Say whether the session's actor may read the labels of a dimension."""
    classified = class_of(session, dimension)
    return classified in ("public", "internal") or session.level(Customer, classified) == "full"


def readable(session: CrmSession, name: str) -> Dimension:
    """Return a dimension. Raises UnknownDefinition, and Refused where its labels are masked for the actor."""
    dimension: Dimension = find(session, KIND, name).value
    if not may_read(session, dimension):
        raise Refused(_("The labels of {dimension} are masked for you."), dimension=name)
    return dimension


def labels_of(
    session: CrmSession, customer_ids: Sequence[UUID], moment: Moment | None = None
) -> dict[UUID, list[LabelLine]]:
    """Return the labels of customers at a moment, by default the present ones, in the order of the dimensions."""
    at = moment or moment_of(session)
    return _lines(session, customer_ids, had_at(at.as_of, at.known_at, present=at.present))


def history_of(session: CrmSession, customer_id: UUID, dimension: str | None = None) -> list[LabelLine]:
    """Return every label that a customer has had, newest first. Raises as `readable` does for a dimension."""
    conditions = [LABEL.c.customer_id == customer_id]
    if dimension is not None:
        readable(session, dimension)
        conditions.append(LABEL.c.dimension == dimension)
    found = _lines(session, [customer_id], *conditions).get(customer_id, [])
    return sorted(found, key=lambda line: (line.since, line.dimension), reverse=True)


def _lines(session: CrmSession, customer_ids: Sequence[UUID], *conditions: Any) -> dict[UUID, list[LabelLine]]:
    known = {name: item.value for name, item in defined(session, KIND).items() if may_read(session, item.value)}
    found: dict[UUID, list[LabelLine]] = {}
    for part in chunks(customer_ids) if known else ():
        where = (LABEL.c.customer_id.in_(part), LABEL.c.dimension.in_(list(known)), *conditions)
        inner = computed(select(*LABEL.c).where(*where), "labels")
        rows = select(*inner.c).join(typed(Any, Customer), Customer.id == inner.c.customer_id)
        for row in session.execute(rows.order_by(inner.c.dimension, inner.c.since)):
            found.setdefault(row.customer_id, []).append(_line(session, known[row.dimension], row))
    return found


def _line(session: CrmSession, dimension: Dimension, row: Any) -> LabelLine:
    label = next((item for item in dimension.labels if item.name == row.label), None)
    return LabelLine(
        dimension=dimension.name,
        dimension_title=dimension.title,
        label=row.label,
        title=row.label if label is None else label.title,
        since=row.since,
        until=row.until,
        cause=row.cause,
        when=None if label is None or row.cause == "pin" else label.when,
        facts=_decoded(session, row.evidence or {}),
        run_id=row.run_id,
    )


def _decoded(session: CrmSession, evidence: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of evidence, which SQL has written as JSON, as facts have them."""
    catalogue = catalogue_of(session)
    found: dict[str, Any] = {}
    for name, value in evidence.items():
        symbol = catalogue.find(name.partition("[")[0])
        kind = "text" if symbol is None else symbol.type.kind
        if value is None:
            found[name] = None
        elif kind == "boolean":
            found[name] = bool(value)
        elif kind == "decimal":
            found[name] = Decimal(value).scaleb(-6)
        elif kind == "instant":
            found[name] = datetime.fromisoformat(str(value)).replace(tzinfo=UTC)
        elif kind == "duration":
            found[name] = timedelta(microseconds=value)
        elif kind == "list" and isinstance(value, str):
            found[name] = json.loads(value)
        else:
            found[name] = value
    return found


# --- many customers --------------------------------------------------------------------------------------------------


def counts(session: CrmSession, name: str, moment: Moment | None = None) -> dict[str | None, int]:
    """Return how many customers have each label of a dimension, in the order of the labels, None for none. Raises as
    `readable` does."""
    at = moment or moment_of(session)
    rows = matrix(session, name, at, at).moves
    found = {move.after: move.customers for move in rows}
    order = [label.name for label in readable(session, name).labels]
    named = [label for label in order if label in found]
    return {
        label: found[label]
        for label in [*named, *sorted((set(found) - {None, *named}), key=str), None]
        if label in found
    }


def matrix(session: CrmSession, name: str, first: Moment, last: Moment) -> Matrix:
    """Return how customers moved from label to label between two moments; those without a label at both are counted
    too, deleted ones are not. Raises as `readable` does."""
    readable(session, name)
    before, after = (_at(name, moment, place) for moment, place in ((first, "label_before"), (last, "label_after")))
    columns = (before.c.label.label("before"), after.c.label.label("after"))
    rows = session.execute(
        select(*columns, func.count())
        .select_from(Customer)
        .outerjoin(before, before.c.customer_id == Customer.id)
        .outerjoin(after, after.c.customer_id == Customer.id)
        .where(Customer.deleted_at.is_(None))
        .group_by(*columns)
    )
    moves = sorted((Move(*row) for row in rows), key=lambda move: (move.before or "", move.after or ""))
    return Matrix(dimension=name, first=first.as_of, last=last.as_of, moves=moves)


def _at(name: str, moment: Moment, place: str) -> Any:
    where = (LABEL.c.dimension == name, had_at(moment.as_of, moment.known_at, present=moment.present))
    return computed(select(LABEL.c.customer_id, LABEL.c.label).where(*where), place)


# --- runs ------------------------------------------------------------------------------------------------------------


def last_runs(session: CrmSession) -> dict[str, tuple[datetime, Decided]]:
    """Return of each dimension when it was last decided, as of when, and what that run found over all customers. Raises
    Refused for who may neither administer dimensions nor see reports of everything."""
    if not any(rights_of(session).scope(resource, action) != "none" for resource, action in _RUN_RIGHTS):
        raise Refused(_("What a run found is counted over all customers."), fix=_("It needs the right report.all."))
    with region(session, "what runs found, for who may see all of it"):
        rows = latest_runs(session, defined(session, KIND))
    return {
        name: (
            row.as_of,
            Decided(
                dimension=name,
                complete=row.complete,
                looked_at=row.looked_at,
                changed=row.changed,
                counts=row.counts,
                moves=[Move(*move) for move in row.moves],
                alerts=[Alert(label=label, percent=percent) for label, percent in row.alerts],
                found=row.found,
            ),
        )
        for name, row in rows.items()
    }
