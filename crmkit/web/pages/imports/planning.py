"""What a file that was sent looks like: what was recognised, what its columns hold, how the first rows would be read.

Nothing is written. What is wrong with the choices is part of the answer, so that the page can show it beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from crmkit.errors import CrmkitError, Problem
from crmkit.exchange.api import ImportOptions, ImportPlan, plan_import
from crmkit.exchange.headings import candidates, normal
from crmkit.exchange.mapping import guess_resource, map_columns
from crmkit.exchange.plan import open_source
from crmkit.exchange.uploads import Upload
from crmkit.i18n import texts
from crmkit.web.pages.imports.wording import field_groups, field_title, told, told_error

if TYPE_CHECKING:
    from crmkit.exchange.rows import Row
    from crmkit.web.pages.call import PageCall

_ = texts("crmkit")

SAMPLES = 3
LOOKED_AT = 50
"""Rows that samples are taken from."""
MANY = 40
"""Columns from which on each column's list of fields is the short one."""
_CELL = 80


@frozen(kw_only=True)
class Column:
    """One column as the page shows it: what stands in it, the field it fills (empty: none), how sure that is."""

    index: int
    name: str
    samples: tuple[str, ...]
    field: str
    sure: str
    groups: list[tuple[str, list[Any]]]
    notes: tuple[str, ...] = ()


@frozen(kw_only=True)
class Look:
    """A file as the page shows it. ``plan`` is None where the choices do not fit together; ``wrong`` says why."""

    format: str
    encoding: str
    delimiter: str | None
    resource: str
    columns: tuple[Column, ...]
    plan: ImportPlan | None = None
    wrong: str | None = None
    notes: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = field(default=())
    """The fields of the preview with their titles."""
    cells: Mapping[int, Mapping[str, str]] = field(factory=dict)
    """What stands in the first rows, by line and field: for fields whose values are not among a row's."""


def look(call: PageCall, upload: Upload, choices: Mapping[str, Any]) -> Look:
    """Return what a file would mean with some choices. Raises UnreadableFile for what is no table of text."""
    options = evolve(upload, choices=dict(choices)).options(call.language)
    source = open_source(upload.path, options)
    try:
        heads = source.columns
        rows = list(islice(source, LOOKED_AT))
        samples = _samples(heads, rows)
        description = source.description
    finally:
        source.close()
    resource = options.resource or guess_resource(heads)
    plan, wrong = _plan(call, upload, options)
    resource = plan.resource if plan is not None else resource
    chosen = _mapped(plan, resource, heads, options)
    noted = _notes(call, plan)
    many = len(heads) > MANY
    columns = tuple(
        Column(
            index=at,
            name=name,
            samples=samples[at],
            field=chosen.get(name, ""),
            sure=_sure(resource, name, chosen.get(name, ""), options.mapping, bool(noted.get(name))),
            groups=field_groups(call, resource, name, many=many, current=chosen.get(name, "")),
            notes=tuple(noted.get(name, ())),
        )
        for at, name in enumerate(heads)
    )
    made = {f"custom.{one.name}": one.title for one in plan.new_fields} if plan is not None else {}
    fields = tuple((name, made.get(name) or field_title(call, resource, name)) for name in chosen.values())
    places = [(at, chosen[name]) for at, name in enumerate(heads) if name in chosen]
    general = [told(call, problem) for problem in description.notes]
    if plan is not None:
        general = [told(call, problem) for problem in plan.notes if problem.field is None]
    return Look(
        format=description.format,
        encoding=description.encoding.encoding,
        delimiter=description.delimiter,
        resource=resource,
        columns=columns,
        plan=plan,
        wrong=wrong,
        notes=tuple(dict.fromkeys(general)),
        fields=fields,
        cells={row.line: {name: _text(row.cells[at]) for at, name in places if at < len(row.cells)} for row in rows},
    )


def check_readable(upload: Upload, language: str) -> None:
    """Raise UnreadableFile for a file that no choices could make readable."""
    open_source(upload.path, upload.options(language)).close()


def _plan(call: PageCall, upload: Upload, options: ImportOptions) -> tuple[ImportPlan | None, str | None]:
    from crmkit.errors import UnreadableFile

    try:
        return plan_import(call.crm, upload.path, options), None
    except UnreadableFile:
        raise
    except CrmkitError as error:
        return None, told_error(error, call.language)


def _mapped(plan: ImportPlan | None, resource: str, heads: tuple[str, ...], options: ImportOptions) -> dict[str, str]:
    if plan is not None:
        return plan.mapped
    if options.mapping:
        return {name: options.mapping[name] for name in heads if options.mapping.get(name)}
    return map_columns(resource, heads, {})


def _samples(heads: Sequence[str], rows: Sequence[Row]) -> list[tuple[str, ...]]:
    found: list[list[str]] = [[] for _name in heads]
    for row in rows:
        for at, cell in enumerate(row.cells):
            text = _text(cell)
            if text and at < len(found) and len(found[at]) < SAMPLES and text not in found[at]:
                found[at].append(text)
    return [tuple(each) for each in found]


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()[:_CELL]


def _notes(call: PageCall, plan: ImportPlan | None) -> dict[str, list[str]]:
    """Return what is doubtful about columns: of the column as a whole, and of its cells in the first rows."""
    if plan is None:
        return {}
    found: dict[str, list[str]] = {}
    by_field = {name: column for column, name in plan.mapped.items()}
    for column in plan.columns:
        if column.problem is not None:
            found.setdefault(column.column, []).append(told(call, column.problem))
    problems: list[Problem] = [problem for row in plan.first_rows for problem in row.problems if problem.field]
    for problem in problems:
        name = str(problem.field).split(".")[0]
        column = by_field.get(str(problem.field)) or by_field.get(name) or (name if name in plan.mapped else None)
        if column is not None:
            text = told(call, problem)
            if text not in found.setdefault(column, []) and len(found[column]) < 2:
                found[column].append(text)
    return found


def _sure(resource: str, column: str, chosen: str, stated: Mapping[str, str], noted: bool) -> str:
    if not chosen:
        return "ignored"
    if column in stated:
        return "doubtful" if noted else "chosen"
    if noted:
        return "doubtful"
    key = normal(column)
    if normal(chosen) == key or column.casefold().startswith(("custom.", "payload.")):
        return "certain"
    meant = candidates(resource).get(key, ())
    return "likely" if len(meant) <= 1 or meant[0] == chosen else "doubtful"
