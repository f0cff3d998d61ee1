"""What a reference is looked for by, as one types: the records that a text may mean, as a list of options."""

from __future__ import annotations

from starlette.responses import Response

from crmkit.errors import NotFound
from crmkit.i18n import texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.forms.references import find, referred
from crmkit.web.pages.routing import PageRoute, get

_ = texts("crmkit")

LONGEST = 100


@get("/pick/{resource}")
def pick(call: PageCall, resource: str) -> Response:
    """Return the records that a text may mean."""
    if referred(call.crm.registry, resource) is None:
        raise NotFound(_("There is no such page."))
    with call.session() as session:
        found = find(session, resource, call.value("q")[:LONGEST].replace("\x00", " "))
    return call.part("records/picked.html", "options", found=found)


ROUTES: list[PageRoute] = [pick]
