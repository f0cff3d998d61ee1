"""What lifetime values have, for the hook module."""

from __future__ import annotations

from crmkit_analytics.api import ModelAdopted

from crmkit import CrmSession, Job, PersonalData, Subscription, texts
from crmkit_value.lifetimes import facts, models, scoring

_ = texts("crmkit_value")

MODELS = models.MODELS
OPERATIONS = scoring.OPERATIONS
FACTS = facts.FACTS
JOBS = [
    Job(
        name=scoring.SCORE,
        title=_("Score lifetime values"),
        handler=scoring.score_job,
        acts_as="system",
        lease=600,
    ),
    Job(
        name="value.score_nightly",
        title=_("Score lifetime values of the night"),
        handler=scoring.score_nightly,
        cron="20 3 * * *",
        catch_up="latest",
        acts_as="system",
        lease=300,
    ),
]
PERSONAL_DATA = [
    PersonalData(
        table=models.LifetimeScore.__tablename__,
        purpose=_("Knowing what a customer is worth"),
        on_merge="keep_winner",
        derived=True,
    )
]


def score_when_adopted(session: CrmSession, event: ModelAdopted) -> None:
    """Have customers scored by a model that was adopted."""
    if event.model.startswith("value.") and scoring.counting(session) is not None:
        session.run("value.score.refresh")


SUBSCRIPTIONS = [
    Subscription(
        name="value.score_when_adopted",
        event="analytics.model.adopted",
        handler=score_when_adopted,
    )
]
