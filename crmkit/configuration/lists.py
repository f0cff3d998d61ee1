"""Operations on option lists, custom fields and required fields: what an admin changes of the shape of records."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

import attrs
from sqlalchemy import delete, func, select

from crmkit.configuration.custom_values import custom_values_exist
from crmkit.configuration.events import CustomFieldChanged, OptionChanged, RequiredFieldChanged
from crmkit.core.business.config import PLAIN_CLASSES, bump
from crmkit.core.business.models import CustomField, Option, RequiredField
from crmkit.core.business.options import CLOSED
from crmkit.core.operations.inputs import UNSET, Input, UnsetType, given
from crmkit.core.operations.operation import operation
from crmkit.core.store.session import CrmSession
from crmkit.errors import AlreadyExists, Conflict, InvalidInput, NotFound, Problem
from crmkit.i18n import texts

_ = texts("crmkit")

ListName = Annotated[str, Input(title=_("List"), max_length=60, classified="public")]
Value = Annotated[str, Input(title=_("Value"), max_length=120, classified="public")]
FieldType = Literal["text", "integer", "decimal", "boolean", "date", "instant", "choice", "choices"]
Classified = Literal["public", "internal", "personal", "sensitive"]
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_LIST = re.compile(r"[a-z][a-z0-9_.]{0,59}")


# --- option lists ----------------------------------------------------------------------------------------------------


@operation("option.add", title=_("Add an option"), effect="create", permission="business.admin")
def add_option(
    session: CrmSession,
    *,
    list_name: ListName,
    value: Value,
    title: Annotated[str | None, Input(title=_("Title"), max_length=200, classified="public")] = None,
    position: Annotated[int, Input(title=_("Position"), minimum=0, maximum=1_000_000, classified="public")] = 0,
) -> Option:
    """Add a value to an option list, or bring a retired one back. The title is the value where none is given.

    Raises AlreadyExists when the list has it, InvalidInput for a name that a list cannot have.
    """
    if not _LIST.fullmatch(list_name):
        raise InvalidInput([Problem("CK500", _("This is not the name of a list."), field="list_name", value=list_name)])
    if not value.strip():
        raise InvalidInput([Problem("CK500", _("This is required."), field="value")])
    if value in session.crm.config.get(session).options.get(list_name, {}):
        raise AlreadyExists(_('The list {list_name} has "{value}" already.'), list_name=list_name, value=value)
    option = _row(session, list_name, value)
    if option is None:
        option = Option(list_name=list_name, value=value, title=title or value, position=position)
        session.add(option)
    else:
        option.active, option.title, option.position = True, title or option.title, position
    return _changed(session, option)


@operation("option.update", title=_("Change an option"), effect="update", permission="business.admin")
def update_option(
    session: CrmSession,
    *,
    list_name: ListName,
    value: Value,
    title: Annotated[str | UnsetType, Input(title=_("Title"), max_length=200, classified="public")] = UNSET,
    position: Annotated[
        int | UnsetType, Input(title=_("Position"), minimum=0, maximum=1_000_000, classified="public")
    ] = UNSET,
) -> Option:
    """Give a value of a list another title or place. Raises NotFound when the list does not have it."""
    option = _known(session, list_name, value)
    if not isinstance(title, UnsetType):
        _check_title(title)
        option.title = title
    if not isinstance(position, UnsetType):
        option.position = position
    return _changed(session, option)


@operation("option.retire", title=_("Retire an option"), effect="update", permission="business.admin")
def retire_option(session: CrmSession, *, list_name: ListName, value: Value) -> Option:
    """Take a value out of a list; records that have it keep it. Raises NotFound when the list does not have it."""
    option = _known(session, list_name, value)
    option.active = False
    return _changed(session, option)


@operation("option_list.close", title=_("Close an option list"), permission="business.admin")
def close_list(session: CrmSession, *, list_name: ListName) -> None:
    """Accept only the values of a list from now on. Lists are open until then: their values are suggestions.

    Raises NotFound when there is no such list.
    """
    if list_name not in session.crm.config.get(session).options:
        raise NotFound(_("There is no list {list_name}."), list_name=list_name)
    if session.scalar(_required(CLOSED, list_name)) is None:
        session.add(RequiredField(resource=CLOSED, name=list_name))
    bump(session)
    session.emit(OptionChanged(list_name=list_name))


@operation("option_list.open", title=_("Open an option list"), permission="business.admin")
def open_list(session: CrmSession, *, list_name: ListName) -> None:
    """Accept any value again where the values of a list are offered."""
    session.execute(delete(RequiredField).where(RequiredField.resource == CLOSED, RequiredField.name == list_name))
    bump(session)
    session.emit(OptionChanged(list_name=list_name))


def _check_title(title: str) -> None:
    if not title.strip():
        raise InvalidInput([Problem("CK500", _("This is required."), field="title")])


def _row(session: CrmSession, list_name: str, value: str) -> Option | None:
    return session.scalar(select(Option).where(Option.list_name == list_name, Option.value == value))


def _known(session: CrmSession, list_name: str, value: str) -> Option:
    titles = session.crm.config.get(session).options.get(list_name, {})
    if value not in titles:
        raise NotFound(_('The list {list_name} has no value "{value}".'), list_name=list_name, value=value)
    option = _row(session, list_name, value)
    if option is None:
        # A value that crmkit ships gets its row once an admin changes it.
        option = Option(list_name=list_name, value=value, title=str(titles[value]))
        session.add(option)
    return option


def _changed(session: CrmSession, option: Option) -> Option:
    bump(session)
    session.emit(OptionChanged(list_name=option.list_name, value=option.value))
    return option


# --- custom fields ---------------------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class NewCustomField:
    """A field that an admin adds to a resource. ``options`` are the values of a choice.

    Without a class a text is sensitive, as free text is, and every other type personal.
    """

    name: Annotated[str, Input(title=_("Name"), max_length=60, classified="public")]
    type: Annotated[FieldType, Input(title=_("Type"), classified="public")] = "text"
    title: Annotated[str | None, Input(title=_("Title"), max_length=200, classified="public")] = None
    resource: Annotated[str, Input(title=_("Resource"), max_length=60, classified="public")] = "customer"
    options: Annotated[tuple[str, ...], Input(title=_("Options"), max_length=500, classified="public")] = ()
    field_class: Annotated[Classified | None, Input(title=_("Field class"), classified="public")] = None
    required: Annotated[bool, Input(title=_("Required"), classified="public")] = False
    position: Annotated[int, Input(title=_("Position"), minimum=0, maximum=1_000_000, classified="public")] = 0


@operation("custom_field.create", title=_("Add a custom field"), effect="create", permission="business.admin")
def create_custom_field(session: CrmSession, new: NewCustomField) -> CustomField:
    """Add a field to a resource; a retired one of the same name and type is brought back with its values.

    Raises AlreadyExists when the name is taken, InvalidInput when the field cannot be had like this, and Conflict when
    there are values that its class would have kept otherwise.
    """
    problems: list[Problem] = []
    if not _NAME.fullmatch(new.name):
        problems.append(
            Problem(
                "CK500",
                _("This is not the name of a field."),
                field="name",
                value=new.name,
                hint=_("Use small letters, digits and underscores, beginning with a letter."),
            )
        )
    if new.resource not in session.gate.registry.resources:
        problems.append(
            Problem(
                "CK500",
                _("There is no such resource."),
                field="resource",
                value=new.resource,
                hint=_("Known: {known}."),
                known=", ".join(sorted(session.gate.registry.resources)),
            )
        )
    elif "custom" not in session.gate.registry.resources[new.resource].model.__table__.c:
        problems.append(Problem("CK500", _("This resource has no custom fields."), field="resource"))
    problems.extend(_option_problems(new.type, new.options))
    if problems:
        raise InvalidInput(problems)
    known = session.scalar(
        select(CustomField).where(CustomField.resource == new.resource, CustomField.name == new.name)
    )
    if known is not None and (known.active or known.type != new.type):
        raise AlreadyExists(
            _('There is a custom field "{name}" already, of the type {type}.'), name=new.name, type=known.type
        )
    classified = new.field_class or ("sensitive" if new.type == "text" else "personal")
    if known is not None:
        _check_class(session, known, classified)
    item = known or CustomField(resource=new.resource, name=new.name, type=new.type)
    item.title = new.title or new.name.replace("_", " ").capitalize()
    item.options = list(new.options)
    item.field_class = classified
    item.required, item.position, item.active = new.required, new.position, True
    session.add(item)
    return _field_changed(session, item)


@attrs.frozen(kw_only=True)
class CustomFieldUpdate:
    """What to change of a custom field; its name and type stay as they are."""

    title: Annotated[str | UnsetType, Input(title=_("Title"), max_length=200, classified="public")] = UNSET
    options: Annotated[tuple[str, ...] | UnsetType, Input(title=_("Options"), max_length=500, classified="public")] = (
        UNSET
    )
    field_class: Annotated[Classified | UnsetType, Input(title=_("Field class"), classified="public")] = UNSET
    required: Annotated[bool | UnsetType, Input(title=_("Required"), classified="public")] = UNSET
    position: Annotated[
        int | UnsetType, Input(title=_("Position"), minimum=0, maximum=1_000_000, classified="public")
    ] = UNSET


@operation("custom_field.update", title=_("Change a custom field"), effect="update", permission="business.admin")
def update_custom_field(session: CrmSession, item: CustomField, changes: CustomFieldUpdate) -> CustomField:
    """Change a custom field. Values that records have stay, even where they are no longer an option.

    Raises Conflict for a change between a class that is sealed and one that is not while there are values.
    """
    values = given(changes)
    if "field_class" in values:
        _check_class(session, item, values["field_class"])
    if "options" in values:
        values["options"] = list(values["options"])
        problems = _option_problems(item.type, values["options"])
        if problems:
            raise InvalidInput(problems)
    if "title" in values:
        _check_title(values["title"])
    for name, value in values.items():
        setattr(item, name, value)
    return _field_changed(session, item)


@operation("custom_field.retire", title=_("Retire a custom field"), effect="update", permission="business.admin")
def retire_custom_field(session: CrmSession, item: CustomField) -> CustomField:
    """Take a custom field out of use. Its values are kept and come back when it is created again."""
    item.active = False
    return _field_changed(session, item)


def _option_problems(type_: str, options: Any) -> list[Problem]:
    choice = type_ in ("choice", "choices")
    if choice and not [option for option in options if option.strip()]:
        return [Problem("CK500", _("A choice needs options."), field="options")]
    if options and not choice:
        return [Problem("CK500", _("Only a choice has options."), field="options")]
    if len(set(options)) != len(options) or any(not option.strip() or ";" in option for option in options):
        return [
            Problem("CK500", _("Options differ from each other, are not empty and have no semicolon."), field="options")
        ]
    return []


def _check_class(session: CrmSession, item: CustomField, classified: str) -> None:
    """Refuse to seal a field whose values are in plain, or the other way round: they would be where they must not be,
    and the history has them too."""
    plainly = item.field_class in PLAIN_CLASSES
    resource = session.gate.registry.resources.get(item.resource)
    if plainly == (classified in PLAIN_CLASSES) or resource is None:
        return
    if custom_values_exist(session, resource.model, item.name, sealed=not plainly):
        raise Conflict(
            _('There are values in "{name}": it changes between plain and sealed only while it is empty.'),
            fix=_("Add another field of that class, bring the values over, and retire this one."),
            name=item.name,
        )


def _field_changed(session: CrmSession, item: CustomField) -> CustomField:
    session.flush()
    bump(session)
    session.emit(CustomFieldChanged(field_id=item.id, resource=item.resource, name=item.name))
    return item


# --- required fields -------------------------------------------------------------------------------------------------


@operation("required_field.set", title=_("Make a field required"), permission="business.admin")
def set_required(
    session: CrmSession,
    *,
    name: Annotated[str, Input(title=_("Field"), max_length=60, classified="public")],
    resource: Annotated[str, Input(title=_("Resource"), max_length=60, classified="public")] = "customer",
) -> None:
    """Require a field of new records, and of changed ones that it is emptied in. Records that lack it stay as they are.

    Raises InvalidInput when the resource has no such field.
    """
    known = session.gate.registry.resources.get(resource)
    fields = {column.key for column in known.model.__table__.c} if known is not None else set[str]()
    creating = session.gate.registry.operations.get(f"{resource}.create")
    if creating is not None:
        fields |= {attribute.name for attribute in attrs.fields(creating.inputs)}
    if name not in fields:
        raise InvalidInput([Problem("CK500", _("There is no such field."), field="name", value=name)])
    if session.scalar(_required(resource, name)) is None:
        session.add(RequiredField(resource=resource, name=name))
    _required_changed(session, resource, name, required=True)


@operation("required_field.unset", title=_("Make a field optional"), permission="business.admin")
def unset_required(
    session: CrmSession,
    *,
    name: Annotated[str, Input(title=_("Field"), max_length=60, classified="public")],
    resource: Annotated[str, Input(title=_("Resource"), max_length=60, classified="public")] = "customer",
) -> None:
    """No longer require a field."""
    session.execute(delete(RequiredField).where(RequiredField.resource == resource, RequiredField.name == name))
    _required_changed(session, resource, name, required=False)


def _required(resource: str, name: str) -> Any:
    return select(func.min(RequiredField.name)).where(RequiredField.resource == resource, RequiredField.name == name)


def _required_changed(session: CrmSession, resource: str, name: str, *, required: bool) -> None:
    session.flush()
    bump(session)
    session.emit(RequiredFieldChanged(resource=resource, name=name, required=required))


OPERATIONS: list[Any] = [
    add_option,
    update_option,
    retire_option,
    close_list,
    open_list,
    create_custom_field,
    update_custom_field,
    retire_custom_field,
    set_required,
    unset_required,
]
