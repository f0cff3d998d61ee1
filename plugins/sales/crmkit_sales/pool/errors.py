"""The errors of the public pool: codes SAL301 to SAL399."""

from __future__ import annotations

from crmkit import Conflict, texts

_ = texts("crmkit_sales")


class NotFree(Conflict):
    """Somebody else was quicker, or a manager has locked the customer."""

    code = "SAL301"
    summary = _("The customer is not free.")


class PoolLimitReached(Conflict):
    """Whoever claims has claimed as many today, or holds as many, as the pool allows."""

    code = "SAL302"
    summary = _("The limit of the pool is reached.")


class StillCooling(Conflict):
    """Whoever has given a customer back, or lost it, may not claim it again yet."""

    code = "SAL303"
    summary = _("The customer cannot be claimed again yet.")
