"""What people said about headings in earlier imports: kept for the installation, proposed again with its reason.

Must not know files or rows. A correction is what a person said other than the headings told by themselves; it counts
for the same set of headings, and for each of them alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from attrs import frozen
from sqlalchemy import select

from crmkit.core.operations.inputs import Input
from crmkit.core.operations.operation import operation
from crmkit.core.store.actor import Actor
from crmkit.core.store.clock import system_now
from crmkit.core.store.session import CrmSession
from crmkit.errors import AlreadyExists, InvalidInput, MappingError, Problem
from crmkit.exchange.declared import Rows
from crmkit.exchange.mapping import is_field, settle_columns, table_of
from crmkit.exchange.options import ImportOptions, ImportPlan, Reason
from crmkit.exchange.systems.model import normal
from crmkit.exchange.tables import ImportMapping
from crmkit.i18n import texts, translate

if TYPE_CHECKING:
    from crmkit.app import CRM

_ = texts("crmkit")

_LOOKED_AT = 500
"""The newest mappings that single headings are looked up in."""


@frozen(kw_only=True)
class MappingInfo:
    """A mapping that was kept: for which rows, of which system, the fields of its columns (empty: ignored), which of
    them somebody corrected, by whom and when (UTC)."""

    id: UUID
    name: str
    resource: str
    system: str | None
    columns: Mapping[str, str]
    corrected: tuple[str, ...]
    file_name: str
    actor_id: str
    used_at: datetime


@frozen(kw_only=True)
class KeepInput:
    """What is kept of the mapping of an import."""

    resource: str
    columns: Mapping[str, str]
    corrected: tuple[str, ...]
    file_name: str
    system: str | None = None
    name: str = ""
    named: bool = False
    """Whether a person gave it its name."""


def fingerprint(columns: Sequence[str]) -> str:
    """Return what files with the same headings, in whatever order, have in common."""
    return hashlib.sha256("\n".join(sorted(normal(column) for column in columns)).encode()).hexdigest()


def learned_for(crm: CRM, rows: Rows, columns: Sequence[str], options: ImportOptions) -> dict[str, tuple[str, Reason]]:
    """Return by the normal form of a heading the field that somebody said it fills, and where that is from.

    With ``options.saved`` it is that mapping alone. Raises MappingError where there is none of the name.
    """
    with crm.session(Actor.system("looking for earlier mappings of headings")) as session:
        if options.saved:
            return _named(session, rows, options.saved)
        query = select(ImportMapping).where(ImportMapping.resource == str(rows))
        kept = list(session.scalars(query.order_by(ImportMapping.used_at.desc()).limit(_LOOKED_AT)))
    same = fingerprint(columns)
    present = {normal(column) for column in columns}
    found: dict[str, tuple[str, Reason]] = {}
    for one in sorted(kept, key=lambda each: each.fingerprint != same):
        reason = Reason(
            message=_('as in the import of "{file}" on {day}'),
            values={"file": one.file_name, "day": one.used_at.date().isoformat()},
        )
        for column in one.corrected:
            key = normal(column)
            field = one.columns.get(column, "")
            if key in present and (not field or is_field(rows, field)):
                found.setdefault(key, (field, reason))
    return found


def _named(session: CrmSession, rows: Rows, name: str) -> dict[str, tuple[str, Reason]]:
    resource = str(rows)
    one = session.scalar(select(ImportMapping).where(ImportMapping.name == name.strip()))
    if one is None or one.resource != resource:
        names = session.scalars(select(ImportMapping.name).where(ImportMapping.resource == resource).limit(20)).all()
        raise MappingError(
            _('There is no mapping "{name}" for {resource}.'),
            fix=_("There are: {names}.") if names else _("None was kept yet: correct one, and it will be."),
            name=name,
            resource=resource,
            names=", ".join(names),
        )
    reason = Reason(message=_('as in the mapping "{name}"'), values={"name": one.name})
    return {
        normal(column): (field, reason) for column, field in one.columns.items() if not field or is_field(rows, field)
    }


def worth_keeping(plan: ImportPlan) -> KeepInput | None:
    """Return what of a plan's mapping is to be kept: None where nobody corrected or named anything."""
    columns = [one.column for one in plan.columns]
    alone = settle_columns(plan.rows, columns, {}, table=table_of(plan.rows, columns))
    wanted = {one.column: one.field or "" for one in plan.columns}
    corrected = tuple(
        one.column for one in plan.columns if one.stated and not _same(alone[one.column].field or "", one.field or "")
    )
    named = (plan.options.keep_as or "").strip()
    if not corrected and not named:
        return None
    return KeepInput(
        resource=plan.resource,
        columns=wanted,
        corrected=corrected,
        file_name=plan.file_name,
        system=plan.recognised.system if plan.recognised else None,
        name=named or _proposed(plan),
        named=bool(named),
    )


