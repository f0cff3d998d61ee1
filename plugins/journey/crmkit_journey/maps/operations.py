"""Drawing maps: stages and touchpoints are put, moved and taken away; each change is a revision."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import attrs
from attrs import evolve, frozen
from sqlalchemy import select

from crmkit import UNSET, CrmSession, Input, UnsetType, given, operation, texts
from crmkit.errors import AlreadyExists
from crmkit_journey.flows.errors import problem
from crmkit_journey.maps.content import MapContent, Stage, Touchpoint, content_of, document_of
from crmkit_journey.maps.errors import MapChanged
from crmkit_journey.maps.finding import content
from crmkit_journey.maps.models import JourneyMap, MapRevision
from crmkit_journey.maps.shipped import SHIPPED

_ = texts("crmkit_journey")

MANAGE = "journey.map.manage"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="public")]
Description = Annotated[str, Input(title=_("What it is about"), max_length=2000, multiline=True, classified="public")]
StageName = Annotated[str, Input(title=_("Stage"), max_length=40, classified="public")]
PointName = Annotated[str, Input(title=_("Touchpoint"), max_length=40, classified="public")]
Place = Annotated[
    int, Input(title=_("Place"), help=_("1 is the first; 0: as it is, new ones last."), classified="public")
]
Text = Annotated[str, Input(max_length=1000, classified="internal")]


@frozen(kw_only=True)
class MapUpdate:
    """What to change about a map; what is not given stays."""

    title: Title | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    among: Annotated[str, Input(title=_("For whom it holds"), max_length=1000, classified="internal")] | UnsetType = (
        UNSET
    )


@operation("journey.map.create", title=_("Add a map"), permission=MANAGE, effect="create")
def create_map(
    session: CrmSession,
    *,
    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="public")],
    title: Title = "",
    description: Description = "",
    document: Annotated[Mapping[str, Any] | None, Input(title=_("Content"), classified="internal")] = None,
) -> JourneyMap:
    """Add a map. Raises AlreadyExists, InvalidInput for a name or a content that is none."""
    if not _NAME.fullmatch(name):
        raise problem("name", _("A name has small letters, digits and _, and begins with a letter."))
    if session.scalar(select(JourneyMap.id).where(JourneyMap.name == name)) is not None:
        raise AlreadyExists(_('There is a map "{name}" already.'), name=name)
    made = JourneyMap(
        name=name,
        title=title.strip() or name,
        description=description.strip() or None,
        owner_id=session.actor.user_id,
    )
    session.add(made)
    session.flush()
    _keep(session, made, content_of(document or {}))
    return made


@operation("journey.map.update", title=_("Change title and audience"), permission=MANAGE, effect="update")
def update_map(session: CrmSession, map: JourneyMap, changes: MapUpdate) -> JourneyMap:
    """Change what a map is called, what it is about, and for whom it holds."""
    said = given(changes)
    among = said.pop("among", None)
    for name, value in said.items():
        setattr(map, name, (value.strip() or None) if name == "description" else value)
    if among is not None:
        _keep(session, map, evolve(content(session, map), among=among.strip() or "true"))
    return map


@operation("journey.map.save", title=_("Save the whole map"), permission=MANAGE, effect="update")
def save_map(
    session: CrmSession,
    map: JourneyMap,
    *,
    document: Annotated[Mapping[str, Any], Input(title=_("Content"), classified="internal")],
    before: Annotated[int | None, Input(title=_("Revision that it came from"), classified="public")] = None,
) -> JourneyMap:
    """Save a map as a whole. Raises InvalidInput, MapChanged where somebody else saved one after ``before``."""
    if before is not None and before != map.revision:
        raise MapChanged(map.name, map.revision)
    _keep(session, map, content_of(document))
    return map


@operation("journey.map.restore", title=_("Restore a revision"), permission=MANAGE, effect="update")
def restore_map(
    session: CrmSession, map: JourneyMap, *, number: Annotated[int, Input(title=_("Revision"), classified="public")]
) -> JourneyMap:
    """Make an earlier revision the one at hand, as a new one. Raises NotFound."""
    _keep(session, map, content(session, map, number))
    return map


@operation("journey.map.put_stage", title=_("Put a stage"), permission=MANAGE, effect="update")
def put_stage(
    session: CrmSession, map: JourneyMap, *, stage: StageName, title: Title = "", place: Place = 0
) -> JourneyMap:
    """Put a stage, new or in place of the one of that name, whose touchpoints stay. Raises InvalidInput."""

    def change(found: MapContent) -> MapContent:
        old = found.stage(stage)
        new = Stage(name=stage, title=title.strip() or stage) if old is None else evolve(old, title=title or old.title)
        return evolve(found, stages=_placed(found.stages, new, place))

    return _edit(session, map, change)


@operation("journey.map.remove_stage", title=_("Take the stage away"), permission=MANAGE, effect="update")
def remove_stage(session: CrmSession, map: JourneyMap, *, stage: StageName) -> JourneyMap:
    """Take a stage away with its touchpoints. Raises InvalidInput for one that there is not."""

    def change(found: MapContent) -> MapContent:
        _stage(found, stage)
        return evolve(found, stages=[each for each in found.stages if each.name != stage])

    return _edit(session, map, change)


@operation("journey.map.put_touchpoint", title=_("Put a touchpoint"), permission=MANAGE, effect="update")
def put_touchpoint(
    session: CrmSession,
    map: JourneyMap,
    *,
    stage: StageName,
    touchpoint: PointName,
    title: Title = "",
    channel: Annotated[str, Input(title=_("Channel"), max_length=60, classified="internal")] = "",
    goal: Annotated[str, Input(title=_("What customers want there"), max_length=400, classified="internal")] = "",
    emotion: Annotated[int, Input(title=_("How they feel (-2 to 2)"), classified="internal")] = 0,
    owner: Annotated[str, Input(title=_("Owner (login)"), max_length=80, classified="internal")] = "",
    measure: Annotated[str, Input(title=_("Measure"), max_length=400, classified="internal")] = "",
    activities: Annotated[tuple[str, ...], Input(title=_("Kinds of interaction"), classified="internal")] = (),
    flow: Annotated[str, Input(title=_("Flow"), max_length=60, classified="internal")] = "",
    pains: Annotated[str, Input(title=_("What hurts"), max_length=1000, multiline=True, classified="internal")] = "",
    ideas: Annotated[
        str, Input(title=_("What could be done"), max_length=1000, multiline=True, classified="internal")
    ] = "",
    place: Place = 0,
) -> JourneyMap:
    """Put a touchpoint into a stage, new or in place of the one of that name. Raises InvalidInput."""
    new = Touchpoint(
        name=touchpoint,
        title=title.strip() or touchpoint,
        channel=channel,
        goal=goal,
        emotion=emotion,
        owner=owner,
        measure=measure,
        activities=activities,
        flow=flow,
        pains=pains,
        ideas=ideas,
    )

    def change(found: MapContent) -> MapContent:
        own = _stage(found, stage)
        return _replaced(found, evolve(own, touchpoints=_placed(own.touchpoints, new, place)))

    return _edit(session, map, change)


@operation("journey.map.remove_touchpoint", title=_("Take the touchpoint away"), permission=MANAGE, effect="update")
def remove_touchpoint(session: CrmSession, map: JourneyMap, *, stage: StageName, touchpoint: PointName) -> JourneyMap:
    """Take a touchpoint away. Raises InvalidInput for one that there is not."""

    def change(found: MapContent) -> MapContent:
        own = _stage(found, stage)
        rest = [each for each in own.touchpoints if each.name != touchpoint]
        if len(rest) == len(own.touchpoints):
            raise problem("touchpoint", _('There is no touchpoint "{name}".'), name=touchpoint)
        return _replaced(found, evolve(own, touchpoints=rest))

    return _edit(session, map, change)


@operation("journey.map.delete", title=_("Delete the map"), permission=MANAGE, effect="delete")
def delete_map(session: CrmSession, map: JourneyMap) -> None:
    """Delete a map with its revisions."""
    session.delete(map)


@operation("journey.map.install", title=_("Add the maps that come along"), permission=MANAGE)
def install_maps(session: CrmSession) -> list[str]:
    """Add the maps that come along, in the business's language, and return the names of those that were not there."""
    language = session.business().language
    there = set(session.scalars(select(JourneyMap.name)))
    made = []
    for each in SHIPPED:
        if each.name not in there:
            words = each.chinese if language.startswith("zh") else each.english
            values = {"name": each.name, "title": words.title, "description": words.description}
            session.run("journey.map.create", {**values, "document": document_of(words.content)})
            made.append(each.name)
    return made


