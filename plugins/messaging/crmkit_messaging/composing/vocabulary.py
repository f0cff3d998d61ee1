"""What messages can speak of: the customer, facts about it, the business, what a sender gives, and the links of a
message; and the values of these for one customer, as far as whoever sends may see them.

The vocabulary is closed: a name that is not in it is refused when a text is saved. Sensitive fields are not in it at
all. Must not know blocks or texts.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import inspect

from crmkit import CrmkitError, CrmSession, Customer, Money, User, catalogue_of, moment_of, texts, values_of
from crmkit_messaging.composing.filters import Formats

_ = texts("crmkit_messaging")

OPEN = ("public", "internal")
CUSTOMER = (
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "salutation",
    "job_title",
    "kind",
    "standing",
    "gender",
    "occupation",
    "industry",
    "birthday",
    "language",
    "country",
    "province",
    "city",
    "website",
)
ALWAYS = ("name", "kind", "standing")
"""Fields that every customer has."""
LINKS = {"link.unsubscribe": _("Link to leave"), "link.preferences": _("Link to the preferences")}
MOST_GIVEN = 60
_DEEPEST = 3


@frozen(kw_only=True)
class Name:
    """A name that a text can use. ``type`` is text, integer, money, date …; ``nullable`` says that a customer may have
    no value; ``sample`` stands in a preview without a customer."""

    name: str
    title: str
    group: str
    type: str = "text"
    nullable: bool = True
    classified: str = "internal"
    keyed: bool = False
    sample: Any = None


@frozen(kw_only=True)
class Given:
    """A value that a sender gives: its name (without ``value.``), title, and a sample."""

    name: str
    title: str = ""
    sample: Any = ""


@frozen(kw_only=True)
class Words:
    """The names that the texts of a template can use."""

    names: Mapping[str, Name]
    given: tuple[Given, ...] = field(default=(), converter=tuple)

    def find(self, name: str) -> Name | None:
        """Return what is known of a name, with or without a key in brackets."""
        plain, bracket, _rest = name.partition("[")
        found = self.names.get(plain)
        return None if found is None or found.keyed != bool(bracket) else found

    def closest(self, name: str) -> str:
        """Return the name that was probably meant, or an empty text."""
        plain = name.partition("[")[0]
        known = list(self.names)
        found = difflib.get_close_matches(plain, known, 1) or [
            each for each in known if each.rpartition(".")[2] == plain.rpartition(".")[2]
        ]
        return found[0] if found else ""

    def lines_of(self, name: str) -> Mapping[str, Any] | None:
        """Return a sample of an entry of a given list, None for what is no list of entries."""
        for each in self.given:
            if f"value.{each.name}" == name and isinstance(each.sample, list) and each.sample:
                first = cast("list[Any]", each.sample)[0]
                return cast("Mapping[str, Any]", first) if isinstance(first, Mapping) else {"": first}
        return None


# --- the names --------------------------------------------------------------------------------------------------------


def words_of(session: CrmSession, given: Iterable[Given] = ()) -> Words:
    """Return what texts can speak of, for whoever the session is: facts of classes that are masked for it are left
    out."""
    names: dict[str, Name] = {}
    columns = inspect(Customer).columns
    samples = _samples(session)
    personal = session.level(Customer, "personal") == "full"
    for each in CUSTOMER:
        info = columns[each].info["crmkit"]
        if info.classified in OPEN or personal:
            names[f"customer.{each}"] = Name(
                name=f"customer.{each}",
                title=info.title,
                group="customer",
                nullable=each not in ALWAYS,
                classified=info.classified,
                sample=samples.get(each),
            )
    config = session.crm.config.get(session)
    classes = config.custom_classes.get("customer", {})
    for each, info in config.custom_fields.get("customer", {}).items():
        classified = classes.get(each, "sensitive")
        if classified in OPEN or (classified == "personal" and personal):
            names[f"custom.{each}"] = Name(
                name=f"custom.{each}", title=info.title, group="customer", classified=classified, sample=info.title
            )
    names["owner.name"] = Name(name="owner.name", title=_("Name of the owner"), group="customer", sample="Sam Seller")
    names["business.name"] = Name(
        name="business.name", title=_("Name of the business"), group="business", nullable=not config.name, sample="—"
    )
    names["business.city"] = Name(
        name="business.city", title=_("City of the business"), group="business", nullable=not config.city, sample="—"
    )
    names["today"] = Name(
        name="today", title=_("Today"), group="business", type="date", nullable=False, sample=session.today()
    )
    for name, title in LINKS.items():
        names[name] = Name(name=name, title=title, group="link", nullable=False, sample="https://example.com/…")
    for known in catalogue_of(session):
        symbol = known.symbol
        if symbol.classified in OPEN or session.level(Customer, symbol.classified) == "full":
            names.setdefault(
                known.name,
                Name(
                    name=known.name,
                    title=str(symbol.title),
                    group="facts",
                    type=symbol.type.kind,
                    nullable=symbol.nullable,
                    classified=symbol.classified,
                    keyed=symbol.keyed,
                    sample=_sample_of(symbol.type.kind, session, config.base_currency),
                ),
            )
    own = tuple(given)
    for one in own:
        for name, sample in flattened(f"value.{one.name}", one.sample).items():
            names[name] = Name(
                name=name,
                title=one.title or one.name,
                group="value",
                type="list" if isinstance(sample, list) else "text",
                sample=sample,
            )
    return Words(names=names, given=own)


def _samples(session: CrmSession) -> Mapping[str, Any]:
    chinese = session.crm.config.get(session).language.startswith("zh")
    if chinese:
        return {
            "name": "林小雨",
            "given_name": "小雨",
            "family_name": "林",
            "salutation": "女士",
            "job_title": "经理",
            "city": "上海",
            "province": "上海",
            "country": "CN",
            "kind": "person",
            "standing": "customer",
            "birthday": "05-20",
            "language": "zh_Hans",
            "website": "https://example.com",
        }
    return {
        "name": "Alex Taylor",
        "given_name": "Alex",
        "family_name": "Taylor",
        "middle_name": "J.",
        "salutation": "Ms",
        "job_title": "Manager",
        "city": "Leeds",
        "province": "West Yorkshire",
        "country": "GB",
        "kind": "person",
        "standing": "customer",
        "birthday": "05-20",
        "language": "en",
        "website": "https://example.com",
    }


def _sample_of(kind: str, session: CrmSession, currency: str | None) -> Any:
    today = session.today()
    return {
        "integer": 3,
        "number": 2.5,
        "decimal": Decimal("2.5"),
        "money": Money(12345, currency) if currency else None,
        "date": today + timedelta(days=14),
        "instant": datetime.combine(today, datetime.min.time(), UTC) + timedelta(hours=9),
        "boolean": True,
        "list": ["—"],
    }.get(kind, "—")


def flattened(name: str, value: Any, depth: int = 0) -> dict[str, Any]:
    """Return the plain values within a given one, by their dotted names; lists stay as they are."""
    if isinstance(value, Mapping) and depth < _DEEPEST:
        found: dict[str, Any] = {}
        for key, item in cast("Mapping[Any, Any]", value).items():
            found.update(flattened(f"{name}.{key}", item, depth + 1))
        return found
    return {name: value}


# --- their values -----------------------------------------------------------------------------------------------------


def samples_of(words: Words) -> dict[str, Any]:
    """Return a value for each name, for a preview without a customer."""
    return {name: each.sample for name, each in words.names.items()}


def values_for(
    session: CrmSession,
    customer: Customer,
    names: Sequence[str],
    *,
    given: Mapping[str, Any] | None = None,
    links: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the values of names for a customer. What the session's actor may not see in full has no value, and so has
    a fact that there is not any more."""
    found: dict[str, Any] = {}
    facts: list[str] = []
    personal = session.level(Customer, "personal") == "full"
    columns = inspect(Customer).columns
    config = session.crm.config.get(session)
    for name in dict.fromkeys(names):
        root, _dot, rest = name.partition(".")
        if root == "customer" and rest in CUSTOMER:
            if personal or columns[rest].info["crmkit"].classified in OPEN:
                found[name] = getattr(customer, rest)
        elif root == "custom":
            classified = config.custom_classes.get("customer", {}).get(rest, "sensitive")
            if classified in OPEN or (classified == "personal" and personal):
                found[name] = _custom(customer, rest)
        elif name == "owner.name":
            owner = session.get(User, customer.owner_id) if customer.owner_id is not None else None
            found[name] = None if owner is None else str(owner.name)
        elif root == "business":
            found[name] = getattr(config, rest, None) if rest in ("name", "city") else None
        elif name == "today":
            found[name] = session.today()
        elif root == "link":
            found[name] = (links or {}).get(rest)
        elif root != "value":
            facts.append(name)
    for key, value in (given or {}).items():
        found.update(flattened(f"value.{key}", value))
    found.update(_facts(session, customer.id, facts, config.base_currency))
    return found


