"""The plugin's own errors: one class, one code, below a class of crmkit so that every door knows how to answer."""

from __future__ import annotations

from crmkit import Conflict, texts

_ = texts("crmkit_warranty")


class WarrantyExpired(Conflict):
    """A claim was made on a warranty that has expired or is closed."""

    code = "WTY101"
    summary = _("The warranty has ended.")


class ClaimOpen(Conflict):
    """Something was asked for that an open claim forbids, or that needs one and there is none."""

    code = "WTY102"
    summary = _("There is a claim to settle first.")
