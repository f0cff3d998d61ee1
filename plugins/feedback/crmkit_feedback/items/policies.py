"""The policies of the loop, as data: within how many working hours which feedback is seen to, and by whom.

Must not know how a policy is chosen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from crmkit_work.api import Queue
from sqlalchemy import select

from crmkit import UNSET, Conflict, CrmSession, Input, UnsetType, customers_where, operation, texts
from crmkit.i18n import translate
from crmkit_feedback.classifying.models import Theme
from crmkit_feedback.items import inputs
from crmkit_feedback.items.history import problem
from crmkit_feedback.items.looping import HOURS
from crmkit_feedback.items.models import LoopPolicy

if TYPE_CHECKING:
    from crmkit import CRM

_ = texts("crmkit_feedback")

MANAGE = "feedback.loop_policy.manage"

Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Position = Annotated[
    int,
    Input(title=_("Position"), minimum=0, maximum=10_000, classified="public", help=_("The first that fits holds.")),
]
Active = Annotated[bool, Input(title=_("Active"), classified="public")]
Touchpoints = Annotated[tuple[str, ...], Input(title=_("Touchpoints"), max_length=50, classified="public")]
ThemeName = Annotated[
    str, Input(title=_("Theme"), max_length=60, classified="public", help=_("By its name; of any theme without it."))
]
Condition = Annotated[
    str,
    Input(
        title=_("Which customers"),
        max_length=1000,
        classified="internal",
        help=_("A condition over facts, such as segment.vip or value.clv > 1000."),
    ),
]
Hours = Annotated[
    int,
    Input(
        title=_("Working hours"),
        minimum=1,
        maximum=2000,
        classified="public",
        help=_("Within which the customer is contacted; without them nobody has to."),
    ),
]
QueueName = Annotated[str, Input(title=_("Queue"), max_length=60, classified="public", help=_("By its name."))]


@operation("feedback.loop_policy.create", title=_("Add a policy"), permission=MANAGE, effect="create")
def create_policy(
    session: CrmSession,
    *,
    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="public")],
    title: Title,
    position: Position = 100,
    active: Active = True,
    bands: inputs.Bands = (),
    sources: inputs.Sources = (),
    touchpoints: Touchpoints = (),
    theme: ThemeName = "",
    condition: Condition = "",
    hours: Hours | None = None,
    queue: QueueName = "",
    team_id: inputs.TeamId | None = None,
) -> LoopPolicy:
    """Add a policy of the loop. Raises Conflict for a name that there is, InvalidInput for a queue, theme or condition
    that cannot be used."""
    if session.scalar(select(LoopPolicy.id).where(LoopPolicy.name == name)) is not None:
        raise Conflict(_('There is a policy "{name}" already.'), name=name)
    policy = LoopPolicy(
        name=name,
        title=title,
        position=position,
        active=active,
        bands=list(bands),
        sources=list(sources),
        touchpoints=list(touchpoints),
        theme=theme or None,
        condition=condition.strip() or None,
        hours=hours,
        queue=queue or None,
        team_id=team_id,
    )
    _check(session, policy)
    session.add(policy)
    session.flush()
    return policy


@operation("feedback.loop_policy.update", title=_("Change the policy"), permission=MANAGE, effect="update")
def update_policy(
    session: CrmSession,
    policy: LoopPolicy,
    *,
    title: Title | UnsetType = UNSET,
    position: Position | UnsetType = UNSET,
    active: Active | UnsetType = UNSET,
    bands: inputs.Bands | UnsetType = UNSET,
    sources: inputs.Sources | UnsetType = UNSET,
    touchpoints: Touchpoints | UnsetType = UNSET,
    theme: ThemeName | UnsetType | None = UNSET,
    condition: Condition | UnsetType | None = UNSET,
    hours: Hours | UnsetType | None = UNSET,
    queue: QueueName | UnsetType | None = UNSET,
    team_id: inputs.TeamId | UnsetType | None = UNSET,
) -> LoopPolicy:
    """Change a policy; what is not given stays, and deadlines that were laid down stay as they are. Raises
    InvalidInput for a queue, theme or condition that cannot be used."""
    given: dict[str, Any] = {
        "title": title,
        "position": position,
        "active": active,
        "bands": bands,
        "sources": sources,
        "touchpoints": touchpoints,
        "theme": theme,
        "condition": condition,
        "hours": hours,
        "queue": queue,
        "team_id": team_id,
    }
    for field, value in given.items():
        if not isinstance(value, UnsetType):
            setattr(policy, field, list(value) if isinstance(value, tuple) else None if value == "" else value)
    _check(session, policy)
    return policy


@operation("feedback.loop_policy.delete", title=_("Delete the policy"), permission=MANAGE, effect="delete")
def delete_policy(session: CrmSession, policy: LoopPolicy) -> None:
    """Delete a policy; what it laid down stays."""
    session.delete(policy)


def _check(session: CrmSession, policy: LoopPolicy) -> None:
    if policy.queue and session.scalar(select(Queue.id).where(Queue.name == policy.queue)) is None:
        raise problem("queue", _('There is no queue "{name}".'), name=policy.queue)
    if policy.theme and session.scalar(select(Theme.id).where(Theme.name == policy.theme)) is None:
        raise problem("theme", _('There is no theme "{name}".'), name=policy.theme)
    if policy.condition:
        # Raises for what is no condition, naming the place.
        customers_where(session, policy.condition)


def plugin_enabled(crm: CRM) -> None:
    """Add the first policy, by which bad scores are seen to within 48 working hours, where there is none."""
    with crm.transaction(crm.system("the first policy for bad scores")) as session:
        if session.scalar(select(LoopPolicy.id).limit(1)) is None:
            title = translate(_("Bad scores"), crm.config.get(session).language)
            given = {"name": "bad_scores", "title": title, "bands": ("bad",), "hours": HOURS, "position": 1000}
            session.run("feedback.loop_policy.create", given)


OPERATIONS = [create_policy, update_policy, delete_policy]
