"""Finding maps and their revisions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from crmkit import CrmSession, NotFound, texts
from crmkit_journey.maps.content import MapContent, content_of
from crmkit_journey.maps.models import JourneyMap, MapRevision

_ = texts("crmkit_journey")


def map_named(session: CrmSession, name: str) -> JourneyMap:
    """Return a map by its name. Raises NotFound, naming those that there are."""
    found = session.scalars(select(JourneyMap).where(JourneyMap.name == name)).first()
    if found is None:
        known = ", ".join(each.name for each in maps(session)) or "–"
        raise NotFound(_('There is no map "{name}".'), fix=_("There are: {known}."), name=name, known=known)
    return found


def maps(session: CrmSession) -> Sequence[JourneyMap]:
    """Return all maps, by title."""
    return session.scalars(select(JourneyMap).order_by(JourneyMap.title, JourneyMap.name)).all()


def content(session: CrmSession, map: JourneyMap, number: int | None = None) -> MapContent:
    """Return what a map says, at hand or in a revision. Raises NotFound for a revision that there is not."""
    query = select(MapRevision).where(MapRevision.map_id == map.id, MapRevision.number == (number or map.revision))
    found = session.scalars(query).first()
    if found is None:
        raise NotFound(_("There is no revision {number} of the map."), number=number)
    return content_of(found.document)


def revisions(session: CrmSession, map: JourneyMap) -> Sequence[MapRevision]:
    """Return the revisions of a map, the newest first."""
    query = select(MapRevision).where(MapRevision.map_id == map.id).order_by(MapRevision.number.desc())
    return session.scalars(query).all()
