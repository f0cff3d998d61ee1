"""In which currency a programme's money is told, and with how many places. Must not convert any."""

from __future__ import annotations

from crmkit import CrmSession, places

NO_CURRENCY = "XXX"
"""ISO 4217's code for transactions in which no currency is involved: a CRM whose base currency is not set yet."""


def currency_of(session: CrmSession, otherwise: str | None = None) -> str:
    """Return the base currency; where it is not set ``otherwise``, and NO_CURRENCY without that."""
    return session.business().base_currency or otherwise or NO_CURRENCY


def digits_of(session: CrmSession, otherwise: str | None = None) -> int:
    """Return how many decimal places that currency has (two for CNY, none for JPY)."""
    return places(currency_of(session, otherwise))
