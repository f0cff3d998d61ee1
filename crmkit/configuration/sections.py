"""The sections of a configuration: each reads its items from the database as plain documents, and brings one document
into effect by the operations that an admin would run.

Must not know files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen
from sqlalchemy import select

from crmkit.core.access.models import FieldRight, Grant, Role, RoleInclude
from crmkit.core.business.models import Business, CustomField, Option, RequiredField
from crmkit.core.business.options import CLOSED
from crmkit.engines.definitions.documents import from_document, to_document
from crmkit.engines.definitions.kinds import DefinitionKind, definition_kinds
from crmkit.engines.definitions.publishing import Defined, defined, publish, reset, set_enabled
from crmkit.errors import InvalidInput, Problem, Refused, TemplateError
from crmkit.hooks.reports import ReportTemplate
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

Document = Mapping[str, Any]
BUSINESS = "business"
"""The name of the one item that says what the business is."""
STATE = "state"
"""The table of a definition's file that says whether and when it is in effect; the rest is the definition."""


@frozen(kw_only=True)
class Section:
    """A part of the configuration. ``folder`` is its name; ``read(session, everything)`` returns its documents by name,
    with ``everything`` what is as shipped, too; ``apply(session, name, document, before)`` brings one into effect, None
    for taking it away."""

    folder: str
    title: str
    read: Callable[[CrmSession, bool], Mapping[str, Document]]
    apply: Callable[[CrmSession, str, Document | None, Document | None], None]


def sections() -> Sequence[Section]:
    """Return the sections in the order in which they are applied: what is referred to comes first."""
    return [
        Section(folder="business", title=_("Business"), read=_read_business, apply=_apply_business),
        Section(folder="options", title=_("Option lists"), read=_read_options, apply=_apply_options),
        Section(folder="fields", title=_("Custom fields"), read=_read_fields, apply=_apply_field),
        Section(folder="required", title=_("Required fields"), read=_read_required, apply=_apply_required),
        Section(folder="roles", title=_("Roles"), read=_read_roles, apply=_apply_role),
        *(
            Section(
                folder=kind.name,
                title=kind.title,
                read=partial(_read_definitions, kind),
                apply=partial(_apply_definition, kind),
            )
            for kind in definition_kinds().values()
        ),
    ]


def _shaped(
    document: Document | None, name: str, of: Literal["flag", "text", "texts", "set", "sets"], default: Any
) -> Any:
    """Return a field of a document of files, or the default where it has none. Raises InvalidInput for another shape:
    what comes from a file can have any."""
    value = (document or {}).get(name, default)
    match of:
        case "flag":
            right, wanted = isinstance(value, bool), _("This must be true or false.")
        case "text":
            right, wanted = isinstance(value, str), _("This must be text.")
        case "set":
            right, wanted = isinstance(value, Mapping), _("This must be a set of fields.")
        case _:
            sort = str if of == "texts" else Mapping
            right = isinstance(value, (list, tuple)) and all(isinstance(item, sort) for item in value)
            wanted = (
                _("This must be a list of texts.") if of == "texts" else _("This must be a list of sets of fields.")
            )
    if not right:
        raise InvalidInput([Problem(InvalidInput.code, wanted, field=name, value=value)])
    return value


