"""``crmkit quality profile``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmkit import texts
from crmkit.cli.api import Column, Invocation, command, option

if TYPE_CHECKING:
    from crmkit_quality.profiling.reading import Profiled

_ = texts("crmkit_quality")


def add_to(group: click.Group) -> None:
    """Add the command of this room to a group."""

    @command(group, "profile", _("Show what the values of customers, or of a file before its import, look like."))
    @click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[FILE]")
    @option("--where", default="", metavar="CONDITION", help=_("Only customers for whom this holds."))
    @option("--rows", type=click.IntRange(1), metavar="N", help=_("At most so many rows of the file."))
    def profile(cli: Invocation, file: Path | None, where: str, rows: int | None) -> None:
        """Print the profile of each field, or of each column of a file."""
        from crmkit_quality.profiling.reading import profile_customers, profile_file

        if file is not None:
            found = profile_file(file, rows)
        else:
            with cli.session() as session:
                found = profile_customers(session, where)
        if cli.json:
            cli.output.document([document_of(cli, each) for each in found])
        else:
            _show(cli, found)


def document_of(cli: Invocation, profiled: Profiled) -> dict[str, Any]:
    """Return a profile as one JSON document."""
    column = profiled.column
    return {
        "name": column.name,
        "title": cli.text(profiled.title),
        "rows": column.rows,
        "empty": column.empty,
        "completeness": column.completeness,
        "distinct": column.distinct,
        "exact": column.exact,
        "uniqueness": column.uniqueness,
        "types": dict(column.sorts),
        "patterns": [{"pattern": pattern, "count": count} for pattern, count in column.patterns],
        "values_shown": profiled.values,
        "top": [{"value": value, "count": count} for value, count in column.top],
        "shortest": column.shortest,
        "longest": column.longest,
        "mean_length": column.mean_length,
        "quantiles": list(column.quantiles),
        "suspicions": [
            {"sort": each.sort, "count": each.count, "example": each.example or None} for each in column.suspicions
        ],
    }


def _show(cli: Invocation, found: Sequence[Profiled]) -> None:
    from crmkit_quality.profiling.reading import SUSPICIONS

    rows = [
        {
            "title": cli.text(each.title),
            "filled": f"{each.column.completeness:.1%}",
            "distinct": each.column.distinct,
            "types": ", ".join(each.column.sorts),
            "pattern": each.column.patterns[0][0] if each.column.patterns else "",
            "lengths": f"{each.column.shortest}–{each.column.longest}" if each.column.longest else "",
            "top": ", ".join(f"{value} ({count})" for value, count in each.column.top[:3]),
            "suspicious": "; ".join(
                cli.text(SUSPICIONS[one.sort]) + f" ({one.count})" for one in each.column.suspicions
            ),
        }
        for each in found
    ]
    columns = (
        Column("title", _("Field")),
        Column("filled", _("Filled"), "right"),
        Column("distinct", _("Different"), "right"),
        Column("types", _("Types")),
        Column("pattern", _("Most frequent pattern")),
        Column("lengths", _("Lengths")),
        Column("top", _("Most frequent values")),
        Column("suspicious", _("Suspicious")),
    )
    cli.output.table(columns, rows)
