"""Whose something is that came in by a form or from another system, and the case that it goes into.

In system scope, or for an actor who sees all customers. Nobody is added twice for one address, and what somebody says
of themselves never changes a customer who is known.
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import attrs
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crmkit import (
    Conflict,
    CrmkitError,
    CrmSession,
    Customer,
    Input,
    Interaction,
    Product,
    Refused,
    Subscription,
    consents_of,
    customers_known_by,
    operation,
    texts,
)
from crmkit.i18n import translate
from crmkit_service.cases.inputs import Body, OfPriority, QueueName, Subject, TypeName, problem
from crmkit_service.cases.models import Case, CaseMessage
from crmkit_service.channels.events import IntakeReceived
from crmkit_service.channels.models import Intake, ServiceChannel
from crmkit_service.channels.receiving import settled, shared
from crmkit_service.channels.words import FIELDS
from crmkit_service.channels.writing import NO_SUBJECT

_ = texts("crmkit_service")

Said = Mapping[str, Any]
Source = Annotated[str, Input(title=_("System"), max_length=60, classified="internal")]
ExternalId = Annotated[str, Input(title=_("Id there"), max_length=200, classified="internal")]


@attrs.frozen(kw_only=True)
class NewRequest:
    """A request that another system reports: who asks, by e-mail address, number or id there, and what they say.
    ``source`` and ``external_id`` make it idempotent; ``customer_external_id`` is the customer's id at the source."""

    source: Source
    external_id: ExternalId
    text: Body
    subject: Subject = ""
    name: Annotated[str, Input(title=_("Name"), max_length=200, classified="personal")] = ""
    email: Annotated[str, Input(title=_("E-mail"), max_length=320)] = ""
    phone: Annotated[str, Input(title=_("Telephone"), max_length=100)] = ""
    customer_external_id: Annotated[
        str, Input(title=_("Id of the customer there"), max_length=200, classified="internal")
    ] = ""
    type: TypeName | None = None
    queue: QueueName | None = None
    priority: OfPriority | None = None
    product: Annotated[str, Input(title=_("Product (SKU)"), max_length=100, classified="internal")] = ""
    language: Annotated[str | None, Input(title=_("Language"), max_length=12, classified="internal")] = None


@operation("service.request.capture", title=_("Take in a request"), permission="service.request.capture",
           effect="create")  # fmt: skip
def capture(session: CrmSession, new: NewRequest) -> Intake:
    """Take in a request that another system reports, once however often it comes; return the intake, which names the
    customer and the case once it is settled: at once in system scope, else a moment later.

    Raises InvalidInput for somebody who cannot be told apart.
    """
    known = _known(session, new)
    if known is not None:
        return known
    if not (new.email.strip() or new.phone.strip() or new.customer_external_id.strip()):
        raise problem("email", _("Say who it is: by e-mail, telephone or the customer's id there."))
    intake = Intake(
        way="api",
        external_source=new.source,
        external_id=new.external_id,
        received_at=session.gate.clock.business_now(),
        state="waiting",
        answers={name: value for name, value in attrs.asdict(new).items() if value not in ("", None)},
    )
    try:
        with session.begin_nested():
            session.add(intake)
            session.flush()
    except IntegrityError:
        # Two at once: the other one was first.
        known = _known(session, new)
        if known is None:
            raise
        return known
    _take_in(session, intake)
    return intake


@operation("service.intake.settle", title=_("Take it in"), permission="service.intake.update", effect="update")
def settle_intake(session: CrmSession, intake: Intake) -> Intake:
    """Have something put into a case that failed, or that was taken for a machine's. Raises Conflict for what is in one
    already, and for mails, whose sender is named where they are read."""
    if intake.state in ("settled", "left") or intake.way == "mail":
        raise Conflict(_("There is nothing to do with this."))
    intake.state, intake.problem = "waiting", None
    _take_in(session, intake)
    return intake


@operation("service.intake.follow", title=_("Take in what came"), permission="service.intake.update", hidden=True,
           effect="update")  # fmt: skip
