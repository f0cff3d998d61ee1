"""Laying down pipelines: their versions and the stages of a draft.

A version that was published is never changed; a draft is made of it, changed and published in its place. Opportunities
stay where they are: bringing them along is `crmkit_sales.pipelines.migrating`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import attrs
from sqlalchemy import func, select

from crmkit import (
    UNSET,
    Conflict,
    CrmSession,
    Input,
    InvalidInput,
    Problem,
    UnsetType,
    given,
    operation,
    texts,
)
from crmkit.errors import AlreadyExists
from crmkit.i18n import translate
from crmkit_sales.pipelines.checking import check_version
from crmkit_sales.pipelines.choosing import draft_of, pipeline_named, published, stages_of
from crmkit_sales.pipelines.criteria import parse_criteria, plain
from crmkit_sales.pipelines.events import PipelinePublished
from crmkit_sales.pipelines.pipeline_models import Pipeline, PipelineVersion, Stage
from crmkit_sales.pipelines.stages import CATEGORIES, KINDS, STANDARD

_ = texts("crmkit_sales")

MANAGE = "sales.pipeline.manage"
COPIED = (
    "position",
    "name",
    "title",
    "kind",
    "probability",
    "category",
    "rot_days",
    "entry",
    "exit",
    "reason_required",
)
"""What a stage takes along into the next version."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")

Name = Annotated[
    str,
    Input(
        title=_("Name"),
        max_length=60,
        classified="public",
        help=_("Small letters, digits and _, such as new_business."),
    ),
]
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Criteria = Annotated[
    Sequence[Mapping[str, Any]],
    Input(title=_("Criteria"), max_length=20, classified="internal", help=_("A list of criteria, as JSON.")),
]
Position = Annotated[int, Input(title=_("Order"), minimum=0, maximum=10_000, classified="public")]
StageKind = Annotated[str, Input(title=_("Kind"), choices=KINDS, max_length=4, classified="public")]
Percent = Annotated[int, Input(title=_("Probability (percent)"), minimum=0, maximum=100, classified="public")]
StageCategory = Annotated[
    str, Input(title=_("Forecast category"), choices=CATEGORIES, max_length=10, classified="public")
]
RotDays = Annotated[int, Input(title=_("Rots after (days)"), minimum=1, maximum=3650, classified="public")]


@operation("sales.pipeline.create", title=_("Add a pipeline"), permission=MANAGE, effect="create")
def create_pipeline(
    session: CrmSession,
    *,
    name: Name,
    title: Title,
    usual: Annotated[bool, Input(title=_("Usual"), classified="public")] = False,
    like: Annotated[
        str | None,
        Input(
            title=_("With the stages of"),
            max_length=60,
            classified="public",
            help=_("A pipeline; without one it has the stages of the standard one."),
        ),
    ] = None,
) -> Pipeline:
    """Add a pipeline with a draft of its stages, to be changed and published.

    Raises AlreadyExists for a name that is taken, InvalidInput for one that is none, NotFound for a pipeline that there
    is not.
    """
    _check_name(name)
    if session.scalar(select(Pipeline.id).where(Pipeline.name == name)) is not None:
        raise AlreadyExists(_('There is a pipeline "{name}" already.'), name=name)
    copied = _copies(stages_of(session, published(session, pipeline_named(session, like).id).id)) if like else None
    pipeline = Pipeline(name=name, title=title, active=True, usual=False)
    session.add(pipeline)
    session.flush()
    if usual:
        _make_usual(session, pipeline)
    draft = _draft(session, pipeline)
    language = session.gate.crm.config.get(session).language
    for values in copied if copied is not None else _standard(language):
        session.add(Stage(version_id=draft.id, **values))
    return pipeline


@attrs.frozen(kw_only=True)
class PipelineUpdate:
    """What to change of a pipeline; what is not given stays."""

    title: Title | UnsetType = UNSET
    active: Annotated[bool | UnsetType, Input(title=_("Active"), classified="public")] = UNSET
    usual: Annotated[bool | UnsetType, Input(title=_("Usual"), classified="public")] = UNSET


