"""Bringing opportunities to another version, or another pipeline: each stage that is in use is mapped by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from sqlalchemy import select

from crmkit import CrmSession, Input, InvalidInput, Problem, operation, texts
from crmkit_sales.pipelines.choosing import open_stage, pipeline_named, published
from crmkit_sales.pipelines.history import note, note_all
from crmkit_sales.pipelines.inputs import PipelineName, Stage, require_open
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.pipelines.operations import place
from crmkit_sales.pipelines.pipeline_models import Pipeline, PipelineVersion
from crmkit_sales.pipelines.stages import OPEN_KIND

_ = texts("crmkit_sales")

MANAGE = "sales.pipeline.manage"


@operation("sales.pipeline.migrate", title=_("Bring opportunities along"), permission=MANAGE, effect="update")
def migrate_pipeline(
    session: CrmSession,
    pipeline: Pipeline,
    *,
    stages: Annotated[
        Mapping[str, str],
        Input(title=_("Which stage becomes which"), max_length=200, classified="internal", help=_("By their names.")),
    ],
    to: Annotated[
        str | None,
        Input(
            title=_("To the pipeline"),
            max_length=60,
            classified="internal",
            help=_("Without one, to its own published version."),
        ),
    ] = None,
    version: Annotated[
        int | None,
        Input(title=_("Of the version"), minimum=1, classified="internal", help=_("Without one, of all others.")),
    ] = None,
) -> int:
    """Bring the open opportunities of a pipeline's versions to the published one, of it or of another pipeline; returns
    how many were brought. Closed ones stay where they were closed.

    Raises NotFound for a pipeline that there is not, InvalidInput naming each stage in use that is not mapped, or is
    mapped to one that is not open.
    """
    target = published(session, pipeline_named(session, to).id if to else pipeline.id)
    query = select(Opportunity).where(
        Opportunity.pipeline_id == pipeline.id,
        Opportunity.stage_kind == OPEN_KIND,
        Opportunity.version_id != target.id,
    )
    if version is not None:
        wanted = select(PipelineVersion.id).where(
            PipelineVersion.pipeline_id == pipeline.id, PipelineVersion.number == version
        )
        query = query.where(Opportunity.version_id.in_(wanted))
    found = session.scalars(query.order_by(Opportunity.id)).all()
    _bring(session, found, target, stages)
    return len(found)


@operation(
    "sales.opportunity.transfer",
    title=_("Bring to another pipeline"),
    permission="sales.opportunity.update",
    effect="update",
)
def transfer_opportunity(
    session: CrmSession, opportunity: Opportunity, *, pipeline: PipelineName, stage: Stage | None = None
) -> Opportunity:
    """Bring an open opportunity to another pipeline, or to the published version of its own: to a stage, or the first.

    Raises Conflict when it is closed, NotFound for a pipeline that there is not, InvalidInput for a stage that is not
    open.
    """
    require_open(opportunity)
    target = published(session, pipeline_named(session, pipeline).id)
    if target.id != opportunity.version_id:
        wanted = open_stage(session, target.id, stage)
        now = session.gate.clock.business_now()
        opportunity.pipeline_id, opportunity.version_id = target.pipeline_id, target.id
        place(opportunity, wanted, now)
        note(session, opportunity, "migrated", since=now)
    return opportunity


def _bring(
    session: CrmSession, found: Sequence[Opportunity], target: PipelineVersion, stages: Mapping[str, str]
) -> None:
    used = {each.stage for each in found}
    missing = sorted(used - stages.keys())
    if missing:
        message, hint = _("It is not said what becomes of these stages: {missing}."), _("Map each of them to one.")
        raise InvalidInput([Problem(InvalidInput.code, message, field="stages", hint=hint, missing=", ".join(missing))])
    wanted = {name: open_stage(session, target.id, stages[name]) for name in sorted(used)}
    now = session.gate.clock.business_now()
    for each in found:
        stage = wanted[each.stage]
        # In a stage of the same name it has been as long as before.
        since = each.stage_since if stage.name == each.stage else now
        each.pipeline_id, each.version_id = target.pipeline_id, target.id
        place(each, stage, since)
    note_all(session, found, "migrated", since=now)


OPERATIONS = [migrate_pipeline, transfer_opportunity]