def follow(session: CrmSession, intake: Intake) -> None:
    """Put something that came in into a case, or keep by which code that failed. Raises Refused outside system
    scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    if intake.state != "waiting" or intake.way == "mail":
        return
    try:
        with session.begin_nested():
            settle(session, intake)
    except CrmkitError as error:
        intake.state, intake.problem = "failed", error.code


def settle(session: CrmSession, intake: Intake) -> Case:
    """Put something that came in into a case of whoever it is of, within an operation. Raises InvalidInput for somebody
    who cannot be added, and what opening a case raises."""
    said: Said = dict(intake.answers or {})
    channel = session.get(ServiceChannel, intake.channel_id) if intake.channel_id is not None else None
    customer = _whose(session, intake, said)
    _consent(session, customer, intake, said)
    values: dict[str, Any] = shared(session, channel) if channel is not None else {}
    values |= {name: said[name] for name in ("type", "queue", "priority") if said.get(name)}
    values["language"] = said.get("language") or values.get("language")
    business = session.crm.config.get(session)
    case: Case = session.run(
        "service.case.create",
        {
            "customer_id": customer.id,
            "subject": (said.get("subject") or _first_line(said) or translate(NO_SUBJECT, business.language))[:300],
            "body": _text(said, business.language),
            "channel": "form" if intake.way == "form" else "api",
            "product_id": _product(session, said),
            "purchase_id": _purchase(session, customer, said),
            "opened_at": intake.received_at,
            **values,
            **({"source": intake.external_source, "external_id": intake.external_id} if intake.way == "api" else {}),
        },
    )
    _keep_files(session, case, said)
    settled(session, intake, case, opened=True)
    return case


def _take_in(session: CrmSession, intake: Intake) -> None:
    if session.guarding.rights.unrestricted:
        settle(session, intake)
    else:
        session.emit(IntakeReceived(intake_id=intake.id))


def _known(session: CrmSession, new: NewRequest) -> Intake | None:
    return session.scalar(
        select(Intake).where(Intake.external_source == new.source, Intake.external_id == new.external_id)
    )


def _whose(session: CrmSession, intake: Intake, said: Said) -> Customer:
    """Return the customer whom something is of: who has the id at the source, the e-mail address, or the number; or a
    new potential one."""
    known_there = str(said.get("customer_external_id", "")).strip()
    email, phone = (str(said.get(field, "")).strip() for field in ("email", "phone"))
    for kind, value in ((intake.external_source, known_there), ("email", email), ("phone", "" if email else phone)):
        found = customers_known_by(session, kind, value) if value else []
        if found:
            return session.get_one(Customer, found[0])
    if not email and not phone:
        raise problem("email", _("Nobody is known by this id."))
    kind, value = ("email", email) if email else ("phone", phone)
    made: Customer = session.run(
        "customer.from_contact",
        {"kind": kind, "value": value, "name": said.get("name") or None, "source": intake.way},
    )
    extra = {"phone": phone if email and phone else None, "language": said.get("language")}
    for name, each in extra.items():
        if each:
            with contextlib.suppress(CrmkitError), session.begin_nested():
                session.run("customer.update", {name: each}, target=made)
    return made


def _consent(session: CrmSession, customer: Customer, intake: Intake, said: Said) -> None:
    """Record what was allowed, with its proof. What the customer has withdrawn stays so: anybody can type an address
    into a form."""
    wanted = said.get("consents") or ()
    if not wanted:
        return
    states = consents_of(session, [customer.id], session.gate.clock.business_now())[customer.id].states
    withdrawn = {each.purpose for each in states if not each.granted}
    proof = str(said.get("evidence") or "") or f"{intake.way} {intake.external_source} {intake.id}"
    for purpose in wanted:
        if purpose not in withdrawn:
            entry = {"purpose": purpose, "source": f"intake:{intake.external_source}"[:120], "evidence": proof}
            session.run("consent.record", {**entry, "occurred_at": intake.received_at}, target=customer)


def _first_line(said: Said) -> str:
    lines = [line.strip() for line in str(said.get("text", "")).split("\n") if line.strip()]
    return lines[0][:100] if lines else ""


def _text(said: Said, language: str) -> str:
    """Return what was said, with what else was asked below it."""
    rest = [f"{translate(FIELDS[name], language)}: {said[name]}" for name in ("product", "order") if said.get(name)]
    return "\n\n".join(part for part in (str(said.get("text", "")), "\n".join(rest)) if part)


def _product(session: CrmSession, said: Said) -> UUID | None:
    wanted = str(said.get("product", "")).strip()
    return session.scalar(select(Product.id).where(Product.sku == wanted)) if wanted else None


def _purchase(session: CrmSession, customer: Customer, said: Said) -> UUID | None:
    """Return the customer's own purchase whose number at its source was given."""
    wanted = str(said.get("order", "")).strip()
    if not wanted:
        return None
    query = select(Interaction.id).where(
        Interaction.customer_id == customer.id, Interaction.kind == "purchase", Interaction.external_id == wanted
    )
    return session.scalar(query.order_by(Interaction.occurred_at.desc()).limit(1))


def _keep_files(session: CrmSession, case: Case, said: Said) -> None:
    """Keep the files that came with a form beside what was said. One that is not accepted does not keep the rest away:
    a note names it."""
    query = select(CaseMessage.interaction_id).where(CaseMessage.case_id == case.id, CaseMessage.direction == "in")
    interaction_id = session.scalar(query.order_by(CaseMessage.at, CaseMessage.id).limit(1))
    if interaction_id is None:
        return
    refused: list[str] = []
    for filename, content in said.get("files") or ():
        upload = {"filename": filename, "content": base64.b64decode(content)}
        try:
            with session.begin_nested():
                session.run("attachment.add", {"upload": upload, "interaction_id": interaction_id})
        except CrmkitError as error:
            refused.append(f"{filename}: {error.render(session.crm.config.get(session).language)}")
    if refused:
        session.run("service.case.note", {"body": "\n".join(refused)}, target=case)


def received(session: CrmSession, event: IntakeReceived) -> None:
    """Put what came in into a case."""
    intake = session.get(Intake, event.intake_id)
    if intake is not None:
        session.run("service.intake.follow", target=intake)


OPERATIONS = [capture, settle_intake, follow]
SUBSCRIPTIONS = [Subscription(name="service.intake_received", event="service.intake.received", handler=received)]
