"""Finding pipelines and stages by the names that people use. Must not change anything."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, InvalidInput, NotFound, Problem, texts
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.pipelines.pipeline_models import Pipeline, PipelineVersion, Stage
from crmkit_sales.pipelines.stages import LOST, OPEN_KIND, WON

_ = texts("crmkit_sales")


def pipeline_named(session: CrmSession, name: str | None) -> Pipeline:
    """Return an active pipeline by its name; the usual one for no name. Raises NotFound with those that there are."""
    query = select(Pipeline).where(Pipeline.active)
    query = query.where(Pipeline.name == name) if name else query.order_by(Pipeline.usual.desc(), Pipeline.created_at)
    found = session.scalars(query.limit(1)).first()
    if found is None:
        names = ", ".join(session.scalars(select(Pipeline.name).where(Pipeline.active).order_by(Pipeline.name))) or "–"
        raise NotFound(_('There is no pipeline "{name}".'), fix=_("There are: {names}."), name=name or "–", names=names)
    return found


def published(session: CrmSession, pipeline_id: UUID) -> PipelineVersion:
    """Return the version of a pipeline in which new opportunities begin. Raises NotFound where none is published."""
    query = (
        select(PipelineVersion)
        .where(PipelineVersion.pipeline_id == pipeline_id, PipelineVersion.state == "published")
        .order_by(PipelineVersion.number.desc())
        .limit(1)
    )
    found = session.scalars(query).first()
    if found is None:
        raise NotFound(_("No version of this pipeline is published."), fix=_("Publish its draft first."))
    return found


def draft_of(session: CrmSession, pipeline_id: UUID) -> PipelineVersion | None:
    """Return the version of a pipeline that is being worked on, if any."""
    query = select(PipelineVersion).where(PipelineVersion.pipeline_id == pipeline_id, PipelineVersion.state == "draft")
    return session.scalars(query).first()


def stages_of(session: CrmSession, version_id: UUID) -> list[Stage]:
    """Return the stages of a version in their order."""
    query = select(Stage).where(Stage.version_id == version_id).order_by(Stage.position, Stage.id)
    return list(session.scalars(query))


def open_stage(session: CrmSession, version_id: UUID, name: str | None) -> Stage:
    """Return an open stage of a version by its name; the first one for no name. Raises InvalidInput for another."""
    stages = [each for each in stages_of(session, version_id) if each.kind == OPEN_KIND]
    return _among(stages, name, _('"{stage}" is no stage of an open opportunity.'))


def any_stage(session: CrmSession, version_id: UUID, name: str, *, field: str = "stage") -> Stage:
    """Return a stage of a version by its name. Raises InvalidInput for another."""
    return _among(stages_of(session, version_id), name, _('There is no stage "{stage}".'), field=field)


def won_stage(session: CrmSession, version_id: UUID) -> Stage:
    """Return the stage of what is won."""
    return next(each for each in stages_of(session, version_id) if each.kind == WON)


def lost_stage(session: CrmSession, version_id: UUID, name: str | None = None) -> Stage:
    """Return a stage of what is lost by its name; the first one for no name. Raises InvalidInput for another."""
    stages = [each for each in stages_of(session, version_id) if each.kind == LOST]
    return _among(stages, name, _('"{stage}" is no stage of a lost opportunity.'))


def way_of(session: CrmSession, opportunity: Opportunity) -> list[Stage]:
    """Return the stages that an opportunity goes through when all goes well, the won one last."""
    stages = [each for each in stages_of(session, opportunity.version_id) if each.kind != LOST]
    return sorted(stages, key=lambda each: (each.kind == WON, each.position))


def stage_of(session: CrmSession, opportunity: Opportunity) -> Stage:
    """Return the stage in which an opportunity is."""
    return session.get_one(Stage, opportunity.stage_id)


def _among(stages: list[Stage], name: str | None, message: str, *, field: str = "stage") -> Stage:
    found = next((each for each in stages if name is None or each.name == name), None)
    if found is None:
        problem = Problem(
            InvalidInput.code,
            message,
            field=field,
            hint=_("Use one of {stages}."),
            stage=name,
            stages=", ".join(each.name for each in stages),
        )
        raise InvalidInput([problem])
    return found
