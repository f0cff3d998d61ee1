"""What is said of models and stages when they are laid down. Must not know what becomes of it."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import attrs

from crmkit import UNSET, Input, UnsetType, texts
from crmkit_lifecycle.words import ABOUT, KINDS, LABELS, MARKS, ROLL_UPS

_ = texts("crmkit_lifecycle")

Name = Annotated[
    str,
    Input(title=_("Name"), max_length=60, classified="public", help=_("Small letters, digits and _, such as trial.")),
]
ModelName = Annotated[str, Input(title=_("Model"), max_length=60, classified="public")]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
About = Annotated[Literal["any", "person", "organization"], Input(title=_("About"), choices=ABOUT, classified="public")]
RollUp = Annotated[
    Literal["none", "max", "any", "weighted"], Input(title=_("Roll-up"), choices=ROLL_UPS, classified="public")
]
Relation = Annotated[str, Input(title=_("Of people who are"), max_length=60, classified="public")]
Flag = Annotated[bool, Input(title=_("Usual"), classified="public")]
Active = Annotated[bool, Input(title=_("Active"), classified="public")]
Automatic = Annotated[bool, Input(title=_("Moves by itself"), classified="public")]
Condition = Annotated[
    str, Input(title=_("Condition"), max_length=2000, classified="internal", help=_("Over facts about the customer."))
]
Among = Annotated[
    str, Input(title=_("Who takes part"), max_length=2000, classified="internal", help=_("A condition over facts."))
]
Leave = Annotated[
    str, Input(title=_("Who leaves"), max_length=2000, classified="internal", help=_("A condition over facts."))
]
Again = Annotated[
    str,
    Input(
        title=_("Who begins again"),
        max_length=2000,
        classified="internal",
        help=_("A condition over facts; empty: who meets the criterion of the entry anew."),
    ),
]
AgainDays = Annotated[int, Input(title=_("Days until then"), minimum=0, maximum=3650, classified="internal")]
Kind = Annotated[Literal["entry", "active", "good", "bad"], Input(title=_("Kind"), choices=KINDS, classified="public")]
Position = Annotated[int, Input(title=_("Order"), minimum=0, maximum=10_000, classified="public")]
Enter = Annotated[
    str, Input(title=_("To enter"), max_length=2000, classified="internal", help=_("A condition over facts."))
]
Exit = Annotated[
    str, Input(title=_("To leave"), max_length=2000, classified="internal", help=_("A condition over facts."))
]
Moves = Annotated[
    tuple[str, ...],
    Input(title=_("May go to"), max_length=50, classified="public", help=_("Names of stages; none: the next one.")),
]
Role = Annotated[str, Input(title=_("Whose work it is"), max_length=60, classified="public")]
Limit = Annotated[
    int,
    Input(title=_("At most here (minutes of working time)"), minimum=1, maximum=5_000_000, classified="public"),
]
TeamId = Annotated[UUID, Input(title=_("Handed to"), resource="team", classified="public")]
Accept = Annotated[
    int,
    Input(title=_("To be accepted within (minutes of working time)"), minimum=1, maximum=129_600, classified="public"),
]
DeclinedTo = Annotated[str, Input(title=_("If declined, to"), max_length=60, classified="public")]
Label = Annotated[
    Literal["potential", "new", "mature", "lost"],
    Input(title=_("Label of the lifecycle"), choices=LABELS, classified="public"),
]
Mark = Annotated[
    Literal["none", "mql", "sql", "customer"], Input(title=_("Stands for"), choices=MARKS, classified="public")
]
Weight = Annotated[int, Input(title=_("Weight"), minimum=0, maximum=1000, classified="public")]


@attrs.frozen(kw_only=True)
class ModelUpdate:
    """What to change of a model; what is not given stays."""

    title: Title | UnsetType = UNSET
    active: Active | UnsetType = UNSET
    usual: Flag | UnsetType = UNSET
    automatic: Automatic | UnsetType = UNSET
    roll_up: RollUp | UnsetType = UNSET
    roll_up_kind: Relation | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class VersionUpdate:
    """What to change of a draft; what is not given stays."""

    among: Among | UnsetType = UNSET
    leave: Leave | UnsetType = UNSET
    again: Again | UnsetType = UNSET
    again_days: AgainDays | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class NewStage:
    """A stage to be added to the draft of a model, after the others unless its place is said."""

    model: ModelName
    name: Name
    title: Title
    kind: Kind = "active"
    position: Position | None = None
    enter: Enter = ""
    leave: Exit = ""
    moves: Moves = ()
    owner_role: Role = ""
    limit_minutes: Limit | None = None
    hand_to_team_id: TeamId | None = None
    accept_minutes: Accept = 480
    declined_to: DeclinedTo = ""
    label: Label = "potential"
    mark: Mark = "none"
    weight: Weight = 1


@attrs.frozen(kw_only=True)
class StageUpdate:
    """What to change of a stage of a draft; what is not given stays."""

    name: Name | UnsetType = UNSET
    title: Title | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    enter: Enter | UnsetType = UNSET
    leave: Exit | UnsetType = UNSET
    moves: Moves | UnsetType = UNSET
    owner_role: Role | UnsetType = UNSET
    limit_minutes: Limit | UnsetType | None = UNSET
    hand_to_team_id: TeamId | UnsetType | None = UNSET
    accept_minutes: Accept | UnsetType = UNSET
    declined_to: DeclinedTo | UnsetType = UNSET
    label: Label | UnsetType = UNSET
    mark: Mark | UnsetType = UNSET
    weight: Weight | UnsetType = UNSET
