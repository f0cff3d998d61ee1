"""The answers of a survey as a table for statistics programs: one row for each part of an answer, and a codebook that
says what every question and code means.

The shape is that of tidy data (Wickham 2014): each variable a column, each observation a row.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmSession, texts
from crmkit_feedback.answering.bands import band_of
from crmkit_feedback.answering.models import SurveyAnswer, SurveyResponse
from crmkit_feedback.surveys.choosing import content_of_version
from crmkit_feedback.surveys.content import Question, said
from crmkit_feedback.surveys.models import Survey, SurveyVersion

_ = texts("crmkit_feedback")

COLUMNS = (
    "response", "survey", "version", "customer", "state", "channel", "language", "started_at", "answered_at", "seconds",
    "score", "band", "touchpoint", "question", "item", "value", "choice", "text",
)  # fmt: skip
CODEBOOK = ("question", "kind", "version", "item", "code", "meaning", "answers")
ATTRIBUTE = "attribute."
"""Begins the name of a variable that is no question."""
BATCH = 500


def rows_of(session: CrmSession, survey: Survey, *, with_text: bool = False) -> Iterator[dict[str, Any]]:
    """Give the parts of the answers that the reader may see, response by response in the order of their days; what is
    known beside is given as questions named ``attribute.<name>``. Instants are in UTC. Without ``with_text`` the column
    of what was written stays empty; so it does for who may not read it."""
    numbers = {each.id: each.number for each in _versions(session, survey)}
    order = (SurveyResponse.answered_at, SurveyResponse.id)
    query = select(SurveyResponse).where(SurveyResponse.survey_id == survey.id).order_by(*order)
    last: tuple[Any, UUID] | None = None
    while True:
        part = query if last is None else query.where(_after(last))
        found = list(session.scalars(part.limit(BATCH)))
        if not found:
            return
        answers: dict[UUID, list[SurveyAnswer]] = {}
        for each in session.scalars(
            select(SurveyAnswer)
            .where(SurveyAnswer.response_id.in_([one.id for one in found]))
            .order_by(SurveyAnswer.question, SurveyAnswer.item, SurveyAnswer.choice, SurveyAnswer.id)
        ):
            answers.setdefault(each.response_id, []).append(each)
        for response in found:
            yield from _rows(survey, response, answers.get(response.id, ()), numbers, with_text)
        last = (found[-1].answered_at, found[-1].id)
        session.expunge_all()


def _after(last: tuple[Any, UUID]) -> Any:
    at, identity = last
    return (SurveyResponse.answered_at > at) | ((SurveyResponse.answered_at == at) & (SurveyResponse.id > identity))


def _rows(
    survey: Survey,
    response: SurveyResponse,
    answers: Sequence[SurveyAnswer],
    numbers: Mapping[UUID, int],
    with_text: bool,
) -> Iterator[dict[str, Any]]:
    same = {
        "response": str(response.id),
        "survey": survey.name,
        "version": numbers.get(response.version_id, "") if response.version_id else "",
        "customer": str(response.customer_id or ""),
        "state": response.state,
        "channel": response.channel,
        "language": response.language or "",
        "started_at": response.started_at.isoformat(),
        "answered_at": response.answered_at.isoformat(),
        "seconds": _cell(response.seconds),
        "score": _cell(response.score),
        "band": band_of(survey.metric, response.score) or "",
        "touchpoint": response.touchpoint or "",
    }
    for each in answers:
        yield {
            **same,
            "question": each.question,
            "item": each.item or "",
            "value": _cell(each.value),
            "choice": each.choice or "",
            "text": each.text if with_text and isinstance(each.text, str) else "",
        }
    for name, value in sorted((response.attributes or {}).items()):
        if name != "pages":
            said_ = value if isinstance(value, (str, int, float)) else json.dumps(value, ensure_ascii=False)
            yield {**same, "question": f"{ATTRIBUTE}{name}", "item": "", "value": "", "choice": str(said_), "text": ""}


def codebook_of(session: CrmSession, survey: Survey, language: str = "en") -> list[dict[str, Any]]:
    """Return what each question, row and code means, of every version, with how many answers each question has."""
    counted: dict[str, int] = {
        str(row[0]): int(row[1])
        for row in session.execute(
            select(SurveyAnswer.question, func.count())
            .where(SurveyAnswer.survey_id == survey.id)
            .group_by(SurveyAnswer.question)
        )
    }
    found: list[dict[str, Any]] = []
    told: set[str] = set()
    for version in _versions(session, survey):
        for question in content_of_version(version).questions:
            told.add(question.key)
            found += _meanings(question, version.number, language, counted.get(question.key, 0))
    for key in sorted(set(counted) - told):
        kind = survey.metric if key == survey.metric else "long_text" if key == "comment" else ""
        found.append(_line(key, kind or "", "", "", "", key, counted[key]))
    return found


def _meanings(question: Question, version: int, language: str, count: int) -> Iterator[dict[str, Any]]:
    yield _line(question.key, question.kind, version, "", "", said(question.title, language), count)
    if question.kind in ("nps", "csat", "ces", "rating", "matrix"):
        ends = ((question.low, question.low_title), (question.high, question.high_title))
        for code, title in ends:
            yield _line(question.key, question.kind, version, "", code, said(title, language), "")
    for item in question.items:
        yield _line(question.key, question.kind, version, item.key, "", said(item.title, language), "")
    for option in question.options:
        # Ranks and points stand at the options; elsewhere options are the codes themselves.
        at_item = question.kind in ("ranking", "constant_sum")
        meaning = said(option.title, language)
        item_, code_ = (option.key, "") if at_item else ("", option.key)
        yield _line(question.key, question.kind, version, item_, code_, meaning, "")


def _line(question: str, kind: str, version: Any, item: str, code: Any, meaning: str, answers: Any) -> dict[str, Any]:
    values = (question, kind, version, item, code, meaning, answers)
    return dict(zip(CODEBOOK, values, strict=True))


def write_export(
    session: CrmSession, survey: Survey, target: Path, *, with_text: bool = False, language: str = "en"
) -> tuple[int, Path, Path]:
    """Write the answers and the codebook as CSV (UTF-8), into a folder or to a file and one beside it; return how many
    rows there are, and where they are."""
    if target.suffix:
        rows, book = target, target.with_name(f"{target.stem}.codebook.csv")
        target.parent.mkdir(parents=True, exist_ok=True)
    else:
        target.mkdir(parents=True, exist_ok=True)
        rows, book = target / f"{survey.name}.csv", target / f"{survey.name}.codebook.csv"
    lines = codebook_of(session, survey, language)
    count = 0
    with book.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, CODEBOOK)
        writer.writeheader()
        writer.writerows({name: _safe(value) for name, value in each.items()} for each in lines)
    with rows.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for each in rows_of(session, survey, with_text=with_text):
            writer.writerow({name: _safe(value) for name, value in each.items()})
            count += 1
    return count, rows, book


def _safe(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _versions(session: CrmSession, survey: Survey) -> list[SurveyVersion]:
    query = select(SurveyVersion).where(SurveyVersion.survey_id == survey.id).order_by(SurveyVersion.number)
    return list(session.scalars(query))


def _cell(value: int | None) -> Any:
    return "" if value is None else value
