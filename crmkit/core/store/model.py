"""The bases of all models, the kernel's and the plugins', and the way a field is declared.

Every package has a `MetaData` of its own: tables of a plugin that is installed but not enabled never appear, each
plugin migrates alone, and deleting a customer never depends on which models happen to be loaded.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, cast
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Date, Float, ForeignKey, Integer, MetaData, String, Table
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, registry
from sqlalchemy.orm.attributes import InstrumentedAttribute

from crmkit.core.store.clock import system_now
from crmkit.core.store.guard.policy import Access as Access
from crmkit.core.store.guard.tables import protect
from crmkit.core.store.ids import new_id
from crmkit.core.store.infos import FieldInfo as FieldInfo, field_info as field_info
from crmkit.core.store.sealing import rewrite
from crmkit.core.store.types import Id, Instant, json_type
from crmkit.errors import ModelError
from crmkit.hooks.contributions import FieldClass
from crmkit.i18n import texts

_ = texts("crmkit")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names of constraints and indexes; every one has a name, so that every one can be dropped on SQLite too."""

_registries: dict[str, registry] = {}

_PYTHON_TYPES: dict[Any, Any] = {
    UUID: Id,
    datetime: Instant,
    date: Date,
    str: String,
    int: BigInteger,
    bool: Boolean,
    float: Float,
    dict[str, Any]: json_type(),
    list[str]: json_type(),
}


def registry_of(package: str) -> registry:
    """Return the mapping registry of a package ("crmkit" for the kernel), making it at first use."""
    if package not in _registries:
        _registries[package] = registry(metadata=MetaData(naming_convention=NAMING), type_annotation_map=_PYTHON_TYPES)
    return _registries[package]


def field(
    type_: Any = None,
    *args: Any,
    title: str = "",
    classified: FieldClass = "sensitive",
    searchable: bool = False,
    matchable: bool = False,
    options: str | None = None,
    choices: Mapping[str, str] | None = None,
    editable: bool = True,
    derived: Mapping[str, Callable[[Any], Any]] | None = None,
    **column: Any,
) -> Any:
    """Declare a column with its title and its field class; what is not classified is sensitive.

    ``options`` names an option list; ``choices`` are the values that there can be, with their titles; ``derived`` the
    plain columns that a sealed field keeps in step with its value, such as a birthday with a date of birth. Everything
    else goes to SQLAlchemy's ``mapped_column``.
    """
    info = FieldInfo(
        title=title,
        classified=classified,
        searchable=searchable,
        matchable=matchable,
        options=options,
        choices=choices,
        editable=editable,
        derived=derived,
    )
    if type_ is not None:
        args = (type_, *args)
    return mapped_column(*args, info={"crmkit": info}, **column)


def kernel_key(column: InstrumentedAttribute[Any] | Mapped[Any], *, ondelete: str) -> ForeignKey:
    """Return a foreign key to a record of the kernel, or of another plugin, by its column object.

    A name in a string would be looked up in the plugin's own metadata. ``ondelete`` is "CASCADE", "SET NULL" or
    "RESTRICT" and has to be said: rows of a plugin that is not loaded must not keep a customer from being deleted.
    """
    property_ = cast(Any, column).property
    return ForeignKey(property_.columns[0], ondelete=ondelete)


