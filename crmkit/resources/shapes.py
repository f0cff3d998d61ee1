"""What the records of a resource look like: their fields with titles, types and classes, and what they refer to.

Made from the model and the configuration, the same for every reader. Must not read records.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, cast
from uuid import UUID
from weakref import WeakKeyDictionary

from attrs import field, frozen
from sqlalchemy import inspect
from sqlalchemy.orm.interfaces import ONETOMANY

from crmkit.core.business.config import PLAIN_CLASSES, CustomFieldInfo
from crmkit.core.customers.models import Customer
from crmkit.core.store.guard.conditions import mapped_to
from crmkit.core.store.infos import field_info
from crmkit.core.store.sealed import sealed_fields
from crmkit.core.store.shown import shown_columns
from crmkit.errors import NotFound
from crmkit.hooks.classes import FieldClass
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.operations.registry import Registry
    from crmkit.core.store.session import CrmSession
    from crmkit.hooks.contributions import Resource

_ = texts("crmkit")

FieldType = Literal[
    "text", "integer", "decimal", "number", "boolean", "date", "instant", "id", "choice", "choices", "list", "object"
]
Source = Literal["column", "sealed", "mixed", "custom", "contact", "tags"]

_TYPES: Mapping[Any, FieldType] = {
    str: "text",
    int: "integer",
    bool: "boolean",
    date: "date",
    datetime: "instant",
    UUID: "id",
    Decimal: "decimal",
    float: "number",
    dict: "object",
    list: "list",
}
_ORDERED = ("text", "integer", "decimal", "number", "boolean", "date", "instant", "id", "choice")
CUSTOM = "custom"


@frozen(kw_only=True)
class FieldShape:
    """One field of a resource.

    ``classified`` is its field class. ``filterable`` says whether a condition may compare it, ``exact`` that one can
    ask for its whole value alone, as it is sealed; ``options`` are its possible values, ``option_list`` the list that
    an admin keeps of them. ``refers`` is the resource that an id names, ``expands`` the name under which that record
    comes along. ``source`` says where its values come from.
    """

    name: str
    title: str
    type: FieldType
    classified: FieldClass = "internal"
    nullable: bool = True
    sortable: bool = False
    filterable: bool = False
    exact: bool = False
    editable: bool = False
    options: tuple[str, ...] = field(default=(), converter=tuple)
    option_list: str | None = None
    refers: str | None = None
    expands: str | None = None
    source: Source = "column"
    column: str = field(default="", repr=False)
    """The column of the table, of a field that is one."""


@frozen(kw_only=True, eq=False)
class ResourceShape:
    """What the records of a resource look like.

    ``columns`` are the fields that lists show; ``collections`` are the lists of other records that belong to one, by
    the name under which they come along.
    """

    name: str
    title: str
    plural: str
    description: str
    model: type[Any]
    fields: tuple[FieldShape, ...] = field(converter=tuple)
    columns: tuple[str, ...] = field(converter=tuple)
    search: tuple[str, ...] = field(converter=tuple)
    sort: str
    collections: Mapping[str, type[Any]] = field(factory=dict[str, type[Any]])

    @cached_property
    def by_name(self) -> Mapping[str, FieldShape]:
        """Return the fields by name."""
        return {each.name: each for each in self.fields}

    @cached_property
    def references(self) -> Mapping[str, FieldShape]:
        """Return the fields that refer to other records, by the name under which these come along."""
        return {each.expands: each for each in self.fields if each.expands is not None}

    @property
    def table(self) -> Any:
        """Return the table of the records."""
        return cast(Any, self.model).__table__

    @property
    def versioned(self) -> bool:
        """Say whether the records have a version: those that can change."""
        return "version" in self.by_name

    @property
    def about_customers(self) -> bool:
        """Say whether the records are customers, or name the one that they are about."""
        return self.model is Customer or "customer_id" in self.by_name


_kept: WeakKeyDictionary[Any, dict[str, tuple[Any, ResourceShape]]] = WeakKeyDictionary()


def resource_names(registry: Registry) -> tuple[str, ...]:
    """Return the names of the resources that doors serve: the kernel's own first, then those of plugins."""
    return tuple(sorted(registry.resources, key=lambda name: ("." in name, name)))


def shape_of(session: CrmSession, resource: str) -> ResourceShape:
    """Return what the records of a resource look like. Raises NotFound for one that there is not."""
    registry = session.gate.registry
    declared = registry.resources.get(resource)
    if declared is None:
        raise NotFound(_('There is no resource "{name}".'), name=resource)
    config = session.crm.config.get(session)
    key = (registry.revision, config.generation)
    shelf = _kept.setdefault(session.crm, {})
    known = shelf.get(resource)
    if known is None or known[0] != key:
        custom = config.custom_fields.get(resource, {})
        known = (key, _shape(registry, declared, custom))
        if "crmkit.bumped" not in session.info:
            shelf[resource] = known
    return known[1]


