"""What somebody answers to a question: read out of the fields of a form, judged, and turned into rows of answers.

The fields of a question are ``q.<key>`` (several times for several choices), ``q.<key>.<part>`` for a row of a matrix,
an option to be ranked or to get points, ``best`` and ``worst`` of MaxDiff, and ``q.<key>.other`` for what an option
with text says. Must not know the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from attrs import frozen

from crmkit import InvalidInput, Problem, normalise_email, normalise_phone, texts
from crmkit_feedback.surveys.content import Content, Question
from crmkit_feedback.surveys.sets import sets_of

_ = texts("crmkit_feedback")

Fields = Mapping[str, Sequence[str]]
LARGEST = 2_000_000_000


@frozen(kw_only=True)
class Given:
    """A part of an answer, as a row of table ``feedback_answer`` has it."""

    question: str
    item: str | None = None
    value: int | None = None
    choice: str | None = None
    text: str | None = None


class _Wrong(Exception):
    """What is wrong with an answer."""

    def __init__(self, text: str, part: str = "", **values: Any) -> None:
        super().__init__(text)
        self.text, self.part, self.values = text, part, values


def read(question: Question, fields: Fields) -> tuple[Given, ...]:
    """Return what a form answers to a question; nothing where nothing was filled in. Raises InvalidInput, with the name
    of the field, for what is missing or cannot be an answer."""
    try:
        found = _READERS[question.kind](question, fields)
        if question.required and not found:
            raise _Wrong(_("Please answer this question."))
        return found
    except _Wrong as error:
        place = f"q.{question.key}" + (f".{error.part}" if error.part else "")
        raise InvalidInput([Problem(InvalidInput.code, error.text, field=place, **error.values)]) from None


def answers_map(given: Iterable[Given]) -> dict[str, Any]:
    """Return what was answered, by the keys of questions, as conditions ask for it: a number, the key of a choice, a
    list of keys, or for a question in parts a mapping of them."""
    found: dict[str, Any] = {}
    for each in given:
        one = each.value if each.choice is None else each.choice
        one = each.text if one is None else one
        if each.item is not None:
            found.setdefault(each.question, {})[each.item] = one
        elif each.question in found:
            known = found[each.question]
            found[each.question] = [*known, one] if isinstance(known, list) else [known, one]
        else:
            found[each.question] = one
    return found


def score_of(content: Content, given: Iterable[Given]) -> int | None:
    """Return the answer to the first question that measures (NPS, CSAT or CES), None where it was not answered."""
    measured = next((each for each in content.questions if each.kind in ("nps", "csat", "ces")), None)
    if measured is None:
        return None
    return next((each.value for each in given if each.question == measured.key), None)


def metric_of(content: Content) -> str | None:
    """Return what a survey measures: the kind of its first question that does."""
    return next((each.kind for each in content.questions if each.kind in ("nps", "csat", "ces")), None)


# --- one reader for each kind of question -----------------------------------------------------------------------------


def _values(question: Question, fields: Fields, part: str = "") -> list[str]:
    name = f"q.{question.key}" + (f".{part}" if part else "")
    return [each.strip() for each in fields.get(name, ()) if each.strip()]


def _one(question: Question, fields: Fields, part: str = "") -> str | None:
    found = _values(question, fields, part)
    if len(found) > 1:
        raise _Wrong(_("Please choose one."), part)
    return found[0] if found else None


def _whole(text: str, low: int, high: int, part: str = "") -> int:
    try:
        number = int(text)
    except ValueError:
        raise _Wrong(_("Please give a whole number from {low} to {high}."), part, low=low, high=high) from None
    if not low <= number <= high:
        raise _Wrong(_("Please give a whole number from {low} to {high}."), part, low=low, high=high)
    return number


def _scale(question: Question, fields: Fields) -> tuple[Given, ...]:
    text = _one(question, fields)
    if text is None:
        return ()
    return (Given(question=question.key, value=_whole(text, question.low, question.high)),)


def _single(question: Question, fields: Fields) -> tuple[Given, ...]:
    choice = _one(question, fields)
    return () if choice is None else (_chosen(question, choice, fields),)


def _multiple(question: Question, fields: Fields) -> tuple[Given, ...]:
    chosen = list(dict.fromkeys(_values(question, fields)))
    found = tuple(_chosen(question, each, fields) for each in chosen)
    alone = {each.key for each in question.options if each.exclusive}
    if len(chosen) > 1 and alone & set(chosen):
        raise _Wrong(_("One of these goes with no other."))
    if chosen and not alone & set(chosen):
        if question.minimum is not None and len(chosen) < question.minimum:
            raise _Wrong(_("Please choose {number} at least."), number=question.minimum)
        if question.maximum is not None and len(chosen) > question.maximum:
            raise _Wrong(_("Please choose {number} at most."), number=question.maximum)
    return found


def _chosen(question: Question, choice: str, fields: Fields) -> Given:
    option = next((each for each in question.options if each.key == choice), None)
    if option is None:
        raise _Wrong(_("Please choose one of what is offered."))
    text = _one(question, fields, "other") if option.other else None
    if text is not None and len(text) > question.longest:
        raise _Wrong(_("This is longer than {most} characters."), "other", most=question.longest)
    return Given(question=question.key, value=1, choice=choice, text=text)


def _yes_no(question: Question, fields: Fields) -> tuple[Given, ...]:
    text = _one(question, fields)
    if text is None:
        return ()
    if text not in ("yes", "no"):
        raise _Wrong(_("Please choose one of what is offered."))
    return (Given(question=question.key, value=int(text == "yes"), choice=text),)


def _matrix(question: Question, fields: Fields) -> tuple[Given, ...]:
    found = []
    for item in question.items:
        text = _one(question, fields, item.key)
        if text is not None:
            value = _whole(text, question.low, question.high, item.key)
            found.append(Given(question=question.key, item=item.key, value=value))
        elif question.required:
            raise _Wrong(_("Please answer this question."), item.key)
    return tuple(found)


def _ranking(question: Question, fields: Fields) -> tuple[Given, ...]:
    ranks: dict[int, str] = {}
    for option in question.options:
        text = _one(question, fields, option.key)
        if text is None:
            continue
        rank = _whole(text, 1, len(question.options), option.key)
        if rank in ranks:
            raise _Wrong(_("Two have the same rank."), option.key)
        ranks[rank] = option.key
    if not ranks:
        return ()
    wanted = question.maximum or len(question.options)
    if set(ranks) != set(range(1, min(wanted, len(question.options)) + 1)):
        raise _Wrong(_("Please give the ranks from 1 to {number}, each once."), number=wanted)
    return tuple(Given(question=question.key, item=ranks[rank], value=rank) for rank in sorted(ranks))


def _maxdiff(question: Question, fields: Fields) -> tuple[Given, ...]:
    found: list[Given] = []
    sets = sets_of([each.key for each in question.options], question.shown)
    for number, shown in enumerate(sets, 1):
        best, worst = (_one(question, fields, f"{number}.{way}") for way in ("best", "worst"))
        if best is None and worst is None:
            if question.required or found:
                raise _Wrong(_("Please answer this question."), f"{number}.best")
            continue
        if best not in shown or worst not in shown or best == worst:
            raise _Wrong(_("Please choose the best and the worst, not the same."), f"{number}.best")
        found += [
            Given(question=question.key, item=f"{number}", value=1, choice=best),
            Given(question=question.key, item=f"{number}", value=-1, choice=worst),
        ]
    if found and len(found) != 2 * len(sets):
        raise _Wrong(_("Please answer this question."), f"{len(sets)}.best")
    return tuple(found)


def _constant_sum(question: Question, fields: Fields) -> tuple[Given, ...]:
    points = {each.key: _one(question, fields, each.key) for each in question.options}
    if not any(points.values()):
        return ()
    shared = {key: _whole(text or "0", 0, question.total, key) for key, text in points.items()}
    if sum(shared.values()) != question.total:
        raise _Wrong(
            _("Together they have to be {total}; they are {number}."), total=question.total, number=sum(shared.values())
        )
    return tuple(Given(question=question.key, item=key, value=value) for key, value in shared.items())


def _number(question: Question, fields: Fields) -> tuple[Given, ...]:
    text = _one(question, fields)
    if text is None:
        return ()
    low = -LARGEST if question.minimum is None else question.minimum
    high = LARGEST if question.maximum is None else question.maximum
    return (Given(question=question.key, value=_whole(text, low, high)),)


def _date(question: Question, fields: Fields) -> tuple[Given, ...]:
    text = _one(question, fields)
    if text is None:
        return ()
    try:
        return (Given(question=question.key, choice=date.fromisoformat(text).isoformat()),)
    except ValueError:
        raise _Wrong(_("Please give a date, such as 2026-03-01.")) from None


def _text(question: Question, fields: Fields) -> tuple[Given, ...]:
    text = _one(question, fields)
    if text is None:
        return ()
    if len(text) > question.longest:
        raise _Wrong(_("This is longer than {most} characters."), most=question.longest)
    return (Given(question=question.key, text=text),)


def _address(normal: Callable[[str], Any], mistake: str) -> Callable[[Question, Fields], tuple[Given, ...]]:
    def reader(question: Question, fields: Fields) -> tuple[Given, ...]:
        text = _one(question, fields)
        if text is None:
            return ()
        try:
            return (Given(question=question.key, text=normal(text).value),)
        except (InvalidInput, ValueError):
            raise _Wrong(mistake) from None

    return reader


def _consent(question: Question, fields: Fields) -> tuple[Given, ...]:
    agreed = _one(question, fields) is not None
    if question.required and not agreed:
        raise _Wrong(_("Please tick this to go on."))
    return (Given(question=question.key, value=int(agreed), choice="yes" if agreed else "no"),)


def _nothing(question: Question, fields: Fields) -> tuple[Given, ...]:
    return ()


_READERS: Mapping[str, Callable[[Question, Fields], tuple[Given, ...]]] = {
    "nps": _scale,
    "csat": _scale,
    "ces": _scale,
    "rating": _scale,
    "single": _single,
    "dropdown": _single,
    "multiple": _multiple,
    "yes_no": _yes_no,
    "matrix": _matrix,
    "ranking": _ranking,
    "maxdiff": _maxdiff,
    "constant_sum": _constant_sum,
    "number": _number,
    "date": _date,
    "text": _text,
    "long_text": _text,
    "email": _address(normalise_email, _("This is no email address.")),
    "phone": _address(normalise_phone, _("This is no telephone number.")),
    "consent": _consent,
    "statement": _nothing,
}
