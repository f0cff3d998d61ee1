"""The operations by which searches are begun, kept up to date, ended and stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from attrs import frozen
from sqlalchemy import delete, select, update

from crmkit import Conflict, CrmSession, Input, operation, texts
from crmkit_quality.duplicates.events import DuplicatesFound
from crmkit_quality.duplicates.models import UNDER_WAY, Learnt, Search
from crmkit_quality.duplicates.searching import ALIVE, WHY, under_way
from crmkit_quality.duplicates.storing import store
from crmkit_quality.settings import settings_of

_ = texts("crmkit_quality")

JOB = "quality.search"
MODELS_KEPT = 3
SEARCHES_KEPT = 50
RIGHT = "quality.duplicates.search"
Kind = Annotated[
    Literal["full", "changed"],
    Input(title=_("Which customers"), choices={"full": _("All"), "changed": _("Changed")}, classified="internal"),
]


@operation(RIGHT, title=_("Search for duplicates"), permission=RIGHT, effect="create")
def begin_search(session: CrmSession, *, kind: Kind = "full") -> None:
    """Have a worker search for duplicates among all customers, or for those of the customers that changed since the
    last search. Raises Conflict while another search is under way."""
    search_id = _begin(session, kind, "waiting")
    session.defer(JOB, unique=JOB, search_id=str(search_id))


@operation("quality.search.begin", title=_("Begin a search"), permission=RIGHT, effect="create", hidden=True)
def begin_here(session: CrmSession, *, kind: Kind) -> UUID:
    """Begin a search that the caller carries out, in system scope, and return its id. Raises Conflict while another
    search is under way."""
    return _begin(session, kind, "running")


def _begin(session: CrmSession, kind: str, state: str) -> UUID:
    now = session.gate.clock.now()
    crm = session.crm
    with crm.session(crm.system(WHY)) as whole:
        running = under_way(whole)
        if running is not None and running.seen_at > now - ALIVE:
            raise Conflict(_("A search for duplicates is under way."), fix=_("Wait until it has ended, or stop it."))
    search = Search(kind=kind, state=state, seen_at=now)
    session.add(search)
    session.flush()
    return search.id


@operation("quality.duplicates.stop", title=_("Stop the search for duplicates"), permission=RIGHT, effect="update")
def stop_search(session: CrmSession) -> None:
    """Have the search that is under way stop at its next sign of life; where none is, nothing happens."""
    session.execute(update(Search).where(Search.state.in_(("waiting", "running"))).values(state="stopping"))


# --- what the search itself writes ------------------------------------------------------------------------------------


@operation("quality.search.beat", title=_("Sign of life of a search"), permission=RIGHT, effect="update", hidden=True)
def beat(session: CrmSession, search: Search, *, done: Annotated[int, Input(classified="internal")]) -> bool:
    """Note how many per cent of a search are done. Returns whether it is to go on."""
    if search.state == "stopping":
        return False
    search.state = "running"
    search.done = done
    search.seen_at = session.gate.clock.now()
    return True


@operation("quality.search.end", title=_("End of a search"), permission=RIGHT, effect="update", hidden=True)
def end_search(
    session: CrmSession,
    search: Search,
    *,
    state: Annotated[Literal["stopped", "failed"], Input(classified="internal")],
    error: Annotated[str, Input(classified="internal")] = "",
) -> None:
    """Note that a search has ended without a result, and why."""
    search.state = state
    search.error = error or None
    search.finished_at = session.gate.clock.now()


@frozen(kw_only=True)
class Results:
    """What a search has found. ``pairs`` are candidate pairs, ``worth`` how much looking at a customer is worth;
    ``among`` are the customers that were compared with all others, None for all; ``model`` is what was learnt."""

    pairs: tuple[Any, ...]
    worth: Mapping[Any, float]
    among: tuple[UUID, ...] | None
    model: Annotated[str | None, Input(classified="sensitive")]
    customers: int
    data_at: datetime | None
    compared: int
    seconds: float


@operation("quality.search.store", title=_("Keep what a search has found"), permission=RIGHT, hidden=True)
def store_results(session: CrmSession, search: Search, results: Results) -> None:
    """Keep the pairs of a search and what it has learnt, in system scope alone, and end it."""
    kept = store(session, results.pairs, results.worth, results.among)
    search.state, search.done, search.error = "done", 100, None
    search.finished_at = search.seen_at = session.gate.clock.now()
    search.customers, search.data_at = results.customers, results.data_at
    search.compared, search.seconds = results.compared, results.seconds
    search.found, search.fresh = kept.found, kept.fresh
    if results.model is not None:
        session.add(Learnt(search_id=search.id, document=results.model))
        session.flush()
        _keep_newest(session, Learnt, MODELS_KEPT)
    _keep_newest(session, Search, SEARCHES_KEPT)
    session.emit(DuplicatesFound(search_id=search.id, found=kept.found, fresh=kept.fresh))
    if settings_of(session.crm.settings).merge_automatically:
        session.run("quality.duplicates.merge_automatic", {})


def _keep_newest(session: CrmSession, model: type[Any], number: int) -> None:
    newest = select(model.id).order_by(model.created_at.desc(), model.id.desc()).limit(number)
    held = list(session.scalars(newest))
    query = delete(model).where(model.id.not_in(held))
    session.execute(query.where(Search.state.not_in(UNDER_WAY)) if model is Search else query)


@operation("quality.search.revive", title=_("Begin a search anew"), permission=RIGHT, effect="update", hidden=True)
def revive(session: CrmSession, search: Search) -> None:
    """Begin a search anew whose process has died, by a worker."""
    search.state = "stopped" if search.state == "stopping" else "waiting"
    search.seen_at = session.gate.clock.now()
    if search.state == "waiting":
        session.defer(JOB, unique=JOB, search_id=str(search.id))


OPERATIONS = [begin_search, begin_here, stop_search, beat, end_search, store_results, revive]
