"""From the cells of a row to the values of fields, by the plan of its columns.

Must not know resources or databases. What cannot be read is a problem that names the column as it stands in the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from attrs import frozen

from crmkit.errors import InvalidInput, Problem
from crmkit.exchange.options import ColumnPlan
from crmkit.exchange.rows import CODE, Row, problem
from crmkit.exchange.values import (
    Amount,
    parse_boolean,
    parse_date,
    parse_decimal,
    parse_instant,
    parse_integer,
    parse_list,
    parse_money,
    plain,
    settle_sign,
    split_clock,
)
from crmkit.exchange.workbooks.cells import CellError
from crmkit.i18n import texts

_ = texts("crmkit")

Reader = Callable[[Any], Any]
_JSON_LIMIT = 100_000
_NO_DAY = re.compile(r"0{1,4}([-/.])0{1,2}\1(0{1,4})|0{8}")
"""What some programs write where there is no date, such as Outlook's 0/0/00."""
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)")
"""An instant that leaves nothing open, as most files of other systems have them."""


@frozen(kw_only=True)
class Reading:
    """What cells are read with: the zone of clock times without one, the currency of amounts without one, and whether
    spaces around a cell belong to it."""

    zone: str = "UTC"
    currency: str | None = None
    exact: bool = False


class Converter:
    """Reads rows into values by field."""

    def __init__(self, columns: Sequence[ColumnPlan], reading: Reading) -> None:
        self.column_of: Mapping[str, str] = {one.field: one.heading for one in columns if one.field}
        keep_sign = "currency" in self.column_of
        self._steps = [
            (index, one.field, one.heading, None if one.type == "text" else _reader(one, reading, keep_sign))
            for index, one in enumerate(columns)
            if one.field
        ]
        money = [
            (index, one.field, one.heading) for index, one in enumerate(columns) if one.field and one.type == "money"
        ]
        self._money = money if keep_sign else []
        self._currency = reading.currency
        self.exact = reading.exact
        """Whether crmkit itself has written the file."""

    def read(self, row: Row) -> tuple[dict[str, Any], list[Problem]]:
        """Return a row's values by field, empty cells left out, and what is wrong with its cells."""
        values: dict[str, Any] = {}
        wrong: list[Problem] = []
        cells = row.cells
        exact = self.exact
        for index, field, heading, reader in self._steps:
            cell = cells[index]
            if cell is None or cell == "":
                continue
            if isinstance(cell, str) and not exact:
                cell = cell.strip()
                if not cell:
                    continue
            if reader is None:
                if isinstance(cell, str):
                    values[field] = cell
                    continue
                reader = _text
            try:
                value = reader(cell)
            except InvalidInput as error:
                wrong.extend(_placed(one, heading, cell) for one in error.problems)
                continue
            if value is not None:
                values[field] = value
        if self._money:
            self._settle_signs(cells, values, wrong)
        return values, wrong

    def _settle_signs(self, cells: Sequence[Any], values: dict[str, Any], wrong: list[Problem]) -> None:
        """Let the row's currency say which one a sign such as $ stands for."""
        currency = plain(str(values.get("currency", ""))).upper() or self._currency
        for index, field, heading in self._money:
            amount = values.get(field)
            if isinstance(amount, Amount) and amount.currency is not None:
                try:
                    values[field] = settle_sign(amount, currency, str(cells[index]))
                except InvalidInput as error:
                    wrong.extend(_placed(one, heading, cells[index]) for one in error.problems)


def _placed(one: Problem, heading: str, cell: object) -> Problem:
    value = cell if one.value is None else one.value
    return Problem(one.code, one.message, field=heading, value=value, hint=one.hint, **one.values)


def _refused(message: str, value: object, hint: str | None = None) -> InvalidInput:
    return InvalidInput([problem(message, value=value, hint=hint)])


def _text(cell: object) -> str | None:
    if isinstance(cell, CellError):
        hint = _("Correct the formula, or write the value.")
        raise _refused(_("The cell holds no value but an error of the spreadsheet."), cell.text, hint)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, (int, Decimal)):
        return str(cell)
    raise _refused(_("This must be text."), cell)


