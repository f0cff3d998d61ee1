"""The own calendar outside of crmkit: as a file, and as links that calendar programs fetch it by.

A link is shown once, on the page that answers. Must not know what stands in a calendar.
"""

from __future__ import annotations

from starlette.responses import Response

from crmkit.core.store.ids import parse_id
from crmkit.errors import CrmkitError, NotFound
from crmkit.exchange.calendars import MEDIA, write_calendar
from crmkit.i18n import texts
from crmkit.resources.calendars import feed_span, own_entries
from crmkit.security.public.feeds import own_links
from crmkit.security.public.links import IssuedLink
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.routing import PageRoute, get, post

_ = texts("crmkit")


@get("/calendar.ics")
def download(call: PageCall) -> Response:
    """Hand out the own calendar as a file."""
    base = (call.crm.settings.public_url or "").rstrip("/")
    with call.session() as session:
        entries = list(own_entries(session, feed_span(session), language=call.language, base=base))
    content = write_calendar(entries, title=call.business.name or "crmkit")
    headers = {"Content-Disposition": 'attachment; filename="calendar.ics"', "Cache-Control": "no-store"}
    return Response(content, headers=headers, media_type=MEDIA)


@get("/account/calendar")
def show(call: PageCall) -> Response:
    """Show the links to the own calendar."""
    return _page(call)


@post("/account/calendar")
def make(call: PageCall) -> Response:
    """Make a link, and show it this once."""
    try:
        made: IssuedLink = call.run("calendar.subscribe", {})
    except CrmkitError as error:
        return _page(call, error=error)
    return _page(call, made=made)


@post("/account/calendar/{id}/revoke")
def revoke(call: PageCall, id: str) -> Response:
    """Let a link open nothing any more."""
    identity = parse_id(id)
    if identity is None:
        raise NotFound(_("There is no such record: {id}."), id=id)
    call.run("calendar.unsubscribe", {"link": identity})
    return call.redirect("/account/calendar", said=_("The link opens nothing any more."))


def _page(call: PageCall, *, made: IssuedLink | None = None, error: CrmkitError | None = None) -> Response:
    base = (call.crm.settings.public_url or str(call.request.base_url)).rstrip("/")
    with call.session() as session:
        links = [(link.id, link.created_at, link.expires_at) for link in own_links(session)]
    return call.page(
        "records/feeds.html",
        status=422 if error is not None else 200,
        made=f"{base}{made.path}.ics" if made is not None else None,
        until=made.expires_at if made is not None else None,
        wrong=error.problems[0] if error is not None else None,
        links=links,
    )


ROUTES: list[PageRoute] = [download, show, make, revoke]
