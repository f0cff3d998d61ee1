"""The pages of needs: all of them, and one with who needs it, what happened to it, its scores and what can be done.

Must not change anything; everything that can be done there is an operation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crmkit import CrmSession, Customer, NotFound, Page, User, texts
from crmkit_needs.alike.finding import alike_to
from crmkit_needs.board.following import followed
from crmkit_needs.board.operations import untold
from crmkit_needs.catalogue.display import HAPPENED
from crmkit_needs.catalogue.evidence import evidence_of
from crmkit_needs.catalogue.history import events_of, path_of
from crmkit_needs.catalogue.merging import family_of
from crmkit_needs.catalogue.models import Need, NeedEvent, ProductArea
from crmkit_needs.catalogue.words import (
    COMPLEXITIES,
    DECLINES,
    IMPORTANCES,
    KINDS,
    MOVES,
    OPEN,
    SCOPES,
    SOURCES,
    STATES,
    URGENCIES,
)
from crmkit_needs.scoring.answers import links_of, pairs_of
from crmkit_needs.scoring.asking import SURVEY
from crmkit_needs.scoring.counting import support_of
from crmkit_needs.scoring.formulas import score_of
from crmkit_needs.scoring.kano import CATEGORIES, kano_of
from crmkit_needs.scoring.known import formulas_of
from crmkit_needs.scoring.reading import MOVE, inputs_of

_ = texts("crmkit_needs")

HOME = "/modules/needs/list"
SHOWN = 100
LOOKED_AT = 2000
"""In how many needs, the newest ones, a text is looked for."""
TONES = {
    "new": "info",
    "accepted": "accent",
    "planned": "accent",
    "in_progress": "warn",
    "delivered": "good",
    "declined": "",
    "critical": "bad",
    "high": "warn",
}
ANY = "all"


def list_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the needs that are asked for, the newest first, the open ones unless said otherwise, with how many
    customers of those whom the reader sees need each."""
    said = {
        "state": _one_of(query.get("state", ""), (*STATES, ANY)),
        "kind": _one_of(query.get("kind", ""), KINDS),
        "urgency": _one_of(query.get("urgency", ""), URGENCIES),
    }
    areas = session.scalars(select(ProductArea).order_by(ProductArea.title)).all()
    area = next((each for each in areas if each.name == query.get("area")), None)
    text = words = query.get("text", "").strip()[:200]
    wanted = select(Need)
    if said["state"] != ANY:
        wanted = wanted.where(Need.state == said["state"] if said["state"] else Need.state.in_(OPEN))
    if said["kind"]:
        wanted = wanted.where(Need.kind == said["kind"])
    if said["urgency"]:
        wanted = wanted.where(Need.urgency == said["urgency"])
    if area is not None:
        wanted = wanted.where(Need.area_id == area.id)
    if text.isascii() and text.isdigit() and len(text) < 9:
        wanted = wanted.where(Need.number == int(text))
        text = ""
    found = session.scalars(wanted.order_by(Need.number.desc()).limit(LOOKED_AT if text else SHOWN + 1)).all()
    if text:
        # Texts are sealed, so that SQL cannot look into them.
        found = [each for each in found if text.casefold() in str(each.title).casefold()]
    needs = found[:SHOWN]
    return {
        **_words(),
        "needs": needs,
        "more": len(found) > SHOWN,
        "support": support_of(session, needs),
        "said": {**said, "area": area.name if area is not None else "", "text": words},
        "areas": areas,
        "area_titles": {each.id: each.title for each in areas},
        "owners": _names(session, User, (each.owner_id for each in needs)),
        "today": session.today(),
        "may_create": may(session, "needs.need", "create"),
        "home": HOME,
    }


