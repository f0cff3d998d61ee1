"""What comes in from outside: kept first, and settled then, once for what its sender calls it.

Whoever sends it need not see any customer: whose it is, is found out in system scope. Nobody is ever added twice for
one address, and what somebody says of themselves never changes a customer who is known.
"""

from __future__ import annotations

import attrs
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crmkit import Conflict, CrmkitError, CrmSession, Refused, Subscription, operation, texts
from crmkit_sales.leads.events import InquiryReceived
from crmkit_sales.leads.inputs import NewInquiry, check_amount, check_choice, problem
from crmkit_sales.leads.models import Inquiry
from crmkit_sales.leads.settling import settle
from crmkit_sales.leads.sources import source_named
from crmkit_sales.leads.words import ABILITIES, INTENTS, TIMINGS

_ = texts("crmkit_sales")


@operation("sales.lead.capture", title=_("Take in a lead"), permission="sales.lead.capture", effect="create")
def capture(session: CrmSession, new: NewInquiry) -> Inquiry:
    """Take in somebody who came in elsewhere; return the inquiry, which names the customer and the lead once it is
    settled: at once in system scope, else a moment later.

    Raises NotFound for a source that there is not, InvalidInput for somebody who cannot be reached, a choice that there
    is not or half a budget.
    """
    return _capture(session, new, "api")


@operation(
    "sales.inquiry.import", title=_("Take in a lead"), permission="sales.lead.capture", effect="create", hidden=True
)
def import_inquiry(session: CrmSession, new: NewInquiry) -> Inquiry:
    """Take in a row of a file. Raises as `capture`."""
    return _capture(session, new, "import")


def _capture(session: CrmSession, new: NewInquiry, way: str) -> Inquiry:
    if new.external_id is not None:
        known = _known(session, new.external_source, new.external_id)
        if known is not None:
            return known
    if not (new.email.strip() or new.phone.strip()):
        raise problem("email", _("Say how they can be reached: by e-mail or telephone."))
    for name, choices in (("intent", INTENTS), ("ability", ABILITIES), ("timing", TIMINGS)):
        check_choice(name, getattr(new, name), choices)
    check_amount(new.budget_minor, new.currency)
    if new.source:
        source_named(session, new.source)
    purposes = session.crm.config.get(session).options.get("consent_purpose", {})
    for place, purpose in enumerate(new.consents):
        check_choice(f"consents.{place}", purpose, purposes)
    said = {name: value for name, value in attrs.asdict(new, recurse=False).items() if value not in ("", None, ())}
    said["consents"] = list(new.consents)
    inquiry = Inquiry(
        way=way,
        external_source=new.external_source,
        external_id=new.external_id,
        received_at=session.gate.clock.business_now(),
        state="waiting",
        answers=said,
    )
    try:
        with session.begin_nested():
            session.add(inquiry)
            session.flush()
    except IntegrityError:
        # Two at once: the other one was first.
        known = _known(session, new.external_source, new.external_id)
        if known is None:
            raise
        return known
    take_in(session, inquiry)
    return inquiry


def _known(session: CrmSession, external_source: str, external_id: str | None) -> Inquiry | None:
    query = select(Inquiry).where(Inquiry.external_source == external_source, Inquiry.external_id == external_id)
    return session.scalar(query)


def take_in(session: CrmSession, inquiry: Inquiry) -> None:
    """Settle an inquiry at once in system scope; otherwise have it settled afterwards."""
    if session.guarding.rights.unrestricted:
        settle(session, inquiry)
    else:
        session.emit(InquiryReceived(inquiry_id=inquiry.id))


@operation("sales.inquiry.settle", title=_("Settle"), permission="sales.inquiry.update", effect="update")
def settle_inquiry(session: CrmSession, inquiry: Inquiry) -> Inquiry:
    """Have an inquiry settled that failed, or that was taken for a machine's. Raises Conflict for one that is settled
    already."""
    if inquiry.state == "settled":
        raise Conflict(_("This is settled already."))
    inquiry.state, inquiry.problem = "waiting", None
    take_in(session, inquiry)
    return inquiry


@operation("sales.inquiry.follow", title=_("Settle what came in"), permission="sales.inquiry.update", hidden=True)
def follow(session: CrmSession, inquiry: Inquiry) -> None:
    """Settle an inquiry, or keep by which code it failed. Raises Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("This is done by the framework alone."))
    if inquiry.state != "waiting":
        return
    try:
        with session.begin_nested():
            settle(session, inquiry)
    except CrmkitError as error:
        inquiry.state, inquiry.problem = "failed", error.code


def received(session: CrmSession, event: InquiryReceived) -> None:
    """Settle what came in."""
    inquiry = session.get(Inquiry, event.inquiry_id)
    if inquiry is not None:
        session.run("sales.inquiry.follow", target=inquiry)


OPERATIONS = [capture, import_inquiry, settle_inquiry, follow]
SUBSCRIPTIONS = [Subscription(name="sales.inquiry_received", event="sales.inquiry.received", handler=received)]
