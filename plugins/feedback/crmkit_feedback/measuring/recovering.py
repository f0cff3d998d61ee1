"""Who was dissatisfied once and what they said later: the matrix of bands from the first to the last answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from attrs import field, frozen
from sqlalchemy import func, select

from crmkit import CrmSession, texts
from crmkit.engines.statistics.distributions import Estimate, Significance
from crmkit.engines.statistics.intervals import wilson
from crmkit_feedback.answering.models import SurveyResponse
from crmkit_feedback.measuring.comparing import bowker, mcnemar
from crmkit_feedback.measuring.reading import between, scale_of
from crmkit_feedback.surveys.models import Survey

_ = texts("crmkit_feedback")

BANDS = ("bad", "middling", "good")
TITLES = {"bad": _("Dissatisfied"), "middling": _("In between"), "good": _("Satisfied")}


@frozen(kw_only=True)
class Recovery:
    """How many went from which band (row) to which (column), in the order bad, middling, good.

    ``recovered`` is what part of the dissatisfied are not any more, ``won`` what part of them is satisfied. ``test`` is
    McNemar's of dissatisfied or not, ``symmetry`` Bowker's of the whole matrix.
    """

    table: tuple[tuple[int, ...], ...] = field(converter=lambda rows: tuple(tuple(each) for each in rows))
    recovered: Estimate
    won: Estimate
    lost: Estimate
    test: Significance
    symmetry: Significance

    @property
    def n(self) -> int:
        """Return how many customers have answered twice at least."""
        return sum(map(sum, self.table))


def recovery(session: CrmSession, survey: Survey, since: date | None = None, until: date | None = None) -> Recovery:
    """Return the matrix of the customers who have answered a survey more than once on the days of a span."""
    where = [
        SurveyResponse.survey_id == survey.id,
        SurveyResponse.score.is_not(None),
        SurveyResponse.customer_id.is_not(None),
        *between(session, since, until),
    ]
    again = select(SurveyResponse.customer_id).where(*where)
    again = again.group_by(SurveyResponse.customer_id).having(func.count() > 1)
    query = select(SurveyResponse.customer_id, SurveyResponse.score)
    query = query.where(*where, SurveyResponse.customer_id.in_(again))
    query = query.order_by(SurveyResponse.customer_id, SurveyResponse.answered_at, SurveyResponse.id)
    scale = scale_of(session, survey)
    table = [[0] * 3 for _band in BANDS]
    for _customer, rows in groupby(session.execute(query).all(), key=lambda row: row[0]):
        scores = [score for _id, score in rows if score is not None and scale.holds(score)]
        if len(scores) > 1:
            table[BANDS.index(scale.band(scores[0]))][BANDS.index(scale.band(scores[-1]))] += 1
    return recovery_of(table)


def recovery_of(table: Sequence[Sequence[int]]) -> Recovery:
    """Return the shares and tests of a matrix of counts."""
    bad, others = sum(table[0]), sum(table[1]) + sum(table[2])
    better, worse = table[0][1] + table[0][2], table[1][0] + table[2][0]
    return Recovery(
        table=table,
        recovered=wilson(better, bad),
        won=wilson(table[0][2], bad),
        lost=wilson(worse, others),
        test=mcnemar(better, worse),
        symmetry=bowker(table),
    )