def need_page(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return everything that the page of a need shows. Raises NotFound."""
    need = _need(session, query.get("id", ""))
    evidence = evidence_of(session, need)
    events = events_of(session, need.id)
    family = family_of(session, need)
    support = support_of(session, [need])[need.id]
    inputs = inputs_of(need, support)
    people = _names(session, User, [need.owner_id, *(each.user_id for each in events), *map(_identity, events)])
    merged = need.merged_into_id is not None
    return {
        **_words(),
        "need": need,
        "into": session.get(Need, need.merged_into_id) if need.merged_into_id is not None else None,
        "area": session.get(ProductArea, need.area_id) if need.area_id is not None else None,
        "owner": people.get(need.owner_id),
        "evidence": evidence[:SHOWN],
        "more": len(evidence) > SHOWN,
        "customers": _names(session, Customer, (each.customer_id for each in evidence[:SHOWN])),
        "support": support,
        "numbers": {each.id: each.number for each in family},
        "absorbed": [each for each in family if each.merged_into_id == need.id],
        "events": [(each, _shown(each, people)) for each in reversed(events)],
        "people": people,
        "happened": HAPPENED,
        "alike": alike_to(session, need),
        "scores": [(each, score_of(each, inputs, MOVE)) for each in formulas_of(session)],
        "inputs": sorted((need.inputs or {}).items()),
        **_kano(session, need),
        "untold": len(untold(session, need)) if need.public_text else 0,
        "followed": followed(evidence),
        "moves": MOVES[need.state],
        "today": session.today(),
        "is_open": need.state in OPEN,
        "may_update": may(session, "needs.need", "update") and not merged,
        "may_merge": may(session, "needs.need", "merge"),
        "may_add": may(session, "needs.evidence", "create"),
        "may_change": may(session, "needs.evidence", "update"),
        "may_board": may(session, "needs.board", "manage") and not merged,
        "merged": merged,
        "path_of": path_of,
        "here": path_of(need),
        "home": HOME,
    }


def _kano(session: CrmSession, need: Need) -> dict[str, Any]:
    """Return what customers answered to Kano's questions about a need, and which questions of surveys these are."""
    pairs = pairs_of(session, [need.id]).get(need.id, [])
    return {
        "kano": kano_of(pairs) if pairs else None,
        "kano_links": [link for _root, link in links_of(session, [need.id])],
        "categories": CATEGORIES,
        "surveys": SURVEY in session.gate.registry.resources,
    }


def may(session: CrmSession, resource: str, action: str) -> bool:
    """Say whether whoever reads may do something."""
    rights = session.guarding.rights
    return bool(rights.unrestricted or rights.scope(resource, action) != "none")


def _words() -> dict[str, Any]:
    return {
        "states": STATES,
        "kinds": KINDS,
        "scopes": SCOPES,
        "urgencies": URGENCIES,
        "complexities": COMPLEXITIES,
        "declines": DECLINES,
        "importances": IMPORTANCES,
        "sources": SOURCES,
        "tones": TONES,
    }


def _one_of(said: str, known: Iterable[str]) -> str:
    return said if said in known else ""


def _need(session: CrmSession, text: str) -> Need:
    try:
        found = session.get(Need, UUID(text))
    except ValueError:
        found = None
    if found is None:
        raise NotFound(_("There is no such need."))
    return found


def _names(session: CrmSession, model: Any, ids: Iterable[UUID | None]) -> dict[UUID | None, str]:
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    return {each.id: each.name for each in session.scalars(select(model).where(model.id.in_(wanted)))}


def _identity(event: NeedEvent) -> UUID | None:
    """Return whom something that happened names."""
    try:
        return UUID(event.after or "") if event.kind == "assigned" else None
    except ValueError:
        return None


def _shown(event: NeedEvent, people: Mapping[UUID | None, str]) -> str:
    """Return what something that happened led to, to be translated; "" where its kind says it all."""
    after = event.after or ""
    if event.kind in ("state", "unmerged"):
        return STATES.get(after, after)
    if event.kind == "opened":
        return KINDS.get(after, after)
    if event.kind == "assigned":
        return people.get(_identity(event), "")
    return after


PAGES = [
    Page(
        name="needs.list",
        title=_("Needs"),
        path="/list",
        template="needs/desk/list.html",
        context=list_page,
        permission="needs.need.read",
        icon="bulb",
        order=75,
    ),
    Page(
        name="needs.need",
        title=_("Need"),
        path="/need",
        template="needs/desk/need.html",
        context=need_page,
        permission="needs.need.read",
        menu=False,
    ),
]