def _custom(customer: Customer, name: str) -> Any:
    value = (customer.custom or {}).get(name)
    return value if isinstance(value, (str, int, float, bool, list, date)) else None


def _facts(session: CrmSession, customer_id: UUID, names: Sequence[str], currency: str | None) -> dict[str, Any]:
    if not names:
        return {}
    catalogue = catalogue_of(session)
    refs: list[Any] = []
    for name in names:
        try:
            ref = catalogue.ref(name)
            values_of(session, [ref], (), moment_of(session))  # whether it may be read
        except CrmkitError:
            continue
        refs.append(ref)
    if not refs:
        return {}
    values = values_of(session, refs, [customer_id], moment_of(session)).get(customer_id, {})
    found: dict[str, Any] = {}
    for ref in refs:
        value = values.get(ref)
        if value is not None and catalogue.known(ref.name).symbol.type.kind == "money":
            value = Money(int(value), currency) if currency else None
        found[str(ref)] = value
    return found


def formats_of(session: CrmSession, language: str, customer: Customer | None = None) -> Formats:
    """Return how values are written for a customer: in its time zone where that is known, else the business's."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    config = session.crm.config.get(session)
    zone = config.zone
    if customer is not None and session.level(Customer, "personal") == "full" and customer.time_zone:
        try:
            zone = ZoneInfo(str(customer.time_zone)).key
        except (ZoneInfoNotFoundError, OSError, ValueError):
            zone = config.zone
    return Formats(language=language, zone=zone, currency=config.base_currency)
