"""What workers do."""

from __future__ import annotations

from datetime import datetime, timedelta

from crmkit import CrmSession, Job, texts

from crmkit_rentals.queries import due_items

_ = texts("crmkit_rentals")

KEPT = timedelta(days=365)
"""How long an item may be overdue before it is finished by itself."""


def finish_forgotten(session: CrmSession, tick: datetime) -> None:
    """Finish items that have been overdue for a year."""
    for item in due_items(session, session.today() - KEPT):
        session.run("rentals.finish", target=item)


JOBS = [
    Job(
        name="rentals.finish_forgotten",
        title=_("Finish forgotten items"),
        handler=finish_forgotten,
        every="day",
        catch_up="latest",
        acts_as="system",
    )
]
