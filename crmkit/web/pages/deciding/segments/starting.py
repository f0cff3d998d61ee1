"""Where a new segment can begin: conditions that many want, made of the facts that there are.

Only those are offered whose facts exist and may be read. Must not know pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from attrs import field, frozen

from crmkit.engines.expressions.symbols import quoted
from crmkit.engines.facts.vocabulary import catalogue_of, check_readable
from crmkit.errors import CrmkitError
from crmkit.i18n import Text, texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

AHEAD = 7
"""Days for which birthdays are looked ahead."""


@frozen(kw_only=True)
class Start:
    """A condition to begin with: its name in addresses, what people read, and an icon."""

    name: str
    title: Text
    doc: Text
    where: str
    sign: str = "filter"
    values: Mapping[str, object] = field(factory=dict[str, object])


def _starts(session: CrmSession) -> list[Start]:
    today = session.today()
    days = [(today + timedelta(days=ahead)).strftime("%m-%d") for ahead in range(AHEAD)]
    return [
        Start(
            name="silent_good",
            title=_("Silent good customers"),
            doc=_("Worth a lot so far, and not heard of for a while."),
            where='label.value == "high" and label.activity in ["silent", "lost"]',
            sign="moon",
        ),
        Start(
            name="new",
            title=_("New in the last 30 days"),
            doc=_("Recorded within the last month."),
            where="days_since(customer.created_at) <= 30",
            sign="user-plus",
        ),
        Start(
            name="birthday",
            title=_("Birthday in the next 7 days"),
            doc=_("Persons whose birthday is from today on within a week."),
            where=f"customer.birthday in [{', '.join(map(quoted, days))}]",
            sign="cake",
        ),
        Start(
            name="late",
            title=_("Regulars who are late"),
            doc=_("Bought at least five times, and are away for twice as long as usual."),
            where="purchase.count >= 5 and days_since(purchase.last_at) > 2 * purchase.average_gap_days",
            sign="hourglass",
        ),
        Start(
            name="once",
            title=_("Bought once and never again"),
            doc=_("One purchase, more than 60 days ago."),
            where="purchase.count == 1 and days_since(purchase.last_at) > 60",
            sign="shopping-cart",
        ),
        Start(
            name="no_contact",
            title=_("Nobody has spoken to them"),
            doc=_("No interaction for 90 days."),
            where="days_since(interaction.last_at) > 90",
            sign="message",
        ),
        Start(
            name="reachable",
            title=_("May be written to"),
            doc=_("Have agreed to marketing by e-mail and have an address."),
            where='consent.granted["marketing/email"] and contact.has_email',
            sign="mail",
        ),
        Start(
            name="local",
            title=_("Customers nearby"),
            doc=_("In the city of the business."),
            where="place.local",
            sign="map-pin",
        ),
    ]


def starts(session: CrmSession) -> list[Start]:
    """Return the conditions to begin with that the session's actor can use here."""
    catalogue = catalogue_of(session)
    found: list[Start] = []
    for each in _starts(session):
        try:
            check_readable(session, sorted(catalogue.checked(each.where).facts))
        except CrmkitError:
            continue
        found.append(each)
    return found
