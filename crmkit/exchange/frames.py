"""Facts of customers as a file: CSV, one JSON object a line, or Arrow's.

Must not know how facts are computed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from crmkit.exchange.writers import CsvWriter, JsonLinesWriter
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.engines.facts.frame import Frame

_ = texts("crmkit")

FrameFormat = Literal["csv", "json", "arrow"]


def write_frame(frame: Frame, stream: BinaryIO, form: FrameFormat = "csv") -> int:
    """Write facts to a stream and return how many rows there were; what a spreadsheet would take for a formula is
    guarded in CSV. Raises MissingExtra where Arrow is not installed."""
    if form == "arrow":
        return _write_arrow(frame, stream)
    names = [column.name for column in frame.columns]
    writer: Any = CsvWriter(stream, names) if form == "csv" else JsonLinesWriter(stream, names)
    rows = 0
    for row in frame.rows():
        writer.write(row)
        rows += 1
    return rows


def _write_arrow(frame: Frame, stream: BinaryIO) -> int:
    schema, rows = frame.schema, 0
    import pyarrow

    with pyarrow.ipc.new_file(stream, schema) as writer:
        for batch in frame.record_batches():
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows
