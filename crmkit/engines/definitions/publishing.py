"""Definitions as they are in effect: what plugins ship, overlaid with what was published; and publishing them.

Every operation that changes one runs through here, so that each has versions, a publisher and an audit record. Must not
know any kind.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import attrs
from sqlalchemy import func, select

from crmkit.core.business.config import bump, was_bumped
from crmkit.core.store.clock import system_now
from crmkit.engines.definitions.documents import check_extent, from_document, to_document, translatable
from crmkit.engines.definitions.kinds import DefinitionKind, definition_kinds, kind_named
from crmkit.engines.definitions.tables import Definition, DefinitionVersion
from crmkit.errors import DefinitionError, InvalidInput, Problem, UnknownDefinition
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

GENERATION = "definitions"
_NAME = re.compile(r"[^\W\d_][\w-]*(\.[^\W\d_][\w-]*)*", re.UNICODE)
Origin = Literal["shipped", "changed", "own"]


@attrs.frozen(kw_only=True)
class Defined:
    """A definition as it is in effect.

    ``origin`` is "shipped" (as its plugin has it), "changed" (shipped, and changed since) or "own". ``number`` counts
    what was published, 0 for a shipped one. The publisher is an actor's id, "system" where the command line published
    it, and None for what is shipped. ``broken`` says why the document that is stored can't be used, if it can't.
    """

    kind: str
    name: str
    value: Any
    origin: Origin
    plugin: str | None = None
    enabled: bool = True
    number: int = 0
    publisher: str | None = None
    publisher_user_id: UUID | None = None
    publisher_limits: tuple[str, ...] | None = None
    published_at: datetime | None = None
    effective_from: datetime | None = None
    effective_until: datetime | None = None
    note: str = ""
    broken: str = ""

    def in_effect(self, at: datetime) -> bool:
        """Say whether it is on at an instant, and can be used."""
        if not self.enabled or self.broken:
            return False
        begun = self.effective_from is None or self.effective_from <= at
        return begun and (self.effective_until is None or at < self.effective_until)


class DefinitionCache:
    """Keeps the definitions of one CRM for as long as they are right."""

    def __init__(self) -> None:
        self._known: tuple[tuple[int, int], Mapping[str, Mapping[str, Defined]]] | None = None

    def get(self, session: CrmSession) -> Mapping[str, Mapping[str, Defined]]:
        """Return all definitions by kind and name, broken ones too, as they are in the session's transaction."""
        key = (session.gate.generation(session, GENERATION), session.gate.registry.revision)
        held = session.info.get("crmkit.definitions")
        if held is not None and held[0] == key:
            return held[1]
        if self._known is not None and self._known[0] == key and not was_bumped(session, GENERATION):
            found = self._known[1]
        else:
            found = _load(session)
            if not was_bumped(session, GENERATION):
                self._known = (key, found)
        session.info["crmkit.definitions"] = (key, found)
        return found


def generation_of(session: CrmSession) -> tuple[int, int]:
    """Return what changes whenever a definition or the set of plugins does: for what is derived and kept."""
    return (session.gate.generation(session, GENERATION), session.gate.registry.revision)


def defined(session: CrmSession, kind: str, *, broken: bool = False) -> Mapping[str, Defined]:
    """Return the definitions of a kind by name; those that can't be used only with ``broken``. Raises
    UnknownDefinition for a kind that there is not."""
    kind_named(kind)
    found: Mapping[str, Defined] = session.crm.definitions.get(session)[kind]
    return found if broken else {name: item for name, item in found.items() if not item.broken}


def find(session: CrmSession, kind: str, name: str) -> Defined:
    """Return a definition. Raises UnknownDefinition, suggesting the one that was probably meant."""
    known = defined(session, kind, broken=True)
    if name not in known:
        close = difflib.get_close_matches(name, known, 1)
        raise UnknownDefinition(
            _('There is no {kind} "{name}".'),
            fix=_('Did you mean "{close}"?') if close else None,
            kind=kind_named(kind).title,
            name=name,
            close=close[0] if close else "",
        )
    return known[name]


def publish(
    session: CrmSession,
    kind: str,
    value: Any,
    *,
    enabled: bool | None = None,
    effective_from: datetime | None = None,
    effective_until: datetime | None = None,
    note: str = "",
) -> Defined:
    """Put a value into effect under its name, as a new version. It stays on or off as it was; a new one is on.

    Runs inside the operation of its engine, which has checked the right. Raises DefinitionError with every problem.
    """
    sort = kind_named(kind)
    _check(session, sort, value, effective_from, effective_until)
    row = _row(session, kind, value.name)
    before = defined(session, kind, broken=True).get(value.name)
    on = enabled if enabled is not None else before.enabled if before is not None else getattr(value, "enabled", True)
    row = row or _new_row(session, kind, value.name)
    row.document = to_document(value)
    row.enabled = on
    row.effective_from, row.effective_until, row.note = effective_from, effective_until, note
    return _published(session, row)


def set_enabled(session: CrmSession, kind: str, name: str, enabled: bool) -> Defined:
    """Turn a definition on or off. Raises UnknownDefinition."""
    found = find(session, kind, name)
    if found.broken and enabled:
        raise DefinitionError([Problem(DefinitionError.code, found.broken)])
    row = _row(session, kind, name) or _new_row(session, kind, name)
    row.enabled = enabled
    return _published(session, row)