@operation("sales.pipeline.update", title=_("Change the pipeline"), permission=MANAGE, effect="update")
def update_pipeline(session: CrmSession, pipeline: Pipeline, changes: PipelineUpdate) -> Pipeline:
    """Change a pipeline. The usual one stays active, until another is: Conflict otherwise."""
    values = given(changes)
    usual = values.pop("usual", pipeline.usual)
    for name, value in values.items():
        setattr(pipeline, name, value)
    if pipeline.usual and (not usual or not pipeline.active):
        raise Conflict(
            _('"{title}" is the usual pipeline.'), fix=_("Make another the usual one."), title=pipeline.title
        )
    if usual and not pipeline.usual:
        _make_usual(session, pipeline)
    return pipeline


@operation("sales.pipeline.draft", title=_("Make a draft"), permission=MANAGE, effect="update")
def draft_pipeline(session: CrmSession, pipeline: Pipeline) -> PipelineVersion:
    """Make a draft of the published stages, to be changed. Raises Conflict where there is one already."""
    if draft_of(session, pipeline.id) is not None:
        raise Conflict(_('"{title}" has a draft already.'), title=pipeline.title)
    before = stages_of(session, published(session, pipeline.id).id)
    draft = _draft(session, pipeline)
    for values in _copies(before):
        session.add(Stage(version_id=draft.id, **values))
    return draft


@operation("sales.pipeline.publish", title=_("Publish the draft"), permission=MANAGE, effect="update")
def publish_pipeline(session: CrmSession, pipeline: Pipeline) -> PipelineVersion:
    """Have new opportunities begin in the draft from now on; those that there are stay where they are.

    Raises Conflict where there is no draft, NotPublishable with everything that is wrong with it.
    """
    draft = draft_of(session, pipeline.id)
    if draft is None:
        raise Conflict(_('"{title}" has no draft.'), title=pipeline.title)
    check_version(session, stages_of(session, draft.id))
    before = select(PipelineVersion).where(
        PipelineVersion.pipeline_id == pipeline.id, PipelineVersion.state == "published"
    )
    for each in session.scalars(before).all():
        each.state = "retired"
    draft.state, draft.published_at = "published", session.gate.clock.now()
    session.emit(PipelinePublished(pipeline_id=pipeline.id, version_id=draft.id, number=draft.number))
    return draft


@operation("sales.stage.create", title=_("Add a stage"), permission=MANAGE, effect="create")
def create_stage(
    session: CrmSession,
    *,
    pipeline: Annotated[str, Input(title=_("Pipeline"), max_length=60, classified="public")],
    name: Name,
    title: Title,
    position: Position | None = None,
    kind: StageKind = "open",
    probability: Percent = 0,
    category: StageCategory = "pipeline",
    rot_days: RotDays | None = None,
    entry: Criteria = (),
    exit: Criteria = (),
    reason_required: Annotated[bool, Input(title=_("Asks for a reason"), classified="public")] = False,
) -> Stage:
    """Add a stage to the draft of a pipeline, after the others unless its place is said.

    Raises NotFound for an unknown pipeline, Conflict where it has no draft, InvalidInput for criteria that are none.
    """
    found = pipeline_named(session, pipeline)
    draft = draft_of(session, found.id)
    if draft is None:
        raise Conflict(_('"{title}" has no draft.'), fix=_("Make a draft first."), title=found.title)
    _check_name(name)
    _check_choices({"kind": kind, "category": category})
    there = stages_of(session, draft.id)
    if any(each.name == name for each in there):
        raise AlreadyExists(_('There is a stage "{name}" already.'), name=name)
    stage = Stage(
        version_id=draft.id,
        position=position if position is not None else max((each.position for each in there), default=-10) + 10,
        name=name,
        title=title,
        kind=kind,
        probability=probability,
        category=category,
        rot_days=rot_days,
        entry=plain(parse_criteria(entry, "entry")),
        exit=plain(parse_criteria(exit, "exit")),
        reason_required=reason_required,
    )
    session.add(stage)
    return stage


