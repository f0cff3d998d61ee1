"""What is asked of the assignment engine and what it answers: frozen values, and the words for its verdicts.

Must not know databases. ``code`` and ``values`` are what is kept; the words are made when somebody reads them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
from attrs import frozen

from crmkit import Input, texts
from crmkit.i18n import Text, translate

_ = texts("crmkit_work")

CHOSEN = {
    "turn": _("It was their turn: {turn}."),
    "least_loaded": _("They have least open work for their weight: {load}."),
    "weighted": _("By the weights ({weight} of {total}) it was their turn."),
    "sticky": _("They look after this customer."),
    "named": _("They were asked for."),
    "deputy": _("They stand in for {for_name}, who is away."),
    "territory": _('They look after the territory "{territory}".'),
}
"""Why somebody was chosen, in words."""
UNASSIGNED = {
    "team": _('Nobody of the queue "{queue}" can take it, so it goes to the team "{team}".'),
    "waiting": _('Nobody can take it now, so it waits in the queue "{queue}".'),
    "nobody": _("Nobody can take it now, and there is no queue in which it could wait."),
}
"""Why nobody was chosen, in words."""
REJECTED = {
    "inactive": _("The account is not active."),
    "not_member": _('They are no member of the queue "{queue}".'),
    "excluded": _("They were left out on purpose."),
    "absent": _("They are absent until {until}."),
    "off_hours": _("They are off work until {until}."),
    "offline": _("They are offline."),
    "away": _("They are away."),
    "busy": _("They are busy."),
    "lacks_skill": _('They lack "{skill}" at level {needed}; they have level {has}.'),
    "lacks_language": _('They do not speak "{language}".'),
    "at_capacity": _("They have {load} pieces of open work and take {capacity} at most."),
    "daily_limit": _("They got {taken} today and get {limit} at most."),
    "after_in_turn": _("They could have taken it; it was somebody else's turn."),
    "not_sticky": _("They could have taken it; somebody else looks after the customer."),
}
"""Why somebody was not chosen, in words."""
STRATEGIES = {
    "round_robin": _("In turn"),
    "least_loaded": _("Least loaded"),
    "weighted": _("By weights"),
}
"""How a queue chooses among those who can take a piece of work."""
HOW = {
    **STRATEGIES,
    "sticky": _("Who looks after the customer"),
    "named": _("Asked for"),
    "deputy": _("Deputy"),
    "fallback": _("Fallback"),
    "territory": _("Territory"),
    "waiting": _("Waiting"),
}
"""How a piece of work came to somebody, or did not."""

Plain = Mapping[str, Any]
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?\+00:00")


@frozen(kw_only=True)
class Reason:
    """Why something was decided: a code, and what fills in its words."""

    code: str
    values: Plain = attrs.field(factory=dict[str, Any])

    @property
    def text(self) -> Text:
        """Return the words as a text to be translated and filled in with ``values``."""
        found = CHOSEN.get(self.code) or UNASSIGNED.get(self.code) or REJECTED.get(self.code)
        return found if found is not None else Text(self.code)

    def render(self, language: str = "en", zone: str = "UTC") -> str:
        """Return the words in a language, with instants on the wall of a zone."""
        return translate(self.text, language, **{name: _shown(each, zone) for name, each in self.values.items()})


@frozen(kw_only=True)
class Rejected:
    """That somebody was not chosen; ``reason`` is a code of `REJECTED`. ``queue_id`` is the queue in which the person
    was looked at, where there was one."""

    user_id: UUID
    reason: str
    values: Plain = attrs.field(factory=dict[str, Any])
    queue_id: UUID | None = None

    def render(self, language: str = "en", zone: str = "UTC") -> str:
        """Return the words in a language, with instants on the wall of a zone."""
        return Reason(code=self.reason, values=self.values).render(language, zone)


@frozen(kw_only=True)
class Wish:
    """A piece of work for which somebody is looked for.

    ``ref`` is ``<resource>:<id>`` of the work. It goes to the queue (by id or name), or to one of ``users``, whoever is
    first able to; with neither the customer's territory decides. ``skills`` are those that the work needs besides the
    queue's, each with its level ("billing", "billing:3"), ``languages`` likewise; ``at`` is the instant for which
    somebody is looked for (UTC, now without it); ``exclude`` are people who do not get it. ``loads`` is open work of
    people that is registered nowhere. ``purpose`` says in a word what for, such as "reopened".
    """

    ref: Annotated[str, Input(title=_("Record"), max_length=160, classified="internal")]
    title: Annotated[str, Input(title=_("Title"), max_length=300)] = ""
    customer_id: Annotated[UUID | None, Input(title=_("Customer"), resource="customer", classified="internal")] = None
    queue_id: Annotated[UUID | None, Input(title=_("Queue"), resource="work.queue", classified="internal")] = None
    queue: Annotated[str, Input(title=_("Queue"), resource="work.queue", max_length=60, classified="internal")] = ""
    users: Annotated[tuple[UUID, ...], Input(title=_("People"), max_length=500, classified="internal")] = ()
    skills: Annotated[tuple[str, ...], Input(title=_("Skills"), max_length=50, classified="internal")] = ()
    languages: Annotated[tuple[str, ...], Input(title=_("Languages"), max_length=50, classified="internal")] = ()
    at: Annotated[datetime | None, Input(title=_("When"), classified="internal")] = None
    exclude: Annotated[tuple[UUID, ...], Input(title=_("Left out"), max_length=500, classified="internal")] = ()
    loads: Annotated[Mapping[str, int], Input(title=_("Other open work"), max_length=500, classified="internal")] = (
        attrs.field(factory=dict[str, int])
    )
    """By the id of the person, as text."""
    purpose: Annotated[str, Input(title=_("Purpose"), max_length=60, classified="internal")] = ""


@frozen(kw_only=True)
class Assignment:
    """Who got a piece of work, and why; ``why_not`` has everybody else who was looked at.

    With neither ``user_id`` nor ``team_id`` nobody could take it: it waits in ``queue_id``. ``strategy`` is one of
    `HOW`, ``id`` the entry of the log.
    """

    id: UUID
    ref: str
    user_id: UUID | None
    team_id: UUID | None
    queue_id: UUID | None
    strategy: str
    why: Reason
    why_not: tuple[Rejected, ...] = ()

    @property
    def assigned(self) -> bool:
        """Say whether a person got it."""
        return self.user_id is not None


@frozen(kw_only=True)
class Availability:
    """Whether somebody is there at an instant; ``reason`` is a code of `REJECTED`, "" for somebody present.

    ``until`` is when that ends (UTC), where it is known; ``deputy_id`` who stands in during an absence.
    """

    present: bool
    reason: str = ""
    until: datetime | None = None
    deputy_id: UUID | None = None


def _shown(value: Any, zone: str) -> Any:
    """Return a value as it stands in a sentence: an instant, which is kept in UTC as text, to the minute."""
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        return value
    return f"{datetime.fromisoformat(value).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def parse_skill(text: str) -> tuple[str, int]:
    """Return a skill and its level out of "billing" or "billing:3". Raises ValueError for a level that is no whole
    number from 1 to 10, or no name."""
    name, _colon, level = text.replace("：", ":").partition(":")
    number = int(level) if level.strip() else 1
    if not name.strip() or not 1 <= number <= 10:
        raise ValueError(text)
    return name.strip(), number


def needed_skills(*wanted: Sequence[str] | Mapping[str, int]) -> dict[str, int]:
    """Return the skills that are needed together, each at the highest level that anything asks for."""
    found: dict[str, int] = {}
    for each in wanted:
        pairs = each.items() if isinstance(each, Mapping) else map(parse_skill, each)
        for name, level in pairs:
            found[name] = max(level, found.get(name, 0))
    return found
