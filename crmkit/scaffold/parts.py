"""The parts that a new plugin can have, and which part needs which. Values only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import frozen

from crmkit.errors import UsageError
from crmkit.i18n import Text, texts

_ = texts("crmkit")


@frozen(kw_only=True)
class Part:
    """One part: what it is, and the parts that it is built on."""

    title: Text
    needs: tuple[str, ...] = ()


PARTS: Mapping[str, Part] = {
    "models": Part(title=_("a table about customers, with its first migration and personal-data map")),
    "resources": Part(title=_("lists, forms and records in the pages, and the same over REST"), needs=("models",)),
    "operations": Part(title=_("operations that change it, with their permissions"), needs=("resources",)),
    "events": Part(title=_("events that the operations emit"), needs=("operations",)),
    "facts": Part(title=_("facts about customers"), needs=("operations",)),
    "rules": Part(title=_("a rule on these facts"), needs=("facts",)),
    "dimensions": Part(title=_("a dimension that classifies customers by these facts"), needs=("facts",)),
    "segments": Part(title=_("a segment of customers by these facts"), needs=("facts",)),
    "reports": Part(title=_("a report with a chart"), needs=("operations",)),
    "pages": Part(title=_("a page of its own in the menu, with its template"), needs=("operations",)),
    "panels": Part(title=_("a panel beside each customer"), needs=("operations",)),
    "timeline": Part(title=_("entries in customers' timelines"), needs=("operations",)),
    "cards": Part(title=_("a card on the first page of the staff"), needs=("operations",)),
    "boards": Part(title=_("a board of cards by state"), needs=("operations",)),
    "calendars": Part(title=_("a calendar by day"), needs=("operations",)),
    "search": Part(title=_("being found by the words of its title"), needs=("operations",)),
    "public": Part(title=_("a page for customers, opened by a signed link"), needs=("operations",)),
    "subscriptions": Part(title=_("a subscription to an event of the kernel"), needs=("operations",)),
    "jobs": Part(title=_("a periodic job"), needs=("operations",)),
    "checks": Part(title=_("a check for crmkit doctor"), needs=("operations",)),
    "commands": Part(title=_("a command of the command line"), needs=("operations",)),
    "api": Part(title=_("what other plugins may import"), needs=("operations",)),
    "kinds": Part(title=_("a kind of interaction")),
    "settings": Part(title=_("settings in crmkit.toml")),
}
"""Every part, by the name that ``--with`` takes."""

DEFAULT = ("events", "rules", "reports", "pages")
"""The parts of a plugin where nothing else is said; with them comes what they are built on."""


def completed(wanted: Iterable[str]) -> frozenset[str]:
    """Return the parts that are wanted with those that they are built on. ``all`` stands for every part.

    Raises UsageError for a name that is no part.
    """
    names = [name.strip() for name in wanted if name.strip()]
    if "all" in names:
        return frozenset(PARTS)
    for name in names:
        if name not in PARTS:
            raise UsageError(
                _('There is no part "{name}".'), fix=_("Known: {known}."), name=name, known=", ".join(["all", *PARTS])
            )
    found: set[str] = set()
    pending = names
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending.extend(PARTS[name].needs)
    return frozenset(found)
