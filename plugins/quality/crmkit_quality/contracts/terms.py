"""The terms of a contract and whether rows and files keep them. Pure; must not know sessions or tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from attrs import field, frozen

from crmkit import Feed, texts

_ = texts("crmkit_quality")

Values = Mapping[str, Any]

TYPES = {
    "text": _("Text"),
    "integer": _("Whole number"),
    "number": _("Number"),
    "date": _("Day"),
    "instant": _("Instant"),
    "boolean": _("Yes or no"),
    "email": _("E-mail address"),
    "phone": _("Phone number"),
}
"""What a field can hold by a contract, with titles."""
PYTHON: Mapping[str, Any] = {
    "text": str | None,
    "integer": int | None,
    "number": Decimal | None,
    "date": date | None,
    "instant": datetime | None,
    "boolean": bool | None,
    "email": str | None,
    "phone": str | None,
}
"""What a value of each type is in a condition on a row."""
USUAL: Mapping[str, str] = {
    "birth_date": "date",
    "size": "integer",
    "birth_year": "integer",
    "birth_month": "integer",
    "birth_day": "integer",
    "line_no": "integer",
    "duration": "integer",
    "converted_at": "instant",
    "occurred_at": "instant",
    "quantity": "number",
    "unit_price": "number",
    "amount": "number",
    "active": "boolean",
}
"""The types of fields that are no texts, where a contract says nothing."""


@frozen(kw_only=True)
class Finding:
    """One way in which a file breaks a contract: a text, with values for its ``{name}`` fields. None is personal."""

    kind: str
    message: str
    values: Mapping[str, object]


@frozen(kw_only=True)
class Terms:
    """What a contract asks for. ``conditions`` pairs the text of each condition with what says whether a row keeps
    it."""

    required: Sequence[str] = ()
    headings: Sequence[str] = ()
    types: Mapping[str, str] = field(factory=dict[str, str])
    conditions: Sequence[tuple[str, Callable[[Values], bool]]] = ()
    max_invalid: float = 0.0
    max_duplicates: float = 1.0
    min_rows: int = 1


def types_of(fields: Iterable[str], stated: Mapping[str, str]) -> dict[str, str]:
    """Return by field what it holds: as the contract states it, else as usual."""
    names = {*fields, *stated}
    return {name: stated.get(name, USUAL.get(name, "text")) for name in names}


def typed(values: Values, types: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of a row as conditions know them; what is not of its type is None."""
    return {name: as_type(value_of(values, name), kind) for name, kind in types.items()}


def value_of(values: Values, name: str) -> Any:
    """Return the value of a field of a row: of contact points the first of its kind, of custom fields by its name."""
    if name.startswith("custom."):
        custom = values.get("custom")
        return custom.get(name[7:]) if isinstance(custom, Mapping) else None
    value = values.get(name)
    if value in (None, "") and name in ("email", "phone", "address"):
        points = [each for each in values.get("contact_points", ()) if isinstance(each, Mapping)]
        short = {"phone": ("mobile",), "address": ("street", "postal_code")}.get(name, ())
        found = [values.get(each) for each in short] + [
            each.get("value") or each.get("details") for each in points if each.get("kind") == name
        ]
        return next((each for each in found if each), None)
    return value


def as_type(value: Any, kind: str) -> Any:
    """Return a value as one of a type, or None for what is not of it."""
    if value is None or value == "":
        return None
    if kind in ("text", "email", "phone"):
        text = value if isinstance(value, str) else str(value)
        return text if kind == "text" or _FORMS[kind].fullmatch(text.strip()) else None
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    if kind == "instant":
        return value if isinstance(value, datetime) else None
    if kind == "date":
        return value if isinstance(value, date) and not isinstance(value, datetime) else None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or isinstance(value, bool):
        return None
    if kind == "number":
        return number
    return int(number) if number == number.to_integral_value() and abs(number) < 2**63 else None


_FORMS = {"email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "phone": re.compile(r"\+?[\d\s()./x;=ext-]{5,40}")}


def flaws_of(terms: Terms, values: Values, types: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what of the terms a row does not keep, as pairs of a sort (``required``, ``type`` or ``condition``) and
    the field or the condition."""
    found = [("required", name) for name in terms.required if value_of(values, name) in (None, "", [], (), {})]
    found += [
        ("type", name)
        for name, kind in terms.types.items()
        if value_of(values, name) not in (None, "") and as_type(value_of(values, name), kind) is None
    ]
    if terms.conditions:
        row = typed(values, types)
        found += [("condition", text) for text, holds in terms.conditions if not holds(row)]
    return found


def judge_feed(terms: Terms, feed: Feed) -> tuple[list[Finding], int]:
    """Return how a file breaks the terms, and how many rows it has. Without the headings its rows are not read."""
    folded = {heading.strip().casefold() for heading in feed.headings}
    missing = [name for name in terms.headings if name.strip().casefold() not in folded]
    unmapped = [name for name in terms.required if name not in feed.fields.values() and not _made_of(name, feed)]
    if missing or unmapped:
        text = _("These headings are missing: {names}.") if missing else _("No column fills: {names}.")
        names = ", ".join(missing or unmapped)
        return [Finding(kind="schema", message=text, values={"names": names})], 0
    types = types_of(feed.fields.values(), terms.types)
    rows = invalid = 0
    flawed: dict[tuple[str, str], int] = {}
    for row in feed.rows():
        rows += 1
        flaws = flaws_of(terms, row.values, types)
        for flaw in flaws:
            flawed[flaw] = flawed.get(flaw, 0) + 1
        invalid += bool(flaws or row.problems)
    found: list[Finding] = []
    if rows < terms.min_rows:
        found.append(
            Finding(
                kind="rows",
                message=_("{rows} rows came, at least {least} are agreed."),
                values={"rows": rows, "least": terms.min_rows},
            )
        )
    if rows and invalid / rows > terms.max_invalid:
        found.append(
            Finding(
                kind="invalid",
                message=_("{invalid} of {rows} rows are invalid, at most {most} are agreed."),
                values={"invalid": invalid, "rows": rows, "most": f"{terms.max_invalid:.1%}"},
            )
        )
        found.extend(_flaw(sort, what, number) for (sort, what), number in sorted(flawed.items()))
    if not found and terms.max_duplicates < 1 and rows:
        counts = feed.rehearse()
        twice = counts.duplicates / counts.read if counts.read else 0.0
        if twice > terms.max_duplicates:
            found.append(
                Finding(
                    kind="duplicates",
                    message=_("{duplicates} of {rows} rows are there already, at most {most} are agreed."),
                    values={
                        "duplicates": counts.duplicates,
                        "rows": counts.read,
                        "most": f"{terms.max_duplicates:.1%}",
                    },
                )
            )
    return found, rows


def _made_of(name: str, feed: Feed) -> bool:
    """Say whether a field follows from other columns: a name from its parts, a phone number from a mobile one."""
    parts = {"name": ("family_name", "given_name"), "phone": ("mobile",), "address": ("street", "postal_code")}
    filled = set(feed.fields.values())
    numbered = name in ("email", "phone") and any(each.startswith(f"{name}_") for each in filled)
    return numbered or any(part in filled for part in parts.get(name, ()))


def _flaw(sort: str, what: str, number: int) -> Finding:
    messages = {
        "required": _("{what} is empty in {number} rows."),
        "type": _("{what} is not of its type in {number} rows."),
        "condition": _("{number} rows do not keep: {what}"),
    }
    return Finding(kind="invalid", message=messages[sort], values={"what": what, "number": number})
