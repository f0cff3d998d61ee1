"""Laying down models: adding, drafting, changing a draft, publishing.

A version that was published is never changed; a draft is made of it, changed and published in its place. Who is on the
way is brought along afterwards, by `crmkit_lifecycle.passages.bringing`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from sqlalchemy import func, select

from crmkit import Conflict, CrmSession, Input, InvalidInput, Problem, given, new_id, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_lifecycle.designing import inputs
from crmkit_lifecycle.designing.checking import check_version
from crmkit_lifecycle.designing.choosing import draft_of, model_named, published, stages_of
from crmkit_lifecycle.designing.events import ModelPublished
from crmkit_lifecycle.designing.models import LifecycleModel, ModelVersion, Stage

_ = texts("crmkit_lifecycle")

MANAGE = "lifecycle.model.manage"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
STAGE_FIELDS = (
    "key",
    "position",
    "name",
    "title",
    "kind",
    "enter",
    "leave",
    "moves",
    "owner_role",
    "limit_minutes",
    "hand_to_team_id",
    "accept_minutes",
    "declined_to",
    "label",
    "mark",
    "weight",
)
"""What a stage takes along into the next version."""
VERSION_FIELDS = ("among", "leave", "again", "again_days")


@operation("lifecycle.model.create", title=_("Add a model"), permission=MANAGE, effect="create")
def create_model(
    session: CrmSession,
    *,
    name: inputs.Name,
    title: inputs.Title,
    about: inputs.About = "any",
    usual: inputs.Flag = False,
    automatic: inputs.Automatic = True,
    roll_up: inputs.RollUp = "none",
    roll_up_kind: inputs.Relation = "employee",
    like: Annotated[str, Input(title=_("With the stages of"), max_length=60, classified="public")] = "",
) -> LifecycleModel:
    """Add a model with a draft, to be given stages and published. Raises AlreadyExists for a name that is taken,
    InvalidInput for one that is none, NotFound for a model that there is not."""
    _check_name(name)
    if session.scalar(select(LifecycleModel.id).where(LifecycleModel.name == name)) is not None:
        raise AlreadyExists(_('There is a model "{name}" already.'), name=name)
    source = published(session, model_named(session, like).id) if like else None
    first = session.scalar(select(LifecycleModel.id).limit(1)) is None
    model = LifecycleModel(
        name=name,
        title=title,
        about=about,
        usual=False,
        active=True,
        automatic=automatic,
        roll_up=roll_up,
        roll_up_kind=roll_up_kind,
    )
    session.add(model)
    session.flush()
    if usual or first:
        _make_usual(session, model)
    _draft(session, model, source, keep_keys=False)
    return model


@operation("lifecycle.model.update", title=_("Change the model"), permission=MANAGE, effect="update")
def update_model(session: CrmSession, model: LifecycleModel, changes: inputs.ModelUpdate) -> LifecycleModel:
    """Change a model. The usual one stays active, until another is: Conflict otherwise."""
    values = given(changes)
    usual = values.pop("usual", model.usual)
    for name, value in values.items():
        setattr(model, name, value)
    if model.usual and (not usual or not model.active):
        raise Conflict(_('"{title}" is the usual model.'), fix=_("Make another the usual one."), title=model.title)
    if usual and not model.usual:
        _make_usual(session, model)
    return model


@operation("lifecycle.model.draft", title=_("Make a draft"), permission=MANAGE, effect="update")
def draft_model(session: CrmSession, model: LifecycleModel) -> ModelVersion:
    """Make a draft of the stages that hold, to be changed. Raises Conflict where there is one already."""
    if draft_of(session, model.id) is not None:
        raise Conflict(_('"{title}" has a draft already.'), title=model.title)
    return _draft(session, model, published(session, model.id), keep_keys=True)


@operation("lifecycle.model.publish", title=_("Publish the draft"), permission=MANAGE, effect="update")
def publish_model(
    session: CrmSession,
    model: LifecycleModel,
    *,
    instead: Annotated[
        Mapping[str, Any],
        Input(
            title=_("Stages in place of others"),
            max_length=50,
            classified="public",
            help=_("For each stage that is gone: which one its customers go to."),
        ),
    ] = {},
) -> ModelVersion:
    """Have the draft hold from now on; who is on the way is brought along by the stage's lasting key, or as ``instead``
    says. Raises Conflict where there is no draft, ModelRefused with everything that is wrong with it."""
    draft = draft_of(session, model.id)
    if draft is None:
        raise Conflict(_('"{title}" has no draft.'), title=model.title)
    stages = stages_of(session, draft.id)
    check_version(session, draft, stages)
    held = session.scalars(
        select(ModelVersion).where(ModelVersion.model_id == model.id, ModelVersion.state == "published")
    ).all()
    by_name = {each.name: each for each in stages}
    keys = {each.key for each in stages}
    for version in held:
        for stage in stages_of(session, version.id):
            named = by_name.get(str(instead.get(stage.name, "")))
            if stage.key not in keys and named is None:
                raise Conflict(
                    _('"{stage}" is gone. Say to which stage its customers go.'),
                    fix=_('Give instead {{"{name}": "another"}}.'),
                    stage=stage.title,
                    name=stage.name,
                )
        version.state = "retired"
    draft.state, draft.published_at = "published", session.gate.clock.now()
    session.flush()
    session.emit(ModelPublished(model_id=model.id, version_id=draft.id, number=draft.number))
    session.defer("lifecycle.bring", version_id=str(draft.id), instead={str(a): str(b) for a, b in instead.items()})
    return draft


@operation("lifecycle.version.update", title=_("Change the draft"), permission=MANAGE, effect="update")
def update_version(session: CrmSession, version: ModelVersion, changes: inputs.VersionUpdate) -> ModelVersion:
    """Change who takes part in a draft, who leaves and who begins again. Raises Conflict for a published one."""
    _require_draft(version)
    for name, value in given(changes).items():
        setattr(version, name, value.strip() if isinstance(value, str) else value)
    return version


@operation("lifecycle.stage.create", title=_("Add a stage"), permission=MANAGE, effect="create")
def create_stage(session: CrmSession, new: inputs.NewStage) -> Stage:
    """Add a stage to the draft of a model. Raises NotFound for an unknown model, Conflict where it has no draft,
    AlreadyExists for a name that is taken."""
    model = model_named(session, new.model)
    draft = draft_of(session, model.id)
    if draft is None:
        raise Conflict(_('"{title}" has no draft.'), fix=_("Make a draft first."), title=model.title)
    _check_name(new.name)
    there = stages_of(session, draft.id)
    if any(each.name == new.name for each in there):
        raise AlreadyExists(_('There is a stage "{name}" already.'), name=new.name)
    last = max((each.position for each in there), default=-10) + 10
    values = {name: getattr(new, name) for name in STAGE_FIELDS if name not in ("key", "position", "moves")}
    stage = Stage(
        version_id=draft.id,
        key=new_id(),
        position=new.position if new.position is not None else last,
        moves=list(new.moves),
        **values,
    )
    session.add(stage)
    return stage


@operation("lifecycle.stage.update", title=_("Change the stage"), permission=MANAGE, effect="update")
def update_stage(session: CrmSession, stage: Stage, changes: inputs.StageUpdate) -> Stage:
    """Change a stage of a draft; it stays the same stage, whatever it is called. Raises Conflict for one of a published
    version, AlreadyExists for a name that is taken."""
    _require_draft(session.get_one(ModelVersion, stage.version_id))
    values = given(changes)
    name = values.get("name", stage.name)
    if name != stage.name:
        _check_name(name)
        others = stages_of(session, stage.version_id)
        if any(each.name == name for each in others):
            raise AlreadyExists(_('There is a stage "{name}" already.'), name=name)
        for each in others:
            each.moves = [name if one == stage.name else one for one in each.moves]
            each.declined_to = name if each.declined_to == stage.name else each.declined_to
    for field, value in values.items():
        setattr(stage, field, list(value) if isinstance(value, tuple) else value)
    return stage


@operation("lifecycle.stage.delete", title=_("Delete the stage"), permission=MANAGE, effect="delete")
def delete_stage(session: CrmSession, stage: Stage) -> None:
    """Delete a stage of a draft. Raises Conflict for one of a published version."""
    _require_draft(session.get_one(ModelVersion, stage.version_id))
    session.delete(stage)


def _require_draft(version: ModelVersion) -> None:
    if version.state != "draft":
        raise Conflict(
            _("A version that was published is never changed."), fix=_("Make a draft of the model, and change that.")
        )


def _draft(session: CrmSession, model: LifecycleModel, source: ModelVersion | None, *, keep_keys: bool) -> ModelVersion:
    last = session.scalar(select(func.max(ModelVersion.number)).where(ModelVersion.model_id == model.id))
    taken = {name: getattr(source, name) for name in VERSION_FIELDS} if source is not None else {}
    draft = ModelVersion(model_id=model.id, number=(last or 0) + 1, state="draft", **taken)
    session.add(draft)
    session.flush()
    for each in stages_of(session, source.id) if source is not None else ():
        values = {name: getattr(each, name) for name in STAGE_FIELDS}
        values |= {"moves": list(each.moves)} | ({} if keep_keys else {"key": new_id()})
        session.add(Stage(version_id=draft.id, **values))
    session.flush()
    return draft


def _make_usual(session: CrmSession, model: LifecycleModel) -> None:
    for each in session.scalars(select(LifecycleModel).where(LifecycleModel.usual)).all():
        each.usual = False
    model.usual = True


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        message, hint = _("This is no name."), _("Small letters, digits and _, such as trial.")
        raise InvalidInput([Problem(InvalidInput.code, message, field="name", hint=hint)])


OPERATIONS = [
    create_model,
    update_model,
    draft_model,
    publish_model,
    update_version,
    create_stage,
    update_stage,
    delete_stage,
]
