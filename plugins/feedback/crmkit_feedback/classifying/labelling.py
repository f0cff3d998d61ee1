"""Saying what feedback is about and what it thinks: by words, by what was learnt, and by people, who have the last
word.

Must not know how feedback comes in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession
from crmkit_feedback.classifying.learning import SURE, ThemeClassifier, classifier_of
from crmkit_feedback.classifying.matching import Matcher
from crmkit_feedback.classifying.models import FeedbackTheme, Theme, ThemeModel
from crmkit_feedback.classifying.sentiment import Judge, judges_of, sentences, sentiment_of
from crmkit_feedback.items.models import Feedback

CHUNK = 500
SUGGESTS = Decimal("0.3")
"""From this probability on a theme is offered to people."""


@frozen(kw_only=True)
class Tools:
    """What texts are judged with: the themes by name, their words, what was learnt, and sentiment."""

    themes: Mapping[str, Theme]
    matcher: Matcher
    classifier: ThemeClassifier | None
    judges: tuple[Judge, ...]


@frozen(kw_only=True)
class Found:
    """A theme that a machine found: how, and how sure it is."""

    theme: str
    way: str
    confidence: Decimal
    sentiment: int | None


def tools_of(session: CrmSession) -> Tools:
    """Return what texts are judged with now."""
    themes = {each.name: each for each in session.scalars(select(Theme).where(Theme.active.is_(True)))}
    learnt = session.scalars(select(ThemeModel).where(ThemeModel.kind == "themes", ThemeModel.counts.is_(True))).first()
    return Tools(
        themes=themes,
        matcher=Matcher({name: each.words for name, each in themes.items()}),
        classifier=classifier_of(learnt.content) if learnt is not None else None,
        judges=judges_of(session.crm),
    )


def found_in(tools: Tools, text: str, language: str | None) -> list[Found]:
    """Return the themes of a text: those of its words, and for themes that were learnt what the model says instead."""
    words = tools.matcher.themes(text)
    chances = tools.classifier.chances(text) if tools.classifier is not None else {}
    found: list[Found] = []
    for name in tools.themes:
        if name in chances:
            if chances[name] < SURE:
                continue
            way, sure = "model", chances[name]
        elif name in words:
            way, sure = "rule", min(0.95, 0.6 + 0.1 * words[name])
        else:
            continue
        said = _about(tools, name, text, language)
        found.append(Found(theme=name, way=way, confidence=Decimal(str(round(sure, 4))), sentiment=said))
    return found


def label(session: CrmSession, items: Sequence[Feedback]) -> int:
    """Say of feedback what it is about and what it thinks, within an operation, and return how many themes were found.
    What a person has said of it stays."""
    tools = tools_of(session)
    known = labels_of(session, [each.id for each in items])
    count = 0
    for item in items:
        text = item.verbatim if isinstance(item.verbatim, str) else None
        said = sentiment_of(text, item.language, judges=tools.judges)
        item.sentiment = said.label if said is not None else None
        item.sentiment_score = said.score if said is not None else None
        rows = {each.theme_id: each for each in known.get(item.id, ())}
        told = {tools.themes[each.theme].id: each for each in found_in(tools, text, item.language)} if text else {}
        for theme_id, row in rows.items():
            if row.way != "person" and theme_id not in told:
                session.delete(row)
        for theme_id, each in told.items():
            row = rows.get(theme_id)
            if row is not None and row.way == "person":
                continue
            if row is None:
                row = FeedbackTheme(feedback_id=item.id, theme_id=theme_id, state="on", way=each.way)
                session.add(row)
            row.way, row.confidence, row.sentiment_score, row.state = each.way, each.confidence, each.sentiment, "on"
            count += 1
    session.flush()
    return count


def labels_of(session: CrmSession, ids: Sequence[UUID]) -> dict[UUID, list[FeedbackTheme]]:
    """Return what each of some feedback is said to be about."""
    found: dict[UUID, list[FeedbackTheme]] = {}
    for start in range(0, len(ids), CHUNK):
        query = select(FeedbackTheme).where(FeedbackTheme.feedback_id.in_(list(ids[start : start + CHUNK])))
        for each in session.scalars(query):
            found.setdefault(each.feedback_id, []).append(each)
    return found


def _about(tools: Tools, theme: str, text: str, language: str | None) -> int | None:
    """Return what the sentences that name a theme think of it."""
    matcher = Matcher({theme: tools.themes[theme].words})
    naming = [each for each in sentences(text) if matcher.themes(each)]
    said = sentiment_of(" ".join(naming) or text, language, judges=tools.judges)
    return None if said is None else said.score
