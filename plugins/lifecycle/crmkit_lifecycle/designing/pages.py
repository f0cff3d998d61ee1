"""The pages of models: a model with its versions and stages, and what a change would move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from crmkit import CrmkitError, CrmSession, Customer, Page, Team, texts
from crmkit_lifecycle.designing.choosing import draft_of, model_named, onward, stages_of
from crmkit_lifecycle.designing.models import LifecycleModel, ModelVersion
from crmkit_lifecycle.designing.previewing import preview
from crmkit_lifecycle.passages.models import Passage
from crmkit_lifecycle.words import ABOUT, ENDS, KINDS, LABELS, MARKS, ROLL_UPS, VERSION_STATES

_ = texts("crmkit_lifecycle")

HOME = "/modules/lifecycle/models"
TONES = {"entry": "info", "active": "", "good": "good", "bad": "bad"}


def models_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the models, and one of them with the stages of its version that holds and of its draft."""
    models = session.scalars(
        select(LifecycleModel).order_by(LifecycleModel.active.desc(), LifecycleModel.usual.desc(), LifecycleModel.name)
    ).all()
    model = next((each for each in models if each.name == query.get("model")), models[0] if models else None)
    versions = (
        session.scalars(
            select(ModelVersion).where(ModelVersion.model_id == model.id).order_by(ModelVersion.number.desc())
        ).all()
        if model is not None
        else []
    )
    wanted = query.get("version", "")
    draft = next((each for each in versions if each.state == "draft"), None)
    held = next((each for each in versions if each.state == "published"), None)
    version = next((each for each in versions if str(each.number) == wanted), draft or held)
    stages = stages_of(session, version.id) if version is not None else []
    return {
        "models": models,
        "model": model,
        "versions": versions,
        "version": version,
        "draft": draft,
        "stages": stages,
        "onward": {each.id: onward(stages, each) for each in stages},
        "counts": _counts(session, model.id) if model is not None else {},
        "teams": {each.id: each.name for each in session.scalars(select(Team))},
        "kinds": KINDS,
        "labels": LABELS,
        "marks": MARKS,
        "about": ABOUT,
        "roll_ups": ROLL_UPS,
        "states": VERSION_STATES,
        "tones": TONES,
        "ends": ENDS,
        "may_manage": _may(session, "lifecycle.model", "manage"),
        "home": HOME,
        "here": f"{HOME}?model={model.name}" if model is not None else HOME,
    }


def _counts(session: CrmSession, model_id: UUID) -> dict[UUID, int]:
    """Return how many open passages are in each stage, by its key."""
    query = (
        select(Passage.stage_key, func.count(Passage.id))
        .where(Passage.model_id == model_id, Passage.ended_at.is_(None))
        .group_by(Passage.stage_key)
    )
    return {row[0]: int(row[1]) for row in session.execute(query)}


def preview_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return what the draft, or a changed criterion, would move."""
    model = model_named(session, query.get("model") or None)
    version = session.scalars(
        select(ModelVersion).where(ModelVersion.model_id == model.id, ModelVersion.state == "published")
    ).first()
    stages = stages_of(session, version.id) if version is not None else []
    stage = next((each for each in stages if each.name == query.get("stage")), None)
    enter = query.get("enter")
    found, wrong = None, ""
    if version is not None and (draft_of(session, model.id) is not None or (stage is not None and enter is not None)):
        try:
            found = preview(session, model.name, stage=stage.name if stage is not None else "", enter=enter)
        except CrmkitError as error:
            wrong = error.render(session.actor.language or session.business().language)
    ids = [each for shift in found.shifts for each in shift.examples] if found is not None else []
    return {
        "model": model,
        "stages": stages,
        "stage": stage,
        "enter": enter if enter is not None else (stage.enter if stage is not None else ""),
        "draft": draft_of(session, model.id),
        "found": found,
        "wrong": wrong,
        "names": {each.id: each.name for each in session.scalars(select(Customer).where(Customer.id.in_(ids[:200])))},
        "home": HOME,
    }


def _may(session: CrmSession, resource: str, action: str) -> bool:
    rights = session.guarding.rights
    return bool(rights.unrestricted or rights.scope(resource, action) != "none")


PAGES = [
    Page(
        name="lifecycle.models",
        title=_("Lifecycle models"),
        path="/models",
        template="lifecycle/designing/models.html",
        context=models_page,
        permission="lifecycle.passage.read",
        icon="copy",
        order=64,
    ),
    Page(
        name="lifecycle.preview",
        title=_("What a change would move"),
        path="/preview",
        template="lifecycle/designing/preview.html",
        context=preview_page,
        permission="lifecycle.passage.read",
        menu=False,
    ),
]
