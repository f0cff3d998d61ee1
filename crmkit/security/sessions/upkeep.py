"""What happens to sessions by itself: those of who leaves end, and those that are over are removed."""

from __future__ import annotations

from typing import Any

from crmkit.core.store.session import CrmSession
from crmkit.hooks.contributions import Job, Subscription
from crmkit.i18n import texts
from crmkit.security.people.events import UserDeactivated
from crmkit.security.sessions.ending import end_expired, end_factors, end_sessions
from crmkit.security.sessions.looking import idle_since

_ = texts("crmkit")


def on_deactivated(session: CrmSession, event: UserDeactivated) -> None:
    """End the sessions of somebody who leaves, and take the second factor away, in the same transaction."""
    end_sessions(session, event.user_id)
    end_factors(session, event.user_id)


def remove_what_is_over(session: CrmSession, **arguments: Any) -> None:
    """Remove sessions that are over or were not used for too long, and sign-ins that were not finished."""
    now = session.gate.clock.now()
    end_expired(session, now, idle_since(session.crm, now))


SUBSCRIPTIONS = [
    Subscription(name="crm.end_sessions", event="user.deactivated", handler=on_deactivated, phase="before_commit")
]
JOBS = [
    Job(
        name="crm.tidy_sessions",
        handler=remove_what_is_over,
        every="hour",
        catch_up="latest",
        acts_as="system",
        title=_("Remove sessions that are over"),
    )
]
