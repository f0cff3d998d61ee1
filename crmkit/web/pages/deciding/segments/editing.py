"""The editor of segments: its condition by rows or as text, and what it comes to while it is typed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attrs import asdict, evolve
from starlette.responses import Response

from crmkit.engines.facts.moments import moment_of
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.engines.segments.figures import condition, sample, size
from crmkit.engines.segments.previewing import preview
from crmkit.engines.segments.resolving import all_segments, find_segment
from crmkit.errors import CrmkitError, InvalidInput
from crmkit.hooks.segments import Segment
from crmkit.i18n import texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.conditions.wording import words_of
from crmkit.web.pages.deciding.common import name_from, place_of
from crmkit.web.pages.deciding.segments.starting import starts
from crmkit.web.pages.routing import get, post, problems_by_field

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

CHANGE = "segment.update"
PURPOSES = ("marketing", "service", "research")
SHOWN = 5
FIELDS = ("name", "title", "where", "doc", "justification")


@get("/segments/new", right=CHANGE)
def new_segment(call: PageCall) -> Response:
    """Show the editor for a new segment, empty or with a condition to begin with."""
    with call.session() as session:
        offered = starts(session)
    chosen = next((each for each in offered if each.name == call.value("start")), None)
    typed = {
        "name": "",
        "title": call.text(chosen.title) if chosen is not None else "",
        "where": chosen.where if chosen is not None else call.value("where"),
        "doc": call.text(chosen.doc) if chosen is not None else "",
        "justification": "",
        "note": "",
    }
    return _editor(call, typed, starts=offered if chosen is None and not typed["where"] else ())


@get("/segments/{name}/edit", right=CHANGE)
def edit_segment(call: PageCall, name: str) -> Response:
    """Show the editor for a segment that is there."""
    with call.session() as session:
        item = find_segment(session, name)
    typed = asdict(item.value) if item.value is not None else {"name": name, "title": name, "where": ""}
    given = {field: call.text(typed.get(field, "")) for field in FIELDS}
    return _editor(call, {**given, "note": ""}, known=True)


def _editor(
    call: PageCall, typed: dict[str, Any], *, known: bool = False, error: CrmkitError | None = None, starts: Any = ()
) -> Response:
    context = {
        "typed": typed,
        "known": known,
        "starts": starts,
        "problems": problems_by_field(error) if error is not None else {},
        "purposes": PURPOSES,
    }
    return call.page("deciding/segment_edit.html", status=422 if error is not None else 200, **context)


@post("/segments/save", right=CHANGE)
def save_segment(call: PageCall) -> Response:
    """Save a segment; one without a name gets one made of its title."""
    typed = {field: call.value(field) for field in (*FIELDS, "note")}
    known = call.value("known") == "true"
    try:
        given = {**typed}
        with call.session() as session:
            if not known:
                given["name"] = typed["name"] or name_from(typed["title"] or typed["where"], all_segments(session))
            elif typed["name"] in all_segments(session):
                given = _translated(call, session, given)
        saved = call.run("segment.save", given)
    except InvalidInput as error:
        return _editor(call, typed, known=known, error=error)
    return call.redirect(place_of("segments", saved.name), said=_("The segment is saved."))


def _translated(call: PageCall, session: CrmSession, given: dict[str, Any]) -> dict[str, Any]:
    """Return what was typed, with the texts that were shown in another language and left alone as they were."""
    value = find_segment(session, given["name"]).value
    same = {
        field: str(own)
        for field in ("title", "doc")
        if value is not None and call.text(own := getattr(value, field)) == given[field]
    }
    return {**given, **same}


# --- what it comes to ------------------------------------------------------------------------------------------------


@post("/segments/preview", right="customer.read")
def preview_segment(call: PageCall) -> Response:
    """Show how many customers a condition is about and some of them; all else is asked for after that."""
    context: dict[str, Any] = {"count": None, "sample": [], "problem": "", "words": "", "more": None}
    where = call.value("where")
    if where:
        try:
            with call.session() as session:
                expression, moment = condition(session, where=where), moment_of(session)
                context["words"] = words_of(session, where, catalogue_of(session), call.language)
                context["count"] = size(session, expression, moment)
                context["sample"] = sample(session, expression, moment, SHOWN)
        except CrmkitError as error:
            context["problem"] = error.render(call.language)
    return call.part("deciding/segment_preview.html", "quick", **context)


@post("/segments/preview/more", right="customer.read")
def preview_more(call: PageCall) -> Response:
    """Show what a condition would come to: worth, reach, who would move, neighbours and even-handedness."""
    purpose = call.value("purpose") if call.value("purpose") in PURPOSES else PURPOSES[0]
    more, titles, problem = None, {}, ""
    try:
        with call.session() as session:
            known = all_segments(session)
            given = call.value("name") or "n_new"
            value = Segment(name=given, title=call.value("title") or given, where=call.value("where"))
            if given not in known and not all(part.isidentifier() for part in given.split(".")):
                value = evolve(value, name="n_new")
            more = preview(session, value, moment_of(session), purpose=purpose)
            titles = {name: item.value.title for name, item in known.items()}
    except CrmkitError as error:
        problem = error.render(call.language)
    context = {"more": more, "titles": titles, "purpose": purpose, "problem": problem}
    return call.part("deciding/segment_preview.html", "details", **context)


# --- taking it out ---------------------------------------------------------------------------------------------------


@post("/segments/{name}/export", right="customer.read", budget="export")
def export_segment(call: PageCall, name: str) -> Response:
    """Hand out the customers of a segment as a file; who took what out is audited before."""
    exported = call.run("segment.export", {"name": name, "facts": call.values("fact")})
    with call.session() as session:
        content = _csv(exported.columns, exported.rows(session))
    filename = f"{name if name.isascii() else 'segment'}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _csv(columns: Sequence[str], rows: Any) -> bytes:
    from crmkit.exchange.writers import CsvWriter

    stream = io.BytesIO()
    writer = CsvWriter(stream, columns, bom=True)
    for cells in rows:
        writer.write(cells)
    return stream.getvalue()


ROUTES = [new_segment, edit_segment, save_segment, preview_segment, preview_more, export_segment]