def reset(session: CrmSession, kind: str, name: str) -> Defined | None:
    """Take back what was published: a shipped definition is as shipped again, one's own is gone and None is returned.
    Its versions are kept. Raises UnknownDefinition."""
    find(session, kind, name)
    row = _row(session, kind, name)
    if row is not None:
        row.document = None
        row.number = _last_number(session, kind, name) + 1
        _sign(session, row)
        _keep_version(session, row)
        session.delete(row)
        session.flush()
    _changed(session)
    return defined(session, kind, broken=True).get(name)


def versions(session: CrmSession, kind: str, name: str) -> list[DefinitionVersion]:
    """Return what was published under a name, newest first."""
    query = select(DefinitionVersion).where(DefinitionVersion.kind == kind, DefinitionVersion.name == name)
    return list(session.scalars(query.order_by(DefinitionVersion.number.desc())))


def version(session: CrmSession, kind: str, name: str, number: int) -> Any:
    """Return the value of an earlier version; 0 is the shipped one. Raises UnknownDefinition."""
    sort = kind_named(kind)
    shipped = sort.shipped(session.gate.registry).get(name)
    if number == 0 and shipped is not None:
        return shipped
    query = select(DefinitionVersion.document).where(
        DefinitionVersion.kind == kind, DefinitionVersion.name == name, DefinitionVersion.number == number
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise UnknownDefinition(
            _('{kind} "{name}" has no version {number}.'), kind=sort.title, name=name, number=number
        )
    return shipped if row.document is None else from_document(sort.type, row.document)


# --- the rest is theirs ----------------------------------------------------------------------------------------------


def _load(session: CrmSession) -> Mapping[str, Mapping[str, Defined]]:
    registry = session.gate.registry
    rows: dict[str, dict[str, Definition]] = {}
    for row in session.scalars(select(Definition).order_by(Definition.kind, Definition.name)):
        rows.setdefault(row.kind, {})[row.name] = row
    found: dict[str, Mapping[str, Defined]] = {}
    for kind in definition_kinds().values():
        stored = rows.get(kind.name, {})
        items: dict[str, Defined] = {}
        for name, value in kind.shipped(registry).items():
            items[name] = _defined(kind, name, value, stored.get(name), registry.owners.get((kind.sort or "", name)))
        for name, row in stored.items():
            if name not in items and row.document is not None:
                items[name] = _defined(kind, name, None, row, None)
        found[kind.name] = items
    return found


def _defined(kind: DefinitionKind, name: str, shipped: Any, row: Definition | None, plugin: str | None) -> Defined:
    if row is None:
        on = getattr(shipped, "enabled", True)
        return Defined(kind=kind.name, name=name, value=shipped, origin="shipped", plugin=plugin, enabled=on)
    value, broken = shipped, ""
    if row.document is not None:
        try:
            value = translatable(from_document(kind.type, row.document), shipped)
        except InvalidInput as error:
            broken = error.render()
    return Defined(
        kind=kind.name,
        name=name,
        value=value,
        origin="own" if shipped is None else "shipped" if row.document is None else "changed",
        plugin=plugin,
        enabled=row.enabled,
        number=row.number if row.document is not None else 0,
        publisher=row.publisher,
        publisher_user_id=row.publisher_user_id,
        publisher_limits=None if row.publisher_limits is None else tuple(row.publisher_limits),
        published_at=row.published_at,
        effective_from=row.effective_from,
        effective_until=row.effective_until,
        note=row.note,
        broken=broken,
    )


def _check(session: CrmSession, kind: DefinitionKind, value: Any, begin: datetime | None, end: datetime | None) -> None:
    check_extent(value)
    problems: list[Problem] = []
    if not _NAME.fullmatch(value.name) or len(value.name) > 120:
        problems.append(
            Problem(
                DefinitionError.code,
                _("This cannot be a name."),
                field="name",
                value=value.name,
                hint=_("Use letters, digits, - and _, in parts with a dot between, each beginning with a letter."),
            )
        )
    if begin is not None and end is not None and end <= begin:
        problems.append(Problem(DefinitionError.code, _("It would end before it begins."), field="effective_until"))
    if kind.check is not None:
        found: Iterable[Problem] = kind.check(session, value)
        problems.extend(found)
    if problems:
        raise DefinitionError(problems)


def _row(session: CrmSession, kind: str, name: str) -> Definition | None:
    query = select(Definition).where(Definition.kind == kind, Definition.name == name)
    return session.scalar(query.with_for_update())


def _new_row(session: CrmSession, kind: str, name: str) -> Definition:
    row = Definition(kind=kind, name=name, number=0, document=None, enabled=True, publisher=session.actor.id)
    session.add(row)
    return row


def _last_number(session: CrmSession, kind: str, name: str) -> int:
    query = select(func.max(DefinitionVersion.number))
    return session.scalar(query.where(DefinitionVersion.kind == kind, DefinitionVersion.name == name)) or 0


def _sign(session: CrmSession, row: Definition) -> None:
    actor = session.actor
    row.publisher, row.publisher_user_id, row.published_at = actor.id, actor.user_id, system_now()
    row.publisher_limits = None if actor.limits is None else list(actor.limits)


def _published(session: CrmSession, row: Definition) -> Defined:
    row.number = _last_number(session, row.kind, row.name) + 1
    _sign(session, row)
    _keep_version(session, row)
    session.flush()
    _changed(session)
    return defined(session, row.kind, broken=True)[row.name]


def _keep_version(session: CrmSession, row: Definition) -> None:
    session.add(
        DefinitionVersion(
            kind=row.kind,
            name=row.name,
            number=row.number,
            document=row.document,
            enabled=row.enabled,
            publisher=row.publisher,
            note=row.note,
        )
    )


def _changed(session: CrmSession) -> None:
    bump(session, GENERATION)
    session.info.pop("crmkit.definitions", None)
