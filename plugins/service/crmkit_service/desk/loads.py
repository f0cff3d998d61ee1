"""How much a case counts among what somebody has open: kept in the register of work with every change of a case.

A case counts while it is open (not while it waits), by the channel: a call takes its agent whole, a mail can wait. What
each channel counts is set by ``crmkit.toml``. Must not decide who gets anything.
"""

from __future__ import annotations

from typing import Any

from crmkit_work.api import note_load

from crmkit import CrmSession
from crmkit_service.cases.history import ref_of
from crmkit_service.cases.models import Case
from crmkit_service.settings import settings_of


def units_of(session: CrmSession, channel: str) -> int:
    """Return how much a case of a channel counts, from 1 on."""
    return settings_of(session.crm.settings).weights.get(channel, 1)


def keep_load(session: CrmSession, case: Case) -> None:
    """Bring the register in line with a case: whose it is while it is open, else nobody's."""
    holder = case.owner_id if case.phase == "open" else None
    note_load(session, ref_of(case), holder, queue_id=case.queue_id, units=units_of(session, case.channel))


def followed(session: CrmSession, event: Any) -> None:
    """Keep the load with a change of a case's owner, queue or state, in the same transaction."""
    case = session.get(Case, event.case_id)
    if case is not None:
        keep_load(session, case)
