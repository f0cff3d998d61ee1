"""The days of a contract that follow from others: its end, its last day of notice, and when its owner is told."""

from __future__ import annotations

from datetime import date, timedelta

from crmkit import InvalidInput, Problem, texts
from crmkit_sales.contracts.models import Contract
from crmkit_sales.contracts.terms import term_after

_ = texts("crmkit_sales")

FIRST, LAST = date(1900, 1, 1), date(2300, 12, 31)


def set_days(contract: Contract) -> None:
    """Compute the end from the months, and what follows from it. Raises InvalidInput for days that are too far off."""
    if contract.term_months is None:
        contract.end_on = None
    else:
        try:
            contract.end_on = term_after(contract.first_on, contract.months_before, contract.term_months).end
        except OverflowError:
            contract.end_on = date.max
    for name in ("start_on", "end_on"):
        day = getattr(contract, name)
        if day is not None and not FIRST <= day <= LAST:
            raise InvalidInput([Problem(InvalidInput.code, _("This day is too far off."), field="start_on")])
    set_notice(contract)


def set_notice(contract: Contract) -> None:
    """Compute the last day of notice and of the reminder from the end; a contract that ends by itself needs no notice,
    and its owner is told before its end."""
    if contract.end_on is None:
        contract.notice_by = contract.remind_on = None
        return
    days = 0 if contract.renewal == "none" else contract.notice_days
    notice_by = contract.end_on - timedelta(days=days)
    contract.notice_by, contract.remind_on = notice_by, notice_by - timedelta(days=contract.remind_days)
