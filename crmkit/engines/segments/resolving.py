"""Segments as they are defined: their conditions, the circles that they must not make, the attributes that nobody may
be singled out by without a reason, and the facts that they are.

Must not know who belongs to one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import or_, select, true

from crmkit.engines.classification.dimensions import (
    KIND as DIMENSION,
    class_of as class_of_dimension,
    compiled_of,
    dimension_of,
)
from crmkit.engines.definitions.kinds import DefinitionKind
from crmkit.engines.definitions.publishing import Defined, defined, find
from crmkit.engines.expressions.compiling import Expression, compile_expression
from crmkit.engines.expressions.symbols import FactRef, Symbol, Words
from crmkit.engines.expressions.types import BOOLEAN
from crmkit.engines.facts.vocabulary import FactCatalogue, catalogue_of, readable
from crmkit.engines.segments.tables import SegmentFreeze, SegmentMember
from crmkit.errors import DefinitionError, InvalidInput, Problem
from crmkit.hooks.classes import FieldClass
from crmkit.hooks.classification import ByValue, Dimension
from crmkit.hooks.facts import Fact, FactQuery, FactSet
from crmkit.hooks.segments import Segment
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

KIND = "segment"
PROTECTED = "protected"
"""The option list of facts that nobody may be singled out by without a reason; an admin adds to it."""
CLASSES = ("public", "internal", "personal", "text", "sensitive", "secret")
"""The field classes, the most open one first."""
_SEGMENT = re.compile(r"segment\.(\w+(?:\.\w+)*)")


def find_segment(session: CrmSession, name: str) -> Defined:
    """Return a segment. Raises UnknownDefinition, suggesting the one that was probably meant."""
    return find(session, KIND, name)


def all_segments(session: CrmSession) -> Mapping[str, Defined]:
    """Return all segments by name, those that cannot be used left out."""
    return defined(session, KIND)


def is_frozen(session: CrmSession, name: str) -> bool:
    """Say whether a segment's members stay as they are."""
    return session.get(SegmentFreeze, name) is not None


def users_of(session: CrmSession, name: str) -> list[str]:
    """Return the segments whose conditions name a segment."""
    return [other for other, item in all_segments(session).items() if name in _named(item.value.where)]


def _named(text: str) -> list[str]:
    """Return the segments that a condition names, in the form in which expressions know names."""
    return _SEGMENT.findall(unicodedata.normalize("NFC", text))


def fact_of(name: str) -> FactRef:
    """Return the fact that says who belongs to a segment."""
    return FactRef(f"{KIND}.{name}")


def class_of(session: CrmSession, segment: Segment) -> FieldClass:
    """Return how guarded belonging to a segment is: as the most guarded fact that decides.

    Facts are found by their names in the texts, since the vocabulary itself is made with this.
    """
    known = all_segments(session)
    found = {segment.name: segment.where}
    pending = [segment.where]
    while pending:
        for name in _named(pending.pop()):
            if name in known and name not in found:
                found[name] = known[name].value.where
                pending.append(found[name])
    return class_of_dimension(session, Dimension(name="", title="", decider=ByValue(value=" ".join(found.values()))))


# --- what has to hold of one -----------------------------------------------------------------------------------------


