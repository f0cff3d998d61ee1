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
from crmkit.exchange.background import told_error
from crmkit.exchange.declared import Rows
from crmkit.exchange.headings import candidates
from crmkit.exchange.learning import learned_for
from crmkit.exchange.mapping import guess_resource, settle_columns, table_of
from crmkit.exchange.options import Mapped
from crmkit.exchange.plan import open_source
from crmkit.exchange.systems.model import normal
from crmkit.exchange.systems.recognition import recognise
from crmkit.exchange.uploads import Upload
from crmkit.i18n import texts
from crmkit.web.pages.imports.wording import field_groups, field_title, known_rows, told

if TYPE_CHECKING:
    from crmkit.exchange.readers import Description
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
    reason: str = ""
    """Why it was taken for what it is, or left out."""


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
    recognised: str = ""
    """What the file looks like an export of."""
    sheet: str | None = None
    sheets: tuple[tuple[str, str], ...] = ()
    """The sheets of a workbook with their titles, if there is a choice."""
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
    plan, wrong = _plan(call, upload, options)
    rows_are = plan.rows if plan is not None else known_rows(call, options.resource or guess_resource(heads))
    alone = _alone(call, rows_are, heads, options)
    chosen = _mapped(plan, alone, heads, options)
    noted = _notes(call, plan)
    many = len(heads) > MANY
    columns = tuple(
        Column(
            index=at,
            name=name,
            samples=samples[at],
            field=chosen.get(name, ""),
            sure=_sure(rows_are, name, chosen.get(name, ""), alone[name], bool(noted.get(name))),
            groups=field_groups(call, rows_are, name, many=many, current=chosen.get(name, "")),
            notes=tuple(noted.get(name, ())),
            reason=_reason(call, name, chosen.get(name, ""), alone[name], plan),
        )
        for at, name in enumerate(heads)
    )
    made = {f"custom.{one.title}": one.title for one in plan.new_fields} if plan is not None else {}
    fields = tuple((name, made.get(name) or field_title(call, rows_are, name)) for name in chosen.values())
    places = [(at, chosen[name]) for at, name in enumerate(heads) if name in chosen]
    general = [told(call, problem) for problem in description.notes]
    if plan is not None:
        general = [told(call, problem) for problem in plan.notes if problem.field is None]
    return Look(
        format=description.format,
        encoding=description.encoding.encoding,
        delimiter=description.delimiter,
        resource=str(rows_are),
        columns=columns,
        plan=plan,
        wrong=wrong,
        notes=tuple(dict.fromkeys(general)),
        recognised=_recognised(call, heads),
        sheet=description.sheet,
        sheets=_sheets(call, description),
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


def _alone(call: PageCall, rows: Rows, heads: Sequence[str], options: ImportOptions) -> dict[str, Mapped]:
    """Return what each column is taken for as long as nobody says otherwise."""
    try:
        learned = learned_for(call.crm, rows, heads, options)
    except CrmkitError:
        learned = {}
    return settle_columns(rows, heads, {}, learned=learned, table=table_of(rows, heads))


def _mapped(
    plan: ImportPlan | None, alone: Mapping[str, Mapped], heads: Sequence[str], options: ImportOptions
) -> dict[str, str]:
    if plan is not None:
        # A custom field that is yet to be made is chosen by its title, which its name may not tell.
        made = {f"custom.{one.name}": f"custom.{one.title}" for one in plan.new_fields}
        return {column: made.get(name, name) for column, name in plan.mapped.items()}
    if options.mapping:
        return {name: options.mapping[name] for name in heads if options.mapping.get(name)}
    return {name: one.field for name, one in alone.items() if one.field}


def _recognised(call: PageCall, heads: Sequence[str]) -> str:
    table = recognise(heads)
    if table is None:
        return ""
    text = _("This looks like an export of {system}: {rows}.")
    return call.text(text, system=table.title, rows=call.text(table.rows))


def _sheets(call: PageCall, description: Description) -> tuple[tuple[str, str], ...]:
    if len(description.sheets) < 2:
        return ()
    return tuple(
        (each.name, call.text(_("{sheet} ({count} rows)"), sheet=each.name, count=each.rows))
        for each in description.sheets
    )


def _reason(call: PageCall, name: str, chosen: str, alone: Mapped, plan: ImportPlan | None) -> str:
    if plan is not None:
        of_plan = next((each.reason for each in plan.columns if each.column == name), None)
        if of_plan is not None:
            return of_plan.render(call.language)
    if alone.reason is None or not _same(chosen, alone.field or ""):
        return ""
    return alone.reason.render(call.language)


def _same(chosen: str, alone: str) -> bool:
    """Say whether a field is the one that was told: a custom field that is yet to be made has its title there."""
    return chosen == alone or (alone.startswith("custom.") and normal(chosen) == normal(alone))


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


def _sure(rows: Rows, column: str, chosen: str, alone: Mapped, noted: bool) -> str:
    if not _same(chosen, alone.field or ""):
        return ("doubtful" if noted else "chosen") if chosen else "ignored"
    if not chosen:
        return "ignored"
    if noted:
        return "doubtful"
    if alone.origin in ("learned", "system"):
        return "learned" if alone.origin == "learned" else "certain"
    key = normal(column)
    if normal(chosen) == key or column.casefold().startswith(("custom.", "payload.")):
        return "certain"
    meant = candidates(rows).get(key, ())
    return "likely" if len(meant) <= 1 or meant[0] == chosen else "doubtful"
