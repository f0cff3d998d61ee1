"""How much a caller may ask for: which budget a call is counted in, and what the answer says about it.

Somebody who is known is counted by token or by user, wherever from; others by their network address. Guesses at
credentials are counted elsewhere, before anybody is known. Must not know endpoints.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary, proxy

from crmkit.errors import TooManyCalls
from crmkit.i18n import texts
from crmkit.security.credentials.throttle import network_of
from crmkit.security.limiting.buckets import Buckets, Verdict
from crmkit.security.limiting.rates import Budget, Rate, rates_of

if TYPE_CHECKING:
    from starlette.types import Scope

    from crmkit.app import CRM
    from crmkit.core.store.actor import Actor

_ = texts("crmkit")

STATE = "answer_headers"
"""Where a request's state keeps headers that its answer gets, whoever makes that."""


class Limits:
    """The limits of one CRM, which all of its doors in a process share."""

    def __init__(self, crm: CRM) -> None:
        self._rates = rates_of(crm.settings)
        self._buckets = Buckets(proxy(crm))  # what is kept by its CRM must not keep it

    def check(self, scope: Scope, actor: Actor, address: str | None, *, also: Budget | None = None) -> None:
        """Count a call: in the budget of everybody who is known, or of nobody, and in ``also``, one of its own for what
        costs more. What is left is told in the answer's headers. Raises TooManyCalls."""
        public = actor.kind == "public"
        who = f"address:{network_of(address)}" if public else f"{actor.id}:{actor.token_id or ''}"
        # The narrower one first: a call that it does not let through takes nothing from the other.
        for budget in (also, "public" if public else "api"):
            rate = self._rates[budget] if budget is not None else None
            if budget is None or rate is None:
                continue
            verdict = self._buckets.take(budget, who, rate)
            headers = scope.setdefault("state", {}).setdefault(STATE, {})
            for name, value in headers_of(budget, rate, verdict).items():
                headers[name] = f"{headers[name]}, {value}" if name in headers else value
            if not verdict.allowed:
                raise TooManyCalls(
                    _("At most {number} calls of this kind can be made in {seconds} seconds."),
                    fix=_("Wait for {wait} seconds."),
                    seconds=rate.seconds,
                    number=rate.number,
                    wait=math.ceil(verdict.wait),
                )


def headers_of(budget: Budget, rate: Rate, verdict: Verdict) -> dict[str, str]:
    """Return what the answer says of a limit, in the fields of the IETF's draft: what it is, and how many calls are
    left for how many seconds."""
    return {
        "ratelimit-policy": f'"{budget}";q={rate.number};w={rate.seconds}',
        "ratelimit": f'"{budget}";r={verdict.remaining};t={math.ceil(verdict.reset)}',
    }


_limits: WeakKeyDictionary[CRM, Limits] = WeakKeyDictionary()


def limits_of(crm: CRM) -> Limits:
    """Return the limits of a CRM."""
    found = _limits.get(crm)
    if found is None:
        found = _limits.setdefault(crm, Limits(crm))
    return found
