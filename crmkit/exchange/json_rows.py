"""The rows of a file of JSON lines: one object a line; a line that is none becomes one refused row.

Must not know files or encodings. Numbers keep their exact value (whole numbers of any size, decimals as ``Decimal``);
a key that stands twice in an object is refused, because one of its values would be lost.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from crmkit.errors import Problem, UnreadableFile
from crmkit.exchange.encodings import visible
from crmkit.exchange.rows import Row, check_width, problem, undecodable
from crmkit.exchange.sources import MAX_LINE, Lines
from crmkit.exchange.writers import META_COLUMNS
from crmkit.i18n import texts

_ = texts("crmkit")


class _Refused(ValueError):
    def __init__(self, reason: Problem) -> None:
        super().__init__()
        self.reason = reason


def json_columns(lines: Callable[[], Iterator[str]], name: str) -> tuple[list[str], tuple[str, ...]]:
    """Return the keys of all objects of a file, in the order they first come, and its meta columns.

    Reads the whole file once. Raises `UnreadableFile` when it has no object or more keys than columns may be.
    """
    keys: dict[str, None] = {}
    for line in lines():
        try:
            keys.update(dict.fromkeys(_parse(line)))
        except _Refused:
            continue
        check_width(len(keys), name)
    if not keys:
        raise UnreadableFile(
            _('"{file}" has no line that is a JSON object.'),
            fix=_("Write each object on one line of its own."),
            file=name,
        )
    meta = META_COLUMNS if all(key in keys for key in META_COLUMNS) else ()
    return [key for key in keys if key not in meta], meta


def json_rows(lines: Lines, columns: Sequence[str], meta: Sequence[str]) -> Iterator[Row]:
    """Iterate over the rows of a file with these keys; blank lines are passed over."""
    index = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        cells: tuple[object, ...] = (None,) * len(columns)
        about: tuple[object, ...] = (None,) * len(meta)
        wrong: Problem | None = None
        offsets = lines.forget(line)
        if offsets:
            wrong = undecodable([line], number, offsets[0], lines.encoding)
        elif lines.cut:
            wrong = problem(_("The line is longer than {limit} characters."), limit=MAX_LINE)
            lines.cut = False
        else:
            try:
                found = _parse(line)
                cells = tuple(map(found.get, columns))
                about = tuple(map(found.get, meta))
            except _Refused as refused:
                wrong = refused.reason
        raw = visible(line) if wrong else ""
        if wrong and wrong.value is None:
            wrong.value = raw
        yield Row(line=number, index=index, cells=cells, raw=raw, problem=wrong, meta=about)
        index += 1


def _parse(line: str) -> dict[str, object]:
    text = line.strip()
    try:
        value = json.loads(text, parse_float=Decimal, parse_constant=_constant, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        wrong = problem(_("This is not JSON: {reason} at character {column}."), reason=error.msg, column=error.colno)
        raise _Refused(wrong) from None
    except RecursionError:
        raise _Refused(problem(_("The value is nested too deeply."))) from None
    except _Refused:
        raise
    except (ValueError, ArithmeticError):
        raise _Refused(problem(_("A number has too many digits."))) from None
    if not isinstance(value, dict):
        raise _Refused(problem(_("The line is not a JSON object."), hint=_("An object stands in braces.")))
    if "\\u0000" in text or "\\ud" in text.lower():
        _check_texts(value)
    return value


def _constant(name: str) -> object:
    raise _Refused(problem(_("{constant} is not a JSON number."), constant=name))


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _value in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _Refused(problem(_('The key "{key}" stands twice.'), field=twice, key=twice))
    return found


def _check_texts(value: object, field: str | None = None) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise _Refused(
                problem(_("The text holds a NUL character."), field=field, hint=_("Remove it from the text."))
            )
        if any("\ud800" <= char <= "\udfff" for char in value):
            raise _Refused(problem(_("The text holds half of a character (a lone surrogate)."), field=field))
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check_texts(key, field)
            _check_texts(inner, field or key)
    elif isinstance(value, list):
        for inner in value:
            _check_texts(inner, field)
