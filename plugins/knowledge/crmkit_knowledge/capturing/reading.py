"""What a record says, for a draft: the problem, where it came up, its cause and what helped, as far as the session's
actor may read it. Must not change anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import select

from crmkit import (
    ContactPoint,
    CrmSession,
    Customer,
    CustomerIdentifier,
    NotFound,
    Product,
    User,
    texts,
)
from crmkit_knowledge.articles.errors import problem
from crmkit_knowledge.capturing.clearing import Names

_ = texts("crmkit_knowledge")

WHY = "names are kept out of articles"
CASE, FEEDBACK, INTERACTION = "service.case", "feedback.feedback", "interaction"
CHUNK = 500
PRODUCT, TYPE, CHANNEL = _("Product"), _("Type"), _("Channel")


@frozen(kw_only=True)
class Heard:
    """What a record says: its title, what the customer says, where it came up, its cause and what we answered."""

    ref: str
    customer_id: UUID | None
    title: str = field(repr=False)
    problem: tuple[str, ...] = field(default=(), repr=False)
    environment: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    cause: str = field(default="", repr=False)
    solution: tuple[str, ...] = field(default=(), repr=False)
    language: str = ""


def record_of(session: CrmSession, said: str, among: Sequence[str]) -> tuple[str, Any]:
    """Return resource and record that ``<resource>:<id>`` names. Raises InvalidInput for what names none, NotFound for
    one that the session's actor cannot see."""
    name, _colon, identity = said.rpartition(":")
    resource = session.gate.registry.resources.get(name) if name in among else None
    try:
        key = UUID(identity)
    except ValueError:
        key = None
    if resource is None or key is None:
        raise problem("record", _('"{said}" names no such record. Write it as resource:id.'), said=said)
    found = session.get(resource.model, key)
    if found is None:
        raise NotFound(_("There is no such record: {id}."), id=said)
    return name, found


def heard_in(session: CrmSession, resource: str, record: Any) -> Heard:
    """Return what a record says."""
    if resource == CASE:
        return _of_case(session, record)
    ref = f"{resource}:{record.id}"
    customer_id: UUID | None = getattr(record, "customer_id", None)
    if resource == INTERACTION:
        said = _texts(record.body)
        ours = record.direction == "out"
        return Heard(
            ref=ref,
            customer_id=customer_id,
            title=_text(record.subject) or _first_line(said),
            problem=() if ours else said,
            solution=said if ours else (),
        )
    said = _texts(getattr(record, "verbatim", None))
    item = _text(getattr(record, "item", None))
    return Heard(
        ref=ref,
        customer_id=customer_id,
        title=_first_line(said) or item,
        problem=said,
        environment=tuple((PRODUCT, each) for each in (_product(session, record) or item,) if each),
        language=_text(getattr(record, "language", None)),
    )


def _of_case(session: CrmSession, case: Any) -> Heard:
    from crmkit_service.api import CHANNELS, CaseType, thread_of

    thread = [each for each in thread_of(session, case, public=True) if not each.message.automatic]
    kind = session.get(CaseType, case.type_id)
    around = (
        (PRODUCT, _product(session, case)),
        (TYPE, kind.title if kind is not None else ""),
        (CHANNEL, CHANNELS.get(case.channel, "")),
    )
    return Heard(
        ref=f"{CASE}:{case.id}",
        customer_id=case.customer_id,
        title=_text(case.subject),
        problem=_texts(*(each.body for each in thread if each.message.direction == "in")),
        environment=tuple((title, value) for title, value in around if value),
        cause=_cause(session, case),
        solution=_texts(*(each.body for each in thread if each.message.direction == "out")),
        language=_text(case.language),
    )


def _cause(session: CrmSession, case: Any) -> str:
    """Return the cause that was found, where the case was handled as a complaint."""
    resource = session.gate.registry.resources.get("service.complaint")
    if resource is None:
        return ""
    model: Any = resource.model
    found = session.scalars(select(model).where(model.case_id == case.id)).first()
    return _text(getattr(found, "finding", None)) if found is not None else ""


def _product(session: CrmSession, record: Any) -> str:
    identity = getattr(record, "product_id", None)
    found = session.get(Product, identity) if identity is not None else None
    return _text(found.name) if found is not None else ""


def names_for(session: CrmSession, customers: Sequence[UUID]) -> Names:
    """Return the names, addresses and numbers of customers, and the names of all users: they are in no draft, whoever
    may read them."""
    with session.crm.session(session.crm.system(WHY)) as whole:
        persons, others = _called(whole, customers)
        every = [*_users(whole), *(name for each in persons.values() for name in each)]
    return Names(every, [each for some in others.values() for each in some])


def names_by_customer(session: CrmSession, customers: Sequence[UUID]) -> dict[UUID, Names]:
    """Return for each customer what `names_for` returns for that one alone."""
    found: dict[UUID, Names] = {}
    with session.crm.session(session.crm.system(WHY)) as whole:
        users = _users(whole)
        for start in range(0, len(customers), CHUNK):
            part = customers[start : start + CHUNK]
            persons, others = _called(whole, part)
            found.update({each: Names([*users, *persons.get(each, ())], others.get(each, ())) for each in part})
    return found


def _users(whole: CrmSession) -> list[str]:
    return [each.name for each in whole.scalars(select(User)) if type(each.name) is str]


def _called(whole: CrmSession, customers: Sequence[UUID]) -> tuple[dict[UUID, list[str]], dict[UUID, list[str]]]:
    """Return the names of persons, and the names of companies with addresses and numbers, by customer."""
    persons: dict[UUID, list[str]] = defaultdict(list)
    others: dict[UUID, list[str]] = defaultdict(list)

    def add(customer_id: UUID, *values: object) -> None:
        others[customer_id] += [each for each in values if type(each) is str and len(each.strip()) > 2]

    for each in whole.scalars(select(Customer).where(Customer.id.in_(customers))):
        if each.kind == "organization":
            add(each.id, each.name)
        elif type(each.name) is str:
            persons[each.id].append(each.name)
    for point in whole.scalars(select(ContactPoint).where(ContactPoint.customer_id.in_(customers))):
        add(point.customer_id, point.value)
        if point.kind == "address" and isinstance(point.details, dict):
            add(point.customer_id, *(point.details.get(part) for part in ("street", "postal_code")))
    query = select(CustomerIdentifier.customer_id, CustomerIdentifier.external_id)
    for customer_id, external_id in whole.execute(query.where(CustomerIdentifier.customer_id.in_(customers))):
        add(customer_id, external_id)
    return persons, others


def _texts(*values: object) -> tuple[str, ...]:
    return tuple(each.strip() for each in map(_text, values) if each.strip())


def _text(value: object) -> str:
    # What the actor may not read comes masked, which is no plain text.
    return value if type(value) is str else ""


def _first_line(said: Sequence[str]) -> str:
    return next((each.strip() for text in said for each in text.splitlines() if each.strip()), "")[:120]
