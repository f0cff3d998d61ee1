"""Learning from what people have confirmed, by a job that holds no transaction; and suggesting when a case comes in.

Must not know formulas or arrays.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from crmkit import CRM, Actor, CrmSession, InvalidInput, Problem, texts
from crmkit.errors import MissingExtra
from crmkit_service.cases.models import Case
from crmkit_service.intents.errors import BrokenModel, TooFewExamples
from crmkit_service.intents.learning import Example, Lesson, learn
from crmkit_service.intents.models import IntentModel
from crmkit_service.intents.reading import adopted, texts_of

_ = texts("crmkit_service")

MOST = 50_000
"""From so many cases, the newest, a model learns at most."""
TEXT_COLUMNS, INTENT_COLUMNS = ("text", "question", "message", "内容", "文本"), ("category", "intent", "label", "意图")


def examples_of(session: CrmSession) -> list[Example]:
    """Return the texts of the cases that have an intent, the newest first, as the session's actor sees them."""
    rows = session.execute(
        select(Case.id, Case.intent)
        .where(Case.intent.is_not(None))
        .order_by(Case.opened_at.desc(), Case.id)
        .limit(MOST)
    ).all()
    said = texts_of(session, [row.id for row in rows])
    return [Example(text=said[row.id], intent=row.intent) for row in rows if said.get(row.id)]


def train(crm: CRM, actor: Actor) -> None:
    """Learn from all cases and keep what was learnt as a candidate: the job. Raises TooFewExamples, MissingExtra."""
    with crm.session(actor) as session:
        examples = examples_of(session)
    keep(crm, actor, learn(examples), examples, "cases")


def train_monthly(crm: CRM, actor: Actor, tick: datetime) -> None:
    """Learn anew once a month, for somebody to look at. Where there is too little, or no library, nothing happens."""
    try:
        train(crm, actor)
    except (TooFewExamples, MissingExtra):
        return


def keep(crm: CRM, actor: Actor, lesson: Lesson, examples: Iterable[Example], source: str) -> IntentModel:
    """Keep a model as a candidate, with how good it is."""
    found: IntentModel = crm.run(
        actor,
        "service.intent_model.keep",
        {
            "source": source,
            "examples": sum(1 for _each in examples),
            "content": lesson.model.to_bytes(),
            "evaluation": lesson.evaluation.document(),
            "intents": list(lesson.model.intents),
        },
    )
    return found


def examples_in(path: Path) -> list[Example]:
    """Return the examples of a CSV file in UTF-8 with a heading: a column for the text, one for the intent.

    Raises InvalidInput for a file that cannot be read or has no such columns.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            names = [name.strip().casefold() for name in rows.fieldnames or ()]
            rows.fieldnames = names
            text = next((name for name in TEXT_COLUMNS if name in names), None)
            intent = next((name for name in INTENT_COLUMNS if name in names), None)
            if text is None or intent is None:
                raise _unreadable(_("The file needs a column text and a column category."))
            return [
                Example(text=row[text], intent=row[intent].strip())
                for row in rows
                if (row[text] or "").strip() and (row[intent] or "").strip()
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(_("The file cannot be read as CSV in UTF-8.")) from error


def _unreadable(message: str) -> InvalidInput:
    return InvalidInput([Problem(InvalidInput.code, message, field="file")])


def opened(session: CrmSession, event: Any) -> None:
    """Suggest an intent for a case that came in, where there is a model and nobody has said one."""
    case = session.get(Case, event.case_id)
    if case is None or case.intent is not None:
        return
    try:
        session.run("service.intent.suggest", target=case)
    except (MissingExtra, BrokenModel):
        return


def wanted(session: CrmSession, event: Any) -> bool:
    """Say whether a suggestion is to be made at all: where a model is in use."""
    return adopted(session) is not None
