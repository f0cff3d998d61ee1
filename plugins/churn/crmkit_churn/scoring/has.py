"""What scoring has, for the hook module."""

from __future__ import annotations

from crmkit import Job, PersonalData, Resource, Subscription, texts
from crmkit_churn.scoring import departing, dimensions, drifting, events, explaining, facts, models, running

_ = texts("crmkit_churn")

MODELS = models.MODELS
EVENTS = events.EVENTS
FACTS = facts.FACTS
DIMENSIONS = dimensions.DIMENSIONS
OPERATIONS = [*running.OPERATIONS, *departing.OPERATIONS]
CHECKS = drifting.CHECKS
customer_panels = explaining.customer_panels
RESOURCES = [
    Resource(
        name="churn.score",
        model=models.ChurnScore,
        title=_("Risk of leaving"),
        plural=_("Risks of leaving"),
        columns=["customer_id", "probability", "as_of", "horizon_days"],
        sort="-probability",
        icon="activity",
        menu=False,
    ),
    Resource(
        name="churn.pass",
        model=models.ChurnPass,
        title=_("Pass over all customers"),
        plural=_("Passes over all customers"),
        columns=["as_of", "scored", "written", "expected", "standing", "worst"],
        sort="-as_of",
        icon="history",
        menu=False,
    ),
    Resource(
        name="churn.departure",
        model=models.Departure,
        title=_("Departure"),
        plural=_("Departures"),
        columns=["customer_id", "since", "reason", "returned_on", "definition"],
        sort="-since",
        icon="logout",
        menu=False,
    ),
]
PERSONAL_DATA = [
    PersonalData(
        table=models.ChurnScore.__tablename__,
        columns=["probability", "reasons"],
        purpose=_("Noticing in time that a customer may leave"),
        derived=True,
        on_merge="keep_winner",
    ),
    PersonalData(
        table=models.Departure.__tablename__,
        columns=["since", "reason", "rival", "said", "returned_on"],
        purpose=_("Learning why customers leave"),
    ),
]
SUBSCRIPTIONS = [
    Subscription(
        name="churn.score_adopted",
        event="analytics.model.adopted",
        handler=running.adopted_anew,
        wanted=lambda session, event: event.model == running.RISK,
    ),
    Subscription(name="churn.learn_anew", event="churn.drift.found", handler=drifting.learn_anew),
]
JOBS = [
    Job(
        name=running.JOB,
        title=_("Score all customers"),
        handler=running.score_all,
        acts_as="system",
        apart=True,
        attempts=3,
        lease=900,
    ),
    Job(
        name=running.NIGHT,
        title=_("Score all customers of the night"),
        handler=running.score_all,
        cron="10 3 * * *",
        catch_up="latest",
        acts_as="system",
        apart=True,
        attempts=3,
        lease=900,
    ),
    Job(
        name=running.LOOK,
        title=_("Note who has left"),
        handler=running.look,
        cron="0 3 * * *",
        catch_up="latest",
        acts_as="system",
        apart=True,
        attempts=3,
        lease=900,
    ),
]
