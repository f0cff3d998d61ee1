"""Sealed fields: how a model's sensitive columns are rewritten when it is declared.

A field of class ``sensitive`` or ``secret`` becomes a binary column under the same name, and a descriptor in front of
it: setting leaves a pending value, getting opens it for who may read it and masks it for everybody else. A ``text``
field has two columns: plain where its record says that it is open to search, sealed otherwise. Must not know how
values are encrypted: that is the vault's affair.
"""

from __future__ import annotations

import sys
import typing
from collections.abc import Callable, Mapping
from inspect import get_annotations
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column
from sqlalchemy.types import NullType

from crmkit.core.store.infos import FieldInfo
from crmkit.core.store.opening import holds_something, plain, read
from crmkit.core.store.sealed import CLASSES, Pending, SealedBytes, python_kind, refuse_masked
from crmkit.errors import ModelError
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

_OPERATORS = frozenset(
    (
        *("in_", "not_in", "is_", "is_not", "like", "ilike", "not_like", "not_ilike", "contains", "icontains"),
        *("startswith", "istartswith", "endswith", "iendswith", "between", "asc", "desc", "label", "op", "collate"),
    )
)
"""What code calls on a column, and would call on a sealed field by mistake."""


class SealedField:
    """A sealed field of a model. On a record it is the value; on the class it is this object, which SQL cannot use."""

    __hash__ = object.__hash__

    def __init__(
        self,
        model: type[Any],
        name: str,
        kind: Any,
        *,
        classified: str,
        default: Callable[[], Any] | None,
        token: bool,
        derived: Mapping[str, Callable[[Any], Any]],
    ) -> None:
        self.model = model
        self.name = name
        self.kind = kind
        self.classified = classified
        self.default = default
        self.slot = f"_sealed_{name}"
        """The mapped attribute that holds the envelope, or what is pending."""
        self.column = f"{name}_sealed" if classified == "text" else name
        self.open_slot = f"_open_{name}" if classified == "text" else None
        """The mapped attribute that holds a text in plain, where its record is open to search."""
        self.token_slot = f"{name}_token" if token else None
        self.derived = derived
        """Plain columns that follow from the value, each with the function that makes its value."""

    def __get__(self, record: Any, owner: Any = None) -> Any:
        if record is None:
            return self
        return read(record, self)

    def __set__(self, record: Any, value: Any) -> None:
        refuse_masked(value, self.name)
        if value is not None and not isinstance(value, typing.get_origin(self.kind) or self.kind):
            raise TypeError(f"{self.model.__name__}.{self.name} takes {self.kind}, not {type(value).__name__}")
        if holds_something(record, self) and plain(record, self.name) == value:
            return
        if self.open_slot is not None:
            setattr(record, self.open_slot, None)
        if value is None and self.token_slot is not None:
            setattr(record, self.token_slot, None)
        for name, make in self.derived.items():
            setattr(record, name, None if value is None else make(value))
        setattr(record, self.slot, None if value is None else Pending(value))

    def matches(self, session: CrmSession, *values: str) -> Any:
        """Return the SQL condition that the field is equal to one of some values in their canonical form.

        Only for fields that are declared ``matchable``.
        """
        if self.token_slot is None:
            raise self._refusal()
        vault = session.crm.vault
        index = f"{self.model.__tablename__}.{self.name}"
        wanted = [token for value in values for token in vault.tokens(index, value)]
        return getattr(self.model, self.token_slot).in_(wanted)

    def is_set(self) -> Any:
        """Return the SQL condition that the field holds a value."""
        given = getattr(self.model, self.slot).is_not(None)
        return given if self.open_slot is None else given | getattr(self.model, self.open_slot).is_not(None)

    @property
    def in_plain(self) -> Any:
        """Return the column in which a text is kept where its record is open to search; it is null elsewhere.

        Only for fields of class ``text``.
        """
        if self.open_slot is None:
            raise self._refusal()
        return getattr(self.model, self.open_slot)

    def _refusal(self) -> ModelError:
        return ModelError(
            _("{model}.{field} is sealed: SQL can neither read, sort nor compare it."),
            fix=_("Select the record and read its field; declare it matchable to look for equal values."),
            model=self.model.__name__,
            field=self.name,
        )

    def __clause_element__(self) -> Any:
        raise self._refusal()

    def __getattr__(self, name: str) -> Any:
        if name in _OPERATORS:
            raise self._refusal()
        raise AttributeError(name)

    def _refuse(self, other: object) -> Any:
        raise self._refusal()

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = cast(Any, _refuse)


