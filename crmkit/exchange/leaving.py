"""What an export is for and for whom: customers who allowed the purpose alone, and a mark in each row of who got it.

Must not know files or how rows are made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from crmkit.core.customers.consents import EVERY, ConsentStates, consents_of
from crmkit.core.store.session import CrmSession
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

MARK = "exported_for"
"""The column that names the recipient of an export; an import leaves it aside."""
_UNFIT = re.compile(r"[^\w]+")


def check_purpose(session: CrmSession, resource: str, purpose: str | None) -> None:
    """Raise InvalidInput for a purpose that nobody is asked about, and for one of records that are about nobody.

    ``purpose`` may name a channel too, as in ``marketing:email``.
    """
    if purpose is None:
        return
    known = session.crm.config.get(session).options.get("consent_purpose", {})
    named = purpose.partition(":")[0]
    if named not in known:
        hint = _("Purposes: {known}.")
        wrong = Problem(
            InvalidInput.code,
            _("There is no such purpose of consent."),
            field="purpose",
            value=named,
            hint=hint,
            known=", ".join(known) or "–",
        )
        raise InvalidInput([wrong])
    if resource == "products":
        raise InvalidInput([Problem(InvalidInput.code, _("Products are about nobody."), field="purpose")])


def consenting(session: CrmSession, customer_ids: Iterable[UUID], purpose: str) -> set[UUID]:
    """Return those of some customers who allow a purpose now: by the channel that it names, else by any."""
    named, _colon, channel = purpose.partition(":")
    states = consents_of(session, list(customer_ids), session.gate.clock.business_now())
    return {id_ for id_, one in states.items() if _allowed(one, named, channel)}


def _allowed(states: ConsentStates, purpose: str, channel: str) -> bool:
    if channel:
        return states.allows(purpose, channel)
    channels = {one.channel for one in states.states if one.purpose == purpose} | {EVERY}
    return any(states.allows(purpose, each) for each in channels)


def mark_of(session: CrmSession, recipient: str) -> str:
    """Return what stands in each row of an export for a recipient: whom it is for, when it was made, and by whom."""
    return f"{recipient.strip()} · {_stamp(session.gate.clock.now())} · {session.actor.name or session.actor.id}"


def marked_name(stem: str, ending: str, recipient: str | None, at: datetime) -> str:
    """Return the name of an export's file, with the recipient and the instant where it is for somebody."""
    whom = _UNFIT.sub("-", (recipient or "").strip()).strip("-")[:60]
    return f"{stem}-{whom}-{at.strftime('%Y%m%dT%H%MZ')}.{ending}" if whom else f"{stem}-{at:%Y-%m-%d}.{ending}"


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")
