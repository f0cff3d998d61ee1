"""What a customer did, as conditions read it: what counts of it after refunds and reversals, each on its day.

What is read follows from the interactions alone, whatever the order in which they became known. Must not know
challenges or referrals.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from attrs import frozen
from sqlalchemy import select
from sqlalchemy.orm import aliased

from crmkit import (
    CrmkitError,
    CrmSession,
    Interaction,
    InvalidInput,
    Problem,
    RowExpression,
    moment_of,
    row_expression,
    texts,
    values_of,
)
from crmkit_loyalty.earning.happening import FIELDS, base_minor, happenings_of
from crmkit_loyalty.programs.money import digits_of

_ = texts("crmkit_loyalty")
_log = logging.getLogger("crmkit.loyalty")

REFUND = "refund"
KEPT = 200
"""Conditions that are kept ready for each CRM."""
_known: WeakKeyDictionary[Any, dict[tuple[str, int], RowExpression]] = WeakKeyDictionary()


@frozen(kw_only=True)
class Happened:
    """Something that counts: when, on which day of the company's zone, and what it was worth in major units of the base
    currency, less what was refunded of it."""

    interaction_id: UUID
    at: datetime
    day: date
    amount: Decimal


def checked_condition(session: CrmSession, text: str, field: str = "condition") -> RowExpression | None:
    """Return a condition made ready, None for none. Raises InvalidInput, naming the field, for one that cannot be
    used."""
    if not text.strip():
        return None
    try:
        return row_expression(session, text, FIELDS, condition=True, facts=True)
    except CrmkitError as error:
        found = Problem(InvalidInput.code, _("{reason}"), field=field, value=text, reason=error.render())
        raise InvalidInput([found]) from None


def happened_to(
    session: CrmSession,
    customer_id: UUID,
    event: str,
    condition: str,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Happened]:
    """Return what a customer did of a kind within a half-open span that meets a condition, the earliest first. What was
    reversed or refunded as a whole does not count; facts in the condition are those as of when it happened."""
    gone = aliased(Interaction)
    query = select(Interaction).where(
        Interaction.customer_id == customer_id,
        Interaction.kind == event,
        Interaction.reverses_id.is_(None),
        ~select(gone.id).where(gone.reverses_id == Interaction.id).exists(),
    )
    if since is not None:
        query = query.where(Interaction.occurred_at >= since)
    if until is not None:
        query = query.where(Interaction.occurred_at < until)
    rows = session.scalars(query.order_by(Interaction.occurred_at, Interaction.id)).all()
    asked = _ready(session, condition)
    back = _refunds(session, rows)
    zone = ZoneInfo(session.business().zone)
    found: list[Happened] = []
    for row in rows:
        try:
            one = _one(session, row, back.get(row.id, ()), asked, zone)
        except CrmkitError as error:
            # Without a rate nobody knows what it is worth; the others count all the same.
            _log.warning("interaction %s does not count: %s", row.id, error.render())
            continue
        if one is not None:
            found.append(one)
    return found


def _one(
    session: CrmSession, row: Interaction, back: Sequence[Interaction], asked: RowExpression | None, zone: ZoneInfo
) -> Happened | None:
    assert row.customer_id is not None
    facts: Mapping[Any, Any] = {}
    if asked is not None and asked.facts:
        moment = moment_of(session, row.occurred_at)
        facts = values_of(session, asked.facts, [row.customer_id], moment, check=False).get(row.customer_id, {})
    happened = happenings_of(session, [row], {row.customer_id: facts})[row.id]
    gross: Decimal = happened.whole["amount"]
    net = gross
    if back:
        digits = digits_of(session, row.currency)
        minor = sum(base_minor(session, each.amount_minor or 0, each.currency, happened.day) for each in back)
        net = max(gross - Decimal(minor).scaleb(-digits), Decimal(0))
        if net <= 0:
            return None
    if asked is not None and not asked.at(session)({**happened.whole, "amount": net, "order_amount": net}):
        return None
    return Happened(interaction_id=row.id, at=row.occurred_at, day=row.occurred_at.astimezone(zone).date(), amount=net)


def _refunds(session: CrmSession, rows: Sequence[Interaction]) -> dict[UUID, list[Interaction]]:
    ids = [each.id for each in rows]
    gone = aliased(Interaction)
    found: dict[UUID, list[Interaction]] = {}
    for start in range(0, len(ids), 500):
        query = select(Interaction).where(
            Interaction.about_id.in_(ids[start : start + 500]),
            Interaction.kind == REFUND,
            Interaction.reverses_id.is_(None),
            ~select(gone.id).where(gone.reverses_id == Interaction.id).exists(),
        )
        for each in session.scalars(query.order_by(Interaction.id)):
            if each.about_id is not None:
                found.setdefault(each.about_id, []).append(each)
    return found


def _ready(session: CrmSession, text: str) -> RowExpression | None:
    if not text.strip():
        return None
    shelf = _known.setdefault(session.crm, {})
    key = text, session.crm.registry.revision
    found = shelf.get(key)
    if found is None:
        while len(shelf) >= KEPT:
            shelf.pop(next(iter(shelf)))
        made = checked_condition(session, text)
        assert made is not None
        found = shelf[key] = made
    return found
