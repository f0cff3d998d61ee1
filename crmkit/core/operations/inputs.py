"""Inputs of operations: plain values in, frozen attrs values out, and every problem named with its field.

Must not touch the database: whether a value exists is for the operation to say.
"""

from __future__ import annotations

import base64
import difflib
import re
import sys
import types
import typing
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, Literal, Union, cast, get_args, get_origin
from uuid import UUID

import attrs
from cattrs import (
    BaseValidationError,
    ClassValidationError,
    Converter,
    ForbiddenExtraKeysError,
    IterableValidationError,
)
from msgspec import UNSET, UnsetType

from crmkit.core.store.model import Model
from crmkit.errors import CrmkitError, InvalidInput, Problem
from crmkit.i18n import Text, texts

__all__ = ["UNSET", "Input", "UnsetType", "fields_of", "given", "input_info", "structure"]

_ = texts("crmkit")

_SURROGATE = re.compile("[\ud800-\udfff]")


def _pairs(given: Mapping[str, str] | tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple(given.items()) if isinstance(given, Mapping) else given


@attrs.frozen(kw_only=True)
class Input:
    """What an input field says of itself, beside its type, as ``Annotated[str, Input(...)]``.

    ``maximum`` limits numbers, ``max_length`` texts and lists; ``options`` names an option list; ``choices`` are the
    values that forms offer, with their titles: what is taken is for the operation to say; ``multiline`` is for forms;
    ``resource`` names the resource that an id refers to, or a text, by the ``name`` of the record. ``records`` names
    resources of which the text takes any record, as ``resource:id``: on their pages the operation is offered.
    """

    title: str = ""
    help: str = ""
    classified: str = "sensitive"
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    options: str | None = None
    choices: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_pairs)
    multiline: bool = False
    resource: str | None = None
    records: tuple[str, ...] = attrs.field(default=(), converter=tuple)


def given(value: Any) -> dict[str, Any]:
    """Return the fields of an attrs value that were given, which are those that are not ``UNSET``."""
    return {
        attribute.name: item
        for attribute in attrs.fields(cast("type[Any]", type(value)))
        if (item := getattr(value, attribute.name)) is not UNSET
    }


def fields_of(shape: type[Any]) -> list[tuple[attrs.Attribute[Any], Any, Input]]:
    """Return each field of an input with its type (without ``UNSET``) and what it says of itself."""
    hints = typing.get_type_hints(shape, include_extras=True)
    return [
        (attribute, _bare(hints.get(attribute.name, Any)), input_info(hints.get(attribute.name)))
        for attribute in attrs.fields(shape)
    ]


def input_info(hint: Any) -> Input:
    """Return the `Input` in an annotation, or an empty one."""
    if get_origin(hint) is typing.Annotated:
        for extra in hint.__metadata__:
            if isinstance(extra, Input):
                return extra
    return Input()


def structure(shape: type[Any], values: Mapping[str, Any]) -> Any:
    """Return the attrs value of ``shape`` for plain values (from JSON, a form or a command line).

    Numbers, booleans, dates, instants, ids and decimals may come as text. Instants need a zone. Raises InvalidInput
    with one problem for each field that is missing, unknown or malformed.
    """
    if type(values) is shape:
        return values
    try:
        return _converter.structure(values, shape)
    except (BaseValidationError, CrmkitError) as error:
        raise InvalidInput(_problems(error, "", shape)) from None


def _problems(error: BaseException, path: str, shape: Any) -> list[Problem]:
    found: list[Problem] = []
    if isinstance(error, ClassValidationError):
        with_notes, without = error.group_exceptions()
        inner = getattr(error, "cl", shape)
        for item, note in with_notes:
            here = f"{path}.{note.name}" if path else note.name
            if isinstance(item, KeyError):
                found.append(Problem("CK500", _("This is required."), field=here))
            else:
                found.extend(_problems(item, here, note.type))
        for item in without:
            if isinstance(item, ForbiddenExtraKeysError):
                found.extend(_unknown(item, path, inner))
            else:
                found.extend(_problems(item, path, inner))
        return found
    if isinstance(error, IterableValidationError):
        with_index, rest = error.group_exceptions()
        for item, note in with_index:
            here = f"{path}.{note.index}" if path else str(note.index)
            found.extend(_problems(item, here, note.type))
        for item in rest:
            found.extend(_problems(item, path, shape))
        return found
    if isinstance(error, InvalidInput):
        for problem in error.problems:
            inner_path = ".".join(part for part in (path, problem.field) if part)
            found.append(
                Problem(
                    problem.code,
                    problem.message,
                    field=inner_path or None,
                    value=problem.value,
                    hint=problem.hint,
                    **problem.values,
                )
            )
        return found
    if isinstance(error, CrmkitError):
        return [Problem(error.code, error.message, field=path or None, hint=error.fix, **error.values)]
    if isinstance(error, BaseExceptionGroup):
        for item in cast("BaseExceptionGroup[Exception]", error).exceptions:
            found.extend(_problems(item, path, shape))
        return found
    message = str(error.args[0]) if isinstance(error, ValueError) and error.args else ""
    return [
        Problem(
            "CK500", Text("{reason}") if message else _("This has the wrong form."), field=path or None, reason=message
        )
    ]


