"""What a customer base that messaging is new to begins with: a policy for each purpose, and quiet hours at night."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crmkit_messaging.sending.models import Policy

if TYPE_CHECKING:
    from crmkit import CRM

STRICT: dict[str, Any] = {"needs_consent": True, "quiet": True, "capped": True, "urgent_passes": False}
POLICIES: dict[str, dict[str, Any]] = {
    "marketing": STRICT,
    "newsletter": STRICT,
    "research": STRICT,
    "profiling": STRICT,
    "sharing": STRICT,
    "service": {"needs_consent": False, "quiet": True, "capped": False, "urgent_passes": True},
}
"""What the purposes of the kernel's list ask at first."""
NIGHT = "21:00-08:00"


def plugin_enabled(crm: CRM) -> None:
    """Add the first policies and quiet hours, where nobody has made any."""
    actor = crm.system("the first policies of messages")
    with crm.transaction(actor) as session:
        if session.scalar(select(Policy.id).limit(1)) is not None:
            return
        for purpose, values in POLICIES.items():
            session.run("messaging.policy.create", {"purpose": purpose, **values})
        session.run("messaging.quiet_hours.create", {"hours": NIGHT})
