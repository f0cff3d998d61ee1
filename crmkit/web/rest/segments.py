"""Segments: named groups of customers, what they come to, who is in them and why. Must not decide anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Literal
from uuid import UUID

from attrs import asdict, evolve, field, frozen
from sqlalchemy import select

from crmkit.engines.definitions.publishing import defined
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.engines.segments.explaining import why as explain
from crmkit.engines.segments.exporting import Exported
from crmkit.engines.segments.figures import (
    Count,
    condition,
    overlap as compare,
    reach as told,
    size,
    stability as standings,
    worth,
)
from crmkit.engines.segments.previewing import preview as look
from crmkit.engines.segments.resolving import all_segments, class_of, find_segment, is_frozen, protected_among
from crmkit.engines.segments.tables import SegmentFreeze
from crmkit.errors import InvalidInput, Problem
from crmkit.exchange.sheets import XlsxWriter
from crmkit.exchange.writers import CsvWriter, JsonLinesWriter
from crmkit.hooks.segments import Segment
from crmkit.i18n import texts
from crmkit.resources import ResourceQuery, count_records, list_documents
from crmkit.web.rest.asking import AS_OF, OBJECT, attachment, listing, moment, said, seen_customer, written
from crmkit.web.rest.calls import RestCall
from crmkit.web.rest.declaring import AFTER, COUNT, FIELDS, LIMIT, NDJSON, SORT, Answer, Endpoint, Parameter
from crmkit.web.rest.encoding import encode

_ = texts("crmkit")

GROUP = _("Segments")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA = {"csv": "text/csv; charset=utf-8", "jsonl": NDJSON, "xlsx": XLSX}
"""The media types of files with rows, by the name of their form."""


@frozen(kw_only=True)
class PreviewCall:
    """A segment as it would be: what is not given stays as it is, where there is one of that name."""

    name: str
    where: str | None = None
    title: str | None = None
    justification: str | None = None
    purpose: str = "marketing"


@frozen(kw_only=True)
class ExportCall:
    """The customers of a segment, or of a condition, with facts about them, in which form."""

    name: str | None = None
    where: str | None = None
    facts: tuple[str, ...] = field(default=(), converter=tuple)
    consent: str | None = None
    format: Literal["csv", "jsonl", "xlsx"] = "csv"


def size_document(found: Count) -> dict[str, Any]:
    """Return how many there are, of how many."""
    return {"count": found.count, "total": found.total, "share": round(found.share, 6)}


def _list(call: RestCall) -> dict[str, Any]:
    with call.session() as session:
        kept = {row.segment: row.frozen_at for row in session.scalars(select(SegmentFreeze))}
        items = sorted(defined(session, "segment", broken=True).items())
    return {
        "data": [
            {
                "name": name,
                "title": said(call, item.value.title) if item.value is not None else None,
                "where": item.value.where if item.value is not None else None,
                "enabled": item.enabled,
                "frozen_at": kept.get(name),
                "origin": item.origin,
                "plugin": item.plugin,
                "number": item.number,
                "problem": said(call, item.broken) or None,
            }
            for name, item in items
        ]
    }


def _show(call: RestCall) -> dict[str, Any]:
    name = call.path["name"]
    with call.session() as session:
        at = moment(session, call.query)
        item = find_segment(session, name)
        where = condition(session, name)
        catalogue = catalogue_of(session)
        checked = catalogue.checked(item.value.where)
        refs = catalogue.closure(sorted(checked.facts))
        return {
            "name": name,
            "title": said(call, item.value.title),
            "doc": said(call, item.value.doc),
            "where": item.value.where,
            "words": checked.words(call.language),
            "justification": item.value.justification,
            "enabled": item.enabled,
            "frozen": is_frozen(session, name),
            "origin": item.origin,
            "plugin": item.plugin,
            "number": item.number,
            "publisher": item.publisher,
            "published_at": item.published_at,
            "class": class_of(session, item.value),
            "facts": [str(ref) for ref in refs],
            "protected": protected_among(session, refs),
            **size_document(size(session, where, at)),
            "worth": worth(session, where, at),
            "stability": standings(session, name),
        }


def _members(call: RestCall) -> dict[str, Any]:
    given = call.query
    with call.session() as session:
        condition(session, call.path["name"])
        query = ResourceQuery(
            resource="customer",
            filter=f"segment.{call.path['name']}",
            sort=given["sort"] or "",
            limit=given["limit"],
            after=given["after"] or None,
            fields=given["fields"],
        )
        rows, following = list_documents(session, query)
        found: dict[str, Any] = {"data": rows, "next": following}
        if given["count"]:
            found["count"] = count_records(session, query)
    return found


def _count(call: RestCall) -> dict[str, Any]:
    given = call.query
    with call.session() as session:
        at = moment(session, given)
        where = condition(session, given["name"], given["where"])
        found = size(session, where, at, everybody=given["everybody"])
    return {**size_document(found), "as_of": at.as_of}


def _overlap(call: RestCall) -> dict[str, Any]:
    with call.session() as session:
        names = call.query["names"] or tuple(sorted(all_segments(session)))
        found = compare(session, names, moment(session, call.query))
    matrix = [[round(value, 6) for value in line] for line in found.matrix]
    return {"names": found.names, "both": found.both, "jaccard": matrix}


def _reach(call: RestCall) -> dict[str, Any]:
    with call.session() as session:
        at = moment(session, {})
        where = condition(session, call.path["name"])
        found = told(session, where, at, call.query["purpose"])
        return {"purpose": call.query["purpose"], "count": size(session, where, at).count, "data": found}


def _why(call: RestCall) -> dict[str, Any]:
    with call.session() as session:
        target = seen_customer(session, call.path["customer"])
        found = explain(session, call.path["name"], target, moment(session, call.query), language=call.language)
    reasons = [
        {
            "segment": each.segment,
            "depth": each.depth,
            "text": each.text,
            "words": each.words,
            "holds": each.holds,
            "facts": {str(ref): value for ref, value in each.facts.items()},
        }
        for each in found.reasons
    ]
    return {
        "segment": found.segment,
        "customer_id": target,
        "belongs": found.belongs,
        "frozen": found.frozen,
        "reasons": reasons,
        "history": found.history,
    }


def _preview(call: RestCall) -> dict[str, Any]:
    given: PreviewCall = call.body
    changes = {
        name: value for name in ("where", "title", "justification") if (value := getattr(given, name)) is not None
    }
    with call.session() as session:
        known = all_segments(session).get(given.name)
        if known is None and given.where is None:
            raise InvalidInput([Problem("CK500", _("This is required."), field="where")])
        value = (
            known.value
            if known is not None
            else Segment(name=given.name, title=given.title or given.name, where=given.where or "")
        )
        found = look(session, evolve(value, **changes), moment(session, {}), purpose=given.purpose)
    return {
        "name": given.name,
        **size_document(found.count),
        "entering": found.entering,
        "leaving": found.leaving,
        "sample": found.sample,
        "overlaps": found.overlaps,
        "worth": found.worth,
        "reach": found.reach,
        "protected": found.protected,
        "balance": [{**asdict(each), "ratio": each.ratio, "uneven": each.uneven} for each in found.balance],
    }


def _export(call: RestCall) -> Any:
    given: ExportCall = call.body
    values = {"name": given.name, "where": given.where, "facts": list(given.facts), "consent": given.consent}
    call.call.check_step_up("segment.export")
    # Without the call's idempotency key: what leaves twice is noted twice.
    exported: Exported = call.crm.run(call.actor, "segment.export", values)
    headers = attachment(f"segment.{given.format}", MEDIA[given.format])

    def rows(stream: BytesIO) -> Iterator[None]:
        writer = row_writer(stream, given.format, exported.columns)
        with call.session() as session:
            for cells in exported.rows(session):
                writer.write(plain_cells(cells) if given.format == "jsonl" else cells)
                if given.format != "xlsx":
                    yield
        if given.format == "xlsx":
            writer.close()
        yield

    return written(rows, headers)


def row_writer(stream: BytesIO, form: str, columns: Any) -> Any:
    """Return the writer of a form: it has ``write``, and ``close`` for a sheet, which is complete only then."""
    if form == "xlsx":
        return XlsxWriter(stream, columns)
    return JsonLinesWriter(stream, columns) if form == "jsonl" else CsvWriter(stream, columns, bom=True)


def plain_cells(cells: Any) -> list[Any]:
    """Return cells in the types that JSON has."""
    return list(json.loads(encode(list(cells))))


def _get(path: str, name: str, title: str, serve: Any, answer: str, *parameters: Parameter, **more: Any) -> Endpoint:
    body = more.pop("body", None) or dict(OBJECT)
    return Endpoint(
        method="GET",
        path=f"/segments{path}",
        name=f"segments.{name}",
        title=title,
        group=GROUP,
        serve=serve,
        parameters=parameters,
        answers=[Answer(title=answer, body=body)],
        **more,
    )


ENDPOINTS = (
    _get("", "list", _("List the segments"), _list, _("The segments by name."), body=listing()),
    _get(
        "/count",
        "count",
        _("Count customers"),
        _count,
        _("How many, of how many."),
        Parameter(name="name", type=str | None, title=_("The segment."), max_length=120),
        Parameter(name="where", type=str | None, title=_("A condition over facts."), max_length=4000),
        Parameter(
            name="everybody", type=bool, title=_("Everybody, not those alone whom the caller may see."), default=False
        ),
        AS_OF,
    ),
    _get(
        "/overlap",
        "overlap",
        _("Compare segments"),
        _overlap,
        _("How many customers they share, and the Jaccard index."),
        Parameter(name="names", type=tuple[str, ...], title=_("Segments, separated by commas."), max_length=2500),
        AS_OF,
    ),
    _get("/{name}", "read", _("Read a segment"), _show, _("The segment, and what it comes to."), AS_OF),
    _get(
        "/{name}/members",
        "members",
        _("List the customers of a segment"),
        _members,
        _("A page of customers."),
        SORT,
        LIMIT,
        AFTER,
        FIELDS,
        COUNT,
        body={
            "type": "object",
            "properties": {"data": {"type": "array"}, "next": {"type": ["string", "null"]}},
            "required": ["data", "next"],
        },
    ),
    _get(
        "/{name}/members/{customer}",
        "why",
        _("Read why a customer is in a segment, or is not"),
        _why,
        _("Each part of the condition, and what the customer has."),
        AS_OF,
        path_types={"customer": UUID},
    ),
    _get(
        "/{name}/reach",
        "reach",
        _("Count whom of a segment one may address"),
        _reach,
        _("For each channel how many have agreed, and can be reached."),
        Parameter(name="purpose", title=_("The purpose that they agreed to."), default="marketing", max_length=60),
    ),
    Endpoint(
        method="POST",
        path="/segments/preview",
        name="segments.preview",
        title=_("Preview a segment"),
        group=GROUP,
        serve=_preview,
        body=PreviewCall,
        example={"name": "regulars", "where": "purchase.count >= 3"},
        answers=[Answer(title=_("Size, worth, reach, overlaps, and who would move."), body=dict(OBJECT))],
        refusals=(404,),
    ),
    Endpoint(
        method="POST",
        path="/segments/export",
        name="segments.export",
        title=_("Take the customers of a segment out"),
        description="The customers whom the caller may see and export; who took what is audited before it is sent.",
        group=GROUP,
        serve=_export,
        body=ExportCall,
        example={"where": "purchase.count >= 3", "facts": ["purchase.last_at"], "format": "csv"},
        answers=[
            Answer(
                title=_("One row for each customer."),
                body={"type": "string"},
                media=("application/json", *(each.partition(";")[0] for each in MEDIA.values())),
            )
        ],
        refusals=(404,),
        right="export.run",
    ),
)
