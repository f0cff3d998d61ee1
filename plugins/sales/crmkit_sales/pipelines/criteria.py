"""What may be asked of an opportunity before it enters or leaves a stage, as values that are kept in JSON.

One criterion is one of these:

    {"kind": "field", "field": "amount_minor"}              the field is filled in
    {"kind": "activity", "interaction": "call", "count": 2} so many of these since it is in its stage; "any" for all
    {"kind": "min_days", "days": 3}                         so many days in its stage
    {"kind": "approval", "chain": "large_deal"}             others have agreed, by a chain of approval
    {"kind": "expression", "condition": "purchase.count > 0", "words": "has bought before"}

Must not know sessions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from attrs import asdict, frozen

from crmkit import InvalidInput, Problem, structure, texts

_ = texts("crmkit_sales")

FIELDS: Mapping[str, str] = {
    "amount_minor": _("Amount"),
    "expected_close": _("Expected to close on"),
    "owner_id": _("Owner"),
    "next_step": _("Next step"),
    "next_step_on": _("Next step on"),
    "source": _("Source"),
    "competitor_id": _("Competitor"),
    "lines": _("Lines"),
}
"""The fields that may be asked for, with their titles."""

ANY = "any"
MOST = 20
"""Most criteria of a stage, each way."""


@frozen(kw_only=True)
class FieldFilled:
    """A field of the opportunity is filled in; "lines" asks for at least one line."""

    kind: Literal["field"] = "field"
    field: str


@frozen(kw_only=True)
class Activity:
    """So many interactions of a kind with the customer, or of any kind, since the opportunity is in its stage."""

    kind: Literal["activity"] = "activity"
    interaction: str = ANY
    count: int = 1


@frozen(kw_only=True)
class MinDays:
    """So many days, of 24 hours each, in its stage."""

    kind: Literal["min_days"] = "min_days"
    days: int


@frozen(kw_only=True)
class Approved:
    """Others have agreed to the move, by a chain of approval."""

    kind: Literal["approval"] = "approval"
    chain: str


@frozen(kw_only=True)
class Holds:
    """A condition over facts about the customer; ``words`` say to people what it means."""

    kind: Literal["expression"] = "expression"
    condition: str
    words: str = ""


Criterion = FieldFilled | Activity | MinDays | Approved | Holds
SHAPES: Mapping[str, type[Any]] = {
    "field": FieldFilled,
    "activity": Activity,
    "min_days": MinDays,
    "approval": Approved,
    "expression": Holds,
}


def parse_criteria(given: Sequence[Mapping[str, Any]], field: str) -> tuple[Criterion, ...]:
    """Return criteria from their JSON form. Raises InvalidInput naming the place under ``field`` of what is wrong."""
    if len(given) > MOST:
        raise InvalidInput(
            [Problem(InvalidInput.code, _("A stage has at most {most} criteria each way."), field=field, most=MOST)]
        )
    found: list[Criterion] = []
    problems: list[Problem] = []
    for index, each in enumerate(given):
        try:
            found.append(_parsed(each))
        except InvalidInput as error:
            problems.extend(
                Problem(
                    one.code,
                    one.message,
                    field=".".join(filter(None, (f"{field}.{index}", one.field))),
                    value=one.value,
                    hint=one.hint,
                    **one.values,
                )
                for one in error.problems
            )
    if problems:
        raise InvalidInput(problems)
    return tuple(found)


def plain(criteria: Sequence[Criterion]) -> list[dict[str, Any]]:
    """Return criteria in their JSON form."""
    return [asdict(each) for each in criteria]


def _parsed(given: Mapping[str, Any]) -> Criterion:
    kind = given.get("kind")
    shape = SHAPES.get(str(kind))
    if shape is None:
        message, hint = _('"{given}" is no kind of criterion.'), _("There are: {known}.")
        raise InvalidInput(
            [
                Problem(
                    InvalidInput.code, message, field="kind", hint=hint, given=str(kind)[:60], known=", ".join(SHAPES)
                )
            ]
        )
    found: Criterion = structure(shape, given)
    match found:
        case FieldFilled(field=name) if name not in FIELDS:
            raise _wrong("field", _("There are: {known}."), known=", ".join(FIELDS))
        case Activity(count=count) if not 1 <= count <= 1000:
            raise _wrong("count", _("Give a number from 1 to 1000."))
        case MinDays(days=days) if not 1 <= days <= 3650:
            raise _wrong("days", _("Give a number from 1 to 3650."))
        case Approved(chain=chain) if not chain.strip():
            raise _wrong("chain", _("Name a chain of approval."))
        case Holds(condition=condition) if not condition.strip():
            raise _wrong("condition", _("Give a condition."))
        case _:
            return found


def _wrong(field: str, hint: str, **values: Any) -> InvalidInput:
    message = _("This cannot be asked for.")
    return InvalidInput([Problem(InvalidInput.code, message, field=field, hint=hint, **values)])
