"""Contact points that come several at a time: a list of them from an address card, or several in one cell, as Google's
contacts are exported (``a ::: b``).

Must not know files or databases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crmkit.core.business.places import country_code
from crmkit.exchange.fields import ADDRESS_PARTS, ImportField

SEPARATOR = ":::"
"""What stands between several values in one cell."""
Placed = tuple[dict[str, Any], str]
"""A contact point, and the field or property that it comes from."""
_SHORT: Mapping[str, tuple[str, str | None]] = {
    "email": ("email", None),
    "phone": ("phone", None),
    "mobile": ("phone", "mobile"),
    "website": ("web", None),
}


def split_several(
    values: dict[str, Any], contacts: Sequence[ImportField], parts: Sequence[ImportField]
) -> list[Placed]:
    """Leave in each cell with several values the first one, and return the others as contact points.

    The parts of an address go together by their places.
    """
    found: list[Placed] = []
    kinds = dict(_SHORT) | {one.name: one.contact for one in contacts if one.contact}
    for name, (kind, label) in kinds.items():
        found.extend(({"kind": kind, "value": text, "label": label}, name) for text in _others(values, name))
    labelled: dict[str | None, dict[str, str]] = {None: {part: part for part in ADDRESS_PARTS}}
    for one in parts:
        if one.part:
            labelled.setdefault(one.part[0], {})[one.name] = one.part[1]
    for label, names in labelled.items():
        found.extend(_addresses(values, label, names))
    return found


def _others(values: dict[str, Any], name: str) -> list[str]:
    """Return what stands behind the first value of a cell, which stays."""
    said = values.get(name)
    if not isinstance(said, str) or SEPARATOR not in said:
        return []
    every = [text.strip() for text in said.split(SEPARATOR)]
    given = [text for text in every if text]
    if given:
        values[name] = given[0]
    else:
        values.pop(name)
    return given[1:]


def _addresses(values: dict[str, Any], label: str | None, names: Mapping[str, str]) -> list[Placed]:
    split = {
        name: [text.strip() for text in said.split(SEPARATOR)]
        for name in names
        if isinstance(said := values.get(name), str) and SEPARATOR in said
    }
    found: list[Placed] = []
    for name, every in split.items():
        values[name] = every[0]
        if not every[0]:
            values.pop(name)
    for place in range(1, max(map(len, split.values()), default=0)):
        details = {names[name]: every[place] for name, every in split.items() if place < len(every) and every[place]}
        if details:
            found.append(({"kind": "address", "label": label, "details": details}, next(iter(split))))
    return found


def country_of(given: Any) -> str | None:
    """Return the country of the first postal address in a list of contact points, by its code."""
    for one in given if isinstance(given, list) else ():
        if isinstance(one, dict) and one.get("kind") == "address":
            named = (one.get("details") or {}).get("country")
            code = country_code(named) if isinstance(named, str) else None
            if code:
                return code
    return None


def further_points(given: Any, dialled: Callable[[str], str]) -> list[Placed]:
    """Return the contact points of a list, each with the property that it comes from, phone numbers as ``dialled``
    gives them."""
    found: list[Placed] = []
    for one in given if isinstance(given, list) else ():
        if isinstance(one, dict):
            point = dict(one)
            origin = str(point.pop("from", "more_contact_points"))
            if point.get("kind") == "phone" and isinstance(point.get("value"), str):
                point["value"] = dialled(point["value"])
            found.append((point, origin))
    return found
