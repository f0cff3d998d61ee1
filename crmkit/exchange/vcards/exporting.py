"""Customers as address cards: written from the rows of an export, so that what is masked or sealed there is so here.

Must not know databases. What a card has no place for (custom fields, identity numbers, preferences) is not written: a
card is made to be passed on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, BinaryIO, Literal
from uuid import UUID

from crmkit.core.customers.contacts import ADDRESS_PARTS, written_address
from crmkit.exchange.vcards.columns import PRODUCT
from crmkit.exchange.vcards.writing import address, content_line, escaped, structured

Version = Literal["4.0", "3.0"]
_TYPES: Mapping[str, Sequence[str]] = {
    "mobile": ("cell",), "home": ("home",), "work": ("work",), "fax": ("fax",), "pager": ("pager",),
    "home fax": ("home", "fax"), "work fax": ("work", "fax"), "work mobile": ("work", "cell"),
}  # fmt: skip
_GENDERS = {"male": "M", "female": "F", "other": "O"}


class CardWriter:
    """Writes a card for each row of an export of customers."""

    def __init__(self, stream: BinaryIO, columns: Sequence[str], version: Version = "4.0") -> None:
        self._stream = stream
        self._columns = tuple(columns)
        self._version: Version = version

    def write(self, cells: Sequence[object]) -> None:
        """Write a customer's card."""
        values = dict(zip(self._columns, cells, strict=True))
        self._stream.write(card_of(values, self._version).encode())


def card_of(values: Mapping[str, Any], version: Version = "4.0") -> str:
    """Return the card of a customer from the values of an export's columns."""
    return _Card(values, version).text()


class _Card:
    """One card while it is put together."""

    def __init__(self, values: Mapping[str, Any], version: Version) -> None:
        self._values = values
        self._version = version
        self._lines: list[str] = []
        self._groups = 0

    def text(self) -> str:
        """Return the card."""
        self._add("BEGIN", "VCARD")
        self._add("VERSION", self._version)
        self._add("PRODID", f"{PRODUCT}customers//EN")
        self._identity()
        self._names()
        for point in points_of(self._values):
            self._point(point)
        tags = self._values.get("tags")
        listed = tags.split(";") if isinstance(tags, str) else list(tags or ())
        if listed:
            self._add("CATEGORIES", ",".join(escaped(str(tag)) for tag in listed))
        self._add("END", "VCARD")
        return "".join(self._lines)

    def _add(self, name: str, value: str, parameters: Sequence[tuple[str, str]] = (), group: str = "") -> None:
        self._lines.append(content_line(name, value, parameters, group))

    def _identity(self) -> None:
        own = self._values.get("crmkit_id")
        if own:
            self._add("UID", f"urn:uuid:{own}" if _is_uuid(str(own)) else escaped(str(own)))
        if self._version == "4.0":
            self._add("KIND", "org" if self._is_organization else "individual")
        elif self._is_organization:
            self._add("X-ABShowAs", "COMPANY")

    @property
    def _is_organization(self) -> bool:
        return self._values.get("kind") == "organization"

    def _names(self) -> None:
        values = self._values
        name = str(values.get("name") or "")
        self._add("FN", escaped(name))
        parts = [values.get(part) for part in ("family_name", "given_name", "middle_name", "salutation")]
        if any(parts) or self._version == "3.0":
            self._add("N", structured([*parts, ""]))
        organization = name if self._is_organization else values.get("organization")
        for title, value in (("ORG", organization), ("TITLE", values.get("job_title"))):
            if value:
                self._add(title, escaped(str(value)))
        born = values.get("birth_date")
        if born:
            day = born if isinstance(born, date) else date.fromisoformat(str(born))
            self._add("BDAY", day.strftime("%Y%m%d") if self._version == "4.0" else day.isoformat())
        gender = _GENDERS.get(str(values.get("gender")))
        if gender:
            self._add("GENDER" if self._version == "4.0" else "X-GENDER", gender)
        if values.get("language") and self._version == "4.0":
            self._add("LANG", escaped(str(values["language"])))
        if values.get("time_zone"):
            text = () if self._version == "4.0" else (("VALUE", "text"),)
            self._add("TZ", escaped(str(values["time_zone"])), text)
        if values.get("website"):
            self._add("URL", address(str(values["website"])))

    def _point(self, point: Mapping[str, Any]) -> None:
        kind, value, label = point["kind"], str(point.get("value") or ""), point.get("label")
        types = _TYPES.get(label or "", ()) if kind == "phone" else (label,) if label in ("home", "work") else ()
        if kind == "social":
            types, named = (), None
        else:
            named = label if label and not types else None
        parameters = [("TYPE", one) for one in types]
        if point.get("preferred"):
            parameters.append(("PREF", "1") if self._version == "4.0" else ("TYPE", "pref"))
        group = ""
        if named:
            self._groups += 1
            group = f"item{self._groups}"
        self._value(kind, value, point, parameters, group)
        if named:
            self._add("X-ABLabel", escaped(str(named)), group=group)

    def _value(
        self, kind: str, value: str, point: Mapping[str, Any], parameters: list[tuple[str, str]], group: str
    ) -> None:
        if kind == "email":
            self._add("EMAIL", escaped(value), parameters, group)
        elif kind == "phone" and self._version == "4.0":
            self._add("TEL", f"tel:{value}", [("VALUE", "uri"), *parameters], group)
        elif kind == "phone":
            self._add("TEL", escaped(value), parameters, group)
        elif kind == "address":
            self._address(value, point, parameters, group)
        elif kind == "web":
            self._add("URL", address(value), [("X-CRMKIT", "contact"), *parameters], group)
        else:
            service = str(point.get("label") or "")
            if self._version == "4.0":
                said = [("SERVICE-TYPE", service)] if service else []
                self._add("SOCIALPROFILE", escaped(value), [*said, ("VALUE", "text"), *parameters], group)
            else:
                said = [("X-SERVICE-TYPE", service)] if service else []
                self._add("X-SOCIALPROFILE", escaped(value), [*said, *parameters], group)

    def _address(self, value: str, point: Mapping[str, Any], parameters: list[tuple[str, str]], group: str) -> None:
        details: Mapping[str, Any] = point.get("details") or {}
        parts = {part: str(details.get(part) or "") for part in ADDRESS_PARTS}
        usual = written_address({name: text for name, text in parts.items() if text})
        own = value if value and value != usual else ""
        if own and self._version == "4.0":
            parameters = [*parameters, ("LABEL", own)]
        elif own and not group:
            self._groups += 1
            group = f"item{self._groups}"
        order = ("", parts["district"], parts["street"], parts["city"], parts["province"], parts["postal_code"])
        self._add("ADR", structured([*order, parts["country"]]), parameters, group)
        if own and self._version == "3.0":
            self._add("LABEL", escaped(own), group=group)


def points_of(values: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the contact points that the columns of an export stand for."""
    listed = values.get("contact_points")
    if listed:
        return list(listed)
    found: list[Mapping[str, Any]] = []
    for column, kind, label in (("email", "email", None), ("mobile", "phone", "mobile"), ("phone", "phone", None)):
        if values.get(column):
            found.append({"kind": kind, "value": values[column], "label": label})
    details = {part: values[part] for part in ADDRESS_PARTS if values.get(part)}
    if any(part in details for part in ("street", "postal_code", "district")):
        found.append({"kind": "address", "value": written_address(details), "details": details})
    return found


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
