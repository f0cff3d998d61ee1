"""The option lists that crmkit ships: values that people choose from, with titles.

An admin adds to them, retitles and retires values; the rows of the database are laid over the lists here. A list is
open until an admin closes it: then only listed values are accepted. Must not touch the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from crmkit.errors import Problem
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.business.config import Config

_ = texts("crmkit")

CLOSED = "option_list"
"""Resource name under which closed lists are kept among the required fields."""

SHIPPED: Mapping[str, Mapping[str, str]] = {
    "gender": {"female": _("Female"), "male": _("Male"), "other": _("Other"), "unknown": _("Not stated")},
    "source": {
        "web": _("Web site"),
        "referral": _("Recommendation"),
        "advertising": _("Advertising"),
        "event": _("Event"),
        "social": _("Social media"),
        "partner": _("Partner"),
        "store": _("Store"),
        "call": _("Call"),
        "import": _("Import"),
        "other": _("Other"),
    },
    "industry": {
        "agriculture": _("Agriculture and fishing"),
        "mining": _("Mining"),
        "manufacturing": _("Manufacturing"),
        "energy": _("Energy and water"),
        "construction": _("Construction"),
        "trade": _("Wholesale and retail trade"),
        "transport": _("Transport and storage"),
        "hospitality": _("Hotels and restaurants"),
        "information": _("Information and communication"),
        "finance": _("Finance and insurance"),
        "real_estate": _("Real estate"),
        "professional": _("Professional services"),
        "administration": _("Public administration"),
        "education": _("Education"),
        "health": _("Health and social work"),
        "culture": _("Arts and recreation"),
        "other": _("Other"),
    },
    "occupation": {
        "employee": _("Employee"),
        "manager": _("Manager"),
        "professional": _("Professional"),
        "self_employed": _("Self-employed"),
        "civil_servant": _("Civil servant"),
        "worker": _("Worker"),
        "farmer": _("Farmer"),
        "student": _("Student"),
        "homemaker": _("Homemaker"),
        "retired": _("Retired"),
        "unemployed": _("Out of work"),
        "other": _("Other"),
    },
    "identity": {
        "resident_id": _("Chinese resident identity card"),
        "uscc": _("Chinese unified social credit code"),
        "passport": _("Passport"),
        "driving_licence": _("Driving licence"),
        "tax_number": _("Tax number"),
        "other": _("Other"),
    },
    "relationship": {
        "employee": _("Employee of"),
        "manager": _("Manager of"),
        "spouse": _("Spouse of"),
        "parent": _("Parent of"),
        "sibling": _("Sibling of"),
        "friend": _("Friend of"),
        "referred": _("Recommended"),
        "partner": _("Business partner of"),
        "supplier": _("Supplier of"),
        "subsidiary": _("Subsidiary of"),
        "shareholder": _("Shareholder of"),
        "contact": _("Contact person of"),
    },
    "relationship_inverse": {
        "employee": _("Employs"),
        "manager": _("Reports to"),
        "spouse": _("Spouse of"),
        "parent": _("Child of"),
        "sibling": _("Sibling of"),
        "friend": _("Friend of"),
        "referred": _("Recommended by"),
        "partner": _("Business partner of"),
        "supplier": _("Supplied by"),
        "subsidiary": _("Parent company of"),
        "shareholder": _("Owned in part by"),
        "contact": _("Has as contact person"),
    },
    "consent_purpose": {
        "marketing": _("Marketing"),
        "newsletter": _("Newsletter"),
        "profiling": _("Profiling"),
        "research": _("Surveys and research"),
        "service": _("Service messages"),
        "sharing": _("Sharing with partners"),
    },
    "protected": {
        "customer.age_band": _("Age"),
        "customer.born_from": _("Age"),
        "customer.gender": _("Gender"),
        "customer.occupation": _("Occupation"),
    },
    "contact_label": {
        "mobile": _("Mobile"),
        "work": _("Work"),
        "home": _("Home"),
        "fax": _("Fax"),
        "billing": _("Billing"),
        "shipping": _("Delivery"),
        "wechat": _("WeChat"),
        "weibo": _("Weibo"),
        "linkedin": _("LinkedIn"),
        "facebook": _("Facebook"),
        "instagram": _("Instagram"),
        "other": _("Other"),
    },
}
"""Titles of the values of each list, in the order in which they are shown. The kinds of ``relationship_inverse`` are
read from the other side: what the second is to the first. ``protected`` are the facts by which nobody is to be singled
out without a reason."""


def merged(rows: Iterable[tuple[str, str, str, int, bool]]) -> dict[str, dict[str, str]]:
    """Return the titles of the values of every list: the shipped ones, then the admin's rows of (list, value, title,
    position, active) laid over them.

    They stand in the order of their positions, 0 where none was given; of one position the shipped ones come first.
    """
    lists = {name: dict(values) for name, values in SHIPPED.items()}
    places: dict[tuple[str, str], int] = {}
    for name, value, title, position, active in rows:
        values = lists.setdefault(name, {})
        if active:
            values[value] = title
            places[name, value] = position
        else:
            values.pop(value, None)
    return {
        name: dict(sorted(values.items(), key=lambda item: places.get((name, item[0]), 0)))
        for name, values in lists.items()
    }


def is_closed(config: Config, list_name: str) -> bool:
    """Say whether an admin has closed a list, so that only its values are accepted."""
    return list_name in config.required.get(CLOSED, frozenset())


def check_option(config: Config, list_name: str, value: str, field: str) -> Problem | None:
    """Return what is wrong with a value of a list, or None where it may be used."""
    if not is_closed(config, list_name) or value in config.options.get(list_name, {}):
        return None
    import difflib

    known = config.options.get(list_name, {})
    close = difflib.get_close_matches(value, known, 1)
    return Problem(
        "CK500",
        _("This is not in the list {list_name}."),
        field=field,
        value=value,
        hint=_('Did you mean "{close}"?') if close else _("Possible: {options}."),
        list_name=list_name,
        close=close[0] if close else "",
        options=", ".join(known) or "–",
    )
