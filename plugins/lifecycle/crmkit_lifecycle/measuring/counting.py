"""Measures of ways: conversion from stage to stage, time in stages, who is there too long, leaks, cohorts.

Pure functions over what was read; must not know sessions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from statistics import median
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import frozen

from crmkit.engines.statistics.intervals import median_interval, wilson
from crmkit.engines.statistics.survival import kaplan_meier
from crmkit_lifecycle.designing.models import Stage
from crmkit_lifecycle.measuring.reading import Span, Ways
from crmkit_lifecycle.words import BAD, ENDS, GOOD


@frozen(kw_only=True)
class Cell:
    """How many went from a stage to another, out of all who were in it, with the interval of the share."""

    count: int
    of: int
    share: float | None
    low: float
    high: float


@frozen(kw_only=True)
class StageFigures:
    """What is known of a stage: how many came, are there, went on, were lost; how many days they stay.

    ``median_days`` counts who is still there as not over yet (Kaplan-Meier), and is None where fewer than half have
    gone. ``usual_days`` is the P90 of those who have gone: whoever is there longer is ``ageing``.
    """

    stage: Stage
    entered: int
    there: int
    forward: int
    back: int
    lost: int
    left: int
    median_days: float | None
    low_days: float | None
    high_days: float | None
    usual_days: float | None
    ageing: int


def matrix(ways: Ways) -> dict[tuple[UUID, UUID | None], Cell]:
    """Return for each stage and each other one, or None for out of the model, how many went from the one to the other
    out of all visits of the one that are over."""
    counts: Counter[tuple[UUID, UUID | None]] = Counter()
    over: Counter[UUID] = Counter()
    for each in ways.spans:
        if each.kind in ENDS or (each.to is None and not each.gone):
            continue
        counts[each.key, each.to] += 1
        over[each.key] += 1
    found: dict[tuple[UUID, UUID | None], Cell] = {}
    for pair, count in counts.items():
        estimate = wilson(count, over[pair[0]])
        found[pair] = Cell(
            count=count,
            of=over[pair[0]],
            share=estimate.value,
            low=estimate.low or 0.0,
            high=estimate.high if estimate.high is not None else 1.0,
        )
    return found


def stage_figures(ways: Ways) -> list[StageFigures]:
    """Return what is known of each stage, in their order."""
    of: dict[UUID, list[Span]] = defaultdict(list)
    for each in ways.spans:
        of[each.key].append(each)
    places = {each.key: (each.position, each.kind) for each in ways.stages}
    return [_figures(ways, stage, of[stage.key], places) for stage in ways.stages]


def _figures(ways: Ways, stage: Stage, spans: Sequence[Span], places: Mapping[UUID, tuple[int, str]]) -> StageFigures:
    at = ways.moment.as_of
    still = [each for each in spans if each.to is None and not each.gone and each.kind not in ENDS]
    moved = [places.get(each.to, (stage.position, "")) for each in spans if each.to is not None]
    gone = [each.days(at) for each in spans if each not in still] if stage.kind not in ENDS else []
    low = high = middle = None
    if gone:
        curve = kaplan_meier([each.days(at) for each in spans], [each.to is not None or each.gone for each in spans])
        middle = curve.median
        interval = median_interval(gone)
        low, high = interval.low, interval.high
    usual = sorted(gone)[max(0, -(-9 * len(gone) // 10) - 1)] if len(gone) >= 5 else None
    return StageFigures(
        stage=stage,
        entered=len(spans),
        there=len(still),
        forward=sum(position > stage.position and kind != BAD for position, kind in moved),
        back=sum(position < stage.position for position, _kind in moved),
        lost=sum(kind == BAD for _position, kind in moved),
        left=sum(each.gone for each in spans),
        median_days=middle,
        low_days=low,
        high_days=high,
        usual_days=usual,
        ageing=sum(each.days(at) > usual for each in still) if usual is not None else 0,
    )


@frozen(kw_only=True)
class Waiting:
    """Somebody who is longer in a stage than nine in ten of those who have left it."""

    customer_id: UUID
    stage: Stage
    days: float
    usual_days: float
    times: float


def ageing(ways: Ways, most: int = 100) -> list[Waiting]:
    """Return who is longest in a stage against what is usual there, the worst first."""
    usual = {each.stage.key: each for each in stage_figures(ways)}
    at = ways.moment.as_of
    found: list[Waiting] = []
    for each in ways.spans:
        figures = usual.get(each.key)
        if figures is None or figures.usual_days is None or each.left_at is not None or each.kind in ENDS:
            continue
        days = each.days(at)
        if days > figures.usual_days:
            found.append(
                Waiting(
                    customer_id=each.customer_id,
                    stage=figures.stage,
                    days=days,
                    usual_days=figures.usual_days,
                    times=days / max(figures.usual_days, 1.0),
                )
            )
    return sorted(found, key=lambda each: (-each.times, str(each.customer_id)))[:most]


@frozen(kw_only=True)
class Leak:
    """What is lost at a stage: how many of those who have gone went to a bad end or out of the model, with the
    interval, and what part that is of everything lost."""

    stage: Stage
    lost: int
    of: int
    share: float | None
    low: float
    high: float
    part: float


def leaks(ways: Ways) -> list[Leak]:
    """Return the stages at which customers are lost, the worst first by how many."""
    figures = [each for each in stage_figures(ways) if each.stage.kind not in ENDS]
    total = sum(each.lost + each.left for each in figures)
    found: list[Leak] = []
    for each in figures:
        lost, of = each.lost + each.left, each.entered - each.there
        if not lost:
            continue
        estimate = wilson(lost, of)
        found.append(
            Leak(
                stage=each.stage,
                lost=lost,
                of=of,
                share=estimate.value,
                low=estimate.low or 0.0,
                high=estimate.high if estimate.high is not None else 1.0,
                part=lost / total,
            )
        )
    return sorted(found, key=lambda each: (-each.lost, each.stage.position))


@frozen(kw_only=True)
class Cohort:
    """The passages that began in a month: how many, and what part had come to the goal by each month after."""

    month: date
    size: int
    reached: Sequence[float | None]
    lost: int
    median_days: float | None


def cohorts(ways: Ways, *, goal: str = "", months: int = 12) -> list[Cohort]:
    """Return by month of entry what part of passages has come to the goal (a stage's name, else any good end) within so
    many months; None for months that are not over."""
    zone = ZoneInfo(ways.moment.zone)
    target = ways.stage(goal) if goal else None
    keys = {target.key} if target is not None else {each.key for each in ways.stages if each.kind == GOOD}
    bad = {each.key for each in ways.stages if each.kind == BAD}
    found: dict[date, list[tuple[int | None, bool, float | None]]] = defaultdict(list)
    for spans in ways.by_passage.values():
        began = spans[0].entered_at
        first = began.astimezone(zone).date().replace(day=1)
        hit = next((each.entered_at for each in spans if each.key in keys), None)
        after = None if hit is None else _months(first, hit.astimezone(zone).date())
        days = None if hit is None else (hit - began).total_seconds() / 86_400
        found[first].append((after, any(each.key in bad or each.gone for each in spans), days))
    today = ways.moment.today
    result: list[Cohort] = []
    for first, passages in sorted(found.items()):
        age = min(_months(first, today), months)
        reached = [
            sum(after is not None and after <= month for after, _lost, _days in passages) / len(passages)
            if month <= age
            else None
            for month in range(months + 1)
        ]
        times = [days for _after, _lost, days in passages if days is not None]
        result.append(
            Cohort(
                month=first,
                size=len(passages),
                reached=reached,
                lost=sum(lost for _after, lost, _days in passages),
                median_days=median(times) if times else None,
            )
        )
    return result


def _months(first: date, day: date) -> int:
    return (day.year - first.year) * 12 + day.month - first.month


def causes(ways: Ways) -> Mapping[str, Counter[Any]]:
    """Return by direction how many moves were made by what."""
    found: dict[str, Counter[Any]] = defaultdict(Counter)
    for each in ways.spans:
        found[each.direction][each.cause] += 1
    return found
