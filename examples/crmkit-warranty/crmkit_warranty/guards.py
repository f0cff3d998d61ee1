"""What the plugin has to say about changes of its own records and of customers."""

from __future__ import annotations

from collections.abc import Sequence

from crmkit import Change, CrmSession, Feed, Veto, texts
from crmkit.hooks.contributions import IncomingChange, KeptValue
from sqlalchemy import select

from crmkit_warranty.models import Warranty

_ = texts("crmkit_warranty")


def check_changes(session: CrmSession, changes: Sequence[Change]) -> None:
    """Raise Veto for a changed serial number, and for a customer with an open claim who is put away.

    All customers of the call are looked up in one statement, without a flush, as this is called from within one. It
    reads everything, whatever the actor may see; so the error does not tell which warranty it is.
    """
    leaving = []
    for change in changes:
        if change.resource == "warranty.warranty" and change.kind == "update" and "serial" in change.fields:
            raise Veto(_("A serial number is never changed."), fix=_("Close the warranty and register another one."))
        if change.resource == "customer" and change.kind == "update":
            _before, after = change.fields.get("deleted_at", (None, None))
            if after is not None:
                leaving.append(change.record.id)
    if not leaving:
        return
    query = select(Warranty.id).where(Warranty.customer_id.in_(leaving), Warranty.status == "claimed").limit(1)
    with session.no_autoflush:
        found = session.scalar(query)
    if found is not None:
        raise Veto(_("There is an open claim on a warranty."), fix=_("Settle it first."), field="deleted_at")


def names_on_claims(session: CrmSession, changes: Sequence[IncomingChange]) -> list[KeptValue]:
    """Return the names of customers with an open claim: they stay as the papers of the claim have them."""
    asked = [change.customer_id for change in changes if "name" in change.fields]
    query = select(Warranty.customer_id).where(Warranty.customer_id.in_(asked), Warranty.status == "claimed").distinct()
    reason = _("A claim is open under this name.")
    return [KeptValue(customer_id=found, field="name", reason=reason) for found in session.scalars(query)]


def check_feed(feed: Feed) -> None:
    """Raise Veto for a file that calls itself warranty: these ids are the plugin's own."""
    if feed.source == "warranty":
        raise Veto(
            _("Nothing is imported under the name of this plugin."), fix=_("Name the system that it comes from.")
        )
