"""What there is to do today, by what somebody's work is."""

from __future__ import annotations

from starlette.responses import Response

from crmkit.web.pages.call import PageCall
from crmkit.web.pages.home.board import Shown, filled, find, places, wording
from crmkit.web.pages.routing import get


@get("/")
def today(call: PageCall) -> Response:
    """Show what there is to do today. What takes longer, and what plugins add, is fetched once the page is there."""
    everything = bool(call.value("all"))
    shown = [
        filled(call, place) if everything or not place.slow else Shown(card=place.card, plugin=place.plugin)
        for place in places(call)
    ]
    with call.session() as session:
        day = session.today()
    cards = [each for each in shown if each.visible]
    return call.page("home/today.html", cards=cards, today=day, lazy=not everything, **wording(call))


@get("/today/{name}")
def card(call: PageCall, name: str) -> Response:
    """Show one card."""
    found = filled(call, find(call, name))
    if call.by_htmx:
        return call.part("home/card.html", "inside", each=found, **wording(call))
    return call.page("home/card.html", each=found, **wording(call))
