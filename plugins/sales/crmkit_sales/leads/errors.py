"""What can be wrong with leads."""

from __future__ import annotations

from typing import ClassVar

from crmkit import Conflict, texts
from crmkit.errors import AlreadyExists

_ = texts("crmkit_sales")


class LeadRefused(Conflict):
    """Something was asked of a lead that cannot be done in the state that it is in."""

    code: ClassVar[str] = "SAL201"
    summary = _("This cannot be done with the lead as it is.")


class OpenLeadExists(AlreadyExists):
    """A second lead was to be opened of a customer who has an open one."""

    code: ClassVar[str] = "SAL202"
    summary = _("There is an open lead of this customer.")


class NobodyToOffer(Conflict):
    """A lead was offered where neither a queue nor a territory says to whom."""

    code: ClassVar[str] = "SAL203"
    summary = _("There is nobody to offer this lead to.")
