"""Facts: what there is to be known about customers, and tables of it. Must not know how a fact is computed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from io import BytesIO
from typing import Any, Literal

from attrs import field, frozen

from crmkit.engines.expressions.symbols import FactRef
from crmkit.engines.facts.frame import frame
from crmkit.engines.facts.materialising import kept_moment
from crmkit.engines.facts.vocabulary import Known, catalogue_of, readable
from crmkit.errors import InvalidInput, Problem
from crmkit.exchange.writers import CsvWriter, JsonLinesWriter
from crmkit.i18n import texts
from crmkit.web.rest.asking import OBJECT, attachment, listing, moment, said, written
from crmkit.web.rest.calls import RestCall
from crmkit.web.rest.declaring import NDJSON, Answer, Endpoint, Parameter
from crmkit.web.rest.leaving import Leaving

_ = texts("crmkit")

GROUP = _("Facts")
MEDIA = {"csv": "text/csv; charset=utf-8", "json": NDJSON, "arrow": "application/vnd.apache.arrow.file"}


@frozen(kw_only=True)
class FrameCall:
    """A table of facts: which, of which customers, as of when, in which form (one JSON object on each line for json).
    ``kept`` reads what is materialised, as of when that was done."""

    names: tuple[str, ...] = field(converter=tuple)
    where: str | None = None
    as_of: str | None = None
    known_at: str | None = None
    format: Literal["csv", "json", "arrow"] = "json"
    kept: bool = False


def _list(call: RestCall) -> dict[str, Any]:
    word = (call.query["q"] or "").casefold()
    with call.session() as session:
        rows = [_row(call, session, known) for known in catalogue_of(session)]
    return {"data": [row for row in rows if word in f"{row['name']} {row['title']}".casefold()]}


def _row(call: RestCall, session: Any, known: Known) -> dict[str, Any]:
    keyed = known.set.keyed
    return {
        "name": known.name,
        "title": said(call, known.symbol.title),
        "type": str(known.symbol.type),
        "nullable": known.symbol.nullable,
        "class": known.fact.classified,
        "keyed": said(call, keyed) if keyed else None,
        "temporal": known.set.temporal,
        "readable": readable(session, FactRef(known.name)),
    }


def _show(call: RestCall) -> dict[str, Any]:
    with call.session() as session:
        known = catalogue_of(session).known(call.path["name"].partition("[")[0])
        row = _row(call, session, known)
        # Keys may be what the labels or the segments of somebody are: who may not read the fact is told none.
        keys = list(known.set.keys(session)) if known.set.keys is not None and row["readable"] else []
    return {
        **row,
        "doc": said(call, known.fact.doc),
        "default": known.fact.default,
        "options": list(known.fact.options),
        "unit": known.fact.unit or None,
        "expression": known.fact.expression or None,
        "keys": keys,
    }


def _frame(call: RestCall) -> Any:
    given: FrameCall = call.body
    if given.kept and (given.as_of or given.known_at):
        message = _("What is materialised is as of when it was computed.")
        raise InvalidInput([Problem("CK500", message, field="kept")])
    if not given.names:
        raise InvalidInput([Problem("CK500", _("This is required."), field="names")])
    values = {"resource": "fact", "where": [*given.names, given.where or ""]}
    with Leaving(call, values) as leaving, ExitStack() as stack:
        session = stack.enter_context(call.session())
        at = kept_moment(session) if given.kept else moment(session, {"as_of": given.as_of, "known_at": given.known_at})
        found = frame(session, given.names, where=given.where, moment=at, leaving=True)
        headers = attachment(f"facts.{'jsonl' if given.format == 'json' else given.format}", MEDIA[given.format])
        if given.format == "arrow":
            content = BytesIO()
            from crmkit.exchange.frames import write_frame

            leaving.rows = write_frame(found, content, "arrow")
            return written(lambda stream: [stream.write(content.getvalue())], headers)
        held, kept = stack.pop_all(), leaving.keep()

    def rows(stream: BytesIO) -> Iterator[None]:
        names = [column.name for column in found.columns]
        writer: Any = CsvWriter(stream, names) if given.format == "csv" else JsonLinesWriter(stream, names)
        with kept, held:
            for row in found.rows():
                writer.write(row)
                kept.rows += 1
                yield

    return written(rows, headers)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/facts",
        name="facts.list",
        title=_("List the facts"),
        group=GROUP,
        serve=_list,
        parameters=(Parameter(name="q", title=_("Only those with this in their name or title."), max_length=100),),
        answers=[Answer(title=_("The facts by name."), body=listing())],
    ),
    Endpoint(
        method="GET",
        path="/facts/{name}",
        name="facts.read",
        title=_("Read what a fact says"),
        group=GROUP,
        serve=_show,
        answers=[Answer(title=_("The fact."), body=dict(OBJECT))],
    ),
    Endpoint(
        method="POST",
        path="/facts/frame",
        name="facts.frame",
        title=_("Take facts of customers as a table"),
        description="The customers whom the caller may see and export; it is audited as an export.",
        group=GROUP,
        serve=_frame,
        body=FrameCall,
        example={"names": ["purchase.count"], "where": "purchase.count >= 1", "format": "csv"},
        answers=[
            Answer(
                title=_("One row for each customer."),
                body={"type": "string"},
                media=("application/json", *(each.partition(";")[0] for each in MEDIA.values())),
            )
        ],
        right="export.run",
    ),
)
