"""What service levels have, for the hook module."""

from __future__ import annotations

from crmkit import PersonalData, Resource, texts
from crmkit_service.sla import (
    calling,
    events,
    facts,
    firing,
    following,
    models,
    pages,
    policies,
    recomputing,
    standard,
    ticking,
)

_ = texts("crmkit_service")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="service.sla_policy",
        model=models.Policy,
        title=_("Policy of service levels"),
        plural=_("Policies of service levels"),
        columns=["title", "kind", "level", "position", "condition", "calendar", "ladder_id", "active"],
        search=["title", "name"],
        sort="position",
        icon="clock",
        menu=False,
    ),
    Resource(
        name="service.sla_ladder",
        model=models.Ladder,
        title=_("Escalation ladder of cases"),
        plural=_("Escalation ladders of cases"),
        columns=["title", "name", "steps", "active"],
        search=["title", "name"],
        sort="name",
        icon="trending-up",
        menu=False,
    ),
    Resource(
        name="service.clock",
        model=models.Clock,
        title=_("Clock of a case"),
        plural=_("Clocks of cases"),
        columns=["case_id", "clock", "state", "due_at", "started_at", "ended_at", "breached_at", "policy_id"],
        sort="due_at",
        icon="clock",
        menu=False,
    ),
    Resource(
        name="service.escalation",
        model=models.Escalation,
        title=_("Escalation of a case"),
        plural=_("Escalations of cases"),
        columns=["case_id", "clock", "ladder", "step", "turn", "whom", "planned_at", "fired_at", "late_seconds"],
        sort="-fired_at",
        icon="alert-triangle",
        menu=False,
    ),
    Resource(
        name="service.rota",
        model=models.Rota,
        title=_("Rota"),
        plural=_("Rotas"),
        columns=["title", "name"],
        search=["title", "name"],
        sort="name",
        icon="phone-call",
        menu=False,
    ),
    Resource(
        name="service.rota_shift",
        model=models.RotaShift,
        title=_("Turn on call"),
        plural=_("Turns on call"),
        columns=["rota_id", "user_id", "starts_at", "ends_at"],
        sort="starts_at",
        icon="phone-call",
        menu=False,
    ),
]
OPERATIONS = [
    *policies.OPERATIONS,
    *calling.OPERATIONS,
    *following.OPERATIONS,
    *recomputing.OPERATIONS,
    *firing.OPERATIONS,
    *ticking.OPERATIONS,
]
EVENTS = events.EVENTS
SUBSCRIPTIONS = following.SUBSCRIPTIONS
JOBS = [*following.JOBS, *recomputing.JOBS, *ticking.JOBS]
CHECKS = ticking.CHECKS
FACTS = facts.FACTS
PAGES = pages.PAGES
_PURPOSE = _("Keeping what was promised to the customer")
PERSONAL_DATA = [
    PersonalData(table=models.Policy.__tablename__, purpose=_PURPOSE),
    PersonalData(table=models.Clock.__tablename__, purpose=_PURPOSE),
    PersonalData(table=models.Escalation.__tablename__, purpose=_PURPOSE),
]
plugin_enabled = standard.plugin_enabled