def _unknown(error: ForbiddenExtraKeysError, path: str, shape: Any) -> list[Problem]:
    names = [attribute.name for attribute in attrs.fields(shape)] if attrs.has(shape) else []
    found: list[Problem] = []
    for extra in sorted(map(str, error.extra_fields)):
        close = difflib.get_close_matches(extra, names, 1)
        found.append(
            Problem(
                "CK500",
                _("There is no such field."),
                field=f"{path}.{extra}" if path else extra,
                hint=_('Did you mean "{close}"?') if close else _("Known fields: {known}."),
                close=close[0] if close else "",
                known=", ".join(names) or "–",
            )
        )
    return found


def _bare(hint: Any) -> Any:
    """Return a type without ``UnsetType`` and ``Annotated``."""
    if get_origin(hint) is typing.Annotated:
        return _bare(get_args(hint)[0])
    if get_origin(hint) in (Union, types.UnionType):
        rest = [item for item in get_args(hint) if item is not UnsetType]
        return rest[0] if len(rest) == 1 else Union[tuple(rest)]  # noqa: UP007
    return hint


def _wrong(value: Any, expected: Text, **values: Any) -> InvalidInput:
    return InvalidInput([Problem("CK500", expected, value=value, **values)])


def _text(value: Any, _type: Any = None) -> str:
    if not isinstance(value, str):
        raise _wrong(value, _("This must be text."))
    if "\x00" in value or (not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value)):
        raise _wrong(value, _("This text contains a character that cannot be stored."))
    return value


def _integer(value: Any, _type: Any = None) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise _wrong(value, _("This must be a whole number."))
    try:
        number = int(value)
    except ValueError:
        raise _wrong(value, _("This must be a whole number.")) from None
    if not -(2**63) < number < 2**63:
        raise _wrong(value, _("This number is too large."))
    return number


def _float(value: Any, _type: Any = None) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise _wrong(value, _("This must be a number.")) from None


def _decimal(value: Any, _type: Any = None) -> Decimal:
    if isinstance(value, (bool, float)):
        value = str(value) if isinstance(value, float) else None
    try:
        number = Decimal(value)
    except (TypeError, ValueError, InvalidOperation):
        raise _wrong(value, _("This must be a number such as 12.50.")) from None
    if not number.is_finite():
        raise _wrong(value, _("This must be a number such as 12.50."))
    return number


def _bool(value: Any, _type: Any = None) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "yes", "1", "on"):
        return True
    if isinstance(value, str) and value.lower() in ("false", "no", "0", "off"):
        return False
    raise _wrong(value, _("This must be true or false."))


def _instant(value: Any, _type: Any = None) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise _wrong(value, _("This must be an instant such as 2026-03-31T14:05:00+08:00.")) from None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise _wrong(value, _("This must be an instant with a time zone, such as 2026-03-31T14:05:00+08:00."))
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise _wrong(value, _("This instant is out of range.")) from None


def _date(value: Any, _type: Any = None) -> date:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise _wrong(value, _("This must be a date such as 2026-03-31.")) from None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _wrong(value, _("This must be a date such as 2026-03-31."))
    return value


def _uuid(value: Any, _type: Any = None) -> UUID:
    if isinstance(value, UUID):
        return value
    if isinstance(value, Model):
        return cast(Any, value).id
    try:
        return UUID(value)
    except (TypeError, ValueError, AttributeError):
        raise _wrong(value, _("This must be an id such as 0197a1b2-0000-7000-8000-000000000000.")) from None


def _bytes(value: Any, _type: Any = None) -> bytes:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(cast("bytes", value))
    try:
        if not isinstance(value, str):
            raise ValueError
        return base64.b64decode(value, validate=True)
    except ValueError:
        raise _wrong(None, _("This must be bytes, or their Base64 form.")) from None


def _duration(value: Any, _type: Any = None) -> timedelta:
    if isinstance(value, timedelta):
        return value
    return timedelta(seconds=_float(value))


def _literal(value: Any, type_: Any) -> Any:
    options = get_args(type_)
    if value in options:
        return value
    close = difflib.get_close_matches(str(value), [str(option) for option in options], 1)
    raise InvalidInput(
        [
            Problem(
                "CK500",
                _("This is not one of the possible values."),
                value=value,
                hint=_('Did you mean "{close}"?') if close else _("Possible: {options}."),
                close=close[0] if close else "",
                options=", ".join(map(str, options)),
            )
        ]
    )


