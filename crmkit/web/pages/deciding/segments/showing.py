"""The list of segments and the page of one: what it comes to, how it moves, who is in it and why, and its versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen
from sqlalchemy import case, func, select
from starlette.responses import Response

from crmkit.engines.definitions.publishing import Defined, defined
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.facts.reading import joined
from crmkit.engines.facts.vocabulary import catalogue_of, check_readable
from crmkit.engines.segments.explaining import why
from crmkit.engines.segments.figures import (
    MOST_COMPARED,
    condition,
    overlap,
    reach,
    sample,
    size,
    stability,
    worth,
)
from crmkit.engines.segments.resolving import KIND, all_segments, fact_of, find_segment, is_frozen, protected_among
from crmkit.engines.segments.tables import SegmentFreeze
from crmkit.errors import CrmkitError, NotFound
from crmkit.i18n import texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.conditions.wording import words_of
from crmkit.web.pages.deciding.common import ORIGINS, customers_like, history, place_of, points, publisher_name
from crmkit.web.pages.deciding.segments.starting import starts
from crmkit.web.pages.naming import names_of_actors
from crmkit.web.pages.routing import get, post

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

RUNS = 12
"""Runs that a trend shows."""
NEAREST = 6
CHANGE = "segment.update"
ACTS = {
    "enable": _("The segment is on."),
    "disable": _("The segment is off: nobody enters or leaves it."),
    "freeze": _("Its members stay as they are now."),
    "thaw": _("Its condition decides again."),
    "reset": _("What was changed is taken back."),
}


@frozen(kw_only=True)
class Row:
    """A segment of the list."""

    item: Defined
    frozen_at: Any
    publisher: str
    words: str


@frozen(kw_only=True)
class Sized:
    """What a segment of the list comes to for its reader; None where that cannot be told. ``line`` are the points of
    its trend."""

    count: int | None = None
    line: str = ""
    change: int | None = None


@get("/segments", right="customer.read")
def segments(call: PageCall) -> Response:
    """List the segments. What they come to is fetched once the page is there."""
    with call.session() as session:
        kept = {row.segment: row.frozen_at for row in session.scalars(select(SegmentFreeze))}
        items = sorted(defined(session, KIND, broken=True).values(), key=lambda item: item.name)
        people = names_of_actors(session, {item.publisher for item in items if item.publisher})
        rows = [
            Row(
                item=item,
                frozen_at=kept.get(item.name),
                publisher=people.get(item.publisher or "", item.publisher or ""),
                words=_words(call, session, item),
            )
            for item in items
        ]
        context = {"rows": rows, "starts": starts(session), "origins": ORIGINS, "sizes": None}
        if call.value("sizes"):
            context["sizes"] = _sizes(session, [item.name for item in items])
            if call.by_htmx:
                return call.part("deciding/segments.html", "rows", **context)
    return call.page("deciding/segments.html", **context)


def _words(call: PageCall, session: CrmSession, item: Defined) -> str:
    if item.value is None:
        return ""
    return words_of(session, item.value.where, catalogue_of(session), call.language)


def _sizes(session: CrmSession, names: list[str]) -> dict[str, Sized]:
    """Return what segments come to, counted in few statements, with the trend of those that were run."""
    moment, known = moment_of(session), all_segments(session)
    readable_: list[str] = []
    for name in names:
        try:
            if name in known:
                check_readable(session, catalogue_of(session).closure([fact_of(name)]))
                readable_.append(name)
        except CrmkitError:
            continue
    found: dict[str, Sized] = {}
    for start in range(0, len(readable_), MOST_COMPARED):
        part = readable_[start : start + MOST_COMPARED]
        refs = [fact_of(name) for name in part]
        facts = joined(session, refs, moment)
        counted = facts.select(*(func.count(case((facts.columns[ref], 1))) for ref in refs))
        for name, number in zip(part, session.execute(counted).one(), strict=True):
            found[name] = _trend(session, name, number)
    return found


def _trend(session: CrmSession, name: str, number: int) -> Sized:
    try:
        past = stability(session, name, limit=RUNS)
    except CrmkitError:
        return Sized(count=number)
    members = [float(each.members) for each in past]
    change = past[-1].entered - past[-1].gone if len(past) > 1 else None
    return Sized(count=number, line=points(members) if len(members) > 1 else "", change=change)


@get("/segments/{name}", right="customer.read")
def segment(call: PageCall, name: str) -> Response:
    """Show a segment."""
    with call.session() as session:
        item = find_segment(session, name)
        context: dict[str, Any] = {
            "item": item,
            "kept": is_frozen(session, name),
            "publisher": publisher_name(session, item),
            "origin": ORIGINS[item.origin],
            "versions": history(session, KIND, name),
            "words": _words(call, session, item),
            "reason": "" if call.may(CHANGE) else call.text(_("Changing segments needs the right segment.update.")),
            "export_reason": _export_reason(call),
            "figures": None,
            "problem": item.broken,
            "why": None,
            "said": [],
            "asked": call.value("customer"),
            "matches": [],
        }
        if not item.broken:
            try:
                if call.value("figures"):
                    context["figures"] = _figures(session, name)
                if context["asked"]:
                    context.update(_why(call, session, name))
            except CrmkitError as error:
                context["problem"] = error.render(call.language)
    if call.by_htmx and call.value("figures"):
        return call.part("deciding/segment.html", "figures", **context)
    if call.by_htmx and call.value("customer"):
        return call.part("deciding/segment.html", "reasons", **context)
    return call.page("deciding/segment.html", **context)


def _export_reason(call: PageCall) -> str:
    if call.may("export.run") and call.may("customer.export"):
        return ""
    return call.text(_("Exporting needs the rights export.run and customer.export."))


def _figures(session: CrmSession, name: str) -> dict[str, Any]:
    item, moment = find_segment(session, name), moment_of(session)
    where, catalogue = condition(session, name), catalogue_of(session)
    refs = catalogue.closure(sorted(catalogue.checked(item.value.where).facts))
    others = [other for other in _comparable(session) if other != name][: MOST_COMPARED - 1]
    found = overlap(session, [name, *others], moment)
    near = [
        (all_segments(session)[other].value, found.both[0][place], found.jaccard(0, place))
        for place, other in enumerate(others, 1)
        if found.both[0][place]
    ]
    try:
        past = stability(session, name, limit=RUNS)
    except CrmkitError:
        past = []
    return {
        "count": size(session, where, moment),
        "worth": worth(session, where, moment),
        "reach": reach(session, where, moment, "marketing"),
        "sample": sample(session, where, moment),
        "protected": protected_among(session, refs),
        "near": sorted(near, key=lambda each: -each[2])[:NEAREST],
        "past": past,
        "line": points([float(each.members) for each in past], 240, 60) if len(past) > 1 else "",
    }


def _comparable(session: CrmSession) -> list[str]:
    found: list[str] = []
    for name in sorted(all_segments(session)):
        try:
            check_readable(session, catalogue_of(session).closure([fact_of(name)]))
        except CrmkitError:
            continue
        found.append(name)
    return found


def _why(call: PageCall, session: CrmSession, name: str) -> dict[str, Any]:
    matches = customers_like(session, call.value("customer"))
    if len(matches) != 1:
        return {"matches": matches}
    found = why(session, name, matches[0].id, moment_of(session), language=call.language)
    catalogue = catalogue_of(session)
    said = [words_of(session, each.text, catalogue, call.language) for each in found.reasons]
    return {"matches": matches, "why": found, "said": said}


@post("/segments/{name}/{act}", right="customer.read")
def change_segment(call: PageCall, name: str, act: str) -> Response:
    """Turn a segment on or off, freeze or thaw it, or take back what was changed."""
    if act not in ACTS:
        raise NotFound(_("There is no such page."))
    result = call.run(f"segment.{act}", {"name": name})
    gone = act == "reset" and result is None
    return call.redirect("/segments" if gone else place_of("segments", name), said=ACTS[act])


ROUTES = [segments, segment, change_segment]