class Model:
    """The root of all models. A subclass that has ``__tablename__`` is mapped at once, into its package's registry."""

    __tablename__: ClassVar[str]
    __table__: ClassVar[Table]
    __append_only__: ClassVar[bool] = False
    """Whether rows are never changed once written; a session refuses to."""
    __history__: ClassVar[bool] = False
    """Whether changes are kept, so that the record can be read as of an earlier time."""
    __access__: ClassVar[Access | None] = None
    """Who may see the rows; without it the model is refused when the application starts."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "__tablename__" in cls.__dict__:
            _refuse_inheritance(cls)
            package = cls.__dict__.get("__plugin__") or cls.__module__.partition(".")[0]
            rewrite(cls)
            protect(cls.__tablename__, cls)
            registry_of(package).mapped(cls)

    def match_form(self, name: str, value: Any) -> str | None:
        """Return the canonical form under which equal values of a matchable field are found, or None for no match."""
        return self.match_form_of(name, value, self.__dict__)

    @classmethod
    def match_form_of(cls, name: str, value: Any, row: Mapping[str, Any]) -> str | None:
        """Return the canonical form of a matchable field's value, given the other fields of its row."""
        return unicodedata.normalize("NFKC", str(value)).casefold().strip() or None

    def before_sealing(self, session: Any) -> None:
        """Settle what a record's sealed fields are to hold; called before each flush of a new or changed record."""

    def sealed_for(self) -> UUID | None:
        """Return whose data key seals the record's fields, where that is not its customer, itself or its table."""
        return None

    def text_is_open(self, session: Any) -> bool:
        """Say whether the fields of class ``text`` are kept in plain, to be searched."""
        return self.text_row_is_open(session, self.__dict__)

    @classmethod
    def text_row_is_open(cls, session: Any, row: Mapping[str, Any]) -> bool:
        """Say whether a row's fields of class ``text`` are kept in plain: they are not, unless a model says so."""
        return False

    def __init__(self, **values: Any) -> None:
        cls = type(self)
        for name, value in values.items():
            if not hasattr(cls, name):
                raise TypeError(f"{cls.__name__} has no field {name!r}")
            setattr(self, name, value)


def _refuse_inheritance(cls: type[Any]) -> None:
    """Raise ModelError for a model that is derived from a mapped one: its rows would be in two tables, of which the
    guard knows one."""
    for base in cls.__mro__[1:]:
        if "__mapper__" in base.__dict__:
            raise ModelError(
                _("{model} is derived from {base}, which is a table already."),
                fix=_("Derive it from Record, CustomerRecord or Entry, and refer to the other record by its id."),
                model=cls.__name__,
                base=base.__name__,
            )


class Entry(Model):
    """A row that is written once: an id, and the instant (UTC) at which it was recorded."""

    __append_only__ = True

    id: Mapped[UUID] = field(classified="internal", primary_key=True, editable=False, sort_order=-100)
    recorded_at: Mapped[datetime] = field(classified="internal", editable=False, default=system_now, sort_order=-90)

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", new_id())
        super().__init__(**values)


class Record(Model):
    """A row that can change: an id, a version against lost updates, who made it and when (UTC)."""

    __history__ = True

    id: Mapped[UUID] = field(classified="internal", primary_key=True, editable=False, sort_order=-100)
    version: Mapped[int] = field(Integer, classified="internal", editable=False, sort_order=-95)
    created_at: Mapped[datetime] = field(classified="internal", editable=False, default=system_now, sort_order=-90)
    created_by: Mapped[str | None] = field(String(80), classified="internal", editable=False, sort_order=-89)
    updated_at: Mapped[datetime] = field(
        classified="internal", editable=False, default=system_now, onupdate=system_now, sort_order=-88
    )

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cast(Any, cls).version}

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", new_id())
        super().__init__(**values)


def columns_of(model: type[Any]) -> Sequence[Any]:
    """Return the columns of a mapped model in their order."""
    return list(model.__table__.columns)


def models_of(package: str) -> list[type[Any]]:
    """Return the models that a package has mapped so far, by table name."""
    found = [mapper.class_ for mapper in registry_of(package).mappers]
    return sorted(found, key=lambda model: model.__tablename__)


def all_models() -> list[type[Any]]:
    """Return all models that are mapped, of all packages."""
    return [mapper.class_ for known in _registries.values() for mapper in known.mappers]


def metadata_of(package: str) -> MetaData:
    """Return the metadata of a package."""
    return registry_of(package).metadata
