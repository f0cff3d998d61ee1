"""The parameters of a call, out of its query and its headers, in the types that its endpoint declares.

Nothing is passed over in silence: what no endpoint knows is refused, and the name that was probably meant is said. Must
not know what they are for.
"""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Union, get_args, get_origin
from urllib.parse import parse_qsl

import attrs

from crmkit.core.operations.inputs import structure
from crmkit.engines.expressions.mistakes import nearest
from crmkit.errors import InvalidInput, MalformedRequest, Problem
from crmkit.i18n import texts
from crmkit.web.rest.declaring import Endpoint, Parameter

_ = texts("crmkit")

_MOST = 50
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_FALSE = ("false", "no", "0", "off")
_TRUE = ("true", "yes", "1", "on")


@lru_cache(maxsize=4096)
def shape_of_type(type_: Any) -> Any:
    """Return a class that structures one value of a type."""
    return attrs.make_class("Value", {"value": attrs.field(type=type_)}, frozen=True)


def query_of(endpoint: Endpoint, text: bytes) -> dict[str, Any]:
    """Return the parameters of a query. Raises MalformedRequest for what cannot be read, InvalidInput for what is
    unknown, missing, given twice or malformed."""
    known = {each.name: each for each in endpoint.parameters if each.where == "query"}
    found: dict[str, Any] = {name: each.default for name, each in known.items()}
    problems: list[Problem] = []
    given: set[str] = set()
    for name, value in _pairs(text):
        parameter = known.get(name)
        if parameter is None:
            problems.append(_unknown(name, known))
        elif name in given:
            problems.append(Problem("CK500", _("This is given twice."), field=name))
        else:
            given.add(name)
            found[name] = typed(parameter, value, problems)
    for name, parameter in known.items():
        if parameter.required and name not in given:
            problems.append(Problem("CK500", _("This is required."), field=name))
    if problems:
        raise InvalidInput(problems)
    return found


def headers_of(endpoint: Endpoint, headers: Mapping[str, str]) -> dict[str, Any]:
    """Return the headers that an endpoint declares. Raises InvalidInput."""
    problems: list[Problem] = []
    found: dict[str, Any] = {}
    for parameter in endpoint.parameters:
        if parameter.where == "header":
            value = headers.get(parameter.name.lower())
            found[parameter.name] = parameter.default if value is None else typed(parameter, value, problems)
            if parameter.required and value is None:
                problems.append(Problem("CK500", _("This is required."), field=parameter.name))
    if problems:
        raise InvalidInput(problems)
    return found


def _pairs(text: bytes) -> list[tuple[str, str]]:
    if not text:
        return []
    try:
        return parse_qsl(
            text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST, separator="&"
        )
    except ValueError:
        raise MalformedRequest(_("The query of the address cannot be read.")) from None


def _unknown(name: str, known: Mapping[str, Parameter]) -> Problem:
    close = nearest(name, known)
    hint = _('Did you mean "{close}"?') if close else _("Known: {known}.")
    return Problem(
        "CK500",
        _("There is no such parameter."),
        field=name[:100],
        hint=hint,
        close=close or "",
        known=", ".join(known) or "–",
    )


def typed(parameter: Parameter, text: str, problems: list[Problem]) -> Any:
    """Return the value of a parameter; what is wrong is added to ``problems``."""
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        message = _("This text contains a character that cannot be stored.")
        problems.append(Problem("CK500", message, field=parameter.name))
        return None
    if parameter.max_length is not None and len(text) > parameter.max_length:
        message = _("This is longer than {limit}.")
        problems.append(Problem("CK500", message, field=parameter.name, limit=parameter.max_length))
        return None
    type_ = _plain(parameter.type)
    if type_ is str:
        return text
    if get_origin(type_) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if type_ is bool:
        if text.lower() not in (*_TRUE, *_FALSE):
            problems.append(Problem("CK500", _("This must be true or false."), field=parameter.name, value=text))
            return None
        return text.lower() in _TRUE
    return _structured(parameter, type_, text, problems)


def _structured(parameter: Parameter, type_: Any, text: str, problems: list[Problem]) -> Any:
    try:
        if (type_ is int and not text.removeprefix("-").isascii()) or (type_ is int and not text.lstrip("-").isdigit()):
            raise InvalidInput([Problem("CK500", _("This must be a whole number."), value=text)])
        value = structure(shape_of_type(type_), {"value": text}).value
    except InvalidInput as error:
        problems += [
            Problem(each.code, each.message, field=parameter.name, value=text, hint=each.hint, **each.values)
            for each in error.problems
        ]
        return None
    for limit, wrong, message in (
        (parameter.minimum, lambda least: value < least, _("This must be at least {limit}.")),
        (parameter.maximum, lambda most: value > most, _("This must be at most {limit}.")),
    ):
        if limit is not None and wrong(limit):
            shown = int(limit) if limit == int(limit) else limit
            problems.append(Problem("CK500", message, field=parameter.name, value=value, limit=shown))
    return value


def _plain(type_: Any) -> Any:
    """Return a type without None: what is given is something."""
    if get_origin(type_) in (Union, types.UnionType):
        rest = [each for each in get_args(type_) if each is not type(None)]
        return rest[0] if len(rest) == 1 else Union[tuple(rest)]  # noqa: UP007
    return type_
