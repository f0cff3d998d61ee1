"""Why a customer has a label, in the words of people: the facts that decided, as sentences. Called while a page is
rendered, as days and amounts follow its language. Must not know how labels are decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from attrs import frozen

from crmkit.core.business.money import Money
from crmkit.engines.classification.reading import LabelLine
from crmkit.engines.facts.moments import Moment
from crmkit.i18n import Text, texts
from crmkit.web.pages.customers.vocabulary import Vocabulary
from crmkit.web.pages.rendering import current, day, money, number, shown

_ = texts("crmkit")

_USUAL = "purchase.gap_p90_days"
_AGO: Mapping[str, tuple[Text, Text]] = {
    "purchase.last_at": (_("the last purchase was {days} days ago"), _("the last purchase was today")),
    "purchase.first_at": (_("the first purchase was {days} days ago"), _("the first purchase was today")),
    "interaction.last_at": (_("the last contact was {days} days ago"), _("the last contact was today")),
    "interaction.last_inbound_at": (
        _("the customer was last in touch {days} days ago"),
        _("the customer was in touch today"),
    ),
    "interaction.last_outbound_at": (_("we were last in touch {days} days ago"), _("we were in touch today")),
}
_COUNTS: Mapping[str, tuple[Text, Text, Text]] = {
    "purchase.count": (_("nothing was bought yet"), _("there was one purchase"), _("there were {number} purchases")),
    "interaction.count": (
        _("nothing has happened yet"),
        _("one thing has happened"),
        _("{number} things have happened"),
    ),
    "usage.count": (_("nothing was used yet"), _("it was used once"), _("it was used {number} times")),
}
MOST = 3
"""Most reasons of one label: what says the least comes last."""
_LAST = ("customer.converted_at", "customer.standing", "customer.kind", "customer.tags")
_FIRST = ("purchase.last_at", _USUAL, "purchase.count")
"""Facts that say the most come first."""


@frozen(kw_only=True)
class Because:
    """The reasons for a label: whether a person decided, and the sentences otherwise."""

    pinned: bool
    parts: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Return the reasons as the end of a sentence."""
        return current().text(_("; ")).join(self.parts)


def because(line: LabelLine, vocabulary: Vocabulary, moment: Moment) -> Because:
    """Return why a customer has a label. Facts of which nothing is known, and those that the reader may not see, are
    left out."""
    if line.cause == "pin":
        return Because(pinned=True, parts=())
    order = {name: place for place, name in enumerate(_FIRST)}
    order.update((name, len(order) + 1 + place) for place, name in enumerate(_LAST))
    given = sorted(line.facts.items(), key=lambda item: order.get(item[0], len(_FIRST)))
    parts = (_part(name, value, vocabulary, moment) for name, value in given)
    return Because(pinned=False, parts=tuple(dict.fromkeys(part for part in parts if part))[:MOST])


def _part(name: str, value: object, vocabulary: Vocabulary, moment: Moment) -> str:
    call = current()
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, datetime | date):
        return _moment(name, value, vocabulary, moment)
    if name == _USUAL and isinstance(value, int | float | Decimal):
        return call.text(_("usually the next one comes within {days} days"), days=number(round(value)))
    if name in _COUNTS and isinstance(value, int):
        none, one, many = _COUNTS[name]
        return call.text(none if value == 0 else one if value == 1 else many, number=number(value))
    term = vocabulary.find(name)
    title = call.text(term.title) if term is not None else name
    if isinstance(value, bool):
        return call.text(_("{title}: {value}"), title=title, value=shown(value))
    if isinstance(value, Money):
        return call.text(_("{title}: {value}"), title=title, value=money(value))
    options = dict(term.options) if term is not None else {}
    plain = call.text(options.get(value, value)) if isinstance(value, str) else shown(value)
    return call.text(_("{title}: {value}"), title=title, value=plain)


def _moment(name: str, value: date, vocabulary: Vocabulary, moment: Moment) -> str:
    call = current()
    zone = ZoneInfo(call.business.zone)
    then = value.astimezone(zone).date() if isinstance(value, datetime) else value
    days = (moment.as_of.astimezone(zone).date() - then).days
    if name in _AGO and days >= 0:
        ago, today = _AGO[name]
        return call.text(ago if days else today, days=number(days)) + _in_brackets(value)
    term = vocabulary.find(name)
    title = call.text(term.title) if term is not None else name
    return call.text(_("{title}: {value}"), title=title, value=day(value))


def _in_brackets(value: date) -> str:
    return current().text(_(" ({day})"), day=day(value))