@attrs.frozen(kw_only=True)
class StageUpdate:
    """What to change of a stage of a draft; what is not given stays."""

    name: Name | UnsetType = UNSET
    title: Title | UnsetType = UNSET
    position: Position | UnsetType = UNSET
    kind: StageKind | UnsetType = UNSET
    probability: Percent | UnsetType = UNSET
    category: StageCategory | UnsetType = UNSET
    rot_days: RotDays | UnsetType | None = UNSET
    entry: Criteria | UnsetType = UNSET
    exit: Criteria | UnsetType = UNSET
    reason_required: Annotated[bool | UnsetType, Input(title=_("Asks for a reason"), classified="public")] = UNSET


@operation("sales.stage.update", title=_("Change the stage"), permission=MANAGE, effect="update")
def update_stage(session: CrmSession, stage: Stage, changes: StageUpdate) -> Stage:
    """Change a stage of a draft. Raises Conflict for one of a published version, InvalidInput for what is not right."""
    _require_draft(session, stage)
    values = given(changes)
    _check_choices(values)
    if "name" in values and values["name"] != stage.name:
        _check_name(values["name"])
        if any(each.name == values["name"] for each in stages_of(session, stage.version_id)):
            raise AlreadyExists(_('There is a stage "{name}" already.'), name=values["name"])
    for side in ("entry", "exit"):
        if side in values:
            values[side] = plain(parse_criteria(values[side], side))
    for name, value in values.items():
        setattr(stage, name, value)
    return stage


@operation("sales.stage.delete", title=_("Delete the stage"), permission=MANAGE, effect="delete")
def delete_stage(session: CrmSession, stage: Stage) -> None:
    """Delete a stage of a draft. Raises Conflict for one of a published version."""
    _require_draft(session, stage)
    session.delete(stage)


def _require_draft(session: CrmSession, stage: Stage) -> None:
    if session.get_one(PipelineVersion, stage.version_id).state != "draft":
        raise Conflict(
            _("A version that was published is never changed."), fix=_("Make a draft of the pipeline, and change that.")
        )


def _draft(session: CrmSession, pipeline: Pipeline) -> PipelineVersion:
    last = session.scalar(select(func.max(PipelineVersion.number)).where(PipelineVersion.pipeline_id == pipeline.id))
    draft = PipelineVersion(pipeline_id=pipeline.id, number=(last or 0) + 1, state="draft")
    session.add(draft)
    session.flush()
    return draft


def _make_usual(session: CrmSession, pipeline: Pipeline) -> None:
    for each in session.scalars(select(Pipeline).where(Pipeline.usual)).all():
        each.usual = False
    pipeline.usual = True


def _copies(stages: Sequence[Stage]) -> list[dict[str, Any]]:
    return [{name: getattr(each, name) for name in COPIED} for each in stages]


def _standard(language: str) -> list[dict[str, Any]]:
    return [
        {**attrs.asdict(each), "title": translate(each.title, language), "position": index * 10}
        for index, each in enumerate(STANDARD)
    ]


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        message, hint = _("This is no name."), _("Small letters, digits and _, such as new_business.")
        raise InvalidInput([Problem(InvalidInput.code, message, field="name", hint=hint)])


def _check_choices(values: Mapping[str, Any]) -> None:
    for name, known in (("kind", KINDS), ("category", CATEGORIES)):
        if name in values and values[name] not in known:
            message, hint = _("There is no such choice."), _("There are: {known}.")
            raise InvalidInput([Problem(InvalidInput.code, message, field=name, hint=hint, known=", ".join(known))])


OPERATIONS = [
    create_pipeline,
    update_pipeline,
    draft_pipeline,
    publish_pipeline,
    create_stage,
    update_stage,
    delete_stage,
]
