"""How much a caller may ask for, looked at before each call of the API; what costs more has a budget of its own.

Must not know what an endpoint does, beside its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from crmkit.security.limiting.rates import Budget
from crmkit.web.http.limits import limits_of

if TYPE_CHECKING:
    from crmkit.web.rest.calls import RestCall
    from crmkit.web.rest.declaring import Endpoint

BUDGETS: Mapping[str, Budget] = {
    "search": "search",
    "expressions.check": "search",
    "segments.preview": "search",
    "dimensions.preview": "search",
    "rules.backtest": "search",
    "exports.make": "export",
    "facts.frame": "export",
    "segments.export": "export",
    "reports.run": "export",
    "reports.rows": "export",
    "imports.plan": "import",
    "imports.make": "import",
}
"""The budgets of endpoints that cost more than reading a page, by the endpoint's name."""


def before(call: RestCall, endpoint: Endpoint) -> None:
    """Count a call. Raises TooManyCalls."""
    limits_of(call.crm).check(call.request.scope, call.actor, call.call.address, also=BUDGETS.get(endpoint.name))
