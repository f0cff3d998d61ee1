"""What commands print: tables and records for people, one JSON document for scripts, messages, progress.

On a terminal with colour and lines, when piped as plain aligned text of which nothing is cut off. Must not know any
command. Nothing that a customer wrote can steer the terminal: control characters are shown as signs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from attrs import frozen

from crmkit.cli.values import plain, shown
from crmkit.errors import CrmkitError, Problem
from crmkit.i18n import texts, translate

if TYPE_CHECKING:
    from rich.console import Console

_ = texts("crmkit")

LONGEST = 80
"""Most characters of a value that are repeated in an error."""
_EMPTY = (None, "", [], (), {})
Advance = Callable[[int, int | None], None]
"""Called with how much is done and, where it is known, how much there is."""


@frozen
class Column:
    """A column of a table: the key of its value in a row, its title, and on which side it stands."""

    key: str
    title: str
    align: Literal["left", "right"] = "left"


class Output:
    """Where one call of the command line prints. ``zone`` is the time zone that instants are shown in."""

    def __init__(self, *, json: bool, quiet: bool, color: bool, language: str, zone: str = "UTC") -> None:
        self.json = json
        self.quiet = quiet
        self.language = language
        self.zone = zone
        self._color = color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    # --- data ---------------------------------------------------------------------------------------------------

    def document(self, value: object) -> None:
        """Print one JSON document in UTF-8, whatever the terminal's encoding is."""
        import json

        text = json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n"
        stream = getattr(sys.stdout, "buffer", None)
        if stream is None:
            sys.stdout.write(text)
            return
        sys.stdout.flush()
        stream.write(text.encode("utf-8", "replace"))
        stream.flush()

    def table(
        self,
        columns: Sequence[Column | tuple[str, str]],
        rows: Sequence[Mapping[str, object]],
        *,
        next: str | None = None,
        more: Mapping[str, object] | None = None,
        empty: str | None = None,
    ) -> None:
        """Print rows: the columns as a table, or with ``--json`` everything in them as ``items``.

        A column is a `Column`, or the key of its values and its title.
        ``next`` is what ``--after`` takes to go on; ``more`` is further top-level values of the JSON document.
        """
        if self.json:
            self.document({"items": rows, "next": next, **(more or {})})
            return
        if not rows:
            self.say(empty or _("There is nothing to show."))
            return
        wanted = [item if isinstance(item, Column) else Column(*item) for item in columns]
        titles = [self.text(column.title) for column in wanted]
        cells = [[self.show(_cell(row, column.key), inline=True) for column in wanted] for row in rows]
        if self._terminal(sys.stdout):
            self._rich_table(wanted, titles, cells)
        else:
            self._write(_aligned(wanted, [titles, *cells]))
        if next is not None:
            self.say(_("There are more: --after {cursor}"), cursor=next)

    def record(self, pairs: Sequence[tuple[str, object]], *, json: object = None, title: str | None = None) -> None:
        """Print one record as titles and values, leaving out what is empty, or ``json`` with ``--json``."""
        if self.json:
            self.document(json if json is not None else {str(name): value for name, value in pairs})
            return
        rows = [(self.text(name), self.show(value)) for name, value in pairs if value not in _EMPTY]
        if title is not None:
            self.heading(title)
        columns = (Column("name", ""), Column("value", ""))
        lines: list[list[str]] = []
        for name, value in rows:
            first, *rest = value.split("\n") or [""]
            lines.append([name, first])
            lines.extend(["", line] for line in rest)
        self._write(_aligned(columns, lines), name_style="bold")

    def boxes(self, parts: Sequence[tuple[str, Sequence[tuple[str, object]]]]) -> None:
        """Print several small records, each with its title: side by side in boxes on a terminal, else one below the
        other. Those that have nothing are left out; with ``--json`` all of them are."""
        shown = [
            (self.text(title), [(self.text(name), value) for name, value in pairs if value not in _EMPTY])
            for title, pairs in parts
        ]
        shown = [(title, pairs) for title, pairs in shown if pairs]
        if self.json or not shown:
            return
        if not self._terminal(sys.stdout):
            for title, pairs in shown:
                self.record(pairs, title=title)
            return
        from rich.columns import Columns
        from rich.panel import Panel
        from rich.table import Table
        from rich.text import Text

        panels: list[Panel] = []
        for title, pairs in shown:
            grid = Table.grid(padding=(0, 2))
            for name, value in pairs:
                grid.add_row(Text(name, style="bold"), Text(self.show(value)))
            panels.append(Panel(grid, title=_escape(_clean(title)), expand=False))
        self._console().print(Columns(panels))

    def heading(self, text: str, **values: object) -> None:
        """Print the heading of a part."""
        if self.json:
            return
        line = _clean(self.text(text, **values))
        if self._terminal(sys.stdout):
            self._console().print(f"\n{_escape(line)}", style="bold", highlight=False)
        else:
            self._write([f"\n{line}"])

    def say(self, text: str, **values: object) -> None:
        """Print a message for people; not with ``--quiet`` or ``--json``."""
        if not (self.quiet or self.json):
            self._write(
                [_clean(self.text(text, **{name: self._value(value) for name, value in values.items()}), lines=True)]
            )

    def warn(self, text: str, **values: object) -> None:
        """Print a warning on standard error; not with ``--quiet``."""
        if not self.quiet:
            self._error(
                _("warning"), "yellow", self.text(text, **{name: self._value(value) for name, value in values.items()})
            )

    def failure(self, error: CrmkitError, code: int) -> None:
        """Print an error with its code and what to do: on standard error, or with ``--json`` as the document."""
        problems = error.problems
        if self.json:
            self.document(
                {
                    "error": {
                        "code": error.code,
                        "message": error.render(self.language),
                        "exit_code": code,
                        "problems": [
                            {
                                "code": item.code,
                                "field": item.field,
                                "value": item.value if isinstance(item.value, (str, int, float, bool)) else None,
                                "message": translate(item.message, self.language, **item.values),
                                "hint": translate(item.hint, self.language, **item.values) if item.hint else None,
                            }
                            for item in problems
                        ],
                    }
                }
            )
            return
        if len(problems) < 2:
            given = "".join(self._given(item) for item in problems)
            self._error(f"{self.text(_('error'))} {error.code}", "red", error.render(self.language) + given)
            return
        self._error(f"{self.text(_('error'))} {error.code}", "red", self.text(type(error).summary))
        for item in problems:
            self._print_error(f"  {_clean(item.render(self.language))}{self._given(item)}")

    def _given(self, problem: Problem) -> str:
        """Return what was given, where the message does not say it already: whoever gave it reads this."""
        value = problem.value
        if not isinstance(value, (str, int, float)) or str(value) in problem.render(self.language):
            return ""
        text = str(value) if len(str(value)) <= LONGEST else f"{str(value)[:LONGEST]}…"
        return " " + self.text(_("(given: {value})"), value=_clean(repr(text)))

    # --- progress and questions ---------------------------------------------------------------------------------

    @contextmanager
    def progress(self, title: str, *, unit: str | None = None) -> Iterator[Advance]:
        """Show a bar on standard error while something long is done, if that is a terminal."""
        if self.quiet or not self._terminal(sys.stderr):
            yield lambda done, total: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeRemainingColumn(),
        )
        console = Console(file=sys.stderr, no_color=not self._color)
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(_escape(self.text(title)), total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)

    def text(self, message: str, /, **values: object) -> str:
        """Return a text in the language of this call."""
        return translate(message, self.language, **values)

    def show(self, value: object, *, inline: bool = False) -> str:
        """Return a value as people read it; ``inline`` on one line. Control characters are shown as signs."""
        text = shown(value, language=self.language, zone=self.zone)
        return _clean(" ".join(text.split()) if inline else text, lines=not inline)

    # --- within -------------------------------------------------------------------------------------------------

    def _value(self, value: object) -> object:
        return shown(value, language=self.language, zone=self.zone) if isinstance(value, (datetime, date)) else value

    def _terminal(self, stream: Any) -> bool:
        return bool(getattr(stream, "isatty", lambda: False)())

    def _console(self, stream: Any = None) -> Console:
        from rich.console import Console

        return Console(file=stream or sys.stdout, no_color=not self._color, highlight=False, soft_wrap=False)

    def _rich_table(self, columns: Sequence[Column], titles: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False)
        for column, title in zip(columns, titles, strict=True):
            table.add_column(Text(title), justify=column.align, overflow="fold")
        for row in cells:
            table.add_row(*(Text(cell) for cell in row))
        self._console().print(table)

    def _write(self, lines: Sequence[str], *, name_style: str | None = None) -> None:
        sys.stdout.write("".join(f"{line}\n" for line in lines))

    def _error(self, label: str, style: str, message: str) -> None:
        label = self.text(label)
        if self._color and self._terminal(sys.stderr):
            label = f"\x1b[1;{31 if style == 'red' else 33}m{label}\x1b[0m"
        self._print_error(f"{label} {_clean(message, lines=True)}")

    def _print_error(self, line: str) -> None:
        sys.stdout.flush()
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def _cell(row: Mapping[str, object], key: str) -> object:
    """Return the value of a column; ``custom.colour`` without such a key is the colour in ``custom``."""
    if key in row or "." not in key:
        return row.get(key)
    outer, _dot, inner = key.partition(".")
    values = row.get(outer)
    return values.get(inner) if isinstance(values, Mapping) else None


def _aligned(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines with aligned columns; a Chinese character is as wide as two letters."""
    from rich.cells import cell_len

    widths = [max(cell_len(row[place]) for row in rows) for place in range(len(columns))] if rows else []
    lines: list[str] = []
    for row in rows:
        parts: list[str] = []
        for column, width, cell in zip(columns, widths, row, strict=True):
            space = " " * (width - cell_len(cell))
            parts.append(space + cell if column.align == "right" else cell + space)
        lines.append("  ".join(parts).rstrip())
    return lines


def _clean(text: str, *, lines: bool = False) -> str:
    """Replace control characters by signs, so that a customer's name cannot steer the terminal."""
    if text.isprintable():
        return text
    keep = "\n" if lines else ""
    return "".join(
        char if char.isprintable() or char in keep else " " if char in "\t\n" else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def in_zone(instant: datetime, zone: str) -> datetime:
    """Return an instant in a time zone."""
    return instant.astimezone(ZoneInfo(zone))