def check_segment(session: CrmSession, value: Segment) -> Iterator[Problem]:
    """Give what is wrong with a segment that is to be published."""
    if any(not part.isidentifier() for part in value.name.split(".")):
        hint = _("Use letters, digits and _: conditions name it as segment.{name}.")
        yield Problem(DefinitionError.code, _("This cannot be a name."), field="name", hint=hint, name=value.name)
        return
    if not value.title.strip():
        yield Problem(DefinitionError.code, _("This cannot be empty."), field="title")
    catalogue, own = catalogue_of(session), fact_of(value.name)
    try:
        # With one more segment, so that one that names itself is understood, and refused as a circle.
        symbol = Symbol(name=own.name, type=BOOLEAN)
        expression = compile_expression(value.where, Words.of(symbol, behind=catalogue), expect=BOOLEAN)
        circle = _circle(catalogue, expression, own)
        if not circle:
            catalogue.check_extent(expression)
        uses = [] if circle else catalogue.closure(sorted(expression.facts))
    except InvalidInput as error:
        for each in error.problems:
            each.field = "where"
            yield each
        return
    if circle:
        names = " → ".join(ref.name.removeprefix(f"{KIND}.") for ref in circle)
        yield Problem(DefinitionError.code, _("The segments go in a circle: {names}."), field="where", names=names)
    masked = [str(ref) for ref in uses if not readable(session, ref)]
    if masked:
        message = _("{names} is masked for you, and so is whom it decides over.")
        yield Problem(DefinitionError.code, message, field="where", names=", ".join(masked))
    protected = protected_among(session, uses)
    if protected and not value.justification.strip():
        yield Problem(
            DefinitionError.code,
            _("Customers would be singled out by {names}, which is protected."),
            field="justification",
            hint=_("Leave it out, or give a justification; it is shown wherever the segment is."),
            names=", ".join(protected),
        )


def _circle(catalogue: FactCatalogue, expression: Expression, own: FactRef) -> Sequence[FactRef]:
    """Return the way from a segment over others back to itself, or nothing."""
    seen: set[FactRef] = set()

    def way(inner: Expression, path: Sequence[FactRef]) -> Sequence[FactRef]:
        for ref in sorted(inner.facts):
            if ref == own:
                return [*path, ref]
            if ref not in seen:
                seen.add(ref)
                derivation = catalogue.derivation(ref)
                found = way(derivation, [*path, ref]) if derivation is not None else ()
                if found:
                    return found
        return ()

    return way(expression, [own])


def protected_among(session: CrmSession, refs: Iterable[FactRef]) -> list[str]:
    """Return the protected facts among some, those included that decide over the labels and segments among them."""
    listed = session.crm.config.get(session).options.get(PROTECTED, {})
    catalogue, dimensions = catalogue_of(session), defined(session, DIMENSION)
    pending, seen = list(refs), set[FactRef]()
    while pending:
        ref = pending.pop()
        if ref in seen:
            continue
        seen.add(ref)
        decided = dimensions.get(dimension_of(ref.name, dimensions) or "")
        plan = None if decided is None else compiled_of(catalogue, decided.value, [])
        derivation = catalogue.derivation(ref)
        pending.extend(derivation.facts if derivation is not None else () if plan is None else plan.refs)
    return sorted({ref.name for ref in seen if ref.name in listed})


# --- as facts --------------------------------------------------------------------------------------------------------


def segment_facts(session: CrmSession) -> Sequence[FactSet]:
    """Return ``segment.<name>`` for every segment: whether a customer belongs to it. Those that are frozen have the
    members that were kept, all others follow from their conditions."""
    kept = {row.segment: row for row in session.scalars(select(SegmentFreeze))}
    found: list[FactSet] = []
    following: list[Fact] = []
    for name, item in all_segments(session).items():
        value: Segment = item.value
        what: dict[str, Any] = {"name": name, "type": bool, "default": False, "title": value.title, "doc": value.doc}
        row = kept.get(name)
        if row is None:
            following.append(Fact(**what, expression=value.where, classified=class_of(session, value)))
        else:
            columns = [Fact(**what, classified=cast(Any, row.classified))]
            found.append(FactSet(name=KIND, columns=columns, select=_kept(name), doc=_("A frozen segment.")))
    return [FactSet(name=KIND, columns=following, doc=_("Whether customers belong to segments.")), *found]


def _kept(name: str) -> Any:
    table: Any = SegmentMember.__table__

    def members(query: FactQuery) -> Any:
        still = or_(table.c.until.is_(None), table.c.until > query.as_of, table.c.closed_at > query.known_at)
        return select(table.c.customer_id, true().label(name)).where(
            table.c.segment == name,
            table.c.since <= query.as_of,
            table.c.recorded_at <= query.known_at,
            still,
            query.within(table.c.customer_id),
        )

    return members


DEFINITION = DefinitionKind(
    name=KIND,
    title=_("Segment"),
    type=Segment,
    permission="segment.update",
    sort="segment",
    check=check_segment,
    rank=40,
)
