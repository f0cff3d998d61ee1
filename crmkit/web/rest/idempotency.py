"""The header ``Idempotency-Key``: a change that is sent twice under one key happens once, and is answered twice.

The key is the gate's: it belongs to the caller and the operation, and another input under it is refused. Must not know
endpoints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.web.rest.calls import RestCall
    from crmkit.web.rest.declaring import Endpoint

_ = texts("crmkit")

HEADER = "Idempotency-Key"
LONGEST = 200


def before(call: RestCall, endpoint: Endpoint) -> None:
    """Take the key of a change from its header. Raises InvalidInput for one that is none."""
    if endpoint.method == "GET" or call.actor.kind == "public":
        return
    given = call.request.headers.getlist(HEADER)
    if not given:
        return
    if len(given) > 1 or not 1 <= len(given[0]) <= LONGEST or not given[0].isprintable():
        message = _("An idempotency key has 1 to 200 printable characters.")
        raise InvalidInput([Problem("CK500", message, field=HEADER)])
    call.key = given[0]