def _enum(value: Any, type_: type[Enum]) -> Enum:
    return (
        _literal(value, type_)
        if isinstance(value, type_)
        else type_(_literal(value, Literal[tuple(item.value for item in type_)]))
    )  # type: ignore[valid-type]


def _union(type_: Any) -> Callable[[Any, Any], Any]:
    """Return the hook for ``X | None | Unset`` and for plain unions of scalars: the first that fits."""
    members = [item for item in get_args(type_) if item not in (UnsetType, type(None))]
    allows_none = type(None) in get_args(type_)
    # Looked up at the first use and not now: a type may refer to itself.
    hooks: list[tuple[Any, Callable[[Any, Any], Any]]] = []

    def hook(value: Any, _type: Any) -> Any:
        if value is UNSET:
            return value
        if value is None:
            if allows_none:
                return None
            raise _wrong(value, _("This cannot be empty."))
        if not hooks:
            hooks.extend((member, _converter.get_structure_hook(member)) for member in members)
        last: Exception | None = None
        for member, structure_member in hooks:
            try:
                return structure_member(value, member)
            except (BaseValidationError, CrmkitError) as error:
                last = error
        assert last is not None
        raise last

    return hook


def _sequence(type_: Any) -> Callable[[Any, Any], Any]:
    (member, *_rest) = get_args(type_) or (Any,)
    make: Any = tuple if get_origin(type_) is tuple else list

    def hook(value: Any, _type: Any) -> Any:
        if isinstance(value, (str, bytes, Mapping)) or not hasattr(value, "__iter__"):
            raise _wrong(value, _("This must be a list."))
        return make(_converter.structure(list(value), list[member]) if member is not Any else value)

    return hook


def _annotated(type_: Any) -> Callable[[Any, Any], Any]:
    bare, info = get_args(type_)[0], input_info(type_)
    length, minimum, maximum = info.max_length, info.minimum, info.maximum
    structure_bare: Callable[[Any, Any], Any] | None = None
    members = get_args(bare) if get_origin(bare) in (Union, types.UnionType) else (bare,)
    takes_text = str in members and not set(members) - {str, type(None), UnsetType}
    longest = length if length is not None else sys.maxsize

    def hook(value: Any, _type: Any) -> Any:
        nonlocal structure_bare
        # Most fields of most rows are short texts without anything odd; they need no second look.
        if takes_text and value.__class__ is str and len(value) <= longest and value.isprintable():
            return value
        if structure_bare is None:
            structure_bare = _converter.get_structure_hook(bare)
        result = structure_bare(value, bare)
        if result is None or result is UNSET:
            return result
        if length is not None and len(result) > length:
            raise _wrong(value, _("This is longer than {limit}."), limit=length)
        if minimum is not None and result < minimum:
            raise _wrong(value, _("This must be at least {limit}."), limit=minimum)
        if maximum is not None and result > maximum:
            raise _wrong(value, _("This must be at most {limit}."), limit=maximum)
        return result

    return hook


def _mapping(value: Any, _type: Any = None) -> Any:
    if not isinstance(value, Mapping):
        raise _wrong(value, _("This must be a set of names and values."))
    return dict(cast("Mapping[str, Any]", value))


def _make() -> Converter:
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    for type_, hook in (
        (str, _text),
        (int, _integer),
        (float, _float),
        (Decimal, _decimal),
        (bool, _bool),
        (datetime, _instant),
        (date, _date),
        (UUID, _uuid),
        (bytes, _bytes),
        (timedelta, _duration),
    ):
        converter.register_structure_hook(type_, hook)
    converter.register_structure_hook_func(lambda t: isinstance(t, type) and issubclass(t, Enum), _enum)
    converter.register_structure_hook_func(lambda t: get_origin(t) is Literal, _literal)
    converter.register_structure_hook_factory(lambda t: get_origin(t) in (Union, types.UnionType), _union)
    converter.register_structure_hook_factory(lambda t: get_origin(t) is tuple and Ellipsis in get_args(t), _sequence)
    converter.register_structure_hook_factory(lambda t: get_origin(t) is typing.Annotated, _annotated)
    converter.register_structure_hook_func(
        lambda t: t is dict or get_origin(t) is dict or get_origin(t) is Mapping or t is Mapping, _mapping
    )

    def of_class(type_: Any) -> Callable[[Any, Any], Any]:
        inner = _class_hook(converter, type_)

        def hook(value: Any, _type: Any) -> Any:
            if isinstance(value, type_):
                return value
            if not isinstance(value, Mapping):
                raise _wrong(value, _("This must be a set of fields."))
            return inner(value, type_)

        return hook

    converter.register_structure_hook_factory(attrs.has, of_class)
    return converter


def _class_hook(converter: Converter, type_: Any) -> Callable[[Any, Any], Any]:
    from cattrs.gen import make_dict_structure_fn

    attrs.resolve_types(type_, include_extras=True)
    return make_dict_structure_fn(type_, converter, _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=True)


_converter = _make()
