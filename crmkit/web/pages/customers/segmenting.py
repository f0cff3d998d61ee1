"""Keeping what the list of customers is filtered by as a segment. Must not know how the list is read."""

from __future__ import annotations

import re

from starlette.responses import Response

from crmkit.engines.segments.resolving import all_segments
from crmkit.errors import InvalidInput
from crmkit.i18n import texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.customers.listing import state_of
from crmkit.web.pages.customers.vocabulary import vocabulary_of
from crmkit.web.pages.routing import post

_ = texts("crmkit")


@post("/customers/segment", right="customer.read")
def keep(call: PageCall) -> Response:
    """Save what the list is filtered by as a segment, frozen where that is wanted. Raises InvalidInput for a list
    without a filter, and for a filter that asks for more than facts."""
    with call.session() as session:
        state = state_of(call, session, vocabulary_of(session))
    if not state.filter:
        raise InvalidInput(_("A segment follows a filter, and the list has none."), fix=_("Filter the list first."))
    title = call.value("segment_title")
    name = _free_name(call, title)
    call.run("segment.save", {"name": name, "title": title, "where": state.filter})
    if call.value("freeze") == "true":
        call.run("segment.freeze", {"name": name})
    return call.redirect(f"/segments/{name}", said=_("The segment is saved."))


def _free_name(call: PageCall, title: str) -> str:
    """Return a name for a new segment that no other has."""
    plain = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:60]
    base = plain if plain[:1].isalpha() else f"segment_{plain}".rstrip("_")
    with call.session() as session:
        taken = all_segments(session)
    number, name = 1, base
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return name


ROUTES = [keep]