def _without(document: Document, *names: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


# --- the business ----------------------------------------------------------------------------------------------------

_BUSINESS = (
    "name",
    "base_currency",
    "zone",
    "country",
    "province",
    "city",
    "fiscal_year_start",
    "language",
    "accent",
    "logo",
)


def _read_business(session: CrmSession, everything: bool) -> Mapping[str, Document]:
    row = session.scalar(select(Business))
    if row is None:
        return {}
    return {BUSINESS: {name: value for name in _BUSINESS if (value := getattr(row, name)) is not None}}


def _apply_business(session: CrmSession, name: str, document: Document | None, before: Document | None) -> None:
    if name != BUSINESS:
        raise InvalidInput(_("There is one business: its file is {file}."), file=f"business/{BUSINESS}.toml")
    if document is not None:
        session.run("business.configure", document)


# --- option lists ----------------------------------------------------------------------------------------------------


def _read_options(session: CrmSession, everything: bool) -> Mapping[str, Document]:
    closed = select(RequiredField.name).where(RequiredField.resource == CLOSED)
    found: dict[str, dict[str, Any]] = {name: {"closed": True} for name in session.scalars(closed)}
    query = select(Option).order_by(Option.list_name, Option.position, Option.value)
    for row in session.scalars(query):
        document = found.setdefault(row.list_name, {"closed": False})
        value = {"value": row.value, "title": row.title, "position": row.position}
        document.setdefault("values", []).append(value if row.active else {**value, "active": False})
    return found


def _apply_options(session: CrmSession, name: str, document: Document | None, before: Document | None) -> None:
    values = _shaped(document, "values", "sets", ())
    closed = _shaped(document, "closed", "flag", False)
    was = {item["value"]: item for item in (before or {}).get("values", ())}
    for item in values:
        text = _shaped(item, "value", "text", "")
        if was.get(text) == item:
            continue
        # The operations name what is missing or malformed.
        if not _shaped(item, "active", "flag", True):
            session.run("option.retire", {"list_name": name, "value": item.get("value")})
            continue
        known = session.crm.config.get(session).options.get(name, {})
        session.run(
            "option.update" if text in known else "option.add",
            {"list_name": name, **_without(item, "active")},
        )
    kept = {item.get("value") for item in values}
    for value, item in was.items():
        if value not in kept and item.get("active", True):
            session.run("option.retire", {"list_name": name, "value": value})
    if closed != bool((before or {}).get("closed")):
        session.run("option_list.close" if closed else "option_list.open", {"list_name": name})


# --- custom and required fields --------------------------------------------------------------------------------------


def _read_fields(session: CrmSession, everything: bool) -> Mapping[str, Document]:
    query = select(CustomField).where(CustomField.active).order_by(CustomField.resource, CustomField.name)
    return {f"{row.resource}.{row.name}": _field_document(row) for row in session.scalars(query)}


def _field_document(row: CustomField) -> Document:
    document: dict[str, Any] = {"type": row.type, "title": row.title, "field_class": row.field_class}
    if row.options:
        document["options"] = list(row.options)
    if row.required:
        document["required"] = True
    if row.position:
        document["position"] = row.position
    return document


def _apply_field(session: CrmSession, name: str, document: Document | None, before: Document | None) -> None:
    resource, _dot, field = name.rpartition(".")
    query = select(CustomField).where(CustomField.resource == resource, CustomField.name == field)
    row = session.scalar(query)
    if document is None:
        session.run("custom_field.retire", {}, target=row)
    elif row is None or not row.active:
        session.run("custom_field.create", {**document, "resource": resource, "name": field})
    else:
        if document.get("type", "text") != row.type:
            raise InvalidInput(
                [
                    Problem(
                        InvalidInput.code,
                        _("A custom field never changes its type, which here is {type}."),
                        field="type",
                        value=document.get("type"),
                        hint=_("Add another field of the new type and retire this one."),
                        type=row.type,
                    )
                ]
            )
        values = {"options": [], "required": False, "position": 0, **_without(document, "type")}
        session.run("custom_field.update", values, target=row)


def _read_required(session: CrmSession, everything: bool) -> Mapping[str, Document]:
    found: dict[str, dict[str, Any]] = {}
    query = select(RequiredField).where(RequiredField.resource != CLOSED)
    for row in session.scalars(query.order_by(RequiredField.resource, RequiredField.name)):
        found.setdefault(row.resource, {"fields": []})["fields"].append(row.name)
    return found


def _apply_required(session: CrmSession, name: str, document: Document | None, before: Document | None) -> None:
    wanted, was = ({*_shaped(each, "fields", "texts", ())} for each in (document, before))
    for field in sorted(wanted - was):
        session.run("required_field.set", {"resource": name, "name": field})
    for field in sorted(was - wanted):
        session.run("required_field.unset", {"resource": name, "name": field})


# --- roles -----------------------------------------------------------------------------------------------------------


def _read_roles(session: CrmSession, everything: bool) -> Mapping[str, Document]:
    roles = {row.id: row for row in session.scalars(select(Role).order_by(Role.name))}
    found: dict[str, dict[str, Any]] = {}
    for row in roles.values():
        found[row.name] = {"title": row.title, **({} if row.active else {"active": False})}
    for grant in session.scalars(select(Grant).order_by(Grant.resource, Grant.action)):
        grants = found[roles[grant.role_id].name].setdefault("grants", {})
        grants[f"{grant.resource}.{grant.action}"] = grant.scope
    for right in session.scalars(select(FieldRight).order_by(FieldRight.resource, FieldRight.classified)):
        fields = found[roles[right.role_id].name].setdefault("fields", {})
        fields[f"{right.resource}.{right.classified}"] = right.level
    for link in session.scalars(select(RoleInclude)):
        found[roles[link.role_id].name].setdefault("includes", []).append(roles[link.included_id].name)
    for document in found.values():
        document.get("includes", []).sort()
    return found


def _apply_role(session: CrmSession, name: str, document: Document | None, before: Document | None) -> None:
    role = session.scalar(select(Role).where(Role.name == name))
    if document is None:
        session.run("role.delete", {}, target=role)
        return
    unknown = {*document} - {"title", "active", "grants", "fields", "includes"}
    if unknown:
        raise InvalidInput(
            [Problem(InvalidInput.code, _("There is no such field."), field=field) for field in sorted(unknown)]
        )
    if role is None:
        role = session.run("role.create", {"name": name, "title": document.get("title")})
    if (role.title, role.active) != (document.get("title", name), document.get("active", True)):
        values = {"title": document.get("title", name), "active": document.get("active", True)}
        session.run("role.update", values, target=role)
    was = before or {}
    for right, scope in _altered(was.get("grants"), _shaped(document, "grants", "set", {})):
        resource, _dot, action = right.rpartition(".")
        values = {"resource": resource, "action": action}
        session.run("role.revoke" if scope is None else "role.grant", _given(values, scope=scope), target=role)
    for right, level in _altered(was.get("fields"), _shaped(document, "fields", "set", {})):
        resource, _dot, classified = right.rpartition(".")
        values = {"resource": resource, "classified": classified, "level": level}
        session.run("role.set_field_right", values, target=role)
    old, new = ({*_shaped(each, "includes", "texts", ())} for each in (was, document))
    for included in sorted(new - old):
        session.run("role.include", {"included": included}, target=role)
    for included in sorted(old - new):
        session.run("role.exclude", {"included": included}, target=role)


def _given(values: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**values, **{name: value for name, value in more.items() if value is not None}}


def _altered(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> list[tuple[str, Any]]:
    """Return what differs, with its new value; None for what is gone."""
    was, wanted = old or {}, new or {}
    names = sorted({*was, *wanted})
    return [(name, wanted.get(name)) for name in names if was.get(name) != wanted.get(name)]


# --- definitions -----------------------------------------------------------------------------------------------------


def _read_definitions(kind: DefinitionKind, session: CrmSession, everything: bool) -> Mapping[str, Document]:
    found = defined(session, kind.name)
    return {
        name: _definition_document(item)
        for name, item in sorted(found.items())
        if everything or item.origin != "shipped" or item.enabled != getattr(item.value, "enabled", True)
    }


def _definition_document(item: Defined) -> Document:
    state: dict[str, Any] = {}
    if item.enabled != getattr(item.value, "enabled", True):
        state["enabled"] = item.enabled
    for name in ("effective_from", "effective_until"):
        if getattr(item, name) is not None:
            state[name] = getattr(item, name)
    if item.note:
        state["note"] = item.note
    document = _without(to_document(item.value), "name")
    return {**document, **({STATE: state} if state else {})}


def _apply_definition(
    kind: DefinitionKind, session: CrmSession, name: str, document: Document | None, before: Document | None
) -> None:
    _check_right(session, kind)
    if document is None:
        reset(session, kind.name, name)
        return
    state = dict(_shaped(document, STATE, "set", {}))
    body = _without(document, STATE)
    value = from_document(kind.type, {**body, "name": name})
    if isinstance(value, ReportTemplate):
        # Its sandbox is loaded for it alone.
        from crmkit.exchange.reports.sandbox import check as check_template

        problems = check_template(value.text)
        if problems:
            raise TemplateError(problems)
    enabled = _shaped(state, "enabled", "flag", getattr(value, "enabled", True))
    state.pop("enabled", None)
    was = before or {}
    if before is not None and _without(was, STATE) == body and not state and set(was.get(STATE, {})) <= {"enabled"}:
        set_enabled(session, kind.name, name, enabled)
        return
    begin, end = (_instant(state.pop(each, None), f"{STATE}.{each}") for each in ("effective_from", "effective_until"))
    note = _shaped(state, "note", "text", "")
    state.pop("note", None)
    if state:
        raise InvalidInput(
            [Problem(InvalidInput.code, _("There is no such field."), field=f"{STATE}.{each}") for each in state]
        )
    publish(session, kind.name, value, enabled=enabled, effective_from=begin, effective_until=end, note=note)


def _instant(value: Any, field: str) -> datetime | None:
    if value is None or (isinstance(value, datetime) and value.tzinfo is not None):
        return value
    raise InvalidInput(
        [Problem(InvalidInput.code, _("This must be an instant with its zone."), field=field, value=value)]
    )


def _check_right(session: CrmSession, kind: DefinitionKind) -> None:
    resource, _dot, action = kind.permission.rpartition(".")
    if session.gate.rights(session).decide(resource, action).scope == "none":
        raise Refused(
            _("{actor} may not publish this: {kind}."),
            fix=_("It needs the right {permission}."),
            actor=session.actor.name or session.actor.id,
            kind=kind.title,
            permission=kind.permission,
        )
