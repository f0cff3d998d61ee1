"""Operations on the tags and interests of customers; their history is kept with the customer's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal, cast

from sqlalchemy import insert

from crmkit.core.customers.checks import refuse_emptied
from crmkit.core.customers.drafts import collect_tags
from crmkit.core.customers.events import CustomersTagged
from crmkit.core.customers.models import Customer, CustomerTag
from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.clock import system_now
from crmkit.core.store.guard import region
from crmkit.core.store.history import change_row
from crmkit.core.store.session import CrmSession
from crmkit.core.store.tables import RecordChange
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

TagKind = Literal["tag", "interest"]
FIELDS = {"tag": "tags", "interest": "interests"}
"""The field of a customer's history under which each kind is kept."""
Names = Annotated[tuple[str, ...], Input(title=_("Names"), max_length=200, classified="internal")]
KindInput = Annotated[TagKind, Input(title=_("Kind"), classified="internal")]


def names_of(customer: Customer, kind: str) -> list[str]:
    """Return the tags or the interests of a customer in order."""
    return sorted(tag.name for tag in customer.tags if tag.kind == kind)


def identifiers_of(customer: Customer) -> list[tuple[str, str]]:
    """Return the pairs of source and external id of a customer in order."""
    return sorted((item.source, item.external_id) for item in customer.identifiers)


def set_tags(session: CrmSession, customer: Customer, kind: str, names: Iterable[str]) -> bool:
    """Make names the tags, or the interests, of a customer. Returns whether that changed anything."""
    before, after = names_of(customer, kind), sorted(set(names))
    if before == after:
        return False
    wanted = set(after)
    for tag in [tag for tag in customer.tags if tag.kind == kind and tag.name not in wanted]:
        customer.tags.remove(tag)
    customer.tags.extend(CustomerTag(kind=kind, name=name) for name in after if name not in before)
    touch(customer)
    keep_set(session, customer, FIELDS[kind], before, after)
    session.emit(
        CustomersTagged(
            customer_ids=(customer.id,),
            kind=kind,
            added=tuple(name for name in after if name not in before),
            removed=tuple(name for name in before if name not in wanted),
        )
    )
    return True


def keep_set(session: CrmSession, customer: Customer, name: str, before: Sequence[Any], after: Sequence[Any]) -> None:
    """Keep the change of a set that belongs to a customer in the customer's own history."""
    line = change_row(session, customer, "update", {name: (before, after)})
    with region(session, "the history of records"):
        session.connection().execute(insert(cast(Any, RecordChange).__table__), [line])


def touch(customer: Customer) -> None:
    """Give a customer a new version where something that belongs to it was changed."""
    customer.updated_at = system_now()


@operation("customer.tag", title=_("Tag the customer"), effect="update")
def tag_customer(session: CrmSession, customer: Customer, *, names: Names, kind: KindInput = "tag") -> Customer:
    """Add tags, or interests, to a customer; what it has already is left alone. Raises InvalidInput."""
    set_tags(session, customer, kind, [*names_of(customer, kind), *_clean(kind, names)])
    return customer


@operation("customer.untag", title=_("Take tags from the customer"), effect="update")
def untag_customer(session: CrmSession, customer: Customer, *, names: Names, kind: KindInput = "tag") -> Customer:
    """Take tags, or interests, from a customer; what it does not have is left alone. Raises InvalidInput where the last
    ones are required."""
    gone = set(_clean(kind, names))
    left = [name for name in names_of(customer, kind) if name not in gone]
    if not left:
        refuse_emptied(session.crm.config.get(session), FIELDS[kind])
    set_tags(session, customer, kind, left)
    return customer


def _clean(kind: str, names: Sequence[str]) -> list[str]:
    problems: list[Problem] = []
    found = collect_tags(names, (), problems) if kind == "tag" else collect_tags((), names, problems)
    if problems:
        raise InvalidInput(problems)
    return [name for _kind, name in found]


OPERATIONS: list[Any] = [tag_customer, untag_customer]
