"""How a question stands on the answer page: its texts in one language, what was filled in, what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from crmkit_feedback.surveys.answers import Given
from crmkit_feedback.surveys.content import Question, Texts, said
from crmkit_feedback.surveys.sets import sets_of

Fields = Mapping[str, Sequence[str]]
SCALES = ("nps", "csat", "ces", "rating")


@frozen(kw_only=True)
class ChoiceShown:
    """Something to be chosen or filled in: the name of its field, its value, its text."""

    field: str
    value: str
    text: str
    checked: bool = False
    other: bool = False


@frozen(kw_only=True)
class RowShown:
    """A row of a matrix, of a ranking, of points, or of a MaxDiff set, with what can be chosen in it."""

    field: str
    text: str
    value: str = ""
    choices: tuple[ChoiceShown, ...] = ()
    more: tuple[ChoiceShown, ...] = ()
    problem: str = ""


@frozen(kw_only=True)
class QuestionShown:
    """A question in one language. ``problem`` is what is wrong with what was filled in."""

    key: str
    field: str
    kind: str
    shape: str
    text: str
    help: str
    required: bool
    value: str = ""
    low: str = ""
    high: str = ""
    least: int | None = None
    most: int | None = None
    longest: int = 2000
    other: str = ""
    choices: tuple[ChoiceShown, ...] = ()
    rows: tuple[RowShown, ...] = ()
    problem: str = ""


_SHAPES = {
    "single": "choices",
    "multiple": "choices",
    "yes_no": "yes_no",
    "dropdown": "list",
    "matrix": "matrix",
    "ranking": "ranks",
    "constant_sum": "points",
    "maxdiff": "sets",
    "long_text": "area",
    "consent": "tick",
    "statement": "statement",
}


def shown_question(
    question: Question, language: str, typed: Fields, wrong: Mapping[str, str], pipe: Callable[[str], str]
) -> QuestionShown:
    """Return a question as it is shown. ``typed`` are the fields of the form, ``wrong`` what is wrong by field."""

    def text(texts: Texts) -> str:
        return pipe(said(texts, language))

    field = f"q.{question.key}"
    chosen = list(typed.get(field, ()))
    own = wrong.get(field, "")
    parts = "; ".join(dict.fromkeys(each for name, each in wrong.items() if name.startswith(f"{field}.")))
    return QuestionShown(
        key=question.key,
        field=field,
        kind=question.kind,
        shape="scale" if question.kind in SCALES else _SHAPES.get(question.kind, "line"),
        text=text(question.title),
        help=text(question.help),
        required=question.required,
        value=chosen[0] if chosen else "",
        low=text(question.low_title),
        high=text(question.high_title),
        least=question.minimum,
        most=question.maximum,
        longest=question.longest,
        other=(typed.get(f"{field}.other") or ("",))[0],
        choices=_choices(question, field, chosen, text),
        rows=_rows(question, field, typed, text),
        problem=own or parts,
    )


def _choices(
    question: Question, field: str, chosen: Sequence[str], text: Callable[[Texts], str]
) -> tuple[ChoiceShown, ...]:
    if question.kind in SCALES:
        return _numbers(question, field, chosen)
    return tuple(
        ChoiceShown(field=field, value=each.key, text=text(each.title), checked=each.key in chosen, other=each.other)
        for each in question.options
    )


def _numbers(question: Question, field: str, chosen: Sequence[str]) -> tuple[ChoiceShown, ...]:
    return tuple(
        ChoiceShown(field=field, value=str(number), text=str(number), checked=str(number) in chosen)
        for number in range(question.low, question.high + 1)
    )


def _rows(question: Question, field: str, typed: Fields, text: Callable[[Texts], str]) -> tuple[RowShown, ...]:
    def of(name: str) -> str:
        return (typed.get(name) or ("",))[0]

    if question.kind == "matrix":
        return tuple(
            RowShown(
                field=f"{field}.{each.key}",
                text=text(each.title),
                choices=_numbers(question, f"{field}.{each.key}", typed.get(f"{field}.{each.key}", ())),
            )
            for each in question.items
        )
    if question.kind in ("ranking", "constant_sum"):
        return tuple(
            RowShown(field=f"{field}.{each.key}", text=text(each.title), value=of(f"{field}.{each.key}"))
            for each in question.options
        )
    if question.kind == "maxdiff":
        titles = {each.key: text(each.title) for each in question.options}
        found: list[RowShown] = []
        for number, shown in enumerate(sets_of([each.key for each in question.options], question.shown), 1):
            ways: dict[str, tuple[ChoiceShown, ...]] = {}
            for way in ("best", "worst"):
                name = f"{field}.{number}.{way}"
                ways[way] = tuple(
                    ChoiceShown(field=name, value=key, text=titles[key], checked=of(name) == key) for key in shown
                )
            found.append(
                RowShown(field=f"{field}.{number}", text=str(number), choices=ways["best"], more=ways["worst"])
            )
        return tuple(found)
    return ()


def fields_of(given: Iterable[Given]) -> dict[str, tuple[str, ...]]:
    """Return the fields of a form that would say what was answered."""
    found: dict[str, tuple[str, ...]] = {}

    def add(name: str, value: Any) -> None:
        found[name] = (*found.get(name, ()), str(value))

    for each in given:
        name = f"q.{each.question}"
        if each.item is not None and each.choice is not None:
            add(f"{name}.{each.item}.{'best' if each.value == 1 else 'worst'}", each.choice)
        elif each.item is not None:
            add(f"{name}.{each.item}", each.value)
        elif each.choice is not None:
            add(name, each.choice)
            if each.text:
                add(f"{name}.other", each.text)
        else:
            add(name, each.text if each.text is not None else each.value)
    return found
