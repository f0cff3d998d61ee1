"""Reading JSON as strictly as it is written: no name twice, no number that JSON does not have, nothing nested without
end, and values of the types that the documentation says.

Must not know endpoints.
"""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin
from uuid import UUID

import attrs
from msgspec import UnsetType

from crmkit.core.operations.inputs import fields_of
from crmkit.errors import MalformedRequest, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

DEEPEST = 40
_DIGITS = 40


def read_json(body: bytes) -> Any:
    """Return the value that JSON stands for. Raises MalformedRequest."""
    try:
        text = body.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_integer
        )
    except UnicodeDecodeError as error:
        raise MalformedRequest(_("This is not UTF-8 (byte {place})."), place=error.start) from None
    except json.JSONDecodeError as error:
        raise MalformedRequest(
            _("This is not JSON: line {line}, column {column}."), line=error.lineno, column=error.colno
        ) from None
    except RecursionError:
        raise _too_deep() from None
    _check_depth(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise MalformedRequest(_('The name "{name}" is given twice.'), name=twice[:100])
    return found


def _constant(text: str) -> Any:
    raise MalformedRequest(_("JSON has no {name}."), name=text)


def _float(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise MalformedRequest(_("This number is too large."))
    return value


def _integer(text: str) -> int:
    if len(text) > _DIGITS:
        raise MalformedRequest(_("This number is too large."))
    return int(text)


def _too_deep() -> MalformedRequest:
    return MalformedRequest(_("This is nested too deeply: {most} levels at most."), most=DEEPEST)


def _check_depth(value: Any) -> None:
    level = [value]
    for _depth in range(DEEPEST):
        below: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                below.extend(cast("dict[str, Any]", each).values())
            elif isinstance(each, list):
                below.extend(cast("list[Any]", each))
        if not below:
            return
        level = below
    raise _too_deep()


# --- types -----------------------------------------------------------------------------------------------------------

_KINDS: Mapping[Any, tuple[tuple[type[Any], ...], Any]] = {
    str: ((str,), _("This must be text.")),
    int: ((int,), _("This must be a whole number.")),
    float: ((int, float), _("This must be a number.")),
    Decimal: ((int, float, str), _("This must be a number such as 12.50.")),
    bool: ((bool,), _("This must be true or false.")),
    UUID: ((str,), _("This must be an id such as 0197a1b2-0000-7000-8000-000000000000.")),
    datetime: ((str,), _("This must be an instant such as 2026-03-31T14:05:00+08:00.")),
    date: ((str,), _("This must be a date such as 2026-03-31.")),
    timedelta: ((int, float), _("This must be a number of seconds.")),
    bytes: ((str,), _("This must be bytes, or their Base64 form.")),
}


def wrong_types(shape: type[Any], value: Any) -> list[Problem]:
    """Return what of a value is not of the JSON type that its field has; what is unknown or missing is for the
    structuring to say."""
    problems: list[Problem] = []
    _check(shape, value, "", problems)
    return problems


def _check(hint: Any, value: Any, path: str, problems: list[Problem]) -> None:
    hint = _bare(hint)
    kind = _KINDS.get(hint)
    if kind is not None:
        if not isinstance(value, kind[0]) or (isinstance(value, bool) and hint is not bool):
            problems.append(Problem("CK500", kind[1], field=path or None))
        return
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        _check_union(arguments, value, path, problems)
    elif attrs.has(hint):
        if not isinstance(value, dict):
            problems.append(Problem("CK500", _("This must be a set of fields."), field=path or None))
            return
        given = cast("dict[str, Any]", value)
        for attribute, inner, _info in fields_of(hint):
            if attribute.name in given:
                _check(inner, given[attribute.name], f"{path}.{attribute.name}" if path else attribute.name, problems)
    elif origin in (list, tuple, set, frozenset) and arguments:
        if not isinstance(value, list):
            problems.append(Problem("CK500", _("This must be a list."), field=path or None))
            return
        for place, item in enumerate(cast("list[Any]", value)):
            _check(arguments[0], item, f"{path}.{place}" if path else str(place), problems)
    elif origin is Literal:
        if isinstance(value, bool) and True not in arguments and False not in arguments:
            problems.append(Problem("CK500", _("This is not one of the possible values."), field=path or None))
    elif (origin in (dict, Mapping) or hint in (dict, Mapping) or _is_mapping(origin)) and not isinstance(value, dict):
        problems.append(Problem("CK500", _("This must be a set of names and values."), field=path or None))


def _check_union(arguments: tuple[Any, ...], value: Any, path: str, problems: list[Problem]) -> None:
    if value is None and type(None) in arguments:
        return
    members = [member for member in arguments if member not in (type(None), UnsetType)]
    found: list[Problem] = []
    for member in members:
        found = []
        _check(member, value, path, found)
        if not found:
            return
    problems.extend(found)


def _is_mapping(origin: Any) -> bool:
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _bare(hint: Any) -> Any:
    return _bare(get_args(hint)[0]) if get_origin(hint) is Annotated else hint
