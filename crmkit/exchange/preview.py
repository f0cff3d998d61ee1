"""Looks at a file and says how it would be imported, with its first rows as they would be read. Writes nothing."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from crmkit.exchange.options import ImportOptions, ImportPlan, PreviewRow
from crmkit.exchange.plan import draft_plan, reopen
from crmkit.exchange.sources import Kept
from crmkit.exchange.targets import make_target

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.business.config import Config

PREVIEW_ROWS = 10


def plan_import(crm: CRM, path: str | os.PathLike[str], options: ImportOptions | None = None) -> ImportPlan:
    """Return what importing a file would mean: its format, which column fills which field, what is in doubt, its first
    rows as they would be read.

    Raises UnreadableFile for what is no table of text, MappingError where columns and fields cannot be brought
    together.
    """
    config = crm.business()
    kept = kept_content(path)
    plan = draft_plan(crm, kept or Path(path), options or ImportOptions(), config)
    if kept is not None:
        plan = evolve(plan, origin=Path(path))
    return evolve(plan, first_rows=first_rows(plan, config))


def kept_content(path: str | os.PathLike[str]) -> Kept | None:
    """Return what came from standard input or a pipe, to be read more than once; None for a file.

    It is read several times: to find out what it is, for the first rows, to try it and to import it.
    """
    if str(path) == "-":
        return Kept.standard_input()
    return Kept.pipe(Path(path)) if Path(path).is_fifo() else None


def first_rows(plan: ImportPlan, config: Config) -> tuple[PreviewRow, ...]:
    """Return the first rows of a plan's file as they would be read; nothing is looked up."""
    target = make_target(plan, config, rehearsal=True)
    found: list[PreviewRow] = []
    for row in islice(reopen(plan), PREVIEW_ROWS):
        unit = target.build((row,))
        values = {name: value for name, value in unit.values.items() if name != "_"}
        found.append(PreviewRow(line=row.line, values=values, problems=tuple(unit.problems)))
    return tuple(found)
