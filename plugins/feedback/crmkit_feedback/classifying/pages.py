"""The page of themes: the tree with how much is about each, the words, and what was learnt from corrections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmSession, Page, texts
from crmkit_feedback.classifying.labelling import labels_of
from crmkit_feedback.classifying.learning import kappa
from crmkit_feedback.classifying.matching import Matcher
from crmkit_feedback.classifying.models import FeedbackTheme, Theme, ThemeModel
from crmkit_feedback.items.models import Feedback

_ = texts("crmkit_feedback")

HOME = "/modules/feedback/themes"
COMPARED = 2000


def themes_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the tree of themes with counts, the models that were learnt, and how far machine and people agree."""
    themes = session.scalars(select(Theme).order_by(Theme.title)).all()
    counted = (
        select(FeedbackTheme.theme_id, func.count(), func.avg(FeedbackTheme.sentiment_score))
        .where(FeedbackTheme.state == "on")
        .group_by(FeedbackTheme.theme_id)
    )
    rights = session.guarding.rights
    return {
        "rows": list(_tree(themes, None, 0)),
        "counts": {
            row[0]: (int(row[1]), None if row[2] is None else round(float(row[2]))) for row in session.execute(counted)
        },
        "models": session.scalars(select(ThemeModel).order_by(ThemeModel.number.desc()).limit(10)).all(),
        "agreement": _agreement(session, themes),
        "labelled": session.scalar(
            select(func.count(FeedbackTheme.feedback_id.distinct())).where(FeedbackTheme.way == "person")
        ),
        "may_manage": rights.unrestricted or rights.scope("feedback.theme", "manage") != "none",
        "may_learn": rights.unrestricted or rights.scope("feedback.model", "learn") != "none",
        "home": HOME,
    }


def _tree(themes: Sequence[Theme], parent: UUID | None, depth: int) -> Iterator[tuple[Theme, int]]:
    for each in themes:
        if each.parent_id == parent:
            yield each, depth
            yield from _tree(themes, each.id, depth + 1)


def _agreement(session: CrmSession, themes: Sequence[Theme]) -> tuple[float, float, float] | None:
    """Return Cohen's kappa between what the words say and what people said, over the themes that people judged."""
    query = (
        select(Feedback)
        .where(Feedback.id.in_(select(FeedbackTheme.feedback_id).where(FeedbackTheme.way == "person")))
        .order_by(Feedback.received_at.desc(), Feedback.id)
        .limit(COMPARED)
    )
    items = session.scalars(query).all()
    names = {each.id: each.name for each in themes}
    matcher = Matcher({each.name: each.words for each in themes})
    rows = labels_of(session, [each.id for each in items])
    pairs: list[tuple[bool, bool]] = []
    for item in items:
        told = matcher.themes(item.verbatim) if isinstance(item.verbatim, str) else {}
        pairs += [
            (names[row.theme_id] in told, row.state == "on")
            for row in rows.get(item.id, ())
            if row.way == "person" and row.theme_id in names
        ]
    return kappa(pairs)


PAGES = [
    Page(
        name="feedback.themes",
        title=_("Themes"),
        path="/themes",
        template="feedback/classifying/themes.html",
        context=themes_page,
        permission="feedback.theme.read",
        icon="tags",
        order=74,
    )
]
