"""What is known of customers' ways, as facts, as of any day. Must not use mapped classes in a select: facts are not the
reader's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, and_, case, func, or_, select

from crmkit import CrmSession, Fact, FactQuery, FactSet, texts
from crmkit_lifecycle.designing.models import LifecycleModel
from crmkit_lifecycle.passages.models import RolledUp, StageInterval
from crmkit_lifecycle.words import GOOD, LABELS

_ = texts("crmkit_lifecycle")

INTERVALS: Any = cast(Any, StageInterval).__table__
MODELS: Any = cast(Any, LifecycleModel).__table__
_ROLLED: Any = cast(Any, RolledUp).__table__


def _known(query: FactQuery) -> Any:
    column = INTERVALS.c
    known = column.entered_at <= query.as_of
    if not query.present:
        known = and_(known, column.recorded_at <= query.known_at)
    return and_(known, query.within(column.customer_id))


def left_by(query: FactQuery) -> Any:
    """Return the condition that an interval was over, as known."""
    column = INTERVALS.c
    over = column.left_at <= query.as_of
    return over if query.present else and_(over, column.left_recorded_at <= query.known_at)


def _latest(query: FactQuery, *conditions: Any, by_model: bool = False) -> Any:
    """Return the last interval of each customer, with a number of its own for where it stands."""
    column = INTERVALS.c
    groups = (column.customer_id, column.model_id) if by_model else (column.customer_id,)
    place = func.row_number().over(
        partition_by=groups,
        order_by=(column.number.desc(), column.entered_at.desc(), column.step.desc(), column.id.desc()),
    )
    gone = case((left_by(query), 1), else_=0)
    return (
        select(
            column.customer_id,
            column.model_id,
            column.stage_name,
            column.kind,
            column.label,
            column.number,
            column.entered_at,
            gone.label("gone"),
            place.label("place"),
        )
        .where(_known(query), *conditions)
        .subquery("lifecycle_latest")
    )


def select_stage(query: FactQuery) -> Select[Any]:
    """Return where each customer stood in the usual model by ``as_of``, as known at ``known_at``."""
    usual = INTERVALS.c.model_id.in_(select(MODELS.c.id).where(MODELS.c.usual))
    found = _latest(query, usual)
    # An end is a stage in which one stays; any other one that is over, without one after it, was left with the model.
    left = and_(found.c.gone == 1, found.c.kind.in_(("entry", "active")))
    return select(
        found.c.customer_id,
        case((~left, found.c.stage_name)).label("stage"),
        case((~left, found.c.label)).label("label"),
        found.c.entered_at.label("stage_since"),
        case((left, "left"), else_=found.c.kind).label("stage_kind"),
        found.c.number.label("passage"),
    ).where(found.c.place == 1)


def select_passages(query: FactQuery) -> Select[Any]:
    """Return how often customers have begun and ended passages of the usual model."""
    column = INTERVALS.c
    usual = column.model_id.in_(select(MODELS.c.id).where(MODELS.c.usual))
    first = func.min(case((column.label.in_(("new", "mature")), column.entered_at)))
    return (
        select(
            column.customer_id,
            func.min(column.entered_at).label("first_at"),
            func.count(case((column.kind == GOOD, 1))).label("good_ends"),
            func.count(case((column.kind == "bad", 1))).label("bad_ends"),
            first.label("customer_at"),
        )
        .where(_known(query), usual)
        .group_by(column.customer_id)
    )


def select_keyed(query: FactQuery) -> Select[Any]:
    """Return where customers stood in each of the models asked for, by the names of these."""
    models = MODELS.alias("asked_model")
    found = _latest(query, by_model=True)
    left = and_(found.c.gone == 1, found.c.kind.in_(("entry", "active")))
    columns: list[Any] = []
    for place, key in enumerate(query.keys):
        mine = models.c.name == key
        columns += [
            func.max(case((and_(mine, ~left), found.c.stage_name))).label(f"stage_in:{place}"),
            func.max(case((mine, found.c.entered_at))).label(f"stage_in_since:{place}"),
            func.max(case((mine, found.c.number))).label(f"passages_in:{place}"),
        ]
    return (
        select(found.c.customer_id, *columns)
        .select_from(found.join(models, models.c.id == found.c.model_id))
        .where(found.c.place == 1)
        .group_by(found.c.customer_id)
    )


def model_keys(session: CrmSession) -> Sequence[str]:
    """Return the names of the models that there are."""
    return list(session.scalars(select(LifecycleModel.name).order_by(LifecycleModel.name)))


def select_rolled(query: FactQuery) -> Select[Any]:
    """Return what organisations had by their people in the usual model."""
    column = _ROLLED.c
    place = func.row_number().over(partition_by=column.customer_id, order_by=(column.since.desc(), column.id.desc()))
    known = column.since <= query.as_of
    if not query.present:
        known = and_(known, column.recorded_at <= query.known_at)
    usual = column.model_id.in_(select(MODELS.c.id).where(MODELS.c.usual))
    ranked = (
        select(column.customer_id, column.stage_name, column.conflict, place.label("place"))
        .where(known, usual, query.within(column.customer_id))
        .subquery("lifecycle_rolled")
    )
    return select(
        ranked.c.customer_id, ranked.c.stage_name.label("rolled_up"), ranked.c.conflict.label("conflict")
    ).where(ranked.c.place == 1)


def touched(query: FactQuery, since: FactQuery) -> Select[Any]:
    """Return the customers of whose way anything was written between two moments."""
    column = INTERVALS.c
    later = or_(
        column.recorded_at > since.known_at, column.left_recorded_at > since.known_at, column.entered_at > since.as_of
    )
    return select(column.customer_id).where(later).distinct()


FACTS = [
    FactSet(
        name="lifecycle",
        title=_("Lifecycle"),
        doc=_("Where the customer stands in the usual model"),
        select=select_stage,
        touched=touched,
        columns=[
            Fact(name="stage", type=str | None, title=_("Lifecycle stage"), doc=_("The stage, by its name")),
            Fact(
                name="label",
                type=str | None,
                options=tuple(LABELS),
                doc=_("What the stage says in the dimension lifecycle"),
            ),
            Fact(name="stage_since", type=datetime | None, doc=_("Since when the customer is in the stage")),
            Fact(
                name="stage_kind",
                type=str | None,
                options=("entry", "active", "good", "bad", "left"),
                doc=_("Whether the customer is on the way or at an end"),
            ),
            Fact(name="passage", type=int, default=0, doc=_("Which passage it is, the first or another")),
        ],
    ),
    FactSet(
        name="lifecycle",
        doc=_("The customer's passages of the usual model"),
        select=select_passages,
        touched=touched,
        columns=[
            Fact(name="first_at", type=datetime | None, doc=_("When the first passage began")),
            Fact(name="customer_at", type=datetime | None, doc=_("When the customer first came to a customer's stage")),
            Fact(name="good_ends", type=int, default=0, doc=_("How often a passage has reached its good end")),
            Fact(name="bad_ends", type=int, default=0, doc=_("How often a passage has reached a bad end")),
        ],
    ),
    FactSet(
        name="lifecycle",
        columns=[
            Fact(
                name="days_in_stage",
                type=int | None,
                unit=_("days"),
                doc=_("Days in the stage"),
                expression="days_since(lifecycle.stage_since)",
            )
        ],
    ),
    FactSet(
        name="lifecycle",
        doc=_("Where the customer stands in a model, by the model's name"),
        select=select_keyed,
        touched=touched,
        keyed=_("the name of a model"),
        keys=model_keys,
        columns=[
            Fact(name="stage_in", type=str | None, doc=_("The stage in a model, by its name")),
            Fact(name="stage_in_since", type=datetime | None, doc=_("Since when")),
            Fact(name="passages_in", type=int, default=0, doc=_("How many passages of the model there have been")),
        ],
    ),
    FactSet(
        name="lifecycle",
        doc=_("What an organisation has by its people"),
        select=select_rolled,
        columns=[
            Fact(name="rolled_up", type=str | None, doc=_("The stage by the organisation's people")),
            Fact(
                name="conflict",
                type=bool,
                default=False,
                doc=_("Whether people contradict each other, or the organisation's own stage"),
            ),
        ],
    ),
]
