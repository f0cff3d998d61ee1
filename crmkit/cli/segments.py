"""What ``crmkit segment`` prints of a segment, and the file that it writes. Must not decide anything."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from crmkit.cli.charts import bar
from crmkit.cli.invocation import Invocation
from crmkit.cli.output import Column
from crmkit.cli.values import plain
from crmkit.engines.segments.figures import Count, Overlap, Reach, Worth
from crmkit.engines.segments.previewing import Preview
from crmkit.exchange.sheets import XlsxWriter
from crmkit.exchange.writers import CsvWriter, JsonLinesWriter
from crmkit.i18n import texts

_ = texts("crmkit")


def percent(share: float) -> str:
    """Return a share as a percentage with one place."""
    return f"{share * 100:.1f} %"


def size_document(found: Count) -> dict[str, object]:
    """Return the JSON form of a count."""
    return {"count": found.count, "total": found.total, "share": round(found.share, 6)}


def show_overlap(cli: Invocation, found: Overlap) -> None:
    """Print a matrix of Jaccard indices with the sizes."""
    if cli.json:
        sizes = [found.both[place][place] for place in range(len(found.names))]
        cli.output.document(
            {"names": found.names, "sizes": sizes, "both": found.both, "jaccard": _rounded(found.matrix)}
        )
        return
    rows = [
        {"name": name, "size": found.both[place][place], **{str(n): f"{x:.2f}" for n, x in enumerate(line)}}
        for place, (name, line) in enumerate(zip(found.names, found.matrix, strict=True))
    ]
    numbered = [Column(str(place), name, "right") for place, name in enumerate(found.names)]
    cli.output.table((Column("name", _("Segment")), Column("size", _("Customers"), "right"), *numbered), rows)


def _rounded(matrix: Iterable[Iterable[float]]) -> list[list[float]]:
    return [[round(value, 6) for value in line] for line in matrix]


def worth_pairs(found: Worth) -> list[tuple[str, object]]:
    """Return what a segment is worth as titles and values."""
    return [
        (_("Customers who bought"), found.buyers),
        (_("Bought, less refunds"), found.sum),
        (_("Mean of those who bought"), found.mean),
        (_("Part of everything bought"), percent(found.share)),
    ]


def reach_rows(found: Sequence[Reach], count: int) -> list[dict[str, object]]:
    """Return the reach of a segment as rows with bars."""
    return [
        {
            "channel": item.channel,
            "agreed": item.agreed,
            "reachable": item.reachable,
            "bar": bar(item.reachable, count),
        }
        for item in found
    ]


REACH = (
    Column("channel", _("Channel")),
    Column("agreed", _("Have agreed"), "right"),
    Column("reachable", _("Can be reached"), "right"),
    Column("bar", ""),
)
"""The columns of reach."""


def show_preview(cli: Invocation, found: Preview, purpose: str) -> None:
    """Print what a segment would be."""
    if cli.json:
        document = plain(found)
        document["count"] = size_document(found.count)
        document["balance"] = [{**plain(each), "ratio": each.ratio, "uneven": each.uneven} for each in found.balance]
        cli.output.document(document)
        return
    output = cli.output
    output.record(
        [
            (_("Customers"), found.count.count),
            (_("Part of all"), percent(found.count.share)),
            (_("Would enter"), found.entering),
            (_("Would leave"), found.leaving),
            *worth_pairs(found.worth),
        ]
    )
    if found.protected:
        output.warn(
            _("Customers would be singled out by {names}; saving it needs --justification."),
            names=", ".join(found.protected),
        )
    for each in found.balance:
        if each.uneven:
            # Those chosen least and most often say it; occupations come in dozens.
            ordered = sorted(each.groups, key=lambda group: group.rate)
            ends = [*ordered[:3], *ordered[-3:]] if len(ordered) > 6 else ordered
            rates = ", ".join(f"{group.value}: {percent(group.rate)}" for group in ends)
            output.warn(_("Uneven by {fact}: {rates}."), fact=each.fact, rates=rates)
    if found.overlaps:
        output.heading(_("Overlaps"))
        rows = [
            {"segment": each.segment, "both": each.both, "jaccard": f"{each.jaccard:.2f}", "bar": bar(each.jaccard, 1)}
            for each in found.overlaps
        ]
        columns = (
            Column("segment", _("Segment")),
            Column("both", _("In both"), "right"),
            Column("jaccard", _("Jaccard index"), "right"),
            Column("bar", ""),
        )
        output.table(columns, rows)
    output.heading(_("Reach for {purpose}"), purpose=purpose)
    output.table(REACH, reach_rows(found.reach, found.count.count))


# --- files -----------------------------------------------------------------------------------------------------------


def write_rows(path: Path, form: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write rows to a new file, readable by its owner alone, and return how many there were. A file that cannot be
    completed is removed. Raises FileExistsError and OSError, MissingExtra."""
    count = 0
    with path.open("xb") as stream:
        path.chmod(0o600)
        try:
            if form == "json":
                stream.write(b"[")
            writer = _writer(stream, form, columns)
            for cells in rows:
                if form == "json":
                    document = plain(dict(zip(columns, cells, strict=True)))
                    stream.write(b",\n" if count else b"\n")
                    stream.write(json.dumps(document, ensure_ascii=False).encode())
                else:
                    writer.write([plain(cell) if form == "jsonl" else cell for cell in cells])
                count += 1
            if form == "json":
                stream.write(b"\n]\n")
            elif form == "xlsx":
                writer.close()
        except BaseException:
            with suppress(OSError):
                path.unlink()
            raise
    return count


def _writer(stream: Any, form: str, columns: Sequence[str]) -> Any:
    if form == "xlsx":
        return XlsxWriter(stream, columns)
    if form == "jsonl":
        return JsonLinesWriter(stream, columns)
    return CsvWriter(stream, columns, bom=True) if form == "csv" else None