def _as_text(parse: Callable[[str], Any]) -> Reader:
    def read(cell: Any) -> Any:
        if isinstance(cell, str):
            return parse(cell)
        text = _text(cell)
        return None if text is None else parse(text)

    return read


def _reader(one: ColumnPlan, reading: Reading, keep_sign: bool = False) -> Reader:
    mark, order = one.decimal_mark, one.date_order
    zone = reading.zone
    if one.type == "integer":
        return lambda cell: cell if type(cell) is int else _as_text(lambda text: parse_integer(text, mark=mark))(cell)
    if one.type == "decimal":
        return lambda cell: _number(cell) or _as_text(lambda text: parse_decimal(text, mark=mark))(cell)
    if one.type == "money":
        currency = reading.currency
        return lambda cell: (
            _sum(cell) or _as_text(lambda text: parse_money(text, mark=mark, keep_sign=keep_sign))(cell)
            if currency is None
            else _sum(cell) or _as_text(lambda text: _local_money(text, currency, mark, keep_sign))(cell)
        )
    if one.type == "boolean":
        return lambda cell: cell if isinstance(cell, bool) else _as_text(parse_boolean)(cell)
    if one.type == "date":
        return _as_text(lambda text: None if _NO_DAY.fullmatch(text.strip()) else parse_date(text, order=order))
    if one.type == "instant":
        return _as_text(lambda text: _instant(text, zone, order))
    if one.type == "list":
        return _list
    if one.type == "json":
        return _json
    return lambda cell: cell if isinstance(cell, str) else _text(cell)


def _number(cell: object) -> Decimal | None:
    if isinstance(cell, Decimal):
        return cell
    return Decimal(cell) if type(cell) is int else None


def _sum(cell: object) -> Amount | None:
    number = _number(cell)
    return None if number is None else Amount(number)


def _local_money(text: str, currency: str, mark: Any, keep_sign: bool) -> Amount:
    """Read a sum; the currency is only named where the cell names it, so that a currency's column can say it."""
    found = parse_money(text, currency=currency, mark=mark, keep_sign=keep_sign)
    return Amount(found.number) if found.currency == currency and not _names_currency(text) else found


def _names_currency(text: str) -> bool:
    return any(char.isalpha() or char in "€£¥￥$₹₽₩₪₺₫฿₱₴元円" for char in plain(text))


def _instant(text: str, zone: str, order: Any) -> datetime:
    """Return an instant; a day without a time is its midnight in the zone."""
    if _ISO.fullmatch(text):
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except ValueError:
            pass  # such as 31 February: read again below, where what is wrong is named
    day, clock = split_clock(plain(text))
    if clock:
        return parse_instant(text, zone=zone, order=order)
    return datetime.combine(parse_date(day, order=order), time(), ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))


def _list(cell: Any) -> tuple[str, ...]:
    """Return the parts of a list: of a JSON list, or separated by ``:::`` (as Google does it), by ; or, where there is
    none, by commas. Google's own groups, which begin with an asterisk, say nothing."""
    if isinstance(cell, list):
        return tuple(str(part) for part in cell if part not in (None, ""))
    text = cell if isinstance(cell, str) else str(_text(cell))
    if text.startswith("[") and text.endswith("]"):
        found = _json(text)
        if isinstance(found, list):
            return tuple(str(part) for part in found)
    if ":::" in text or text.startswith("* "):
        return tuple(part for part in parse_list(text, separator=":::") if not part.startswith("* "))
    if ";" in text or "；" in text:
        return parse_list(text)
    return parse_list(text, separator=",")


def _json(cell: Any) -> Any:
    if isinstance(cell, CellError):
        _text(cell)
    if not isinstance(cell, str):
        return cell
    if len(cell) > _JSON_LIMIT:
        raise _refused(_("The cell is too long."), cell[:200])
    try:
        return json.loads(cell, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise _refused(_("This is not JSON."), cell, _('It should look like [{"kind": "email"}].')) from None


def column_problem(one: Problem, column_of: Mapping[str, str], field: str | None) -> Problem:
    """Return an operation's problem with the heading of the column that it is about, where there is one."""
    heading = column_of.get(field or "") or column_of.get((field or "").partition(".")[0])
    return Problem(one.code or CODE, one.message, field=heading or field, value=one.value, hint=one.hint, **one.values)
