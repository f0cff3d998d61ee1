"""The file of an import's rejected rows, and how often each reason came up.

Must not know resources or databases.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from crmkit.errors import ImportConflict, Problem
from crmkit.exchange.readers import RowSource
from crmkit.exchange.rows import Row
from crmkit.exchange.writers import Format, RejectWriter

MAX_REASONS = 50
SUFFIXES: Mapping[Format, str] = {"csv": ".csv", "jsonl": ".jsonl", "vcard": ".vcf"}
"""What the names of files of rejected rows end with."""


def reject_format(format: Format) -> Format:
    """Return the form of the rejected rows of a file: its own, where rows can be added to such a file one by one."""
    return format if format in SUFFIXES else "csv"


class Rejects:
    """Collects rejected rows; without a path they are only counted."""

    def __init__(self, path: Path | None, source: RowSource, format: Format) -> None:
        self._writer = RejectWriter(path, source.headings, format=reject_format(format)) if path is not None else None
        self._length = 0
        self.reasons: Counter[str] = Counter()
        self.path = path

    def add(self, row: Row, problems: Sequence[Problem], language: str) -> None:
        """Write a rejected row with everything that is wrong with it."""
        self.count(problems)
        if self._writer is not None:
            cells = row.cells
            self._writer.write(cells, line=row.line, problems=problems, language=language, raw=row.raw)

    def count(self, problems: Sequence[Problem]) -> None:
        """Count the first reason."""
        reason = problems[0].message
        if reason in self.reasons or len(self.reasons) < MAX_REASONS:
            self.reasons[reason] += 1

    def length(self) -> int:
        """Return the bytes of the file, all of them on the disk."""
        self._length = self._writer.tell() if self._writer is not None else 0
        return self._length

    def return_to(self, length: int) -> None:
        """Cut off what was written since the file had a length."""
        if self._writer is not None and self._writer.tell() != length:
            self._writer.truncate_to(length)

    def resume(self, length: int) -> None:
        """Take up the file that was reserved for an import, cut to a length."""
        if self._writer is not None:
            self._writer.truncate_to(length)

    def discard(self) -> None:
        """Close the file, and remove it if no row was rejected."""
        if self._writer is not None:
            self._writer.discard()

    def close(self) -> None:
        """Close the file."""
        if self._writer is not None:
            self._writer.close()


def reserve_path(wanted: Path | None, file: Path, format: Format) -> Path:
    """Make the empty file that rejected rows go to: the one that was asked for, or a free one beside the file; in the
    current folder where that one cannot be written.

    Raises ImportConflict when the file that was asked for is there, or none can be made.
    """
    format = reject_format(format)
    for path in [wanted] if wanted is not None else _free_paths(file, format):
        try:
            RejectWriter(path, (), format=format).reserve()
        except ImportConflict:
            # Another import may have been quicker.
            if wanted is not None or not path.exists():
                raise
        else:
            return path.absolute()
    raise AssertionError("there are always further names")


def _free_paths(file: Path, format: Format) -> Iterator[Path]:
    folder = file.parent if str(file) != "-" and os.access(file.parent, os.W_OK) else Path()
    name = "standard-input" if str(file) == "-" else file.name
    for ending in (".gz", ".xz"):
        name = name.removesuffix(ending)
    stem = Path(name).stem.partition(".rejected")[0] or "import"
    suffix = SUFFIXES[format]
    number = 1
    while True:
        path = folder / (f"{stem}.rejected{suffix}" if number == 1 else f"{stem}.rejected-{number}{suffix}")
        if not path.exists():
            yield path
        number += 1
