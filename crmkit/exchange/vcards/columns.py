"""What a card says of a customer: the values of fields, and contact points with their kinds and labels.

Must not know files or databases. What crmkit has no field for (nicknames, departments, notes, further properties) is in
columns of its own name, which a person can map to custom fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from crmkit.core.business.places import country_code
from crmkit.exchange.vcards.cards import Card
from crmkit.exchange.vcards.lines import BINARY, Property

PRODUCT = "-//crmkit//"
"""What the producer of a card is called that crmkit has written."""
POINTS = "more_contact_points"
BASE = ("name", "family_name", "given_name", POINTS)
"""Columns that every file of cards has."""
FIELDS = (
    "crmkit_id", "external_id", "kind", "name", "family_name", "given_name", "middle_name", "salutation", "suffix",
    "nickname", "job_title", "role", "organization", "department", POINTS, "birth_date", "day_without_year",
    "anniversary", "gender", "language", "time_zone", "website", "tags", "note", "related", "geo", "revised",
)  # fmt: skip
"""The columns in their order; those of further properties stand behind."""

_SPECIAL = frozenset(
    ("VERSION", "PRODID", "BEGIN", "END", "FN", "N", "ORG", "TITLE", "EMAIL", "TEL", "ADR", "LABEL", "BDAY", "URL",
     "NICKNAME", "CATEGORIES", "NOTE", "UID", "REV", "KIND", "GENDER", "LANG", "TZ", "GEO", "RELATED", "ROLE", "IMPP",
     "ANNIVERSARY", "X-ANNIVERSARY", "X-ABLABEL", "X-ABSHOWAS", "X-ABADR", "X-SOCIALPROFILE", "SOCIALPROFILE",
     "X-ADDRESSBOOKSERVER-KIND", "X-MS-OL-DESIGN", "X-MS-CARDPICTURE", "X-MS-OL-DEFAULT-POSTAL-ADDRESS", "MAILER",
     "SOURCE", "NAME", "PROFILE", "CLASS", "SORT-STRING", "CLIENTPIDMAP", "XML", "MEMBER", "FBURL", "CALURI",
     "CALADRURI", "X-ABRELATEDNAMES", "X-ABDATE", "AGENT", "X-GENDER")
) | BINARY  # fmt: skip
_MOST_OTHERS = 60
_LONGEST_OTHER = 2000
_PLACES = {"HOME": "home", "WORK": "work"}
_MESSENGERS = {
    "X-AIM": "aim", "X-ICQ": "icq", "X-JABBER": "jabber", "X-MSN": "msn", "X-YAHOO": "yahoo", "X-SKYPE": "skype",
    "X-SKYPE-USERNAME": "skype", "X-GTALK": "gtalk", "X-GOOGLE-TALK": "gtalk", "X-QQ": "qq", "X-WECHAT": "wechat",
    "X-WEIXIN": "wechat", "X-WEIBO": "weibo", "X-TWITTER": "twitter", "X-FACEBOOK": "facebook",
    "X-LINKEDIN": "linkedin", "X-INSTAGRAM": "instagram", "X-LINE": "line", "X-WHATSAPP": "whatsapp",
}  # fmt: skip
_GENDERS = {"M": "male", "F": "female", "O": "other"}
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T.*)?\Z")
_DASHED = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?\Z")
_YEARLESS = re.compile(r"--(\d\d)-?(\d\d)(?:T.*)?\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,2}\Z")


def values_of(card: Card) -> dict[str, Any]:
    """Return what a card says, by column; what it does not say is left out."""
    own = _is_own(card)
    found: dict[str, Any] = {}
    _names(card, found, own)
    _identity(card, found, own)
    _days(card, found)
    points = _points(card, found, own)
    if points:
        found[POINTS] = points
    if card.categories:
        found["tags"] = card.categories
    if card.nicknames:
        found["nickname"] = ", ".join(card.nicknames)
    if any(note.strip() for note in card.notes):
        found["note"] = "\n\n".join(note.strip() for note in card.notes if note.strip())
    _others(card, found)
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def is_group(card: Card) -> bool:
    """Say whether a card is that of a list of people, who have cards of their own."""
    said = card.first("KIND") or card.first("X-ADDRESSBOOKSERVER-KIND")
    return said is not None and said.value.strip().lower() == "group"


def _is_own(card: Card) -> bool:
    said = card.first("PRODID")
    return said is not None and said.value.startswith(PRODUCT)


def _names(card: Card, found: dict[str, Any], own: bool) -> None:
    name = (card.full_name or "").strip()
    family, given, middle, prefix, suffix = card.names or ("", "", "", "", "")
    organizations = [parts for parts in card.organizations if any(part.strip() for part in parts)]
    organization = organizations[0][0].strip() if organizations else ""
    kind = _kind(card) or ("person" if own else None)
    if kind is None and organization and not any((family, given, middle)) and name in ("", organization):
        kind = "organization"
    if kind == "organization":
        found["name"] = name or organization or family
        # Its own name is none that it belongs to.
        organization = "" if organization == found["name"] else organization
    else:
        found |= {"name": name, "family_name": family, "given_name": given, "middle_name": middle}
        found |= {"salutation": prefix, "suffix": suffix}
    found["kind"] = kind
    found["organization"] = organization
    departments = [part.strip() for parts in organizations[:1] for part in parts[1:] if part.strip()]
    found["department"] = ", ".join(departments)
    found["job_title"] = next((title.strip() for title in card.titles if title.strip()), "")
    role = card.first("ROLE")
    found["role"] = card.text(role).strip() if role is not None else ""


def _kind(card: Card) -> str | None:
    said = card.first("KIND") or card.first("X-ADDRESSBOOKSERVER-KIND")
    word = said.value.strip().lower() if said is not None else ""
    if word in ("org", "organization"):
        return "organization"
    shown = card.first("X-ABSHOWAS")
    if shown is not None and shown.value.strip().upper() == "COMPANY":
        return "organization"
    return "person" if word == "individual" or any((card.names or ())[:3]) else None


def _identity(card: Card, found: dict[str, Any], own: bool) -> None:
    uid = card.first("UID")
    if uid is not None:
        plain = card.text(uid).strip()
        bare = plain[9:] if plain.lower().startswith("urn:uuid:") else plain
        if 0 < len(bare) <= 200:
            found["crmkit_id" if own else "external_id"] = bare
    gender = card.first("GENDER") or card.first("X-GENDER")
    if gender is not None:
        found["gender"] = _GENDERS.get(card.parts(gender)[0].strip().upper()[:1])
    languages = sorted(card.all("LANG"), key=lambda one: _rank(one))
    language = next((one.value.strip() for one in languages if _LANGUAGE.match(one.value.strip())), None)
    found["language"] = language
    zone = card.first("TZ")
    if zone is not None and "/" in zone.value:
        found["time_zone"] = card.text(zone).strip()
    revised = card.first("REV")
    found["revised"] = revised.value.strip() if revised is not None else None
    place = card.first("GEO")
    found["geo"] = card.text(place).strip().removeprefix("geo:") if place is not None else None
    related = [(one.parameter("TYPE").lower(), card.text(one).strip()) for one in card.all("RELATED")]
    related += [(card.label_of(one).lower(), card.text(one).strip()) for one in card.all("X-ABRELATEDNAMES")]
    found["related"] = "; ".join(f"{label}: {name}" if label else name for label, name in related if name)


def _days(card: Card, found: dict[str, Any]) -> None:
    born = card.first("BDAY")
    if born is not None:
        text = card.text(born).strip()
        without_year = born.parameter("X-APPLE-OMIT-YEAR")
        day = _day(text)
        yearless = _YEARLESS.match(text)
        if yearless:
            found["day_without_year"] = f"{yearless[1]}-{yearless[2]}"
        elif day is not None and without_year and without_year == f"{day.year:04}":
            found["day_without_year"] = f"{day:%m-%d}"
        elif day is not None:
            found["birth_date"] = day.isoformat()
        else:
            found["day_without_year"] = text
    other = card.first("ANNIVERSARY") or card.first("X-ANNIVERSARY")
    if other is None:
        named = (one for one in card.all("X-ABDATE") if card.label_of(one).lower() == "anniversary")
        other = next(named, None)
    if other is not None:
        text = card.text(other).strip()
        day = _day(text)
        found["anniversary"] = day.isoformat() if day is not None else text


def _day(text: str) -> date | None:
    match = _COMPACT.match(text) or _DASHED.match(text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


# --- contact points --------------------------------------------------------------------------------------------------


def _points(card: Card, found: dict[str, Any], own: bool) -> list[dict[str, Any]]:
    """Return the contact points, the preferred ones marked, in the order in which they stand."""
    points: list[dict[str, Any]] = []
    ranks: list[int] = []
    labels = {one.group or one.types: one for one in card.all("LABEL")}
    for one in card.properties:
        made = _point(card, one, found, own, labels)
        if made is not None:
            points.append({**made, "from": one.name})
            ranks.append(_rank(one))
    for kind in {point["kind"] for point in points}:
        marked = [(rank, at) for at, rank in enumerate(ranks) if points[at]["kind"] == kind and rank < 1000]
        if marked:
            points[min(marked)[1]]["preferred"] = True
    if not any(point["kind"] == "address" for point in points):
        for one in card.all("LABEL"):
            if card.text(one).strip():
                label = _label(card, one, _place(one))
                points.append({"kind": "address", "value": card.text(one).strip(), "label": label, "from": "LABEL"})
    return points


def _point(
    card: Card, one: Property, found: dict[str, Any], own: bool, labels: Mapping[Any, Property]
) -> dict[str, Any] | None:
    text = card.text(one).strip()
    if one.name == "TEL" and text:
        return {"kind": "phone", "value": card.number(one).strip(), "label": _label(card, one, _phone_label(one))}
    if one.name == "EMAIL" and text:
        value = text[7:] if text[:7].lower() == "mailto:" else text
        return {"kind": "email", "value": value, "label": _label(card, one, _place(one))}
    if one.name == "ADR":
        return _address(card, one, own, labels)
    if one.name == "URL" and text:
        label = _label(card, one, _place(one))
        if "website" not in found and label is None and not one.parameter("X-CRMKIT"):
            found["website"] = text
            return None
        return {"kind": "web", "value": text, "label": label}
    if one.name in ("IMPP", "X-SOCIALPROFILE", "SOCIALPROFILE", *_MESSENGERS) and text:
        return _social(card, one, text)
    return None


def _place(one: Property) -> str | None:
    return next((label for type_, label in _PLACES.items() if type_ in one.types), None)


def _phone_label(one: Property) -> str | None:
    types = one.types
    place = _place(one)
    if "FAX" in types:
        return f"{place} fax" if place else "fax"
    if "PAGER" in types:
        return "pager"
    if types & {"CELL", "IPHONE", "MOBILE"} and place != "work":
        return "mobile"
    if types & {"CELL", "IPHONE", "MOBILE"}:
        return "work mobile"
    return place or ("other" if "OTHER" in types else None)


def _label(card: Card, one: Property, usual: str | None) -> str | None:
    own = card.label_of(one)
    return own.strip()[:40] or usual if own else usual


def _rank(one: Property) -> int:
    """Return how much a property is preferred: 1 most, 1000 not at all."""
    said = one.parameter("PREF")
    if said.isascii() and said.isdigit():
        return min(max(int(said[:4]), 1), 999)
    return 1 if "PREF" in one.types else 1000


def _address(card: Card, one: Property, own: bool, labels: Mapping[Any, Property]) -> dict[str, Any] | None:
    box, extension, street, city, province, code, country = (part.strip() for part in card.address(one))
    details: dict[str, str] = {}
    if own:
        # Where crmkit itself has written the card, the district stands in the extension.
        details["district"] = extension
        details["street"] = street
    else:
        details["street"] = ", ".join(part for part in (box, extension, street) if part)
    details |= {"city": city, "province": province, "postal_code": code}
    if country and country_code(country):
        details["country"] = country
    elif country:
        details["province"] = ", ".join(part for part in (province, country) if part)
    details = {name: text for name, text in details.items() if text}
    written = one.parameter("LABEL").strip()
    if not written and (label := labels.get(one.group or one.types)) is not None and one.group:
        written = card.text(label).strip()
    if not details and not written:
        return None
    if set(details) == {"country"} and not written:
        # Nothing that anybody could be reached at, and no place either.
        return None
    usual = _place(one) or next((one_.lower() for one_ in one.types if one_ in ("BILLING", "DELIVERY")), None)
    return {"kind": "address", "value": written, "label": _label(card, one, usual), "details": details}


def _social(card: Card, one: Property, text: str) -> dict[str, Any] | None:
    label: str | None = _MESSENGERS.get(one.name)
    value = text
    if label is None:
        label = (one.parameter("SERVICE-TYPE") or one.parameter("X-SERVICE-TYPE")).lower() or None
        types = [type_.lower() for type_ in one.parameters.get("TYPE", ()) if type_.upper() not in (*_PLACES, "PREF")]
        if label is None and one.name == "X-SOCIALPROFILE" and types:
            label = types[0]
        scheme, colon, rest = text.partition(":")
        if one.name == "IMPP" and colon and not rest.startswith("//"):
            label = label or (scheme.lower() if scheme.lower() not in ("x-apple", "aim-old") else None)
            value = rest
        user = one.parameter("X-USER")
        if one.name == "X-SOCIALPROFILE" and user and text.lower().startswith("x-apple:"):
            value = user
    own = card.label_of(one)
    return (
        {"kind": "social", "value": value.strip(), "label": (own or label or "")[:40] or None}
        if value.strip()
        else None
    )


def _others(card: Card, found: dict[str, Any]) -> None:
    """Add what further properties say, under their own names."""
    count = 0
    for one in card.properties:
        if one.name in _SPECIAL or one.name in _MESSENGERS or one.name.startswith("X-CRMKIT"):
            continue
        text = card.text(one).strip()
        if not text or len(text) > _LONGEST_OTHER or count >= _MOST_OTHERS:
            continue
        count += one.name not in found
        found[one.name] = f"{found[one.name]}; {text}" if one.name in found else text