def _edit(session: CrmSession, map: JourneyMap, change: Callable[[MapContent], MapContent]) -> JourneyMap:
    changed = change(content(session, map))
    # Checked as what comes from a file is.
    _keep(session, map, content_of(document_of(changed)))
    return map


def _keep(session: CrmSession, map: JourneyMap, found: MapContent) -> None:
    document = document_of(found)
    if map.revision and document_of(content(session, map)) == document:
        return
    map.revision += 1
    user_id = session.actor.user_id
    session.add(MapRevision(map_id=map.id, number=map.revision, document=document, user_id=user_id))
    session.flush()


def _placed(there: Any, new: Any, place: int) -> list[Any]:
    names = [each.name for each in there]
    if place == 0 and new.name in names:
        return [new if each.name == new.name else each for each in there]
    rest = [each for each in there if each.name != new.name]
    rest.insert(len(rest) if place < 1 else place - 1, new)
    return rest


def _stage(found: MapContent, name: str) -> Stage:
    stage = found.stage(name)
    if stage is None:
        raise problem("stage", _('There is no stage "{name}".'), name=name)
    return stage


def _replaced(found: MapContent, stage: Stage) -> MapContent:
    return attrs.evolve(found, stages=[stage if each.name == stage.name else each for each in found.stages])


OPERATIONS = [
    create_map,
    update_map,
    save_map,
    restore_map,
    put_stage,
    remove_stage,
    put_touchpoint,
    remove_touchpoint,
    delete_map,
    install_maps,
]
