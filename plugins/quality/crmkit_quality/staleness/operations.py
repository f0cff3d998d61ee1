"""What can be done with verifications: asking for one, finishing it, dropping it; and telling of a message that came
back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import (
    Conflict,
    ContactPoint,
    CrmSession,
    Customer,
    Input,
    InvalidInput,
    NotFound,
    Problem,
    operation,
    texts,
)
from crmkit_quality.scores.fields import FIELDS
from crmkit_quality.settings import settings_of
from crmkit_quality.staleness.events import VerificationFinished, VerificationOpened
from crmkit_quality.staleness.models import OUTCOMES, Verification

_ = texts("crmkit_quality")

About = Annotated[
    str,
    Input(
        title=_("Field"),
        max_length=120,
        choices={name: each.title for name, each in FIELDS.items()},
        classified="internal",
    ),
]
Note = Annotated[str, Input(title=_("Note"), max_length=500, multiline=True)]


@operation("quality.verification.create", title=_("Ask for a verification"), effect="create")
def create_verification(
    session: CrmSession,
    *,
    customer_id: Annotated[UUID, Input(title=_("Customer"), resource="customer", classified="internal")],
    about: About,
    due_on: Annotated[date | None, Input(title=_("Due on"), classified="internal")] = None,
    owner_id: Annotated[UUID | None, Input(title=_("Owner"), resource="user", classified="internal")] = None,
    note: Note = "",
) -> Verification:
    """Ask that a field of a customer be verified; by the customer's owner unless said otherwise, within the days of the
    settings. Raises NotFound for an unknown customer, InvalidInput for an unknown field."""
    customer = session.get(Customer, customer_id)
    if customer is None or customer.deleted_at is not None:
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    if about not in FIELDS and not about.startswith("custom."):
        known = ", ".join(FIELDS)
        raise InvalidInput(
            [
                Problem(
                    InvalidInput.code,
                    _("There is no such field."),
                    field="about",
                    value=about,
                    hint=_("There are: {known}."),
                    known=known,
                )
            ]
        )
    return open_verification(session, customer, about, "asked", owner_id=owner_id, due_on=due_on, note=note or None)


@operation(
    "quality.verification.finish",
    title=_("Finish the verification"),
    permission="quality.verification.update",
    effect="update",
)
def finish_verification(
    session: CrmSession,
    verification: Verification,
    *,
    outcome: Annotated[
        Literal["confirmed", "changed", "unreachable"],
        Input(title=_("Outcome"), choices=OUTCOMES, classified="internal"),
    ],
    note: Note = "",
) -> Verification:
    """Say what came of a verification. A contact point that was found right counts as verified from now on.

    Raises Conflict for one that is not open.
    """
    _require_open(verification)
    verification.state, verification.outcome = "done", outcome
    verification.done_at = session.gate.clock.now()
    if note:
        verification.note = note
    if outcome != "unreachable" and verification.contact_point_id is not None:
        point = session.get(ContactPoint, verification.contact_point_id)
        if point is not None:
            session.run("contact_point.verify", target=point)
    session.emit(
        VerificationFinished(
            verification_id=verification.id,
            customer_id=verification.customer_id,
            about=verification.about,
            outcome=outcome,
        )
    )
    session.defer("quality.check_customer", customer=str(verification.customer_id))
    return verification


@operation(
    "quality.verification.drop",
    title=_("Drop the verification"),
    permission="quality.verification.update",
    effect="update",
)
def drop_verification(session: CrmSession, verification: Verification) -> Verification:
    """Say that a verification is no longer needed. Raises Conflict for one that is not open."""
    _require_open(verification)
    verification.state, verification.done_at = "dropped", session.gate.clock.now()
    return verification


@frozen(kw_only=True)
class Bounced:
    """What a message that came back led to: contact points that are doubted now, and verifications that were opened."""

    contact_points: int
    verifications: int


@operation(
    "quality.bounce.note",
    title=_("Note a message that came back"),
    permission="quality.verification.create",
)
def note_bounce(
    session: CrmSession,
    *,
    address: Annotated[str, Input(title=_("Address or number"), max_length=320)],
    kind: Annotated[
        Literal["email", "phone"],
        Input(title=_("Kind"), choices={"email": _("E-mail"), "phone": _("Phone")}, classified="internal"),
    ] = "email",
    note: Note = "",
) -> Bounced:
    """Note that nobody is reached at an address any more: the contact points of the customers that the actor sees are
    no longer verified, and somebody is to find out the right one. An address that nobody has leads to nothing."""
    form = ContactPoint.match_form_of("value", address.strip(), {"kind": kind, "details": {}})
    if form is None:
        return Bounced(contact_points=0, verifications=0)
    points: Sequence[ContactPoint] = list(
        session.scalars(select(ContactPoint).where(ContactPoint.value.matches(session, form)))
    )
    opened = doubted = 0
    for point in points:
        if point.customer.deleted_at is not None:
            continue
        doubted += 1
        session.run("contact_point.unverify", target=point)
        if not has_open(session, point.customer_id, kind, reason="bounced"):
            open_verification(session, point.customer, kind, "bounced", contact_point_id=point.id, note=note or None)
            opened += 1
    return Bounced(contact_points=doubted, verifications=opened)


def has_open(session: CrmSession, customer_id: UUID, about: str, reason: str | None = None) -> bool:
    """Say whether a verification of a field is open, of any reason or of one."""
    query = select(Verification.id).where(
        Verification.customer_id == customer_id, Verification.about == about, Verification.state == "open"
    )
    if reason is not None:
        query = query.where(Verification.reason == reason)
    return session.scalar(query.limit(1)) is not None


def open_verification(
    session: CrmSession,
    customer: Customer,
    about: str,
    reason: str,
    *,
    owner_id: UUID | None = None,
    due_on: date | None = None,
    contact_point_id: UUID | None = None,
    note: str | None = None,
) -> Verification:
    """Open a verification, within an operation; of the customer's owner unless said otherwise."""
    within = settings_of(session.crm.settings).verify_within
    verification = Verification(
        customer_id=customer.id,
        owner_id=owner_id or customer.owner_id,
        team_id=customer.team_id,
        about=about,
        reason=reason,
        contact_point_id=contact_point_id,
        due_on=due_on or session.today() + timedelta(days=within),
        note=note,
    )
    session.add(verification)
    session.emit(
        VerificationOpened(verification_id=verification.id, customer_id=customer.id, about=about, reason=reason)
    )
    return verification


def _require_open(verification: Verification) -> None:
    if verification.state != "open":
        raise Conflict(_("The verification is not open any more."))


OPERATIONS = [create_verification, finish_verification, drop_verification, note_bounce]
