"""Taking the customers of a segment out of the house: by the right to export, to those who have agreed where that is
asked, and never without an audit record.

Must not know files.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar
from uuid import UUID

from attrs import frozen

from crmkit.core.business.money import Money
from crmkit.core.customers.models import Customer
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.session import CrmSession
from crmkit.engines.expressions.symbols import FactRef
from crmkit.engines.facts.leaving import may_leave
from crmkit.engines.facts.moments import Moment, moment_of
from crmkit.engines.facts.reading import joined, values_of
from crmkit.engines.facts.vocabulary import catalogue_of, check_readable
from crmkit.engines.segments.figures import agreed, condition
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

Name = Annotated[str | None, Input(title=_("Segment"), max_length=120, classified="internal")]
Where = Annotated[str | None, Input(title=_("Condition"), max_length=4000, multiline=True)]
Facts = Annotated[tuple[str, ...], Input(title=_("Facts"), max_length=100, classified="internal")]
Consent = Annotated[str | None, Input(title=_("Consent (purpose/channel)"), max_length=100, classified="internal")]
BATCH = 1000


@frozen(kw_only=True)
class Exported:
    """The customers that may leave the house, with the facts that were asked for; given once, as it was audited
    once."""

    given_once: ClassVar[bool] = True

    customer_ids: tuple[UUID, ...]
    facts: tuple[FactRef, ...]
    moment: Moment

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns of `rows`."""
        return ("customer_id", *map(str, self.facts))

    def rows(self, session: CrmSession) -> Iterator[list[Any]]:
        """Give a row for each customer, in the order of their ids; those who have gone meanwhile are left out. Money is
        in major units of the base currency."""
        catalogue, currency = catalogue_of(session), self.moment.base_currency or ""
        money = {ref for ref in self.facts if catalogue.known(ref.name).symbol.type.kind == "money"}

        def shown(ref: FactRef, value: Any) -> Any:
            return Money(value, currency).value if ref in money and value is not None else value

        for start in range(0, len(self.customer_ids), BATCH):
            part = self.customer_ids[start : start + BATCH]
            values = values_of(session, self.facts, part, self.moment)
            for id_ in part:
                if id_ in values:
                    yield [id_, *(shown(ref, values[id_][ref]) for ref in self.facts)]


@operation("segment.export", title=_("Export a segment"), permission="export.run")
def export_segment(
    session: CrmSession, *, name: Name = None, where: Where = None, facts: Facts = (), consent: Consent = None
) -> Exported:
    """Return which customers of a segment, or of a condition, its actor may take out of the house, and note that he
    does: those whom he may both see and export, and of those who have agreed where ``consent`` names a purpose and a
    channel.

    Raises Refused without the right to export customers, UnknownDefinition, UnknownFact, ExpressionError, InvalidInput.
    """
    chosen = condition(session, name, where)
    if consent is not None:
        purpose, slash, channel = consent.partition("/")
        if not slash:
            hint = _("Write it as marketing/email.")
            raise InvalidInput([Problem("CK500", _("This is no purpose and channel."), field="consent", hint=hint)])
        both = f"({chosen.text}) and {agreed(purpose, channel)}"
        chosen = condition(session, where=both)
    refs = tuple(dict.fromkeys(catalogue_of(session).ref(text) for text in facts))
    check_readable(session, refs)
    moment = moment_of(session)
    statement = joined(session, (), moment, where=chosen).select(Customer.id).order_by(Customer.id)
    ids = tuple(session.scalars(may_leave(session, statement)))
    session.note(
        "segment.export",
        resource="customer",
        subjects=ids,
        details={
            "segment": name,
            "where": session.crm.vault.fingerprint(where) if where is not None else None,
            "facts": list(map(str, refs)),
            "consent": consent,
            "rows": len(ids),
        },
        items=len(ids),
    )
    return Exported(customer_ids=ids, facts=refs, moment=moment)


OPERATIONS: list[Any] = [export_segment]
