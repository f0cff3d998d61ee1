"""Conditions and jumps as a person writes them on a line, such as ``recommend <= 6 and solved = no``.

The words: ``=``, ``!=``, ``>=``, ``<=``, ``in a, b``, ``has`` (of several choices), ``answered``; joined by ``and``
or by ``or``, not both; a row of a matrix is ``aspects.price``. A jump is ``end``, ``screen_out``, a question or a page,
and may have an ``if``. Must not know whether there is what they name: `checking` does.
"""

from __future__ import annotations

import re
from typing import Any

from crmkit import InvalidInput, Problem, texts
from crmkit_feedback.surveys.content import Condition, Jump, Operator, Test

_ = texts("crmkit_feedback")

SIGNS: dict[str, Operator] = {
    "=": "equals",
    "==": "equals",
    "!=": "not",
    ">=": "at_least",
    "<=": "at_most",
    "in": "in",
    "has": "contains",
    "answered": "answered",
}
WRITTEN: dict[str, str] = {how: sign for sign, how in SIGNS.items() if sign != "=="}
_TEST = re.compile(
    r"(?P<question>[a-z][a-z0-9_]*)(?:\.(?P<item>[a-z][a-z0-9_]*))?\s*(?P<sign>==|=|!=|>=|<=|\bin\b|\bhas\b|\banswered\b)"
    r"\s*(?P<value>.*)"
)


def condition_of(text: str, field: str = "when") -> Condition | None:
    """Return the condition that a line says, None for an empty one. Raises InvalidInput, naming the part that is not
    understood."""
    text = text.strip()
    if not text:
        return None
    both = [word for word in ("and", "or") if re.search(rf"\s{word}\s", text)]
    if len(both) == 2:
        raise _wrong(field, _('Join by "and" or by "or", not by both.'), text)
    parts = re.split(rf"\s{both[0]}\s", text) if both else [text]
    return Condition(tests=tuple(_test(each.strip(), field) for each in parts), any=both == ["or"])


def _test(text: str, field: str) -> Test:
    found = _TEST.fullmatch(text)
    if found is None:
        raise _wrong(field, _('Not understood: "{said}". Write it like "recommend <= 6".'), text)
    how, raw = SIGNS[found["sign"]], found["value"].strip()
    if how == "answered":
        value: Any = None
    elif how == "in":
        value = tuple(_value(each) for each in raw.split(",") if each.strip())
    else:
        value = _value(raw)
    if how != "answered" and value in ("", ()):
        raise _wrong(field, _('Not understood: "{said}". Write it like "recommend <= 6".'), text)
    return Test(question=found["question"], item=found["item"], is_=how, value=value)


def _value(text: str) -> Any:
    text = text.strip().strip("\"'")
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else text


def _wrong(field: str, message: str, said: str) -> InvalidInput:
    return InvalidInput([Problem(InvalidInput.code, message, field=field, said=said)])


def written(condition: Condition | None) -> str:
    """Return a condition as a line; `condition_of` reads it back."""
    if condition is None:
        return ""
    return (" or " if condition.any else " and ").join(_written(each) for each in condition.tests)


def _written(test: Test) -> str:
    name = test.question if test.item is None else f"{test.question}.{test.item}"
    value = ", ".join(map(str, test.value)) if isinstance(test.value, tuple) else test.value
    return f"{name} {WRITTEN[test.is_]}" + ("" if test.is_ == "answered" else f" {value}")


def jump_of(text: str) -> Jump:
    """Return the jump that a line says. Raises InvalidInput."""
    to, _if, when = text.strip().partition(" if ")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", to.strip()):
        raise _wrong("go", _('Not understood: "{said}". Write it like "end if recommend >= 9".'), text)
    return Jump(to=to.strip(), when=condition_of(when, "go"))


def jump_written(jump: Jump) -> str:
    """Return a jump as a line; `jump_of` reads it back."""
    return jump.to if jump.when is None else f"{jump.to} if {written(jump.when)}"