# --- declaring -------------------------------------------------------------------------------------------------------


def rewrite(cls: type[Any]) -> None:
    """Turn the sensitive, secret and text columns of a model that is about to be mapped into sealed ones.

    What does not say its class is sensitive, an annotation without a column included. Raises ModelError for a column
    that cannot be sealed.
    """
    for name, declared, annotation in _columns(cls):
        column: Any = None if declared is None else declared.column
        info: Any = None if column is None else column.info.get("crmkit")
        classified = "sensitive" if info is None else info.classified
        if classified not in CLASSES:
            continue
        if column is not None and (column.foreign_keys or column.primary_key):
            raise ModelError(
                _("{model}.{field} is a key and cannot be sealed."),
                fix=_('Classify it: field(…, classified="internal").'),
                model=cls.__name__,
                field=name,
            )
        kind, optional = _python_type(cls, name, annotation)
        _seal(cls, name, kind, optional, declared, info, classified)


def _columns(cls: type[Any]) -> list[tuple[str, Any, Any]]:
    """Return the columns that a class and its mixins declare, each with its annotation."""
    found: dict[str, tuple[str, Any, Any]] = {}
    for base in reversed(cls.__mro__):
        if base is object or hasattr(base, "__mapper__") or base.__module__ == "crmkit.core.store.model":
            continue
        own: Mapping[str, Any] = base.__dict__
        for name, annotation in dict(own.get("__annotations__", {})).items():
            if name not in own and str(annotation).startswith(("Mapped[", "sqlalchemy.orm.base.Mapped[")):
                found[name] = (name, None, annotation)
        for name, value in own.items():
            if isinstance(value, MappedColumn):
                found[name] = (name, value, own.get("__annotations__", {}).get(name))
    return list(found.values())


def _python_type(cls: type[Any], name: str, annotation: Any) -> tuple[Any, bool]:
    """Return the Python type of a column from its annotation, and whether it may be empty."""
    if annotation is None:
        return str, True
    holder = type("holder", (), {"__annotations__": {name: annotation}, "__module__": cls.__module__})
    names = {**vars(sys.modules[cls.__module__]), "Mapped": Mapped}
    hint: Any = typing.get_type_hints(holder, globalns=names)[name]
    (inner,) = typing.get_args(hint) or (str,)
    arguments = [item for item in typing.get_args(inner) if item is not type(None)]
    optional = type(None) in typing.get_args(inner)
    kind = arguments[0] if optional and len(arguments) == 1 else inner
    if not python_kind(kind):
        raise ModelError(
            _("{model}.{field} is of a type that cannot be sealed."),
            fix=_("Use a text, number, date, instant, list or mapping, or classify it as internal."),
            model=cls.__name__,
            field=name,
        )
    return kind, optional


def _seal(cls: Any, name: str, kind: Any, optional: bool, declared: Any, info: Any, classified: str) -> None:
    column: Any = None if declared is None else declared.column
    default: Any = None
    if column is not None and column.default is not None:
        given: Any = column.default
        default = (lambda: given.arg(None)) if given.is_callable else (lambda: given.arg)
    order: Any = getattr(declared, "_sort_order", 0) or 0
    noted: dict[str, Any] = {} if info is None else {"crmkit": info}
    matchable = bool(info is not None and info.matchable)
    derived: Mapping[str, Callable[[Any], Any]] = {} if info is None or info.derived is None else info.derived
    sealed = SealedField(cls, name, kind, classified=classified, default=default, token=matchable, derived=derived)
    cls.__annotations__ = {key: value for key, value in get_annotations(cls).items() if key != name}
    nullable = optional or default is not None or classified == "text"
    setattr(
        cls, sealed.slot, mapped_column(sealed.column, SealedBytes(), nullable=nullable, info=noted, sort_order=order)
    )
    if sealed.open_slot is not None and column is not None:
        type_: Any = String() if isinstance(column.type, NullType) else column.type
        kept = mapped_column(name, type_, nullable=True, info=noted, sort_order=order)
        setattr(cls, sealed.open_slot, kept)
    if sealed.token_slot is not None:
        setattr(
            cls,
            sealed.token_slot,
            mapped_column(sealed.token_slot, LargeBinary(17), nullable=True, info=_internal(), sort_order=order),
        )
    setattr(cls, name, sealed)
    cls.__sealed__ = {**getattr(cls, "__sealed__", {}), name: sealed}


def _internal() -> dict[str, Any]:
    return {"crmkit": FieldInfo(classified="internal", editable=False)}
