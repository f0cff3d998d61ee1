"""The link by which somebody who is asked answers. Opening one does nothing. Must not know the page it leads to."""

from __future__ import annotations

import math

from crmkit import CrmSession, IssuedLink
from crmkit_feedback.asking.models import Invitation

PAGE = "feedback.answer"
LONGEST = 365
"""Days for which a link of an invitation without an end holds."""


def ref_of(invitation: Invitation) -> str:
    """Return what a link of an invitation is about: ``feedback.invitation:<id>``."""
    return f"feedback.invitation:{invitation.id}"


def link_for(session: CrmSession, invitation: Invitation) -> IssuedLink:
    """Return a new link by which a customer answers, in a session that writes; it holds for as long as the invitation.

    Raises what ``public_link.create`` does.
    """
    days = LONGEST
    if invitation.expires_at is not None:
        left = (invitation.expires_at - session.gate.clock.business_now()).total_seconds() / 86400
        days = max(1, min(LONGEST, math.ceil(left)))
    given = {"page": PAGE, "customer_id": invitation.customer_id, "ref": ref_of(invitation), "days": days}
    found: IssuedLink = session.run("public_link.create", given)
    return found