def _same(alone: str, wanted: str) -> bool:
    """Say whether a field is the one that the heading told: the custom field that would be made bears another name."""
    return alone == wanted or (alone.startswith("custom.") and normal(alone) == normal(wanted))


def _proposed(plan: ImportPlan) -> str:
    if plan.recognised is not None:
        return f"{plan.recognised.title} {translate(plan.recognised.rows, plan.options.language)}"
    return PurePath(plan.file_name).stem.partition(".")[0] or plan.resource


def list_mappings(session: CrmSession) -> tuple[MappingInfo, ...]:
    """Return the mappings that were kept, the one that was used last first."""
    found = session.scalars(select(ImportMapping).order_by(ImportMapping.used_at.desc(), ImportMapping.name))
    return tuple(
        MappingInfo(
            id=one.id,
            name=one.name,
            resource=one.resource,
            system=one.system,
            columns=dict(one.columns),
            corrected=tuple(one.corrected),
            file_name=one.file_name,
            actor_id=one.actor_id,
            used_at=one.used_at,
        )
        for one in found
    )


def find_mapping(session: CrmSession, said: str) -> MappingInfo:
    """Return the mapping of a name or an id. Raises MappingError where there is none."""
    for one in list_mappings(session):
        if said.strip() in (one.name, str(one.id)):
            return one
    raise MappingError(_('There is no mapping "{name}".'), fix=_("crmkit imports mappings list shows them."), name=said)


# --- operations ------------------------------------------------------------------------------------------------------

Name = Annotated[str, Input(title=_("Name"), max_length=120, classified="internal")]


@operation("import.mapping.keep", title=_("Keep a mapping"), permission="import.run", effect="update", hidden=True)
def keep_mapping(session: CrmSession, kept: KeepInput) -> ImportMapping:
    """Keep the mapping of an import: one for each set of headings and each name that somebody gave."""
    mark = fingerprint(list(kept.columns))
    query = select(ImportMapping).where(ImportMapping.resource == kept.resource)
    known = session.scalar(query.where(ImportMapping.name == kept.name)) if kept.named else None
    if known is None:
        known = session.scalar(query.where(ImportMapping.fingerprint == mark).order_by(ImportMapping.used_at.desc()))
    if known is None or (kept.named and known.name != kept.name and known.named):
        known = ImportMapping(name=_free(session, kept.name), resource=kept.resource, named=kept.named)
        session.add(known)
    elif kept.named and known.name != kept.name:
        known.name, known.named = _free(session, kept.name), True
    known.system = kept.system
    known.fingerprint = mark
    known.columns = dict(kept.columns)
    known.corrected = list(kept.corrected)
    known.file_name = kept.file_name[:255]
    known.actor_id = session.actor.id
    known.used_at = system_now()
    return known


@operation("import.mapping.rename", title=_("Rename the mapping"), permission="import.run", effect="update")
def rename_mapping(session: CrmSession, mapping: ImportMapping, *, name: Name) -> ImportMapping:
    """Give a mapping another name. Raises InvalidInput for none, AlreadyExists for another one's."""
    wanted = name.strip()
    if not wanted:
        raise InvalidInput([Problem(InvalidInput.code, _("A name is required."), field="name")])
    other = session.scalar(select(ImportMapping.id).where(ImportMapping.name == wanted, ImportMapping.id != mapping.id))
    if other is not None:
        raise AlreadyExists(_('There is a mapping "{name}" already.'), name=wanted, field="name")
    mapping.name, mapping.named = wanted, True
    return mapping


@operation("import.mapping.forget", title=_("Forget the mapping"), permission="import.run", effect="delete")
def forget_mapping(session: CrmSession, mapping: ImportMapping) -> None:
    """Forget a mapping: its corrections are not proposed any more."""
    session.delete(mapping)


def _free(session: CrmSession, name: str) -> str:
    """Return a name that no mapping has yet."""
    base = name.strip()[:110] or "import"
    taken = set(session.scalars(select(ImportMapping.name).where(ImportMapping.name.startswith(base, autoescape=True))))
    number, wanted = 2, base
    while wanted in taken:
        wanted, number = f"{base} {number}", number + 1
    return wanted


OPERATIONS: list[Any] = [keep_mapping, rename_mapping, forget_mapping]
