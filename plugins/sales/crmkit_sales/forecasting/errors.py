"""The errors of forecasting: codes SAL601 to SAL699."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts

_ = texts("crmkit_sales")


class TooLittleHistory(Conflict):
    """Too few opportunities were won or lost for anything to be learnt from them."""

    code: ClassVar[str] = "SAL601"
    summary = _("There is too little history to learn from.")


class NoBaseCurrency(Conflict):
    """A forecast was to be kept, but there is no currency to count it in."""

    code: ClassVar[str] = "SAL602"
    summary = _("No base currency is set.")
