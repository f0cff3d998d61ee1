"""Finds out how a file would be imported: which column fills which field and what its cells show. Writes nothing.

Must not know how values are built or written; `crmkit.exchange.preview` adds the first rows.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import evolve
from sqlalchemy import func, or_, select

from crmkit.core.access.models import User
from crmkit.core.store.actor import Actor
from crmkit.errors import ImportConflict, MappingError, Problem
from crmkit.exchange.declared import Declared, Rows, rows_of
from crmkit.exchange.evidence import ColumnEvidence, are_resident_ids, gather, guess_region
from crmkit.exchange.export_rows import is_own
from crmkit.exchange.learning import learned_for
from crmkit.exchange.mapping import check_required, field_of, guess_kind, guess_resource, settle_columns, table_of
from crmkit.exchange.options import (
    RESOURCES,
    ColumnPlan,
    ImportOptions,
    ImportPlan,
    Mapped,
    NewField,
    Reason,
    Recognised,
)
from crmkit.exchange.readers import RowSource, open_rows
from crmkit.exchange.rows import problem
from crmkit.exchange.sources import Kept
from crmkit.exchange.systems.model import KnownTable, normal
from crmkit.exchange.tables import ImportRun
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.business.config import Config, CustomFieldInfo

_ = texts("crmkit")

_NUMBERS = ("integer", "decimal", "money")
_DAYS = ("date", "instant")
_NAME = re.compile(r"[^a-z0-9_]+")


def draft_plan(crm: CRM, path: Path | Kept, options: ImportOptions, config: Config) -> ImportPlan:
    """Return the plan of importing a file, without its first rows.

    Raises UnreadableFile for what is no table of text, MappingError where columns and fields cannot be brought
    together.
    """
    source = open_source(path, options)
    own = next((name for name in RESOURCES if is_own(name, source.columns)), None)
    rows = rows_of(crm.gate.registry, options.resource or own or guess_resource(source.columns))
    resource = str(rows)
    table = table_of(rows, source.columns) if own is None else None
    options = evolve(options, source=options.source or (table.system if table is not None else "import"))
    settled = settle_columns(
        rows,
        source.columns,
        options.mapping,
        learned={} if own else learned_for(crm, rows, source.columns, options),
        table=table,
        automatic=options.automatic,
    )
    mapped = {column: one.field for column, one in settled.items() if one.field}
    check_required(rows, mapped)
    if is_own(resource, source.columns):
        options = evolve(options, decimal_mark=options.decimal_mark or ".", date_order=options.date_order or "YMD")
    columns, new_fields, evidence = _columns(path, source, rows, settled, options, config)
    samples = {one.field: evidence[at].samples for at, one in enumerate(columns) if one.field and at in evidence}
    region, notes = _region(samples, source, options, config)
    plan = ImportPlan(
        path=path,
        origin=path if isinstance(path, Path) else Path(path.name),
        options=options,
        resource=resource,
        file_name=source.description.name,
        format=source.description.format,
        encoding=source.description.encoding.encoding,
        delimiter=source.description.delimiter,
        sheet=source.description.sheet,
        sheets=source.description.sheets,
        size=source.description.bytes_total,
        sha256=source.digest(),
        columns=columns,
        new_fields=new_fields,
        kind=options.kind or (table.kind if table else None) or guess_kind(source.columns, mapped),
        region=region,
        identity_kind="resident_id" if are_resident_ids(samples.get("identity_number", ())) else "other",
        recognised=Recognised(system=table.system, title=table.title, rows=table.rows) if table else None,
        withdrawn=_withdrawn(table, source.columns, mapped),
        owner_id=_owner(crm, options.owner),
        declared=rows if isinstance(rows, Declared) else None,
        notes=(*source.description.notes, *notes, *(one.problem for one in columns if one.problem)),
    )
    return _with_earlier(crm, plan)


def open_source(path: Path | Kept, options: ImportOptions) -> RowSource:
    """Open a file with what the options say of its form."""
    return open_rows(
        path, encoding=options.encoding, delimiter=options.delimiter, format=options.format, sheet=options.sheet
    )


def reopen(plan: ImportPlan) -> RowSource:
    """Open a plan's file again, without finding out anew what it is written in.

    Raises ImportConflict when it is not the same any more: the columns and the progress are those of what was planned.
    """
    source = open_rows(
        plan.path, encoding=plan.encoding, delimiter=plan.options.delimiter, format=plan.format, sheet=plan.sheet
    )
    if source.digest() != plan.sha256:
        source.close()
        raise ImportConflict(
            _('"{file}" has changed since it was looked at.'),
            fix=_("Wait until nobody writes to it, and import it again."),
            file=plan.file_name,
        )
    return source


def _columns(
    path: Path | Kept,
    source: RowSource,
    rows: Rows,
    settled: Mapping[str, Mapped],
    options: ImportOptions,
    config: Config,
) -> tuple[tuple[ColumnPlan, ...], tuple[NewField, ...], dict[int, ColumnEvidence]]:
    known = config.custom_fields.get("customer", {}) if rows == "customers" else {}
    drafts = [_draft(source.columns[at], rows, settled, known) for at in range(len(source.columns))]
    wanted: dict[int, str] = {}
    for at, one in enumerate(drafts):
        if one.type in _DAYS:
            wanted[at] = "date"
        elif one.type in _NUMBERS:
            wanted[at] = "number"
        elif one.type == "new":
            wanted[at] = "custom"
        elif one.field in ("phone", "mobile", "customer_phone"):
            wanted[at] = "phone"
        elif one.field == "identity_number":
            wanted[at] = "identity"
        elif one.field == "more_contact_points":
            wanted[at] = "points"
    evidence = gather(source, wanted) if wanted else {}
    columns: list[ColumnPlan] = []
    new_fields: list[NewField] = []
    for at, one in enumerate(drafts):
        seen = evidence.get(at)
        if one.type == "new" and seen is not None and not seen.filled and one.origin == "system":
            one = evolve(one, field=None, type="text", reason=Reason(message=_("all its cells are empty")))
            seen = None
        elif one.type == "new" and seen is not None:
            made = _new_field(one, seen)
            new_fields.append(made)
            seen = _evidence_of_samples(path, options, at, made.type) or seen
            one = evolve(one, field=f"custom.{made.name}", type=made.type)
        columns.append(_settled(one, seen, options) if seen is not None else one)
    return tuple(columns), _distinct(new_fields), evidence


def _draft(column: str, rows: Rows, settled: Mapping[str, Mapped], known: Mapping[str, CustomFieldInfo]) -> ColumnPlan:
    one = settled[column]
    name = one.field
    draft = ColumnPlan(
        column=column,
        heading=column,
        field=name,
        stated=one.origin == "stated",
        origin=one.origin,
        reason=one.reason,
    )
    if name is None:
        return draft
    if rows == "customers" and name.startswith("custom."):
        custom = _known_custom(name[7:], known)
        if custom is None:
            return evolve(draft, type="new")
        return evolve(draft, field=f"custom.{custom.name}", type=_cell_type(custom.type))
    return evolve(draft, type=field_of(rows, name).type)


def _known_custom(said: str, known: Mapping[str, CustomFieldInfo]) -> CustomFieldInfo | None:
    found = known.get(said) or known.get(custom_name(said))
    return found or next((one for one in known.values() if one.title.casefold() == said.casefold()), None)


def _cell_type(type_: str) -> str:
    return {"choice": "text", "choices": "list"}.get(type_, type_)


def custom_name(said: str) -> str:
    """Return the name of a custom field for what a heading says: lower case letters, digits and underscores."""
    plain = _NAME.sub("_", said.strip().casefold()).strip("_")
    if plain and plain[0].isalpha():
        return plain[:60]
    digest = hashlib.sha256(said.encode()).hexdigest()[:8]
    return f"field_{plain}"[:60] if plain else f"field_{digest}"


def _new_field(one: ColumnPlan, seen: ColumnEvidence) -> NewField:
    said = (one.field or "")[7:]
    sensitive = seen.is_sensitive
    return NewField(
        name=custom_name(said),
        title=said[:200],
        type="text" if sensitive else seen.type or "text",
        field_class="sensitive" if sensitive else "personal",
        proposed=one.origin == "system",
    )


def _distinct(fields: Sequence[NewField]) -> tuple[NewField, ...]:
    seen: dict[str, NewField] = {}
    for one in fields:
        if one.name in seen:
            raise MappingError(
                _('Two columns would make the custom field "{name}".'),
                fix=_("Rename one of them, or map it with --map COLUMN=custom.OTHER."),
                name=one.name,
            )
        seen[one.name] = one
    return tuple(fields)


def _evidence_of_samples(path: Path | Kept, options: ImportOptions, at: int, type_: str) -> ColumnEvidence | None:
    """Look once more at the column of a new custom field that turned out to hold days or numbers."""
    if type_ not in (*_DAYS, *_NUMBERS):
        return None
    sort = "date" if type_ in _DAYS else "number"
    return gather(open_source(path, options), {at: sort})[at]


def _settled(one: ColumnPlan, seen: ColumnEvidence, options: ImportOptions) -> ColumnPlan:
    if one.type in _DAYS:
        order = options.date_order or seen.dates.order
        doubt = None if options.date_order else seen.dates.problem
        return evolve(one, date_order=order, problem=_about(doubt, one.heading))
    if one.type in _NUMBERS:
        mark = options.decimal_mark or seen.marks.mark
        doubt = None if options.decimal_mark else seen.marks.problem
        return evolve(one, decimal_mark=mark, problem=_about(doubt, one.heading))
    return one


def _withdrawn(
    table: KnownTable | None, columns: Sequence[str], mapped: Mapping[str, str]
) -> dict[int, frozenset[str]]:
    """Return the columns by which a row says that it was deleted, unless they are wanted for something else."""
    if table is None:
        return {}
    return {
        at: table.deletions[normal(column)]
        for at, column in enumerate(columns)
        if normal(column) in table.deletions and column not in mapped
    }


def _owner(crm: CRM, said: str | None) -> UUID | None:
    """Return the user that a login or an e-mail address names. Raises MappingError where there is none."""
    if not said or not said.strip():
        return None
    wanted = said.strip()
    with crm.session(Actor.system("looking up the owner of customers in a file")) as session:
        found = session.scalars(
            select(User.id).where(
                or_(User.login == wanted, func.lower(User.email) == wanted.lower()), User.active.is_(True)
            )
        ).all()
    if len(found) != 1:
        raise MappingError(
            _('There is no active user "{owner}".'),
            fix=_("Name a login or an e-mail address; crmkit user list shows them."),
            owner=wanted,
        )
    return found[0]


def _about(one: Problem | None, heading: str) -> Problem | None:
    return one and Problem(one.code, one.message, field=heading, hint=one.hint, **one.values)


def _region(
    samples: Mapping[str, Sequence[str]], source: RowSource, options: ImportOptions, config: Config
) -> tuple[str | None, list[Problem]]:
    if options.region:
        return options.region.upper(), []
    phones = [
        text for name in ("mobile", "phone", "customer_phone", "more_contact_points") for text in samples.get(name, ())
    ]
    guessed = guess_region(phones, source.columns)
    if guessed is None or guessed == config.country:
        return config.country, []
    note = problem(
        _("Phone numbers without country code are read as numbers of {country}."),
        hint=_("State another country with --region."),
        country=guessed,
    )
    return guessed, [note]


def _with_earlier(crm: CRM, plan: ImportPlan) -> ImportPlan:
    """Add what is known of earlier imports of the same file."""
    with crm.session(Actor.system("looking for earlier imports of a file")) as session:
        runs = list(
            session.scalars(
                select(ImportRun)
                .where(ImportRun.sha256 == plan.sha256, ImportRun.resource == plan.resource)
                .order_by(ImportRun.started_at.desc())
            )
        )
    same = settings_of(plan)
    running = next((run for run in runs if run.state == "running"), None)
    done = next((run for run in runs if run.state == "done" and run.settings == same), None)
    if running is not None and plan.options.fresh:
        plan = evolve(plan, abandons=running.id)
    elif running is not None:
        plan = evolve(plan, resumes=running.id, resumes_at=running.position)
    return evolve(plan, imported=done.id) if done is not None else plan


def settings_of(plan: ImportPlan) -> dict[str, Any]:
    """Return what must be the same when an import goes on, in JSON form."""
    options = plan.options
    return {
        "columns": [[one.column, one.field, one.type, one.date_order, one.decimal_mark] for one in plan.columns],
        "on_duplicate": options.on_duplicate,
        "source": options.source,
        "kind": plan.kind,
        "region": plan.region,
        "identity_kind": plan.identity_kind,
        "zone": options.zone,
        "currency": options.currency,
        "create_customers": options.create_customers,
        "bad_cells": options.bad_cells,
        "owner": str(plan.owner_id) if plan.owner_id else None,
        "tags": list(options.tags),
        "encoding": plan.encoding,
        "delimiter": plan.delimiter,
        **({"sheet": plan.sheet} if plan.sheet is not None else {}),
    }
