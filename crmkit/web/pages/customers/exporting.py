"""The list of customers as a CSV file: the columns that it shows, all rows that it finds, what is masked masked.

Streams, so that the memory stays flat; that it was done is audited. Must not know how the list looks.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from attrs import evolve
from starlette.responses import Response, StreamingResponse

from crmkit.core.business.money import Money
from crmkit.core.store.ids import parse_id
from crmkit.errors import CrmkitError
from crmkit.exchange.writers import cell_text, protect
from crmkit.i18n import texts
from crmkit.resources import ResourceQuery, every_record, list_records
from crmkit.web.http.problems import log_failure
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.customers.cells import Column, columns_of, money_of, names_of
from crmkit.web.pages.customers.listing import state_of
from crmkit.web.pages.customers.vocabulary import vocabulary_of
from crmkit.web.pages.routing import post

_ = texts("crmkit")

BATCH = 500
_AMONG = 80
"""Most customers that a condition names."""


@post("/customers/export", right="export.run", budget="export")
def export(call: PageCall) -> Response:
    """Return the list as a file: the customers that are selected, or all that it finds."""
    with call.session() as session:
        vocabulary = vocabulary_of(session)
        state = state_of(call, session, vocabulary)
        columns = columns_of(vocabulary, state.columns)
        ids = [identity for text in call.values("id") if (identity := parse_id(text)) is not None]
        queries = [evolve(state.query(columns), after=None, search=state.search, limit=BATCH)]
        if ids and call.value("everything") != "true":
            queries = [
                evolve(queries[0], filter=_among(ids[start : start + _AMONG]), search="", sort="", include_deleted=True)
                for start in range(0, len(ids), _AMONG)
            ]
        for query in queries:
            # What is wrong with it is said before a file begins.
            list_records(session, evolve(query, limit=1))
    where = tuple(text for text in (state.condition, state.search) if text)
    call.run("export.start", {"resource": "customers", "where": where})
    headers = {"Content-Disposition": 'attachment; filename="customers.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(
        _lines(call, queries, columns, where), media_type="text/csv; charset=utf-8", headers=headers
    )


def _among(ids: list[Any]) -> str:
    return "id in [" + ", ".join(f'"{identity}"' for identity in ids) + "]"


def _lines(
    call: PageCall, queries: list[ResourceQuery], columns: list[Column], where: tuple[str, ...]
) -> Iterator[bytes]:
    titles = [call.text(_("Name")), *(call.text(column.term.title) for column in columns)]
    yield b"\xef\xbb\xbf" + _line(titles)
    rows = 0
    try:
        for query in queries:
            with call.session() as session:
                currency = money_of(session)
                for row in every_record(session, query, batch=BATCH):
                    names = names_of(session, columns, [row])
                    cells = [column.shown(row.values.get(column.name), names, currency) for column in columns]
                    yield _line([row.values["name"], *cells])
                    rows += 1
        call.crm.run(call.actor, "export.finish", {"resource": "customers", "rows": rows, "where": where})
    except CrmkitError as error:
        log_failure(error, call.request_id)
        raise


def _line(values: list[Any]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([protect(_text(value)) for value in values])
    return buffer.getvalue().encode()


def _text(value: Any) -> str:
    if isinstance(value, Money):
        return f"{value.value} {value.currency}"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return cell_text(value)


ROUTES = [export]
