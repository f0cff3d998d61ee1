"""What workers do: close warranties that have ended, and send the card of one that was claimed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from crmkit import CrmSession, Job, texts
from crmkit.hooks.ports import Message

from crmkit_warranty import cards
from crmkit_warranty.models import Warranty
from crmkit_warranty.queries import expired

_ = texts("crmkit_warranty")


def close_expired(session: CrmSession, tick: datetime) -> None:
    """Close active warranties that ended before today."""
    for warranty in expired(session, session.today()):
        session.run("warranty.close", target=warranty)


def send_card(session: CrmSession, warranty_id: str) -> None:
    """Hand the card of a warranty to the carrier, if there is one. A warranty that is gone needs no card."""
    warranty = session.get(Warranty, UUID(warranty_id))
    if warranty is None:
        return
    cards.deliver(
        session.crm,
        Message(
            id=warranty.id,
            channel="warranty.card",
            address=str(warranty.customer_id),
            subject=warranty.serial,
            body=f"{warranty.serial}\t{warranty.starts_on}\t{warranty.expires_on}\n",
            customer_id=warranty.customer_id,
        ),
    )


JOBS = [
    Job(
        name="warranty.close_expired",
        title=_("Close warranties that have ended"),
        handler=close_expired,
        cron="15 2 * * *",
        catch_up="latest",
        acts_as="system",
    ),
    Job(name="warranty.send_card", title=_("Send a warranty card"), handler=send_card, acts_as="actor"),
]
