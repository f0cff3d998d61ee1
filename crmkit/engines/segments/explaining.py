"""Why a customer is in a segment or not, since when, and which segments a customer is in.

Must not write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from attrs import frozen
from sqlalchemy import func, or_, select

from crmkit.core.customers.models import Customer
from crmkit.core.store.guard.computed import computed
from crmkit.engines.expressions.surroundings import Surroundings
from crmkit.engines.expressions.symbols import FactRef
from crmkit.engines.expressions.tracing import Trace, trace
from crmkit.engines.facts.moments import Moment
from crmkit.engines.facts.reading import values_of
from crmkit.engines.facts.vocabulary import catalogue_of, check_readable
from crmkit.engines.segments.membership import history_is_open
from crmkit.engines.segments.resolving import KIND, all_segments, fact_of, find_segment, is_frozen
from crmkit.engines.segments.tables import SegmentMember
from crmkit.errors import CrmkitError, NotFound
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

_MEMBER = cast(Any, SegmentMember).__table__


@frozen(kw_only=True)
class Membership:
    """An interval in which a customer belonged to a segment, as runs have found out: from ``since`` until before
    ``until``, with what made it begin and end."""

    since: datetime
    until: datetime | None
    cause: str
    until_cause: str | None


@frozen(kw_only=True)
class Reason:
    """One part of a condition, as text and in words: whether it holds for the customer, and the facts that it reads
    with their values, where it is not made of parts itself.

    It lies within the last part before it that is one ``depth`` less deep; ``segment`` is whose condition it is part
    of.
    """

    segment: str
    depth: int
    text: str
    words: str
    holds: bool
    facts: Mapping[FactRef, Any]


@frozen(kw_only=True)
class Why:
    """Whether and why a customer belongs to a segment. Of one that is ``frozen`` there are no reasons but its history.
    ``history`` are the intervals in which the customer belonged to it, oldest first; none where they were decided by
    what is masked for the reader."""

    segment: str
    belongs: bool
    frozen: bool
    reasons: tuple[Reason, ...]
    history: tuple[Membership, ...]


def why(session: CrmSession, name: str, customer_id: UUID, moment: Moment, *, language: str = "en") -> Why:
    """Return why a customer belongs to a segment at a moment, or why not, in words of a language; the segments that it
    is made of are explained with it.

    Raises UnknownDefinition, NotFound for a customer whom the reader may not see, UnknownFact.
    """
    find_segment(session, name)
    own, kept = fact_of(name), is_frozen(session, name)
    # What the condition reads is read in one go, those included that segments within it read.
    refs = catalogue_of(session).closure([own])
    check_readable(session, refs)
    values = values_of(session, refs, [customer_id], moment).get(customer_id)
    if values is None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    at = moment.surroundings(session.get_bind().dialect.name)
    return Why(
        segment=name,
        belongs=bool(values[own]),
        frozen=kept,
        reasons=tuple(_reasons(session, own, values, at, 0, language)),
        history=_history(session, name, customer_id) if history_is_open(session, name) else (),
    )


def _reasons(
    session: CrmSession, ref: FactRef, values: Mapping[FactRef, Any], at: Surroundings, depth: int, language: str
) -> Iterator[Reason]:
    catalogue = catalogue_of(session)
    derivation = catalogue.derivation(ref)
    segment = ref.name.removeprefix(f"{KIND}.")

    def within(part: Trace, depth: int) -> Iterator[Reason]:
        words = catalogue.checked(part.text).words(language)
        yield Reason(segment=segment, depth=depth, text=part.text, words=words, holds=part.holds, facts=part.values)
        for inner in part.parts:
            yield from within(inner, depth + 1)
        for named in part.values:
            if named.name.startswith(f"{KIND}."):
                yield from _reasons(session, named, values, at, depth + 1, language)

    if derivation is not None:
        # A condition, where the fact is a value of any type.
        yield from within(trace(catalogue.checked(derivation.text), values, at), depth)


def _spans(*conditions: Any) -> Any:
    return computed(select(_MEMBER).where(*conditions), "spans")


def _history(session: CrmSession, name: str, customer_id: UUID) -> tuple[Membership, ...]:
    spans = _spans(_MEMBER.c.segment == name, _MEMBER.c.customer_id == customer_id)
    columns = (spans.c.since, spans.c.until, spans.c.cause, spans.c.until_cause)
    query = select(*columns).select_from(Customer).join(spans, spans.c.customer_id == Customer.id)
    rows = session.execute(query.order_by(spans.c.since))
    return tuple(Membership(since=row[0], until=row[1], cause=row[2], until_cause=row[3]) for row in rows)


@frozen(kw_only=True)
class Belonging:
    """A segment that a customer belongs to. ``since`` is None where no run has found that out yet, or by what is masked
    for the reader."""

    segment: str
    title: str
    since: datetime | None = None


def segments_of(session: CrmSession, customer_id: UUID, moment: Moment) -> tuple[Belonging, ...]:
    """Return the segments in effect that a customer belongs to at a moment, by name. Those are left out that read what
    is masked for the reader, and those that cannot be used."""
    catalogue = catalogue_of(session)
    titles: dict[str, str] = {}
    for name, item in sorted(all_segments(session).items()):
        try:
            if item.in_effect(moment.as_of):
                check_readable(session, catalogue.closure([fact_of(name)]))
                titles[name] = item.value.title
        except CrmkitError:
            continue
    refs = [fact_of(name) for name in titles]
    values = values_of(session, refs, [customer_id], moment).get(customer_id, {})
    inside = [name for name in titles if values.get(fact_of(name))]
    spans = _spans(
        _MEMBER.c.segment.in_(inside),
        _MEMBER.c.customer_id == customer_id,
        _MEMBER.c.since <= moment.as_of,
        or_(_MEMBER.c.until.is_(None), _MEMBER.c.until > moment.as_of),
    )
    query = select(spans.c.segment, func.max(spans.c.since)).select_from(Customer)
    query = query.join(spans, spans.c.customer_id == Customer.id).group_by(spans.c.segment)
    since = {row[0]: row[1] for row in session.execute(query)} if inside else {}
    open_ = {name for name in since if history_is_open(session, name)}
    return tuple(
        Belonging(segment=name, title=titles[name], since=since[name] if name in open_ else None) for name in inside
    )
