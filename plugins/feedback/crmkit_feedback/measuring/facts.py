"""What customers answered last, as facts, as of any day. Must not use mapped classes in a select: facts are not the
reader's."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Integer, Select, and_, case, cast as sql_cast, func, or_, select

from crmkit import Fact, FactQuery, FactSet, texts
from crmkit_feedback.answering.models import SurveyResponse
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")

_RESPONSE = cast(Any, SurveyResponse).__table__
_SURVEY = cast(Any, Survey).__table__
# The metric by the score's limits: lowest, highest, from which score on it is middling, and good.
_LIMITS = {"nps": (0, 10, 7, 9), "csat": (1, 5, 3, 4), "ces": (1, 7, 4, 5)}


def _known(query: FactQuery) -> Any:
    column = _RESPONSE.c
    known = and_(column.answered_at <= query.as_of, column.score.is_not(None), query.within(column.customer_id))
    return known if query.present else and_(known, column.created_at <= query.known_at)


def _answers(query: FactQuery) -> Any:
    """Return the answers that were known, each with its measure and its place from the last one."""
    column = _RESPONSE.c
    metric = func.coalesce(_SURVEY.c.metric, "nps")
    latest = (column.answered_at.desc(), column.id.desc())
    on_scale = or_(*(and_(metric == name, column.score.between(each[0], each[1])) for name, each in _LIMITS.items()))
    return (
        select(
            column.customer_id,
            column.score,
            column.answered_at,
            metric.label("metric"),
            func.row_number().over(partition_by=column.customer_id, order_by=latest).label("place"),
            func.row_number().over(partition_by=(column.customer_id, metric), order_by=latest).label("own"),
        )
        .select_from(_RESPONSE.join(_SURVEY, _SURVEY.c.id == column.survey_id))
        .where(column.customer_id.is_not(None), on_scale, _known(query))
        .subquery("feedback_answers")
    )


def select_scores(query: FactQuery) -> Select[Any]:
    """Return what each customer had answered last by ``as_of``, as known at ``known_at``."""
    found = _answers(query)
    last = found.c.place == 1

    def of(metric: str) -> Any:
        return func.max(case((and_(found.c.own == 1, found.c.metric == metric), found.c.score)))

    percent = case(
        *(
            (found.c.metric == name, sql_cast((found.c.score - low) * 100 / (high - low), Integer))
            for name, (low, high, _middling, _good) in _LIMITS.items()
        )
    )
    bands = case(
        *(
            (
                found.c.metric == name,
                case((found.c.score >= good, "good"), (found.c.score >= middling, "middling"), else_="bad"),
            )
            for name, (_low, _high, middling, good) in _LIMITS.items()
        )
    )
    return select(
        found.c.customer_id,
        func.max(case((last, found.c.score))).label("score"),
        of("nps").label("nps"),
        of("csat").label("csat"),
        of("ces").label("ces"),
        func.count().label("answers"),
        func.max(found.c.answered_at).label("last_answered_at"),
        func.max(case((last, percent))).label("satisfaction"),
        func.max(case((last, bands))).label("band"),
    ).group_by(found.c.customer_id)


def touched(query: FactQuery, since: FactQuery) -> Select[Any]:
    """Return the customers of whose answers anything was written or came about between two moments."""
    column = _RESPONSE.c
    later = or_(
        column.created_at > since.known_at, column.updated_at > since.known_at, column.answered_at > since.as_of
    )
    return select(column.customer_id).where(later, column.customer_id.is_not(None)).distinct()


FACTS = [
    FactSet(
        name="feedback",
        doc=_("What the customer answered last to surveys"),
        select=select_scores,
        touched=touched,
        columns=[
            Fact(name="score", type=int | None, doc=_("The last score, of whatever survey")),
            Fact(name="nps", type=int | None, doc=_("How likely the customer would recommend us, 0 to 10, last")),
            Fact(name="csat", type=int | None, doc=_("How satisfied the customer was, 1 to 5, last")),
            Fact(name="ces", type=int | None, doc=_("How easy it was for the customer, 1 to 7, last")),
            Fact(name="answers", type=int, default=0, doc=_("How many surveys the customer has answered with a score")),
            Fact(name="last_answered_at", type=datetime | None, doc=_("When the customer answered last")),
            Fact(name="satisfaction", type=int | None, doc=_("The last score from 0 (worst) to 100 (best)")),
            Fact(
                name="band",
                type=str | None,
                options=("bad", "middling", "good"),
                doc=_("The band of the last score: detractor, passive or promoter of NPS, and the like"),
            ),
        ],
    )
]
