"""What can be done with score models: adding, drafting, changing a draft, publishing, choosing the usual one."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import attrs
from sqlalchemy import func, select

from crmkit import UNSET, CrmSession, Input, InvalidInput, Problem, UnsetType, given, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_sales.scoring.criteria import (
    BehaviourInput,
    FitInput,
    check,
    definition_of,
    kept_behaviour,
    kept_fit,
)
from crmkit_sales.scoring.errors import VersionRefused
from crmkit_sales.scoring.models import ScoreModel, ScoreVersion
from crmkit_sales.scoring.running import ALL

_ = texts("crmkit_sales")

MANAGE = "sales.score_model.manage"
POTENTIAL = 'customer.standing == "potential"'

Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
Among = Annotated[
    str,
    Input(title=_("Who is scored"), max_length=2000, classified="internal", help=_("A condition over facts.")),
]
FitList = Annotated[tuple[FitInput, ...], Input(title=_("Fit"), max_length=100, classified="internal")]
BehaviourList = Annotated[
    tuple[BehaviourInput, ...], Input(title=_("Behaviour"), max_length=100, classified="internal")
]
Points = Annotated[Decimal, Input(title=_("Points"), classified="internal")]


@attrs.frozen(kw_only=True)
class NewScoreModel:
    """A model with its first draft. Without ``margin`` whoever is warm or hot stays so until five points below."""

    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="internal")]
    title: Title
    among: Among = POTENTIAL
    fit: FitList = ()
    behaviour: BehaviourList = ()
    warm: Annotated[Decimal, Input(title=_("Warm from"), classified="internal")] = Decimal(20)
    hot: Annotated[Decimal, Input(title=_("Hot from"), classified="internal")] = Decimal(50)
    margin: Annotated[Decimal, Input(title=_("Margin"), classified="internal")] = Decimal(5)


@operation("sales.score_model.create", title=_("Add a score model"), permission=MANAGE, effect="create")
def create_model(session: CrmSession, new: NewScoreModel) -> ScoreModel:
    """Add a model with a draft; it scores nobody before it is published, and the first one becomes the usual one.

    Raises AlreadyExists for a name that is taken, InvalidInput for what cannot be computed.
    """
    name = new.name.strip()
    if not name:
        raise InvalidInput([Problem(InvalidInput.code, _("This cannot be empty."), field="name")])
    if session.scalar(select(ScoreModel.id).where(ScoreModel.name == name)) is not None:
        raise AlreadyExists(_('There is a score model "{name}" already.'), name=name)
    first = session.scalar(select(ScoreModel.id).where(ScoreModel.usual)) is None
    model = ScoreModel(name=name, title=new.title.strip() or name, usual=first)
    session.add(model)
    session.flush()
    draft = ScoreVersion(
        model_id=model.id,
        number=1,
        state="draft",
        among=new.among.strip(),
        fit=kept_fit(new.fit),
        behaviour=kept_behaviour(new.behaviour),
        warm=new.warm,
        hot=new.hot,
        margin=new.margin,
    )
    check(session, definition_of(draft))
    session.add(draft)
    return model


@operation("sales.score_model.update", title=_("Change the score model"), permission=MANAGE, effect="update")
def update_model(
    session: CrmSession,
    model: ScoreModel,
    *,
    title: Title | UnsetType = UNSET,
    active: Annotated[bool | UnsetType, Input(title=_("Active"), classified="internal")] = UNSET,
) -> ScoreModel:
    """Call a model otherwise, or take it out of use and back; its scores stay as they are meanwhile."""
    if not isinstance(title, UnsetType):
        model.title = title.strip() or model.title
    if not isinstance(active, UnsetType):
        model.active = active
    return model


@operation("sales.score_model.prefer", title=_("Make it the usual model"), permission=MANAGE, effect="update")
def prefer_model(session: CrmSession, model: ScoreModel) -> ScoreModel:
    """Let a model decide the temperature of customers and qualify leads. Raises VersionRefused for a mere draft."""
    if published(session, model) is None:
        raise VersionRefused(
            _('"{title}" has no published version.'), fix=_("Publish its draft first."), title=model.title
        )
    for other in session.scalars(select(ScoreModel).where(ScoreModel.usual)):
        other.usual = False
    model.usual = True
    session.defer(ALL)
    return model


@operation("sales.score_model.draft", title=_("Begin a new version"), permission=MANAGE, effect="create")
def draft_model(session: CrmSession, model: ScoreModel) -> ScoreVersion:
    """Begin a draft of what is published. Raises VersionRefused where there is a draft already."""
    if drafted(session, model) is not None:
        raise VersionRefused(_('"{title}" has a draft already.'), fix=_("Change or publish it."), title=model.title)
    last = published(session, model)
    if last is None:
        raise VersionRefused(_('"{title}" has no published version.'), title=model.title)
    number = session.scalar(select(func.max(ScoreVersion.number)).where(ScoreVersion.model_id == model.id)) or 0
    kept = {name: getattr(last, name) for name in ("among", "fit", "behaviour", "warm", "hot", "margin")}
    draft = ScoreVersion(model_id=model.id, number=number + 1, state="draft", **kept)
    session.add(draft)
    return draft


@attrs.frozen(kw_only=True)
class DraftChange:
    """What to change of a draft; what is not given stays. Criteria are all of them anew."""

    among: Among | UnsetType = UNSET
    fit: FitList | UnsetType = UNSET
    behaviour: BehaviourList | UnsetType = UNSET
    warm: Annotated[Decimal | UnsetType, Input(title=_("Warm from"), classified="internal")] = UNSET
    hot: Annotated[Decimal | UnsetType, Input(title=_("Hot from"), classified="internal")] = UNSET
    margin: Annotated[Decimal | UnsetType, Input(title=_("Margin"), classified="internal")] = UNSET


@operation("sales.score_version.change", title=_("Change the draft"), permission=MANAGE, effect="update")
def change_draft(session: CrmSession, version: ScoreVersion, changes: DraftChange) -> ScoreVersion:
    """Change a draft. Raises VersionRefused for what was published, InvalidInput for what cannot be computed."""
    if version.state != "draft":
        raise VersionRefused(_("A version that was published is never changed."), fix=_("Begin a new version."))
    values = given(changes)
    kept: dict[str, Any] = dict(values)
    if "fit" in values:
        kept["fit"] = kept_fit(values["fit"])
    if "behaviour" in values:
        kept["behaviour"] = kept_behaviour(values["behaviour"])
    for name, value in kept.items():
        setattr(version, name, value)
    check(session, definition_of(version))
    return version


@operation("sales.score_model.publish", title=_("Publish the draft"), permission=MANAGE, effect="update")
def publish_model(session: CrmSession, model: ScoreModel) -> ScoreVersion:
    """Publish the draft in place of the version that is in use, and have all scores computed.

    Raises VersionRefused where there is no draft, InvalidInput for what cannot be computed any more.
    """
    draft = drafted(session, model)
    if draft is None:
        raise VersionRefused(_('"{title}" has no draft.'), fix=_("Begin a new version."), title=model.title)
    check(session, definition_of(draft))
    last = published(session, model)
    if last is not None:
        last.state = "retired"
    draft.state, draft.published_at = "published", session.gate.clock.now()
    session.defer(ALL)
    return draft


def published(session: CrmSession, model: ScoreModel) -> ScoreVersion | None:
    """Return the version of a model that is in use."""
    return _in_state(session, model, "published")


def drafted(session: CrmSession, model: ScoreModel) -> ScoreVersion | None:
    """Return the draft of a model, where there is one."""
    return _in_state(session, model, "draft")


def _in_state(session: CrmSession, model: ScoreModel, state: str) -> ScoreVersion | None:
    return session.scalar(
        select(ScoreVersion).where(ScoreVersion.model_id == model.id, ScoreVersion.state == state).limit(1)
    )


OPERATIONS = [create_model, update_model, prefer_model, draft_model, change_draft, publish_model]
