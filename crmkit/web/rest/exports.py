"""Exports: customers, purchases, interactions or products as a file that an import reads back without a change.

Sent while it is made, and audited before and after. Must not know resources.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any, Literal

from attrs import field, frozen

from crmkit.exchange.export_rows import columns_of, left_out_of, rows_of
from crmkit.exchange.exporter import make_writer
from crmkit.exchange.options import ResourceName
from crmkit.i18n import texts
from crmkit.web.rest.asking import attachment, written
from crmkit.web.rest.calls import RestCall
from crmkit.web.rest.declaring import NDJSON, Answer, Endpoint
from crmkit.web.rest.leaving import Leaving
from crmkit.web.rest.segments import XLSX, row_writer

_ = texts("crmkit")

MEDIA = {"csv": "text/csv; charset=utf-8", "jsonl": NDJSON, "xlsx": XLSX}


@frozen(kw_only=True)
class ExportCall:
    """What to export, which of it, in which form. ``where`` are conditions such as ``city=Rome``, all of which hold.
    ``reveal`` asks for what is sealed as well, with the ``reason`` for it."""

    resource: ResourceName = "customers"
    format: Literal["csv", "jsonl", "xlsx"] = "csv"
    where: tuple[str, ...] = field(default=(), converter=tuple)
    reveal: bool = False
    reason: str | None = None


def _export(call: RestCall) -> Any:
    given: ExportCall = call.body
    values = {
        "resource": given.resource, "where": list(given.where), "reveal": given.reveal, "reason": given.reason
    }  # fmt: skip
    with Leaving(call, values) as leaving:
        with call.session() as session:
            columns = columns_of(session, given.resource)
            left_out = () if given.reveal else left_out_of(session, given.resource, columns)
        kept = leaving.keep()
    headers = attachment(f"{given.resource}.{given.format}", MEDIA[given.format])
    if left_out:
        headers["X-Crmkit-Left-Out"] = ",".join(name for name in left_out if name.isascii())

    def rows(stream: BytesIO) -> Iterator[None]:
        sheet = given.format == "xlsx"
        with kept, call.session() as session:
            writer: Any = (
                row_writer(stream, "xlsx", columns)
                if sheet
                else make_writer(stream, columns, "jsonl" if given.format == "jsonl" else "csv", bom=True)
            )
            for cells in rows_of(session, given.resource, given.where, columns, whole=given.reveal):
                writer.write(cells)
                kept.rows += 1
                if not sheet:
                    yield
            if sheet:
                # A sheet is complete only when it is closed.
                writer.close()
        yield

    return written(rows, headers)


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/exports",
        name="exports.make",
        title=_("Export records"),
        description=(
            "A file that an import takes back unchanged. Columns that are sealed stay empty, and are named in the "
            "header X-Crmkit-Left-Out, unless reveal and a reason ask for them."
        ),
        group=_("Import and export"),
        serve=_export,
        body=ExportCall,
        example={"resource": "customers", "format": "csv", "where": ["city=Rome"]},
        answers=[
            Answer(
                title=_("The file."),
                body={"type": "string"},
                media=("application/json", *(each.partition(";")[0] for each in MEDIA.values())),
            )
        ],
        right="export.run",
    ),
)
