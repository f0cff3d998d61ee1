"""What grades have, for the hook module."""

from __future__ import annotations

from crmkit import ByValue, Dimension, DimensionLabel, Job, PersonalData, texts
from crmkit_value.grades import computing, facts, models
from crmkit_value.grades.grading import GRADES

_ = texts("crmkit_value")

MODELS = models.MODELS
OPERATIONS = computing.OPERATIONS
FACTS = facts.FACTS
JOBS = [
    Job(
        name="value.grade_weekly",
        title=_("Grade customers once a week"),
        handler=computing.compute_job,
        cron="30 4 * * 1",
        catch_up="latest",
        acts_as="system",
        lease=1800,
    ),
    Job(
        name=computing.COMPUTE,
        title=_("Grade customers"),
        handler=computing.compute_job,
        acts_as="system",
        lease=1800,
    ),
]
PERSONAL_DATA = [
    PersonalData(
        table=models.Grade.__tablename__,
        purpose=_("Knowing what a customer is worth"),
        on_merge="keep_winner",
        derived=True,
    )
]
DIMENSIONS = [
    Dimension(
        name="value_grade",
        title=_("Value grade"),
        labels=[DimensionLabel(name=name, title=name) for name in reversed(GRADES)],
        decider=ByValue(value="value.grade"),
        among="purchase.count > 0",
        doc=_("By what customers are worth, as the policy of value grades them."),
    )
]
