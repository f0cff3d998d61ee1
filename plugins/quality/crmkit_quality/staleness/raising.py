"""Raises verifications of what has grown too old, so many for each owner and day at most, the oldest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crmkit import CrmSession, Customer, Refused, operation, texts
from crmkit_quality.scores.models import CustomerScore
from crmkit_quality.settings import QualitySettings, settings_of
from crmkit_quality.staleness.models import Verification
from crmkit_quality.staleness.operations import open_verification

_ = texts("crmkit_quality")

REST = timedelta(days=180)
"""For so long nobody is asked again about what was found out to be out of reach, or was dropped."""
_PAGE = 1000


@operation(
    "quality.verification.raise",
    title=_("Raise verifications of what is stale"),
    permission="quality.verification.create",
    hidden=True,
)
def raise_stale(session: CrmSession) -> int:
    """Raise verifications and return how many. Raises Refused outside system scope."""
    if not session.guarding.rights.unrestricted:
        raise Refused(_("Verifications are raised in system scope."))
    settings = settings_of(session.crm.settings)
    raised = _raised_today(session)
    total, opened = sum(raised.values()), 0
    for customer, fields in _stale(session, settings):
        known = _settled(session, customer.id)
        for about in fields:
            if total >= settings.verify_per_day:
                return opened
            if raised[customer.owner_id] >= settings.verify_per_owner:
                break
            if about in known:
                continue
            open_verification(session, customer, about, "stale")
            raised[customer.owner_id] += 1
            total, opened = total + 1, opened + 1
    return opened


def _stale(session: CrmSession, settings: QualitySettings) -> Iterator[tuple[Customer, list[str]]]:
    """Give the customers with fields that have grown too old, those first that are the oldest on the whole; of each the
    oldest fields first."""
    offset = 0
    while True:
        query = (
            select(Customer, CustomerScore.cells)
            .join(CustomerScore, CustomerScore.customer_id == Customer.id)
            .where(Customer.deleted_at.is_(None), CustomerScore.timeliness.is_not(None))
            .order_by(CustomerScore.timeliness, CustomerScore.id)
            .limit(_PAGE)
            .offset(offset)
        )
        rows = session.execute(query).all()
        for customer, cells in rows:
            aged = sorted(
                (own["timeliness"], name)
                for name, own in cells.items()
                if own.get("timeliness", 1.0) < settings.verify_below
            )
            if aged:
                yield customer, [name for _value, name in aged]
        if len(rows) < _PAGE:
            return
        offset += _PAGE


def _raised_today(session: CrmSession) -> Counter[UUID | None]:
    zone = ZoneInfo(session.crm.config.get(session).zone)
    begin = datetime.combine(session.gate.clock.now().astimezone(zone).date(), time(), zone)
    query = select(Verification.owner_id).where(Verification.created_at >= begin, Verification.reason == "stale")
    return Counter(session.scalars(query))


def _settled(session: CrmSession, customer_id: UUID) -> set[str]:
    """Return the fields of a customer about which nobody is to be asked: those that are open, and those that were found
    out not long ago."""
    query = select(Verification).where(Verification.customer_id == customer_id)
    now = session.gate.clock.now()
    return {
        each.about
        for each in session.scalars(query)
        if each.state == "open" or (each.done_at is not None and now - each.done_at < REST)
    }


def raise_nightly(session: CrmSession, tick: datetime) -> None:
    """Raise verifications once a day: the job."""
    session.run("quality.verification.raise")


def check_customer(session: CrmSession, customer: str) -> None:
    """Check a customer anew, of whom something was verified: the job."""
    session.run("quality.check.some", {"customer_ids": [customer]})


OPERATIONS = [raise_stale]
