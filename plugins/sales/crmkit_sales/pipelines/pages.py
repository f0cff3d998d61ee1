"""The page of pipelines: their stages in order, what each asks for, and the draft that is being worked on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import func, select

from crmkit import CrmSession, InvalidInput, Page, texts
from crmkit_sales.pipelines.choosing import stages_of
from crmkit_sales.pipelines.criteria import (
    ANY,
    FIELDS,
    Activity,
    Approved,
    Criterion,
    FieldFilled,
    Holds,
    MinDays,
    parse_criteria,
)
from crmkit_sales.pipelines.models import Opportunity
from crmkit_sales.pipelines.pipeline_models import VERSION_STATES, ClosingReason, Pipeline, PipelineVersion, Stage
from crmkit_sales.pipelines.stages import CATEGORIES, KINDS, OPEN_KIND

_ = texts("crmkit_sales")

PATH = "/pipelines"
TONES = {"draft": "info", "published": "good", "won": "good", "lost": "bad"}
Words = tuple[str, Mapping[str, Any]]


@frozen(kw_only=True)
class ShownStage:
    """A stage with what is asked for before it is entered and left, in words, and how many opportunities are in it."""

    stage: Stage
    entry: Sequence[Words]
    exit: Sequence[Words]
    count: int


@frozen(kw_only=True)
class ShownVersion:
    """A version of a pipeline that is a draft, published, or still has open opportunities."""

    version: PipelineVersion
    stages: Sequence[ShownStage]


def context(session: CrmSession) -> Mapping[str, Any]:
    """Return the pipelines with those of their versions that matter, and the reasons for winning and losing."""
    counted = select(Opportunity.stage_id, func.count()).where(Opportunity.stage_kind == OPEN_KIND)
    counts = {row[0]: int(row[1]) for row in session.execute(counted.group_by(Opportunity.stage_id))}
    pipelines = session.scalars(select(Pipeline).order_by(Pipeline.usual.desc(), Pipeline.title)).all()
    versions = session.scalars(select(PipelineVersion).order_by(PipelineVersion.number.desc())).all()
    shown: list[tuple[Pipeline, list[ShownVersion]]] = []
    for pipeline in pipelines:
        own: list[ShownVersion] = []
        for version in versions:
            if version.pipeline_id != pipeline.id:
                continue
            stages = stages_of(session, version.id)
            if version.state != "retired" or any(counts.get(each.id) for each in stages):
                made = [_shown(session, each, counts.get(each.id, 0)) for each in stages]
                own.append(ShownVersion(version=version, stages=made))
        shown.append((pipeline, own))
    reasons = session.scalars(select(ClosingReason).order_by(ClosingReason.kind, ClosingReason.title)).all()
    return {
        "pipelines": shown,
        "reasons": reasons,
        "kinds": KINDS,
        "categories": CATEGORIES,
        "states": VERSION_STATES,
        "tones": TONES,
        "may_manage": session.guarding.rights.scope("sales.pipeline", "manage") != "none",
        "here": f"/modules/sales{PATH}",
    }


def _shown(session: CrmSession, stage: Stage, count: int) -> ShownStage:
    return ShownStage(stage=stage, entry=_asked(session, stage.entry), exit=_asked(session, stage.exit), count=count)


def _asked(session: CrmSession, given: Sequence[Any]) -> list[Words]:
    try:
        return [words(session, each) for each in parse_criteria(given, "criteria")]
    except InvalidInput as error:
        return [(error.render(), {})]


def words(session: CrmSession, criterion: Criterion) -> Words:
    """Return what a criterion asks for, as a text with its values."""
    match criterion:
        case FieldFilled(field=name):
            return _("{title} is filled in"), {"title": FIELDS[name]}
        case Activity(interaction=kind, count=count) if kind == ANY:
            return _("{count} contacts in the stage before"), {"count": count}
        case Activity(interaction=kind, count=count):
            known = session.gate.registry.interaction_kinds.get(kind)
            return _('{count} times "{kind}" in the stage before'), {
                "count": count,
                "kind": known.title if known is not None else kind,
            }
        case MinDays(days=days):
            return _("{days} days in the stage before"), {"days": days}
        case Approved(chain=chain):
            return _('Others have agreed, by the chain "{chain}"'), {"chain": chain}
        case Holds(condition=condition, words=said):
            return _("Of the customer holds: {words}"), {"words": said or condition}


PAGES = [
    Page(
        name="sales.pipelines",
        title=_("Pipelines"),
        path=PATH,
        template="sales/pipelines/pipelines.html",
        context=context,
        permission="sales.pipeline.manage",
        icon="layout-kanban",
        order=60,
    )
]
