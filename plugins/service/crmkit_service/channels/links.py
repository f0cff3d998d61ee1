"""The links by which a customer opens the page of a case, or rates it. Opening one does nothing."""

from __future__ import annotations

from crmkit import CrmSession, IssuedLink, link_address
from crmkit_service.cases.history import ref_of
from crmkit_service.cases.models import Case

CASE = "service.case"
RATING = "service.rating"
DAYS = 90


def link_to(session: CrmSession, case: Case, page: str) -> IssuedLink:
    """Return a new link of the customer of a case to one of its pages, in a session that writes."""
    given = {"page": page, "customer_id": case.customer_id, "ref": ref_of(case), "days": DAYS}
    found: IssuedLink = session.run("public_link.create", given)
    return found


def address_of(session: CrmSession, case: Case, page: str) -> str:
    """Return the address of a new link to a page of a case, or an empty text where nobody could follow it, as the
    settings do not say where the installation is reached."""
    if not session.crm.settings.public_url:
        return ""
    return link_address(session.crm, link_to(session, case, page))
