"""The errors of quotes: codes SAL401 to SAL499."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts

_ = texts("crmkit_sales")


class ApprovalNeeded(Conflict):
    """Others have to agree to a quote before it is sent."""

    code: ClassVar[str] = "SAL401"
    summary = _("Others have to agree to the quote before it is sent.")


class WrongState(Conflict):
    """A quote is not in a state in which this can be done with it, such as one that was sent and is to be changed."""

    code: ClassVar[str] = "SAL402"
    summary = _("The quote is not in a state in which this can be done.")
