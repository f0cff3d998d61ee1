"""The cards of somebody's first page: which there are for whom, and their lines, each by itself, so that what goes
wrong in one shows in that one alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

from crmkit.errors import NotFound
from crmkit.hooks.contributions import CardLine, DashboardCard
from crmkit.i18n import texts
from crmkit.web.http.problems import as_named, log_failure
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.home.cards import CARDS
from crmkit.web.pages.rendering import day, shown

_ = texts("crmkit")

MOST_LINES = 12


@frozen(kw_only=True)
class Shown:
    """A card with its lines; ``lines`` is None for one that is still to be fetched, ``failed`` says that it could not
    be."""

    card: DashboardCard
    plugin: str | None = None
    lines: tuple[CardLine, ...] | None = None
    failed: bool = False

    @property
    def visible(self) -> bool:
        """Say whether there is anything to show."""
        return self.lines is None or bool(self.lines) or self.failed or bool(self.card.empty)


@frozen(kw_only=True)
class Place:
    """A card that somebody may see, and whether it is fetched once the page is there."""

    card: DashboardCard
    plugin: str | None
    slow: bool


def places(call: PageCall) -> list[Place]:
    """Return the cards that a caller may see, in their order: those of crmkit, then those of plugins."""
    found = [
        Place(card=each.card, plugin=None, slow=each.slow)
        for each in CARDS
        if all(call.may(right) for right in each.rights) and not any(call.may(right) for right in each.unless)
    ]
    registry = call.crm.registry
    declared: Sequence[DashboardCard] = list(registry.tables["dashboard card"].values())
    return found + [
        Place(card=card, plugin=registry.owners.get(("dashboard card", card.name)), slow=True)
        for card in sorted(declared, key=lambda each: (each.order, each.name))
        if card.permission is None or call.may(card.permission)
    ]


def filled(call: PageCall, place: Place) -> Shown:
    """Return a card with its lines, read as the caller. What fails in it is logged, and shown in it."""
    try:
        with call.session() as session:
            lines = tuple(place.card.rows(session))[:MOST_LINES]
    except Exception as error:
        log_failure(as_named(error), call.request_id)
        return Shown(card=place.card, plugin=place.plugin, failed=True, lines=())
    return Shown(card=place.card, plugin=place.plugin, lines=lines)


def wording(call: PageCall) -> dict[str, Any]:
    """Return what the templates of cards call: texts with their values said in the caller's language, and values."""

    def value_said(value: object) -> str:
        return day(value) if isinstance(value, datetime) else shown(value)

    def said_in(text: object, values: Mapping[str, object]) -> str:
        if not isinstance(text, str):
            return shown(text)
        told = {name: value if isinstance(value, str) else value_said(value) for name, value in values.items()}
        return call.text(text, **{name: call.text(value) for name, value in told.items()})

    return {"value_said": value_said, "said_in": said_in}


def find(call: PageCall, name: str) -> Place:
    """Return a card that the caller may see. Raises NotFound."""
    found = next((each for each in places(call) if each.card.name == name), None)
    if found is None:
        raise NotFound(_("There is no such page."))
    return found
