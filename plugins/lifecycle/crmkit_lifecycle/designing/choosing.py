"""Finding models, versions and stages. Must not change anything."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, InvalidInput, NotFound, Problem, texts
from crmkit_lifecycle.designing.models import LifecycleModel, ModelVersion, Stage
from crmkit_lifecycle.words import BAD, ENDS, ENTRY

_ = texts("crmkit_lifecycle")


def model_named(session: CrmSession, name: str | None) -> LifecycleModel:
    """Return an active model by its name; the usual one for no name. Raises NotFound with those that there are."""
    query = select(LifecycleModel).where(LifecycleModel.active)
    if name:
        query = query.where(LifecycleModel.name == name)
    found = session.scalars(query.order_by(LifecycleModel.usual.desc(), LifecycleModel.created_at).limit(1)).first()
    if found is None:
        known = session.scalars(select(LifecycleModel.name).where(LifecycleModel.active).order_by(LifecycleModel.name))
        names = ", ".join(known) or "–"
        raise NotFound(_('There is no model "{name}".'), fix=_("There are: {names}."), name=name or "–", names=names)
    return found


def published(session: CrmSession, model_id: UUID) -> ModelVersion:
    """Return the version of a model that holds. Raises NotFound where none is published."""
    found = _version(session, model_id, "published")
    if found is None:
        raise NotFound(_("No version of this model is published."), fix=_("Publish its draft first."))
    return found


def draft_of(session: CrmSession, model_id: UUID) -> ModelVersion | None:
    """Return the version of a model that is being worked on, if any."""
    return _version(session, model_id, "draft")


def _version(session: CrmSession, model_id: UUID, state: str) -> ModelVersion | None:
    query = select(ModelVersion).where(ModelVersion.model_id == model_id, ModelVersion.state == state)
    return session.scalars(query.order_by(ModelVersion.number.desc()).limit(1)).first()


def in_use(session: CrmSession) -> list[tuple[LifecycleModel, ModelVersion]]:
    """Return the models that are in use, each with the version that holds, the usual one first."""
    query = (
        select(LifecycleModel, ModelVersion)
        .join(ModelVersion, ModelVersion.model_id == LifecycleModel.id)
        .where(LifecycleModel.active, ModelVersion.state == "published")
        .order_by(LifecycleModel.usual.desc(), LifecycleModel.name)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def stages_of(session: CrmSession, version_id: UUID) -> list[Stage]:
    """Return the stages of a version in their order."""
    query = select(Stage).where(Stage.version_id == version_id).order_by(Stage.position, Stage.id)
    return list(session.scalars(query))


def entry_of(stages: list[Stage]) -> Stage:
    """Return the stage in which passages begin."""
    return next(each for each in stages if each.kind == ENTRY)


def stage_named(stages: list[Stage], name: str, *, field: str = "stage") -> Stage:
    """Return a stage by its name. Raises InvalidInput with those that there are."""
    found = next((each for each in stages if each.name == name), None)
    if found is None:
        hint, known = _("Use one of {stages}."), ", ".join(each.name for each in stages)
        message = _('There is no stage "{stage}".')
        raise InvalidInput([Problem(InvalidInput.code, message, field=field, hint=hint, stage=name, stages=known)])
    return found


def onward(stages: list[Stage], stage: Stage) -> list[Stage]:
    """Return the stages to which one may go from a stage, in their order: those that it names, or the next one on the
    way and the ends."""
    if stage.kind in ENDS:
        return []
    if stage.moves:
        return [each for each in stages if each.name in stage.moves and each.id != stage.id]
    later = [each for each in stages if each.position > stage.position and each.id != stage.id]
    way = [each for each in later if each.kind not in ENDS][:1]
    ends = [each for each in stages if each.kind in ENDS]
    # Whoever has still a way to go before the good end has to go it; a bad end can come at any time.
    return [*way, *(each for each in ends if each.kind == BAD or not way)]
