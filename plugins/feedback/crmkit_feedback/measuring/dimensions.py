"""The dimension of satisfaction, by the last answer of each customer who has ever given one."""

from __future__ import annotations

from crmkit import Dimension, DimensionLabel, texts

_ = texts("crmkit_feedback")

DIMENSIONS = [
    Dimension(
        name="feedback.satisfaction",
        title=_("Satisfaction"),
        doc=_("By the last answer to a survey: 0 to 6, 7 to 8 and 9 to 10 of NPS, and the like of CSAT and CES."),
        among="feedback.answers > 0",
        labels=[
            DimensionLabel(name="detractor", title=_("Dissatisfied"), when='feedback.band == "bad"'),
            DimensionLabel(name="passive", title=_("In between"), when='feedback.band == "middling"'),
            DimensionLabel(name="promoter", title=_("Satisfied"), when='feedback.band == "good"'),
        ],
    )
]
