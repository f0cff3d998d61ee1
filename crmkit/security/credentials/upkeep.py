"""What happens to credentials by itself: those of who leaves end, and what means nothing any more is removed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from crmkit.core.store.guard import region
from crmkit.core.store.session import CrmSession
from crmkit.hooks.contributions import Job, Subscription
from crmkit.i18n import texts
from crmkit.security.credentials import throttle
from crmkit.security.credentials.accounts import CODES
from crmkit.security.credentials.operations import end_credentials
from crmkit.security.people.events import UserDeactivated

_ = texts("crmkit")

KEPT = timedelta(days=30)
"""How long a one-time code that cannot be redeemed any more is kept."""


def on_deactivated(session: CrmSession, event: UserDeactivated) -> None:
    """Take password, codes and tokens away from somebody who leaves, in the same transaction."""
    end_credentials(session, event.user_id)


def remove_what_is_over(session: CrmSession, **arguments: Any) -> None:
    """Remove empty buckets and old one-time codes. Tokens are kept: the audit log names them."""
    now = session.gate.clock.now()
    with region(session, "tidying up credentials"):
        throttle.sweep(session.connection(), now)
        session.connection().execute(delete(CODES).where(CODES.c.expires_at < now - KEPT))


SUBSCRIPTIONS = [
    Subscription(name="crm.end_credentials", event="user.deactivated", handler=on_deactivated, phase="before_commit")
]
JOBS = [
    Job(
        name="crm.tidy_credentials",
        handler=remove_what_is_over,
        every="hour",
        catch_up="latest",
        acts_as="system",
        title=_("Remove counters of attempts and old one-time codes"),
    )
]
