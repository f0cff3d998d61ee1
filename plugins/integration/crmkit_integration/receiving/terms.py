"""Terms: what an input of an operation is taken from, in a line of text that an admin types.

    $.customer.email            a path into the body; with ? behind it, nothing where there is nothing
    $.lines[0].total as decimal the same, as a number; also integer, boolean, text, date, instant
    "shop"   3   true   null    a constant, as JSON
    header(x-topic)             a header of the call
    customer(email, $.email)    the id of the customer with this e-mail address, phone number, or id at a source
    customer(shop, $.buyer.id)? (email and phone are kinds; any other word is the source of the id)

Reading a term touches no database; what a term finds is asked of a `Found`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from uuid import UUID

from attrs import field, frozen

from crmkit import InvalidInput, Problem, texts

_ = texts("crmkit_integration")

MISSING = object()
"""What a path gives that leads nowhere."""
KINDS = {"text": str, "integer": int, "decimal": Decimal, "boolean": bool, "date": date, "instant": datetime}
"""What a value can be taken as, with its Python type."""
LONGEST = 500
"""Characters of a term."""
DEPTH = 30

_STEP = re.compile(r"\.([^.\[\]\s?()\",]+)|\[(\d{1,4})\]|\[\"([^\"]+)\"\]")
_PATH = re.compile(r"\$((?:" + _STEP.pattern + r")*)")
_HEADER = re.compile(r"header\(\s*([A-Za-z0-9-]{1,100})\s*\)")
_CUSTOMER = re.compile(r"customer\(\s*([A-Za-z][\w.-]{0,59})\s*,\s*(.+?)\s*\)", re.DOTALL)
_AS = re.compile(r"\s+as\s+([a-z]+)$")

Step = str | int


@frozen(kw_only=True)
class Term:
    """One term. ``kind`` says which: a ``path`` into the body, a ``constant``, a ``header``, a ``customer``.

    ``name`` is the header, or what the customer is known by; ``inner`` what it is looked up with.
    """

    kind: Literal["path", "constant", "header", "customer"]
    text: str
    path: tuple[Step, ...] = ()
    constant: Any = None
    name: str = ""
    inner: Term | None = None
    optional: bool = False
    of: str = ""


@frozen(kw_only=True)
class Found:
    """What terms are asked of: the body, the headers (lower-case), and who is known by what.

    ``customer`` gets ``email``, ``phone`` or a source, and a value; it returns the ids of all who are meant.
    """

    body: Any
    headers: Mapping[str, str] = field(factory=dict[str, str])
    customer: Callable[[str, str], list[UUID]] = lambda _kind, _value: []


class Unmapped(Exception):
    """A term finds nothing, or not what it has to; ``message`` is a text with ``values``."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.values = values


def read_term(text: str, at: str = "") -> Term:
    """Return the term for a text. Raises InvalidInput at the field ``at``."""
    found = _read(text.strip()) if len(text) <= LONGEST else None
    if found is None:
        raise InvalidInput(
            [
                Problem(
                    InvalidInput.code,
                    _("This is no term."),
                    field=at or None,
                    value=text[:80],
                    hint=_('Such as $.customer.email, "shop", header(x-topic) or customer(email, $.email).'),
                )
            ]
        )
    return found


def _read(text: str) -> Term | None:
    whole, of = text, ""
    if (cast := _AS.search(text)) is not None and cast[1] in KINDS:
        text, of = text[: cast.start()], cast[1]
    optional = text.endswith("?")
    bare = text[:-1].rstrip() if optional else text
    common: dict[str, Any] = {"text": whole, "optional": optional, "of": of}
    if (path := _PATH.fullmatch(bare)) is not None:
        steps = tuple(int(found[2]) if found[2] else found[1] or found[3] for found in _STEP.finditer(path[1]))
        return Term(kind="path", path=steps, **common) if len(steps) <= DEPTH else None
    if (header := _HEADER.fullmatch(bare)) is not None:
        return Term(kind="header", name=header[1].lower(), **common)
    if (customer := _CUSTOMER.fullmatch(bare)) is not None and not of:
        inner = _read(customer[2])
        if inner is None or inner.kind == "customer":
            return None
        return Term(kind="customer", name=customer[1], inner=inner, **common)
    try:
        return Term(kind="constant", constant=json.loads(text), text=whole, of=of)
    except (ValueError, RecursionError):
        return None


def value_of(term: Term, found: Found) -> Any:
    """Return the value of a term, `MISSING` for an optional one that finds nothing. Raises Unmapped."""
    value = _value(term, found)
    if value is MISSING or (value is None and term.kind != "constant" and term.optional):
        if term.optional:
            return MISSING
        raise Unmapped(_("There is nothing at {term}."), term=term.text)
    if term.of and value is not None:
        return _as(value, term)
    return value


def _value(term: Term, found: Found) -> Any:
    if term.kind == "constant":
        return term.constant
    if term.kind == "header":
        return found.headers.get(term.name, MISSING)
    if term.kind == "customer":
        return _customer(term, found)
    value = found.body
    for step in term.path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else MISSING
        else:
            value = value.get(step, MISSING) if isinstance(value, dict) else MISSING
        if value is MISSING:
            return MISSING
    return value


def _customer(term: Term, found: Found) -> Any:
    assert term.inner is not None
    value = _value(term.inner, found)
    if value is MISSING or value is None or value == "":
        if term.inner.optional or term.optional:
            return MISSING
        raise Unmapped(_("There is nothing at {term}."), term=term.inner.text)
    if isinstance(value, (dict, list, bool)):
        raise Unmapped(_("Nobody is known by what stands at {term}."), term=term.inner.text)
    ids = found.customer(term.name, str(value))
    if len(ids) > 1:
        raise Unmapped(_("Several customers are meant by {term}."), term=term.text)
    if not ids:
        if term.optional:
            return MISSING
        raise Unmapped(_("No customer is known by {term}."), term=term.text)
    return str(ids[0])


def _as(value: Any, term: Term) -> Any:
    made = _MAKE[term.of](value) if not isinstance(value, (dict, list)) else None
    if made is None:
        raise Unmapped(_("What stands at {term} is not of that kind."), term=term.text)
    return made


def _integer(value: Any) -> int | None:
    number = _decimal(value)
    return int(number) if number is not None and number == number.to_integral_value() else None


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 40 else None


def _boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(str(value).lower())


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _instant(value: Any) -> datetime | None:
    """Return an instant in UTC: of a text with a zone, or of seconds (or milliseconds) since 1970."""
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if abs(value) > 1e11 else value, UTC)
        found = datetime.fromisoformat(str(value))
        return found.astimezone(UTC) if found.tzinfo is not None else None
    except (ValueError, OverflowError, OSError):
        return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_MAKE: Mapping[str, Callable[[Any], Any]] = {
    "text": _text,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "instant": _instant,
}
