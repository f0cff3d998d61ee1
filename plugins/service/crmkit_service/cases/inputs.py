"""What is said of a case when it is opened, changed or written in, and the records that are named there.

Must not change anything.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import attrs
from crmkit_work.api import Queue
from sqlalchemy import select

from crmkit import (
    UNSET,
    CrmSession,
    Customer,
    Input,
    Interaction,
    InvalidInput,
    NotFound,
    Problem,
    UnsetType,
    User,
    texts,
)
from crmkit_service.cases.models import Case, CaseType
from crmkit_service.cases.words import (
    CHANNELS,
    PRIORITIES,
    SEVERITIES,
    CaseChannel,
    Priority,
    Severity,
)

_ = texts("crmkit_service")

Subject = Annotated[str, Input(title=_("Subject"), max_length=300, classified="text")]
Body = Annotated[str, Input(title=_("Text"), max_length=1_000_000, multiline=True, classified="text")]
CustomerId = Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")]
CaseId = Annotated[UUID, Input(title=_("Case"), resource="service.case", classified="internal")]
OwnerId = Annotated[UUID, Input(title=_("Owner"), resource="user", classified="internal")]
TeamId = Annotated[UUID, Input(title=_("Team"), resource="team", classified="internal")]
TypeName = Annotated[str, Input(title=_("Type"), max_length=60, resource="service.case_type", classified="internal")]
QueueName = Annotated[str, Input(title=_("Queue"), max_length=60, resource="work.queue", classified="internal")]
OfPriority = Annotated[Priority, Input(title=_("Priority"), choices=PRIORITIES, classified="internal")]
OfSeverity = Annotated[Severity, Input(title=_("Severity"), choices=SEVERITIES, classified="internal")]
ByChannel = Annotated[CaseChannel, Input(title=_("Channel"), choices=CHANNELS, classified="internal")]
Intent = Annotated[str, Input(title=_("Intent"), max_length=80, classified="internal")]
Language = Annotated[str, Input(title=_("Language"), max_length=12, classified="internal")]
ProductId = Annotated[UUID, Input(title=_("Product"), resource="product", classified="internal")]
PurchaseId = Annotated[UUID, Input(title=_("Purchase"), resource="interaction", classified="internal")]
InteractionId = Annotated[UUID, Input(title=_("Interaction"), resource="interaction", classified="internal")]
About = Annotated[
    str,
    Input(
        title=_("About"),
        max_length=160,
        classified="internal",
        help=_("A record of another kind, as <resource>:<id>, such as a contract."),
    ),
]
Source = Annotated[str, Input(title=_("System"), max_length=60, classified="internal")]
ExternalId = Annotated[str, Input(title=_("External id"), max_length=200, classified="internal")]
Instant = Annotated[datetime, Input(title=_("When"), classified="internal")]
Files = Annotated[tuple[UUID, ...], Input(title=_("Files"), max_length=20, classified="internal")]
Flag = Annotated[bool, Input(title=_("By a machine"), classified="internal")]


@attrs.frozen(kw_only=True)
class NewCase:
    """A case to open.

    Without a ``type`` it is of the usual one; the priority is that of its type unless said otherwise. What the customer
    said is ``body``, which is recorded as an interaction of the kind that belongs to the channel, or an interaction
    that there is already (``interaction_id``); a case that somebody opens of their own accord has neither. With
    ``source`` and ``external_id`` it is opened once, however often it comes. ``opened_at`` (with a zone) is now unless
    said otherwise. ``follows_id`` is a case that it continues.
    """

    customer_id: CustomerId
    subject: Subject
    body: Body | None = None
    interaction_id: InteractionId | None = None
    type: TypeName | None = None
    priority: OfPriority | None = None
    severity: OfSeverity | None = None
    channel: ByChannel = "api"
    queue: QueueName | None = None
    owner_id: OwnerId | None = None
    team_id: TeamId | None = None
    intent: Intent | None = None
    language: Language | None = None
    product_id: ProductId | None = None
    purchase_id: PurchaseId | None = None
    about: About | None = None
    follows_id: CaseId | None = None
    source: Source | None = None
    external_id: ExternalId | None = None
    opened_at: Instant | None = None


@attrs.frozen(kw_only=True)
class CaseUpdate:
    """What to change of a case; what is not given stays."""

    subject: Subject | UnsetType = UNSET
    type: TypeName | UnsetType = UNSET
    severity: OfSeverity | UnsetType | None = UNSET
    intent: Intent | UnsetType | None = UNSET
    language: Language | UnsetType | None = UNSET
    product_id: ProductId | UnsetType | None = UNSET
    purchase_id: PurchaseId | UnsetType | None = UNSET
    about: About | UnsetType | None = UNSET


def problem(field: str, message: str, *, hint: str | None = None, **values: object) -> InvalidInput:
    """Return the error for one field."""
    return InvalidInput([Problem(InvalidInput.code, message, field=field, hint=hint, **values)])


def require_customer(session: CrmSession, customer_id: UUID) -> Customer:
    """Return a customer that the actor sees. Raises NotFound."""
    customer = session.get(Customer, customer_id)
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    return customer


def require_case(session: CrmSession, case_id: UUID) -> Case:
    """Return a case that the actor sees. Raises NotFound."""
    case = session.get(Case, case_id)
    if case is None:
        raise NotFound(_("There is no case {id}."), id=case_id)
    return case


def case_numbered(session: CrmSession, number: int) -> Case:
    """Return a case by its number; of a merged one that one itself. Raises NotFound."""
    case = session.scalar(select(Case).where(Case.number == number))
    if case is None:
        raise NotFound(_("There is no case {number}."), number=number)
    return case


def survivor_of(session: CrmSession, case: Case) -> Case:
    """Return the case in which a case goes on: itself, or what it was merged into, however often."""
    seen = {case.id}
    while case.merged_into_id is not None and case.merged_into_id not in seen:
        following = session.get(Case, case.merged_into_id)
        if following is None:
            break
        seen.add(following.id)
        case = following
    return case


def type_named(session: CrmSession, name: str | None) -> CaseType:
    """Return an active type by its name, the usual one without. Raises NotFound with the names that there are."""
    query = select(CaseType).where(CaseType.active)
    if name is None:
        found = session.scalar(query.order_by(CaseType.usual.desc(), CaseType.name).limit(1))
    else:
        found = session.scalar(query.where(CaseType.name == name))
    if found is None:
        names = ", ".join(session.scalars(select(CaseType.name).where(CaseType.active).order_by(CaseType.name))) or "–"
        raise NotFound(
            _('There is no type of case "{name}".'), fix=_("There are: {names}."), name=name or "", names=names
        )
    return found


def queue_named(session: CrmSession, name: str | None) -> Queue | None:
    """Return an active queue by its name, None for none. Raises NotFound with the names that there are."""
    if not name:
        return None
    found = session.scalar(select(Queue).where(Queue.name == name, Queue.active))
    if found is None:
        names = ", ".join(session.scalars(select(Queue.name).where(Queue.active).order_by(Queue.name))) or "–"
        raise NotFound(_('There is no queue "{name}".'), fix=_("There are: {names}."), name=name, names=names)
    return found


def require_user(session: CrmSession, user_id: UUID) -> User:
    """Return an active user. Raises NotFound."""
    user = session.get(User, user_id)
    if user is None or not user.active:
        raise NotFound(_("There is no active user {id}."), id=user_id)
    return user


def check_purchase(session: CrmSession, customer_id: UUID, purchase_id: UUID | None) -> None:
    """Raise InvalidInput for what is no purchase of the customer."""
    if purchase_id is None:
        return
    found = session.get(Interaction, purchase_id)
    if found is None or found.customer_id != customer_id or found.kind != "purchase":
        raise problem("purchase_id", _("This is no purchase of the customer."))


def check_about(about: str | None) -> None:
    """Raise InvalidInput for what does not refer to a record."""
    if about is None:
        return
    resource, colon, identity = about.partition(":")
    try:
        UUID(identity)
    except ValueError:
        colon = ""
    if not (resource and colon):
        raise problem("about", _("This is no reference to a record."), hint=_("Write it as <resource>:<id>."))
