"""Laying down what leaving means, and changing it: each change is a new version, which runs pin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import attrs
from sqlalchemy import select

from crmkit import UNSET, CrmSession, Input, InvalidInput, Problem, UnsetType, given, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_churn.defining.models import ChurnDefinition
from crmkit_churn.defining.outcomes import check_definition
from crmkit_churn.defining.values import definition_in
from crmkit_churn.defining.words import KINDS

_ = texts("crmkit_churn")

MANAGE = "churn.definition.manage"
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
KindName = Annotated[
    Literal["gap", "alive", "contractual", "partial", "expression"],
    Input(title=_("Kind"), choices=KINDS, classified="internal"),
]
Expression = Annotated[
    str,
    Input(title=_("Outcome"), max_length=2000, classified="internal", help=_("A condition, a day or a figure.")),
]
Cancelled = Annotated[
    str, Input(title=_("Cancelled"), max_length=2000, classified="internal", help=_("A condition over facts."))
]
Among = Annotated[
    str, Input(title=_("Customers"), max_length=2000, classified="internal", help=_("A condition over facts."))
]
Grace = Annotated[int, Input(title=_("Days of grace"), minimum=0, maximum=3650, classified="internal")]
Percent = Annotated[int, Input(title=_("Percent"), minimum=1, maximum=100, classified="internal")]
Window = Annotated[int, Input(title=_("Days"), minimum=1, maximum=3650, classified="internal")]
Features = Annotated[
    tuple[str, ...],
    Input(
        title=_("Features"),
        max_length=200,
        classified="internal",
        help=_("Facts or expressions; @90d takes what was added in 90 days."),
    ),
]
Delays = Annotated[
    Mapping[str, int],
    Input(
        title=_("Delays"),
        classified="internal",
        help=_("After how many days a source's imported history was known, by the name of its facts."),
    ),
]
Points = Annotated[Mapping[str, int], Input(title=_("Points"), classified="internal", help=_("By feature."))]
Undated = Annotated[bool, Input(title=_("Facts without history count"), classified="internal")]


@attrs.frozen(kw_only=True)
class NewDefinition:
    """What leaving means, under a name of its own."""

    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="internal")]
    title: Title
    kind: KindName
    outcome: Expression = ""
    cancelled: Cancelled = ""
    grace_days: Grace = 0
    gap_percent: Percent = 95
    least_gap_days: Window = 30
    least_alive: Percent = 50
    drop_percent: Percent = 50
    among: Among = "true"
    observation_days: Window = 90
    horizon_days: Window = 90
    features: Features = ()
    delays: Delays = attrs.field(factory=dict[str, int])
    points: Points = attrs.field(factory=dict[str, int])
    undated: Undated = False


@attrs.frozen(kw_only=True)
class DefinitionUpdate:
    """What to change; what is not given stays."""

    title: Title | UnsetType = UNSET
    kind: KindName | UnsetType = UNSET
    outcome: Expression | UnsetType = UNSET
    cancelled: Cancelled | UnsetType = UNSET
    grace_days: Grace | UnsetType = UNSET
    gap_percent: Percent | UnsetType = UNSET
    least_gap_days: Window | UnsetType = UNSET
    least_alive: Percent | UnsetType = UNSET
    drop_percent: Percent | UnsetType = UNSET
    among: Among | UnsetType = UNSET
    observation_days: Window | UnsetType = UNSET
    horizon_days: Window | UnsetType = UNSET
    features: Features | UnsetType = UNSET
    delays: Delays | UnsetType = UNSET
    points: Points | UnsetType = UNSET
    undated: Undated | UnsetType = UNSET


@operation("churn.definition.create", title=_("Say what leaving means"), permission=MANAGE, effect="create")
def create_definition(session: CrmSession, new: NewDefinition) -> ChurnDefinition:
    """Lay down what leaving means. The first one is the usual one, by which customers are looked at every night.

    Raises AlreadyExists, InvalidInput and ExpressionError for what cannot be used.
    """
    if not new.name.strip() or not new.title.strip():
        raise InvalidInput([Problem(InvalidInput.code, _("This cannot be empty."), field="name")])
    if session.scalar(select(ChurnDefinition.id).where(ChurnDefinition.name == new.name.strip())) is not None:
        raise AlreadyExists(_('There is a definition "{name}" already.'), name=new.name)
    values = {each.name: getattr(new, each.name) for each in attrs.fields(NewDefinition)}
    values.update(features=list(new.features), delays=dict(new.delays), points=dict(new.points), number=1)
    first = session.scalar(select(ChurnDefinition.id).limit(1)) is None
    row = ChurnDefinition(**{**values, "name": new.name.strip(), "usual": first})
    check_definition(session, definition_in(row))
    session.add(row)
    return row


@operation("churn.definition.update", title=_("Change what leaving means"), permission=MANAGE, effect="update")
def update_definition(session: CrmSession, definition: ChurnDefinition, changes: DefinitionUpdate) -> ChurnDefinition:
    """Change a definition, as a new version; models that were learnt keep the one that they were learnt by.

    Raises InvalidInput and ExpressionError for what cannot be used.
    """
    for name, value in given(changes).items():
        setattr(definition, name, list(value) if name == "features" else dict(value) if name in _MAPS else value)
    check_definition(session, definition_in(definition))
    definition.number += 1
    return definition


@operation("churn.definition.use", title=_("Make it the usual one"), permission=MANAGE, effect="update")
def use_definition(session: CrmSession, definition: ChurnDefinition) -> ChurnDefinition:
    """Have customers looked at by this definition every night."""
    for each in session.scalars(select(ChurnDefinition).where(ChurnDefinition.usual)):
        each.usual = False
    definition.usual = True
    return definition


def usual_definition(session: CrmSession) -> ChurnDefinition | None:
    """Return the definition by which customers are looked at every night, if there is one."""
    return session.scalars(select(ChurnDefinition).where(ChurnDefinition.usual).limit(1)).first()


_MAPS = ("delays", "points")
OPERATIONS = [create_definition, update_definition, use_definition]
