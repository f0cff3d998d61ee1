"""What a dry run of an import says of single rows: collected, written to a file, shown.

Must not know what a row means: ``crmkit.exchange`` does.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from crmkit.cli.invocation import Invocation
from crmkit.cli.output import Column
from crmkit.errors import ImportConflict
from crmkit.exchange.outcomes import HEADINGS, cells_of, summary
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.exchange.outcomes import RowOutcome

_ = texts("crmkit")

SHOWN = 20
KEPT = 1000
"""Rows that ``--json`` prints, and that a table is made of."""


class Outcomes:
    """Takes what would become of each row: keeps the first that are worth a look, and writes all to a file."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stream: IO[str] | None = None
        self._writer: Any = None
        self.kept: list[RowOutcome] = []
        self.more = 0

    def __enter__(self) -> Outcomes:
        if self._path is not None:
            try:
                self._stream = self._path.open("x", encoding="utf-8", newline="")
            except FileExistsError:
                raise ImportConflict(_('"{file}" exists already.'), file=self._path.name) from None
            except OSError as error:
                raise ImportConflict(
                    _('"{file}" cannot be written: {reason}.'), file=self._path.name, reason=error.strerror or error
                ) from None
            if not self._is_json:
                self._stream.write("\ufeff")
                self._writer = csv.writer(self._stream)
                self._writer.writerow(HEADINGS)
        return self

    def __exit__(self, *exc: object) -> None:
        if self._stream is not None:
            self._stream.close()

    @property
    def _is_json(self) -> bool:
        return self._path is not None and self._path.suffix in (".jsonl", ".json", ".ndjson")

    def take(self, one: RowOutcome) -> None:
        """Take one row into account."""
        if self._stream is not None and self._is_json:
            self._stream.write(json.dumps(one.document(), ensure_ascii=False) + "\n")
        elif self._writer is not None:
            self._writer.writerow(cells_of(one))
        if one.result == "created" and not one.likely and not one.left_out:
            return
        if len(self.kept) < KEPT:
            self.kept.append(one)
        else:
            self.more += 1

    def documents(self) -> list[dict[str, Any]]:
        """Return the rows that were kept, in JSON form."""
        return [one.document() for one in self.kept]


def show_outcomes(cli: Invocation, outcomes: Outcomes) -> None:
    """Print the first rows that would not simply be added."""
    if not outcomes.kept:
        return
    cli.output.heading(_("Rows to look at"))
    columns = (
        Column("line", _("Line"), "right"),
        Column("result", _("Result")),
        Column("name", _("Name")),
        Column("what", _("What would happen")),
    )
    rows = [
        {
            "line": one.line,
            "result": cli.text(RESULTS[one.result]),
            "name": one.name,
            "what": summary(one, cli.language),
        }
        for one in outcomes.kept[:SHOWN]
    ]
    cli.output.table(columns, rows)
    rest = len(outcomes.kept) + outcomes.more - SHOWN
    if rest > 0:
        cli.output.say(_("And {count} more; --details FILE writes all of them."), count=rest)


RESULTS = {
    "created": _("added"),
    "updated": _("changed"),
    "duplicate": _("there already"),
    "rejected": _("rejected"),
}
"""What becomes of a row, in words."""
