"""Labels that people gave outside, in a file: taken as corrections of feedback, all of them or none.

Must not know how a command reads a file's name.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, Input, InvalidInput, Problem, operation, texts
from crmkit_feedback.classifying.models import Theme
from crmkit_feedback.items.models import Feedback

_ = texts("crmkit_feedback")

APPLY = "feedback.theme.apply"
UPDATE = "feedback.feedback.update"
CHUNK = 500
MOST = 10_000
COLUMNS = ("number", "source", "id", "themes", "not_themes")

Names = Annotated[tuple[str, ...], Input(title=_("Themes"), max_length=100, classified="public")]


@frozen(kw_only=True)
class Label:
    """What somebody said about one piece of feedback, which is named by its number, or by ``source`` and ``id``, the
    system that it came from and its id there. ``row`` is where it stands, from 1."""

    row: Annotated[int, Input(title=_("Row"), minimum=1, classified="internal")]
    number: Annotated[int | None, Input(title=_("Number"), classified="internal")] = None
    source: Annotated[str, Input(title=_("System"), max_length=60, classified="internal")] = ""
    id: Annotated[str, Input(title=_("External id"), max_length=200, classified="internal")] = ""
    themes: Names = ()
    not_themes: Names = ()


@frozen(kw_only=True)
class Applied:
    """How much feedback was corrected, and how many themes were said to be right or wrong of it."""

    feedback: int
    themes: int
    not_themes: int


@operation(APPLY, title=_("Take labels over as corrections"), permission=UPDATE, effect="update")
def apply_labels(
    session: CrmSession,
    *,
    labels: Annotated[tuple[Label, ...], Input(title=_("Labels"), max_length=MOST, classified="internal")],
) -> Applied:
    """Say what feedback is and is not about as people labelled it, in one transaction; no machine takes it back, and
    the next model learns from it. Raises InvalidInput with a problem for each row and field that is wrong: feedback or
    a theme that there is not, a theme that is both, a row that says nothing; nothing is changed then."""
    known = set(session.scalars(select(Theme.name)))
    found = _found(session, labels)
    problems: list[Problem] = []

    def wrong(label: Label, field: str, text: str, **values: Any) -> None:
        problems.append(Problem(InvalidInput.code, text, field=f"{label.row}.{field}", row=label.row, **values))

    for label in labels:
        if label.row not in found:
            wrong(label, "id" if label.number is None else "number", _("Row {row}: there is no such feedback."))
        if not label.themes and not label.not_themes:
            wrong(label, "themes", _("Row {row}: no theme is named."))
        for field, names in (("themes", label.themes), ("not_themes", label.not_themes)):
            for name in names:
                if name not in known:
                    wrong(label, field, _('Row {row}: there is no theme "{name}".'), name=name)
        for name in sorted(set(label.themes) & set(label.not_themes)):
            wrong(label, "not_themes", _('Row {row}: it cannot be about "{name}" and not.'), name=name)
    if problems:
        raise InvalidInput(problems)
    for label in labels:
        for act, names in (("set_theme", label.themes), ("unset_theme", label.not_themes)):
            for name in dict.fromkeys(names):
                session.run(f"feedback.feedback.{act}", {"theme": name}, target=found[label.row])
    return Applied(
        feedback=len({each.id for each in found.values()}),
        themes=sum(len(set(each.themes)) for each in labels),
        not_themes=sum(len(set(each.not_themes)) for each in labels),
    )


def _found(session: CrmSession, labels: Sequence[Label]) -> dict[int, Feedback]:
    """Return the feedback that labels name, as far as whoever asks sees it, by their rows."""
    by_number: dict[int, Feedback] = {}
    by_id: dict[tuple[str | None, str | None], Feedback] = {}
    numbers = sorted({each.number for each in labels if each.number is not None})
    for start in range(0, len(numbers), CHUNK):
        part = numbers[start : start + CHUNK]
        by_number |= {each.number: each for each in session.scalars(select(Feedback).where(Feedback.number.in_(part)))}
    ids = sorted({each.id for each in labels if each.number is None and each.id})
    for start in range(0, len(ids), CHUNK):
        part_ = ids[start : start + CHUNK]
        for each in session.scalars(select(Feedback).where(Feedback.external_id.in_(part_))):
            by_id[each.external_source, each.external_id] = each
    found: dict[int, Feedback] = {}
    for label in labels:
        item = by_number.get(label.number) if label.number is not None else by_id.get((label.source, label.id))
        if item is not None:
            found[label.row] = item
    return found


def read_labels(text: str, *, lines: bool) -> list[dict[str, Any]]:
    """Return the labels of a file as values of `Label`: of a CSV file with headings, or of JSON, an object a line
    (``lines``). Themes are separated by ``;`` or, in JSON, are a list. Raises InvalidInput with row and field."""
    problems: list[Problem] = []
    found: list[dict[str, Any]] = []

    def wrong(row: int, field: str, message: str, **values: Any) -> None:
        problems.append(Problem(InvalidInput.code, message, field=f"{row}.{field}", row=row, **values))

    for row, values in enumerate(_objects(text, wrong) if lines else _table(text), 1):
        if values is None:
            continue
        label: dict[str, Any] = {"row": row}
        for name in values:
            if name not in COLUMNS:
                wrong(row, str(name), _('Row {row}: there is no column "{name}".'), name=str(name))
        number = str(values.get("number") or "").strip()
        if number:
            if number.isascii() and number.isdigit():
                label["number"] = int(number)
            else:
                wrong(row, "number", _("Row {row}: the number of feedback is a whole number."))
        for name in ("source", "id"):
            label[name] = str(values.get(name) or "").strip()
        for name in ("themes", "not_themes"):
            label[name] = _names(values.get(name))
        found.append(label)
    if problems:
        raise InvalidInput(problems)
    return found


def _table(text: str) -> Iterator[Mapping[str, Any]]:
    for values in csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))):
        yield {str(name).strip(): value for name, value in values.items() if name is not None}


def _objects(text: str, wrong: Any) -> Iterator[Mapping[str, Any] | None]:
    for row, line in enumerate((each for each in text.splitlines() if each.strip()), 1):
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            wrong(row, "line", _("Row {row}: this is no JSON object."))
            yield None
        else:
            yield value


def _names(value: Any) -> list[str]:
    parts = value if isinstance(value, list) else str(value or "").split(";")
    return [str(each).strip() for each in parts if str(each).strip()]


OPERATIONS = [apply_labels]
