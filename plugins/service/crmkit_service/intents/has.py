"""What this room has, for the hook module."""

from __future__ import annotations

from crmkit import Job, PersonalData, Resource, Subscription, texts
from crmkit_service.intents import models, operations, panels, training

_ = texts("crmkit_service")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="service.intent",
        model=models.Intent,
        title=_("Intent"),
        plural=_("Intents"),
        columns=["name", "title", "queue_id", "active"],
        search=["name", "title"],
        sort="title",
        icon="bulb",
        menu=False,
    ),
    Resource(
        name="service.intent_model",
        model=models.IntentModel,
        title=_("Model of intents"),
        plural=_("Models of intents"),
        columns=[
            "number",
            "state",
            "source",
            "examples",
            "intents",
            "accuracy",
            "top3",
            "calibration_error",
            "learnt_at",
        ],
        sort="-number",
        icon="binary-tree",
        menu=False,
        panels=panels.panels,
    ),
]
OPERATIONS = operations.OPERATIONS
PERSONAL_DATA = [
    PersonalData(
        table=models.IntentSuggestion.__tablename__,
        columns=["because"],
        purpose=_("Suggesting what a case is about"),
        derived=True,
    )
]
SUBSCRIPTIONS = [
    Subscription(
        name="service.suggest_intent",
        event="service.case.opened",
        handler=training.opened,
        wanted=training.wanted,
    )
]
JOBS = [
    Job(
        name=operations.TRAIN,
        title=_("Learn intents from cases"),
        handler=training.train,
        acts_as="system",
        apart=True,
        attempts=2,
        lease=600,
    ),
    Job(
        name="service.train_intents_monthly",
        title=_("Learn intents anew"),
        handler=training.train_monthly,
        cron="20 2 2 * *",
        catch_up="latest",
        acts_as="system",
        apart=True,
        attempts=2,
        lease=600,
    ),
]
