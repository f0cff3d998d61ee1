"""Values for every kind of field, and the texts that a person would type for them."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crmkit.web.pages.forms import Field

Sent = list[tuple[str, str]]
ZONE = ZoneInfo("Asia/Shanghai")
LEFT: Any = object()
"""Stands for an input that cannot be typed here, such as a file."""
_WORDS = ("tea", "绿茶 & <b>black</b>", '"quoted"', "crème", "=cmd|' /C calc'!A0", "{{ 7 * 7 }}")


def fill(field: Field, dice: random.Random) -> tuple[Sent, Any]:
    """Return what a browser sends when something is typed into a field, and the value that this is."""
    kind, name = field.kind, field.name
    info = field.spec.info
    if kind in ("text", "suggest", "secret"):
        if field.spec.python is UUID:
            identity = UUID(int=dice.getrandbits(128))
            return [(name, str(identity))], identity
        text = dice.choice(_WORDS)[: info.max_length or 1000].strip()
        return [(name, text)], text
    if kind == "long":
        text = f"{dice.choice(_WORDS)}\nsecond line"[: info.max_length or 1000]
        return [(name, text.replace("\n", "\r\n"))], text
    if kind == "integer":
        number = int(min(max(dice.randint(0, 9), info.minimum or 0), info.maximum or 99))
        return [(name, str(number))], number
    if kind == "decimal":
        least, most = info.minimum if info.minimum is not None else 0, info.maximum if info.maximum is not None else 1
        amount = Decimal(str(round(dice.uniform(float(least), float(most)), 3)))
        return [(name, str(amount))], _number(field.spec.python, amount)
    if kind == "date":
        day = date(2026, 1, 1) + timedelta(days=dice.randint(0, 700))
        return [(name, day.isoformat())], day
    if kind == "instant":
        local = datetime(2026, 1, 1, tzinfo=ZONE) + timedelta(minutes=dice.randint(0, 500_000))
        return [(name, local.strftime("%Y-%m-%dT%H:%M"))], local.astimezone(UTC)
    if kind == "boolean":
        ticked = dice.random() < 0.5
        return ([(name, "true")] if ticked else []), ticked
    if kind == "ternary":
        yes = dice.random() < 0.5
        return [(name, "true" if yes else "false")], yes
    if kind == "choice":
        offered = [each.value for each in field.choices or ()]
        if not offered:
            return [], None if field.spec.nullable and not field.spec.unset else LEFT
        chosen = dice.choice(offered)
        value = field.spec.values.get(chosen, chosen)
        return [(name, chosen)], UUID(chosen) if field.spec.python is UUID else value
    if kind == "choices":
        some = [each.value for each in field.choices or ()][:2]
        return [(name, each) for each in some], [field.spec.values.get(each, each) for each in some]
    return _composed(field, dice)


def _number(python: Any, amount: Decimal) -> Any:
    if python is float:
        return float(amount)
    return timedelta(seconds=float(amount)) if python is timedelta else amount


def _composed(field: Field, dice: random.Random) -> tuple[Sent, Any]:
    kind, name = field.kind, field.name
    if kind == "money":
        return [(name, "1,234.50"), (field.currency_name, "EUR")], (123450, "EUR")
    if kind == "reference":
        identity = UUID(int=dice.getrandbits(128))
        return [(name, str(identity))], identity
    if kind == "lines":
        if field.spec.python is UUID:
            ids = [UUID(int=dice.getrandbits(128)) for _each in range(2)]
            return [(name, "\n".join(map(str, ids)))], ids
        if field.spec.python is str:
            return [(name, "first\r\n\r\n 第二 \r\n")], ["first", "第二"]
        return [(name, "1\n2")], [1, 2]
    if kind == "pairs":
        if dice.random() < 0.5:
            return [(name, "colour: green\r\n尺寸：大")], {"colour": "green", "尺寸": "大"}
        held = {"n": 1, "deep": {"list": [True, None, "<script>"]}}
        return [(name, json.dumps(held))], held
    if kind == "document":
        whole: Any = [{"a": 1}] if field.spec.python is list else {"a": 1}
        return [(name, json.dumps(whole))], whole
    if kind in ("group", "custom"):
        return _members(field.fields, dice)
    if kind == "rows":
        rows = [_members(row, dice) for row in field.rows[:2]]
        return [pair for sent, _value in rows for pair in sent], [value for _sent, value in rows]
    return [], LEFT


def _members(fields: tuple[Field, ...], dice: random.Random) -> tuple[Sent, dict[str, Any]]:
    sent: Sent = []
    values: dict[str, Any] = {}
    for each in fields:
        typed, value = fill(each, dice)
        sent.extend(typed)
        put(values, each, value)
    return sent, values


def put(values: dict[str, Any], field: Field, value: Any) -> None:
    """Add a field's value to those of its operation."""
    if value is LEFT:
        return
    if field.kind == "money":
        values[field.spec.name], values["currency"] = value
    else:
        values[field.spec.name] = value
