"""Offering to leave, leaving, and the addresses that get nothing any more."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import select

from crmkit import CrmSession, Customer, Input, InvalidInput, NotFound, Problem, operation, texts
from crmkit_messaging.leaving import links
from crmkit_messaging.leaving.events import CustomerLeft
from crmkit_messaging.leaving.models import WAYS, Leave
from crmkit_messaging.sending.models import Suppression
from crmkit_messaging.sending.suppression import form_of, lift, suppress, suppression_of
from crmkit_messaging.sending.words import KINDS, SUPPRESSIONS

_ = texts("crmkit_messaging")

EVERY = "*"
SUPPRESS = "messaging.suppression.manage"

Kind = Annotated[str, Input(title=_("Kind"), max_length=10, choices=KINDS, classified="internal")]
Address = Annotated[str, Input(title=_("Address"), max_length=1000)]
Why = Annotated[
    str, Input(title=_("Why"), help=_("It is kept in the audit log."), max_length=500, classified="internal")
]


@frozen(kw_only=True)
class Offer:
    """The addresses that are put into a message; whoever has them may use them."""

    given_once: ClassVar[bool] = True

    unsubscribe: Annotated[str, Input(classified="secret")] = field(repr=False)
    preferences: Annotated[str, Input(classified="secret")] = field(repr=False)


@operation(
    "messaging.leave.offer",
    title=_("Make links to leave"),
    effect="create",
    permission="public_link.create",
    hidden=True,
)
def offer(
    session: CrmSession,
    *,
    customer_id: Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")],
    purpose: Annotated[str, Input(title=_("Purpose"), max_length=60, classified="internal", options="consent_purpose")],
    channel: Annotated[str, Input(title=_("Channel"), max_length=30, classified="internal")] = "email",
) -> Offer:
    """Make the links by which a customer leaves what is sent for a purpose by a channel. Raises NotFound for a customer
    that cannot be seen."""
    customer = session.get(Customer, customer_id)
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    unsubscribe, preferences = links.made(session, links.offered(session, customer_id, purpose, channel))
    return Offer(unsubscribe=unsubscribe, preferences=preferences)


@operation(
    "messaging.leave.take", title=_("Leave"), effect="update", permission="customer.update", hidden=True
)  # fmt: skip
def take(
    session: CrmSession,
    leave: Leave,
    *,
    way: Annotated[str, Input(title=_("How"), max_length=10, choices=WAYS, classified="internal")] = "page",
    everything: Annotated[bool, Input(title=_("Everything"), classified="internal")] = False,
    purposes: Annotated[tuple[str, ...], Input(title=_("Purposes"), max_length=60, classified="internal")] = (),
    reason: Annotated[str, Input(title=_("Why"), max_length=1000)] = "",
) -> Leave:
    """Withdraw a customer's consent to what a link is about: to its purpose or other ``purposes`` by its channel, or
    with ``everything`` to every purpose by every channel. ``reason`` is what the customer freely says. Raises
    InvalidInput for a purpose that there is not."""
    if way not in WAYS:
        raise InvalidInput([Problem(InvalidInput.code, _("There is no such way."), field="way", value=way)])
    customer = session.get(Customer, leave.customer_id)
    if customer is None:
        raise NotFound(_("There is no customer {id}."), id=leave.customer_id)
    known = session.crm.config.get(session).options.get("consent_purpose", {})
    chosen = [*known] if everything else list(dict.fromkeys(purposes or (leave.purpose,)))
    channel = EVERY if everything else leave.channel
    for purpose in chosen:
        entry = {
            "purpose": purpose,
            "channel": channel,
            "granted": False,
            "source": f"messaging:{way}",
            "evidence": f"{links.RESOURCE}:{leave.id}",
        }
        session.run("consent.record", entry, target=customer)
        of = leave if purpose == leave.purpose else None
        if of is None and not everything:
            of = links.offered(session, customer.id, purpose, leave.channel)
        if of is not None:
            of.left_at, of.way = of.left_at or session.gate.clock.now(), of.way or way
    if reason.strip():
        leave.reason = reason.strip()
    for purpose in (EVERY,) if everything else chosen:
        session.emit(CustomerLeft(customer_id=customer.id, purpose=purpose, channel=channel, way=way))
    return leave


# --- suppressed addresses ---------------------------------------------------------------------------------------------


@operation("messaging.suppression.add", title=_("Suppress an address"), effect="create", permission=SUPPRESS)
def add_suppression(
    session: CrmSession,
    *,
    address: Address,
    kind: Kind = "email",
    reason: Annotated[
        str, Input(title=_("Reason"), max_length=20, choices=SUPPRESSIONS, classified="internal")
    ] = "manual",
) -> Suppression:
    """Send nothing to an address any more, whoever has it. Raises InvalidInput for what is no address of its kind and
    for an unknown reason."""
    return suppress(session, kind, address, reason, f"user:{session.actor.id}")


@frozen(kw_only=True)
class Looked:
    """Whether an address is suppressed; ``reason`` and ``since`` (UTC) where it is."""

    suppressed: bool
    reason: str = ""
    since: datetime | None = None


@operation(
    "messaging.suppression.check", title=_("Look whether an address is suppressed"), effect="other", permission=SUPPRESS
)
def check_suppression(session: CrmSession, *, address: Address, kind: Kind = "email") -> Looked:
    """Say whether an address is suppressed, and why. Raises InvalidInput for what is no address of its kind."""
    form_of(kind, address)
    found = suppression_of(session, kind, address)
    if found is None:
        return Looked(suppressed=False)
    return Looked(suppressed=True, reason=SUPPRESSIONS.get(found.reason, found.reason), since=found.created_at)


@operation("messaging.suppression.remove", title=_("Lift a suppression"), effect="delete", permission=SUPPRESS)
def remove_suppression(session: CrmSession, *, address: Address, why: Why, kind: Kind = "email") -> None:
    """Let an address get messages again, for a reason that the audit log keeps. Raises NotFound for one that is not
    suppressed, InvalidInput without a reason."""
    if not why.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("Say why."), field="why")])
    if not lift(session, kind, address):
        raise NotFound(_("This address is not suppressed."))


@operation("messaging.suppression.lift", title=_("Lift the suppression"), effect="delete", permission=SUPPRESS)
def lift_suppression(session: CrmSession, suppression: Suppression, *, why: Why) -> None:
    """Let the address of an entry get messages again, for a reason that the audit log keeps. Raises InvalidInput
    without a reason."""
    if not why.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("Say why."), field="why")])
    session.delete(suppression)


def leave_of(session: CrmSession, ref: str | None) -> Leave | None:
    """Return what a link is about, for whoever follows it."""
    name, _colon, identity = (ref or "").rpartition(":")
    if name != links.RESOURCE:
        return None
    try:
        return session.scalar(select(Leave).where(Leave.id == UUID(identity)))
    except ValueError:
        return None


OPERATIONS: list[Any] = [offer, take, add_suppression, check_suppression, remove_suppression, lift_suppression]
