"""What contracts refuse: one class, one code."""

from __future__ import annotations

from crmkit import Conflict, texts

_ = texts("crmkit_sales")


class ContractState(Conflict):
    """A contract is not in the state that is needed, such as one that is renewed a second time."""

    code = "SAL511"
    summary = _("The contract is in another state.")


class NoticeTooLate(Conflict):
    """Notice is given after its last day, and the contract renews itself."""

    code = "SAL512"
    summary = _("The last day of notice has passed.")
