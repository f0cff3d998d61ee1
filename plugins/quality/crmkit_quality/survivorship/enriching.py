"""Filling in what another system knows of customers, without taking anything away that is trusted more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import attrs

from crmkit import (
    CrmkitError,
    CrmSession,
    Customer,
    Input,
    InvalidInput,
    NotFound,
    Problem,
    RecordOrigins,
    operation,
    origins_of,
    texts,
)
from crmkit_quality.survivorship.weighing import Weighing
from crmkit_quality.survivorship.words import Because

_ = texts("crmkit_quality")

ADDING = frozenset(
    {"email", "phone", "mobile", "street", "district", "postal_code", "external_id", "identifier_source", "identifiers"}
)
"""Fields that add to what a customer has, and replace nothing."""
NEVER = frozenset({"contact_points", "tags", "interests", "preferences", "custom", "organization", "kind"})
"""Fields that would replace more than one value, or that no other system decides."""
Outcome = Literal["written", "same", "kept", "refused"]
SourceName = Annotated[str, Input(title=_("Source"), max_length=60, classified="internal", options="source")]
Values = Annotated[
    Mapping[str, Any],
    Input(title=_("Values"), help=_("By field, custom ones as custom.NAME, as for changing a customer.")),
]
AsOf = Annotated[datetime | None, Input(title=_("As of"), classified="internal")]


@attrs.frozen(kw_only=True)
class FieldOutcome:
    """What became of one field: written, same (it said so already), kept, or refused; and why, where it was not
    written."""

    field: str
    outcome: Outcome
    because: Because | None = None


@attrs.frozen(kw_only=True)
class Enriched:
    """What became of the fields of a customer."""

    customer_id: UUID
    fields: tuple[FieldOutcome, ...] = attrs.field(converter=tuple)

    @property
    def written(self) -> tuple[str, ...]:
        """Return the fields that were written."""
        return tuple(one.field for one in self.fields if one.outcome == "written")


@attrs.frozen(kw_only=True)
class Enrichment:
    """What a source knows of a customer. ``as_of`` is when it knew it (UTC); without it, now."""

    customer_id: Annotated[UUID, Input(title=_("Customer"), classified="internal", resource="customer")]
    source: SourceName
    values: Values
    as_of: AsOf = None


@operation("quality.customer.enrich", title=_("Fill in what a source knows"), effect="update")
def enrich_customer(
    session: CrmSession, customer: Customer, *, source: SourceName, values: Values, as_of: AsOf = None
) -> Enriched:
    """Write what a source knows of a customer, field by field: where nothing stands, and where what stands comes from
    no source that is trusted more; of two that are trusted alike the newer value wins.

    Returns for each field what became of it: one that is not valid is refused, and the others are written. Raises
    InvalidInput for a source without a name, or no values.
    """
    given = Enrichment(customer_id=customer.id, source=source, values=values, as_of=as_of)
    (result,) = _enrich(session, [given], one_by_one=True)
    if isinstance(result, CrmkitError):
        raise result
    return result


def enrich_many(session: CrmSession, items: Sequence[Enrichment]) -> list[Enriched | CrmkitError]:
    """Write what sources know of many customers; the bulk form of ``quality.customer.enrich_many``."""
    return _enrich(session, items, one_by_one=False)


@operation(
    "quality.customer.enrich_many",
    title=_("Fill in what sources know of many"),
    hidden=True,
    bulk=enrich_many,
    permission="quality.customer.enrich",
)
def enrich_one(session: CrmSession, one: Enrichment) -> Enriched:
    """Write what a source knows of the customer with an id: ``quality.customer.enrich`` for lists of them."""
    (result,) = enrich_many(session, [one])
    if isinstance(result, CrmkitError):
        raise result
    return result


def _enrich(session: CrmSession, items: Sequence[Enrichment], *, one_by_one: bool) -> list[Enriched | CrmkitError]:
    results: list[Enriched | CrmkitError | None] = [_flaw(item) for item in items]
    groups: dict[tuple[str, datetime | None], list[int]] = {}
    for place, item in enumerate(items):
        if results[place] is None:
            groups.setdefault((item.source.strip(), item.as_of), []).append(place)
    for (source, as_of), places in groups.items():
        waiting = places
        while waiting:
            # A customer that comes twice is weighed anew for the second time.
            now: dict[UUID, int] = {}
            for place in waiting:
                now.setdefault(items[place].customer_id, place)
            drafts = _drafts(session, [items[place] for place in now.values()], source, as_of)
            with session.unit.vouched_by(source):
                _write(session, drafts, one_by_one=one_by_one)
                session.flush()
            _settle(session, drafts)
            for draft, place in zip(drafts, now.values(), strict=True):
                results[place] = draft.result()
            waiting = [place for place in waiting if place not in now.values()]
    return [one for one in results if one is not None]


def _flaw(item: Enrichment) -> InvalidInput | None:
    problems: list[Problem] = []
    if not item.source.strip():
        problems.append(Problem(InvalidInput.code, _("This is required."), field="source"))
    if not item.values:
        problems.append(Problem(InvalidInput.code, _("This is required."), field="values"))
    return InvalidInput(problems) if problems else None


@attrs.define(kw_only=True)
class _Draft:
    """What a source would write of one customer: values that nothing speaks against, and what became of the others."""

    item: Enrichment
    before: RecordOrigins | None
    values: dict[str, Any] = attrs.field(factory=dict)
    done: dict[str, FieldOutcome] = attrs.field(factory=dict)
    error: CrmkitError | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """Return the input of a change of the customer."""
        found = {name: value for name, value in self.values.items() if not name.startswith("custom.")}
        custom = {name[7:]: value for name, value in self.values.items() if name.startswith("custom.")}
        if "external_id" in found:
            found.setdefault("identifier_source", self.item.source.strip())
        return {**found, "custom": custom} if custom else found

    def settle(self, name: str, outcome: Outcome, because: Because | None = None) -> None:
        """Note what became of a field."""
        self.done[name] = FieldOutcome(field=name, outcome=outcome, because=because)

    def refuse(self, problems: Sequence[Problem]) -> bool:
        """Refuse the fields that problems are about. Returns whether anything is left to be written."""
        for one in problems:
            name = (one.field or "").removeprefix("changes.")
            blamed = name if name in self.values else name.partition(".")[0]
            for each in [blamed] if blamed in self.values else list(self.values):
                del self.values[each]
                self.settle(each, "refused", Because(text=one.message, values=dict(one.values)))
        return bool(self.values)

    def result(self) -> Enriched | CrmkitError:
        """Return what became of the fields, in the order in which they were given."""
        if self.error is not None:
            return self.error
        return Enriched(customer_id=self.item.customer_id, fields=[self.done[name] for name in self.item.values])


def _drafts(session: CrmSession, items: Sequence[Enrichment], source: str, as_of: datetime | None) -> list[_Draft]:
    weighing = Weighing(session, [item.customer_id for item in items], source, as_of=as_of)
    drafts: list[_Draft] = []
    for item in items:
        draft = _Draft(item=item, before=weighing.origins.get(item.customer_id))
        for name, value in item.values.items():
            objection = None if name in ADDING else weighing.objection(item.customer_id, name)
            if value is None or value in ("", [], {}):
                draft.settle(name, "refused", Because(text=_("There is no value to fill in.")))
            elif name in NEVER:
                draft.settle(name, "refused", Because(text=_("This field is not filled in by another system.")))
            elif objection is not None:
                draft.settle(name, "kept", objection)
            else:
                draft.values[name] = value
        if draft.before is None:
            draft.error = NotFound(_("There is no customer {id}."), id=item.customer_id)
        drafts.append(draft)
    return drafts


def _write(session: CrmSession, drafts: Sequence[_Draft], *, one_by_one: bool) -> None:
    """Write what nothing speaks against; what is not valid is refused, and the rest tried again."""
    waiting = [draft for draft in drafts if draft.values and draft.error is None]
    while waiting:
        again: list[_Draft] = []
        for draft, problems in zip(waiting, _tried(session, waiting, one_by_one=one_by_one), strict=True):
            if problems and draft.refuse(problems):
                again.append(draft)
        waiting = again


def _tried(session: CrmSession, drafts: Sequence[_Draft], *, one_by_one: bool) -> list[Sequence[Problem]]:
    if not one_by_one:
        wanted = [{"id": draft.item.customer_id, "changes": draft.changes} for draft in drafts]
        return [outcome.problems for outcome in session.run_many("customer.update_many", wanted)]
    found: list[Sequence[Problem]] = []
    for draft in drafts:
        try:
            session.run("customer.update", draft.changes, target=draft.item.customer_id)
        except InvalidInput as error:
            found.append(error.problems)
        else:
            found.append(())
    return found


def _settle(session: CrmSession, drafts: Sequence[_Draft]) -> None:
    """Note which of the values that were accepted changed something."""
    changed = [draft for draft in drafts if draft.values]
    after = origins_of(session, [draft.item.customer_id for draft in changed])
    for draft in changed:
        was, now = (_stamps(each) for each in (draft.before, after.get(draft.item.customer_id)))
        for name in draft.values:
            kinds = _SHOWN_AS.get(name, name)
            differs = {one for one in now if one[0] == kinds} - {one for one in was if one[0] == kinds}
            draft.settle(name, "written" if differs else "same")


def _stamps(record: RecordOrigins | None) -> set[tuple[str, UUID | None, datetime]]:
    return {(one.field, one.item, one.since) for one in record.fields} if record is not None else set()


_SHOWN_AS = {
    **dict.fromkeys(("phone", "mobile"), "phone"),
    **dict.fromkeys(("street", "district", "postal_code"), "address"),
    **dict.fromkeys(("external_id", "identifier_source", "identifiers"), "identifiers"),
}
"""The field of origins in which a field of a change shows."""

OPERATIONS: list[Any] = [enrich_customer, enrich_one]
