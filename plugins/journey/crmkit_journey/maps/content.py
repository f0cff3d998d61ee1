"""What a map says, as frozen values: stages in their order, and the touchpoints of each; as a document, and back.

A map is one document and each time it is saved a revision, so that two of them can be compared as wholes. Must not know
databases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import attrs
from attrs import field, frozen

from crmkit import Input, InvalidInput, Problem, structure, texts

_ = texts("crmkit_journey")

MOST_STAGES, MOST_TOUCHPOINTS = 20, 20
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
Words = Annotated[str, Input(classified="internal")]


@frozen(kw_only=True)
class Touchpoint:
    """Where customers meet the business in a stage: by which ``channel``, what for (``goal``), how they feel
    (``emotion``, -2 to 2, as staff judge it), whose it is (``owner``, a login), what is measured (``measure``, a
    condition over facts: the share of customers for whom it holds), by which kinds of interaction one knows that a
    customer was there (``activities``), which ``flow`` serves it, and what hurts and could be done (``pains``,
    ``ideas``)."""

    name: Words
    title: Words = ""
    channel: Words = ""
    goal: Words = ""
    emotion: int = 0
    owner: Words = ""
    measure: Words = ""
    activities: tuple[Words, ...] = field(default=(), converter=tuple)
    flow: Words = ""
    pains: Words = ""
    ideas: Words = ""


@frozen(kw_only=True)
class Stage:
    """A stage of a map, with its touchpoints."""

    name: Words
    title: Words = ""
    touchpoints: tuple[Touchpoint, ...] = field(default=(), converter=tuple)

    @property
    def activities(self) -> frozenset[str]:
        """Return the kinds of interaction by which one knows that a customer was in the stage."""
        return frozenset(kind for each in self.touchpoints for kind in each.activities)


@frozen(kw_only=True)
class MapContent:
    """A whole map: its stages in their order, and ``among``, the condition over facts for whom it holds."""

    among: Words = "true"
    stages: tuple[Stage, ...] = field(default=(), converter=tuple)

    def stage(self, name: str) -> Stage | None:
        """Return a stage by its name, None for one that there is not."""
        return next((each for each in self.stages if each.name == name), None)


def content_of(document: Mapping[str, Any]) -> MapContent:
    """Return what a document says. Raises InvalidInput with every place that cannot be read."""
    found: MapContent = structure(MapContent, dict(document))
    problems = list(_problems(found))
    if problems:
        raise InvalidInput(problems)
    return found


def document_of(content: MapContent) -> dict[str, Any]:
    """Return a map as a document; `content_of` gives the same map back. What is as usual is left out."""
    found = attrs.asdict(content, filter=_said, value_serializer=_listed)
    return {"stages": [], **found}


def compared(old: MapContent, new: MapContent) -> list[tuple[str, str, str]]:
    """Return what differs between two maps: the place, what stood there and what stands there now (empty for
    nothing)."""
    before, after = _flat(old), _flat(new)
    places = [*before, *(place for place in after if place not in before)]
    return [
        (place, before.get(place, ""), after.get(place, ""))
        for place in places
        if before.get(place, "") != after.get(place, "")
    ]


def _problems(content: MapContent) -> Iterator[Problem]:
    if len(content.stages) > MOST_STAGES:
        yield _problem("stages", _("A map has at most {most} stages."), most=MOST_STAGES)
    yield from _names("stages", content.stages)
    for at, stage in enumerate(content.stages):
        where = f"stages.{at}.touchpoints"
        if len(stage.touchpoints) > MOST_TOUCHPOINTS:
            yield _problem(where, _("A stage has at most {most} touchpoints."), most=MOST_TOUCHPOINTS)
        yield from _names(where, stage.touchpoints)
        for number, each in enumerate(stage.touchpoints):
            if not -2 <= each.emotion <= 2:
                yield _problem(f"{where}.{number}.emotion", _("An emotion lies between -2 and 2."))


def _names(where: str, named: Sequence[Stage | Touchpoint]) -> Iterator[Problem]:
    known: set[str] = set()
    for at, each in enumerate(named):
        if not _NAME.fullmatch(each.name):
            text = _("A name has small letters, digits and _, begins with a letter, at most 40 in all.")
            yield _problem(f"{where}.{at}.name", text)
        if each.name in known:
            yield _problem(f"{where}.{at}.name", _('There are two of the name "{name}".'), name=each.name)
        known.add(each.name)


def _said(attribute: Any, value: Any) -> bool:
    default = attribute.default
    return default is attrs.NOTHING or value != default


def _listed(_instance: Any, _attribute: Any, value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _flat(content: MapContent) -> dict[str, str]:
    found = {"among": content.among}
    for at, stage in enumerate(content.stages, 1):
        found[stage.name] = f"{at}. {stage.title}"
        for number, each in enumerate(stage.touchpoints, 1):
            for name in [attribute.name for attribute in attrs.fields(Touchpoint)]:
                value = getattr(each, name)
                shown = ", ".join(value) if isinstance(value, tuple) else str(value)
                found[f"{stage.name}.{each.name}.{name}"] = f"{number}." if name == "name" else shown
    return found


def _problem(field: str, text: str, **values: Any) -> Problem:
    return Problem(InvalidInput.code, text, field=field, **values)
