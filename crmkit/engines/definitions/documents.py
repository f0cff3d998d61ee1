"""The plain form of definitions: attrs values to names, lists and texts, and back with every mistake named.

What is as by default is left out, so that a document says what its author has said. A value that is one of several
classes says which under ``by``. Must not touch the database.
"""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar, Union, cast, get_args, get_origin

import attrs

from crmkit.core.operations.inputs import structure
from crmkit.errors import DefinitionError, InvalidInput, Problem
from crmkit.i18n import Text, texts

_ = texts("crmkit")

T = TypeVar("T")
CHOICE = "by"
"""The key under which a document says which of several classes a value is of."""
MOST_PARTS = 2000
"""Most values that a definition is made of: nobody writes more, and each costs whoever reads it."""
DEEPEST = 20
"""Most levels of lists and sets of names in a definition."""


def to_document(value: Any) -> dict[str, Any]:
    """Return the plain form of an attrs value: texts, numbers, booleans, lists and names only."""
    hints = typing.get_type_hints(type(value))
    found: dict[str, Any] = {}
    for attribute in attrs.fields(type(value)):
        item = getattr(value, attribute.name)
        if not _is_default(attribute, item, value):
            found[attribute.name] = _plain(item, hints.get(attribute.name))
    return found


def from_document(type_: type[T], document: Mapping[str, Any]) -> T:
    """Return the value that a plain form stands for. Raises DefinitionError with one problem for each mistake."""
    check_extent(document)
    try:
        return cast(T, _read(type_, document, ""))
    except InvalidInput as error:
        if isinstance(error, DefinitionError):
            raise
        raise DefinitionError(list(error.problems)) from None


def check_extent(value: Any) -> None:
    """Refuse a definition, or its plain form, that is too large or too deep. Raises DefinitionError."""
    waiting: list[tuple[Any, int]] = [(value, 0)]
    count = 0
    while waiting:
        item, depth = waiting.pop()
        count += 1
        if depth > DEEPEST:
            raise DefinitionError(_("This is nested too deeply: more than {limit} levels."), limit=DEEPEST)
        if count > MOST_PARTS:
            raise DefinitionError(_("A definition has at most {limit} parts."), limit=MOST_PARTS)
        if attrs.has(type(item)):
            inner: list[Any] = [getattr(item, attribute.name) for attribute in attrs.fields(type(item))]
        elif isinstance(item, Mapping):
            inner = list(cast("Mapping[Any, Any]", item).values())
        else:
            inner = list(cast("Sequence[Any]", item)) if isinstance(item, (list, tuple, set, frozenset)) else []
        waiting.extend((each, depth + 1) for each in inner)


def translatable(value: T, shipped: Any) -> T:
    """Return a value in which texts that are as the shipped value has them are shown in other languages, too: a
    document keeps their English alone."""
    marked = {str(text): text for text in _marked_texts(shipped)}
    return cast(T, _marked(value, marked)) if marked else value


def _marked_texts(value: Any) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif attrs.has(type(value)):
        for attribute in attrs.fields(type(value)):
            yield from _marked_texts(getattr(value, attribute.name))
    elif isinstance(value, tuple):
        for each in cast("tuple[Any, ...]", value):
            yield from _marked_texts(each)


def _marked(value: Any, marked: Mapping[str, Text]) -> Any:
    if isinstance(value, str):
        return marked.get(value, value)
    if attrs.has(type(value)):
        names = [attribute.name for attribute in attrs.fields(type(value))]
        return attrs.evolve(value, **{name: _marked(getattr(value, name), marked) for name in names})
    if isinstance(value, tuple):
        return tuple(_marked(each, marked) for each in cast("tuple[Any, ...]", value))
    return value


def _is_default(attribute: attrs.Attribute[Any], item: Any, owner: Any) -> bool:
    default: Any = attribute.default
    if default is attrs.NOTHING:
        return False
    if isinstance(default, cast(Any, attrs.Factory)):
        default = default.factory(owner) if default.takes_self else default.factory()
    if attribute.converter is not None and not isinstance(attribute.converter, attrs.Converter):
        default = attribute.converter(default)
    return bool(item == default)


def _plain(item: Any, hint: Any) -> Any:
    if attrs.has(type(item)):
        document = to_document(item)
        return {CHOICE: tag_of(type(item)), **document} if len(_classes(hint)) > 1 else document
    if isinstance(item, Mapping):
        return {str(key): _plain(each, None) for key, each in cast("Mapping[Any, Any]", item).items()}
    if isinstance(item, (tuple, list, set, frozenset)):
        (member, *_rest) = get_args(hint) or (None,)
        return [_plain(each, member) for each in cast("Sequence[Any]", item)]
    if isinstance(item, (datetime, date)):
        return item.isoformat()
    if isinstance(item, timedelta):
        return item.total_seconds()
    return str(item) if isinstance(item, (str, Decimal)) else item


def tag_of(cls: type[Any]) -> str:
    """Return what a class is called under ``by``: ``ByCutPoints`` is ``cut_points``."""
    name = cls.__name__.removeprefix("By")
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def _classes(hint: Any) -> list[type[Any]]:
    """Return the attrs classes of a union, or of a type that is one."""
    members = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    return [member for member in members if isinstance(member, type) and attrs.has(member)]


def _read(type_: type[Any], document: Any, path: str) -> Any:
    if not isinstance(document, Mapping):
        raise DefinitionError([Problem(DefinitionError.code, _("This must be a set of fields."), field=path or None)])
    values: dict[str, Any] = dict(cast("Mapping[str, Any]", document))
    hints = typing.get_type_hints(type_)
    problems: list[Problem] = []
    for name, given in values.items():
        if name in hints:
            try:
                values[name] = _read_field(hints[name], given, f"{path}{name}")
            except InvalidInput as error:
                problems.extend(error.problems)
    if problems:
        raise DefinitionError(problems)
    try:
        return structure(type_, values)
    except InvalidInput as error:
        if not path:
            raise
        raise DefinitionError([_moved(problem, path) for problem in error.problems]) from None
    except (TypeError, ValueError) as error:
        raise DefinitionError([Problem(DefinitionError.code, str(error), field=path or None)]) from None


def _read_field(hint: Any, given: Any, path: str) -> Any:
    if isinstance(given, list) and get_origin(hint) is tuple:
        member = get_args(hint)[0]
        if _classes(member):
            return tuple(
                _read_field(member, each, f"{path}.{index}") for index, each in enumerate(cast("list[Any]", given))
            )
    classes = _classes(hint)
    if not classes or not isinstance(given, Mapping):
        return given
    if len(classes) == 1:
        return _read(classes[0], given, f"{path}.")
    document: dict[str, Any] = dict(cast("Mapping[str, Any]", given))
    known = {tag_of(cls): cls for cls in classes}
    tag = str(document.pop(CHOICE, ""))
    if tag not in known:
        close = difflib.get_close_matches(tag, known, 1)
        raise DefinitionError(
            [
                Problem(
                    DefinitionError.code,
                    _("This must be one of {known}."),
                    field=f"{path}.{CHOICE}",
                    value=tag,
                    hint=_('Did you mean "{close}"?') if close else None,
                    known=", ".join(sorted(known)),
                    close=close[0] if close else "",
                )
            ]
        )
    return _read(known[tag], document, f"{path}.")


def _moved(problem: Problem, path: str) -> Problem:
    field = f"{path}{problem.field}" if problem.field else path.rstrip(".")
    return Problem(problem.code, problem.message, field=field, value=problem.value, hint=problem.hint, **problem.values)