def _shape(registry: Registry, declared: Resource, custom: Mapping[str, CustomFieldInfo]) -> ResourceShape:
    model: Any = declared.model
    fields = [_field(registry, model, name, column) for name, column in shown_columns(model).items()]
    if "custom" in model.__table__.c:
        fields += [_custom(model, info) for info in custom.values()]
    if model is Customer:
        fields += _BESIDE
    known = {each.name for each in fields}
    return ResourceShape(
        name=declared.name,
        title=declared.title,
        plural=declared.plural,
        description=declared.description,
        model=model,
        fields=fields,
        columns=tuple(name for name in declared.columns if name in known),
        search=tuple(name for name in declared.search if name in known),
        sort=declared.sort,
        collections=_collections(model),
    )


_BESIDE = (
    FieldShape(
        name="email", title=_("E-mail"), type="text", classified="sensitive", filterable=True, exact=True,
        source="contact",
    ),
    FieldShape(
        name="phone", title=_("Telephone"), type="text", classified="sensitive", filterable=True, exact=True,
        source="contact",
    ),
    FieldShape(
        name="address", title=_("Postal address"), type="text", classified="sensitive", source="contact",
    ),
    FieldShape(name="tags", title=_("Tags"), type="list", nullable=False, filterable=True, source="tags"),
    FieldShape(name="interests", title=_("Interests"), type="list", nullable=False, filterable=True, source="tags"),
)  # fmt: skip
"""What is known of a customer beside the customer's own columns: preferred contact points, masked, and tags."""


def _field(registry: Registry, model: Any, name: str, column: Any) -> FieldShape:
    info = field_info(column)
    sealed = sealed_fields(model).get(name)
    mixed = sealed is None and f"{name}_sealed" in sealed_fields(model)
    type_ = _type_of(column, sealed)
    plain = sealed is None and not mixed
    comparable = plain and type_ in (*_ORDERED, "list")
    refers = _refers(registry, column)
    title = info.title or _TITLES.get(name, "") or name.replace("_", " ").capitalize()
    exact = sealed is not None and sealed.token_slot is not None
    return FieldShape(
        name=name,
        title=title,
        type=type_,
        classified=cast(FieldClass, info.classified),
        nullable=bool(column.nullable),
        sortable=plain and type_ in _ORDERED,
        filterable=comparable or exact,
        exact=exact,
        editable=info.editable,
        option_list=info.options,
        refers=refers,
        expands=name.removesuffix("_id") if refers is not None and name.endswith("_id") else refers and name,
        source="column" if plain else "mixed" if mixed else "sealed",
        column=column.key,
    )


_TITLES: Mapping[str, str] = {
    "id": _("Id"),
    "version": _("Version"),
    "created_at": _("Created at"),
    "created_by": _("Created by"),
    "updated_at": _("Changed at"),
    "recorded_at": _("Recorded at"),
    "customer_id": _("Customer"),
    "interaction_id": _("Interaction"),
    "actor_id": _("Recorded by"),
}
"""Titles of the columns that the bases have."""


def _type_of(column: Any, sealed: Any) -> FieldType:
    kind = sealed.kind if sealed is not None else column.type.python_type
    return _TYPES.get(typing.get_origin(kind) or kind, "object")


def _refers(registry: Registry, column: Any) -> str | None:
    for key in column.foreign_keys:
        target = mapped_to(key.column.table)
        if target is not None:
            name = registry.resource_name(cast(Any, target).__tablename__)
            return name if name in registry.resources and key.column.name == "id" else None
    return None


def _custom(model: Any, info: CustomFieldInfo) -> FieldShape:
    plain = info.field_class in PLAIN_CLASSES
    facts = plain and model is Customer
    return FieldShape(
        name=f"{CUSTOM}.{info.name}",
        title=info.title or info.name,
        type=cast(FieldType, info.type),
        classified=cast(FieldClass, info.field_class),
        sortable=facts and info.type != "choices",
        filterable=facts,
        editable=True,
        options=info.options,
        source=CUSTOM if plain else "mixed",
        column="custom",
    )


def _collections(model: Any) -> dict[str, type[Any]]:
    """Return the models of the rows that belong to a record, by the relationship's name."""
    return {
        relation.key: relation.mapper.class_
        for relation in inspect(model).relationships
        if relation.direction is ONETOMANY and relation.uselist and len(relation.synchronize_pairs) == 1
    }
