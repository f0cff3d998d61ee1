"""What is done when customers are no longer like those who taught: a model is learnt anew, those who may adopt it are
told, and the doctor says so.

The new model counts once somebody adopts it; until then the former one does. Must not compute shifts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crmkit_analytics.api import adopted, request_run
from crmkit_work.api import NewNotice, notify
from sqlalchemy import select

from crmkit import Actor, Check, CrmSession, Finding, User, texts
from crmkit_churn.scoring.models import ChurnPass
from crmkit_churn.scoring.running import RISK

_ = texts("crmkit_churn")

ADOPT = "analytics.model_run.adopt"
MOST_USERS = 1000
"""Of more users nobody is asked: rights are resolved one by one."""


def learn_anew(session: CrmSession, event: Any) -> None:
    """Have the model that counts learnt anew as it was asked for, on what is known now, and tell who may adopt it."""
    run = adopted(session, RISK)
    if run is None:
        return
    request_run(session, RISK, dict(run.asked))
    notify(
        session,
        deciders(session),
        NewNotice(
            kind="churn.drift",
            title=_("Customers are no longer like those whom the model of churn has learnt from: it is learnt anew"),
            path="/modules/churn/model",
        ),
    )


def deciders(session: CrmSession) -> list[UUID]:
    """Return the active users who may adopt a model."""
    users = session.scalars(select(User.id).where(User.active).order_by(User.id).limit(MOST_USERS)).all()
    return [each for each in users if session.crm.explain(Actor.user(each), ADOPT).allowed]


def check_fit(session: CrmSession) -> Sequence[Finding]:
    """Say whether the model that counts still fits."""
    last = session.scalars(select(ChurnPass).order_by(ChurnPass.as_of.desc()).limit(1)).first()
    if last is None or last.standing == "stable":
        return []
    worst = ", ".join(
        f"{name or 'score'} {value:.2f}" for name, value in sorted(last.drift.items(), key=lambda pair: -pair[1])[:3]
    )
    return [
        Finding(
            level="warning" if last.standing == "act" else "info",
            code="CHU202",
            message=_("Customers are no longer like those whom the model of churn has learnt from: {worst}."),
            hint=_("Look at the page Model of leaving, and adopt a model that was learnt anew."),
            values={"worst": worst},
        )
    ]


CHECKS = [Check(name="churn.fit", title=_("The model of churn still fits"), run=check_fit)]
