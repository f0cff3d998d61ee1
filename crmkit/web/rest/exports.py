"""Exports: customers, purchases, interactions or products as a file that an import reads back without a change.

Sent while it is made, and audited before and after. Must not know resources.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any, Literal

from attrs import field, frozen

from crmkit.exchange.export_rows import columns_of, left_out_of, rows_of
from crmkit.exchange.exporter import CARDS, check_form, make_writer
from crmkit.exchange.leaving import MARK, mark_of, marked_name
from crmkit.exchange.options import ResourceName
from crmkit.i18n import texts
from crmkit.web.rest.asking import attachment, written
from crmkit.web.rest.calls import RestCall
from crmkit.web.rest.declaring import NDJSON, Answer, Endpoint
from crmkit.web.rest.leaving import Leaving
from crmkit.web.rest.segments import XLSX

_ = texts("crmkit")

VCARD = "text/vcard"
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": NDJSON,
    "xlsx": XLSX,
    "vcard": f"{VCARD}; charset=utf-8; version=4.0",
    "vcard3": f"{VCARD}; charset=utf-8; version=3.0",
}
_ENDINGS = {"vcard": "vcf", "vcard3": "vcf"}


@frozen(kw_only=True)
class ExportCall:
    """What to export, which of it, in which form. ``where`` are conditions such as ``city=Rome``, all of which hold.
    ``reveal`` asks for what is sealed as well, with the ``reason`` for it. With a ``purpose`` (``marketing``, or with a
    channel ``marketing:email``) only customers who allow it now, and what is about them, are exported. The
    ``recipient`` is named in each row, and in the audit log."""

    resource: ResourceName = "customers"
    format: Literal["csv", "jsonl", "xlsx", "vcard", "vcard3"] = "csv"
    where: tuple[str, ...] = field(default=(), converter=tuple)
    reveal: bool = False
    reason: str | None = None
    purpose: str | None = None
    recipient: str | None = None


def _export(call: RestCall) -> Any:
    given: ExportCall = call.body
    check_form(given.resource, given.format)
    values = {
        "resource": given.resource, "where": list(given.where), "reveal": given.reveal, "reason": given.reason,
        "purpose": given.purpose, "recipient": given.recipient,
    }  # fmt: skip
    with Leaving(call, values) as leaving:
        with call.session() as session:
            columns = columns_of(session, given.resource)
            left_out = () if given.reveal else left_out_of(session, given.resource, columns)
        kept = leaving.keep()
    ending = _ENDINGS.get(given.format, given.format)
    name = f"{given.resource}.{ending}"
    if given.recipient and given.recipient.isascii():
        name = marked_name(given.resource, ending, given.recipient, call.crm.clock.now())
    headers = attachment(name, MEDIA[given.format])
    if left_out:
        headers["X-Crmkit-Left-Out"] = ",".join(name for name in left_out if name.isascii())

    def rows(stream: BytesIO) -> Iterator[None]:
        sheet = given.format == "xlsx"
        with kept, call.session() as session:
            mark = [mark_of(session, given.recipient)] if given.recipient and given.format not in CARDS else []
            named = [*columns, MARK] if mark else columns
            writer: Any = make_writer(stream, named, given.format, bom=True)
            if mark and sheet:
                writer.describe(mark[0])
            found = rows_of(session, given.resource, given.where, columns, whole=given.reveal, purpose=given.purpose)
            for cells in found:
                writer.write([*cells, *mark])
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
            "A file that an import takes back unchanged; address cards (vcard, vcard3) say of customers what there is "
            "a place for on them. Columns that are sealed stay empty, and are named in the "
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
