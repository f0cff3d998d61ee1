"""What the inputs of an operation are: made from its signature, the same for everybody and kept.

Must not know requests nor records.
"""

from __future__ import annotations

import collections.abc
import inspect
import types
import typing
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, Literal, Union, cast, get_args, get_origin
from uuid import UUID

import attrs
from attrs import evolve
from msgspec import UnsetType

from crmkit.core.operations.inputs import UNSET, Input, input_info
from crmkit.core.operations.operation import Operation
from crmkit.core.store.infos import field_info
from crmkit.web.pages.forms.model import Choice, Kind, Spec
from crmkit.web.pages.forms.titles import title_of, value_title

DEEPEST = 3
"""How many levels of nested inputs are fields of their own; what is deeper is written as JSON."""
_BY_TYPE: Mapping[Any, Kind] = {
    str: "text",
    int: "integer",
    float: "decimal",
    Decimal: "decimal",
    timedelta: "decimal",
    date: "date",
    datetime: "instant",
    bytes: "file",
}
_LISTS = (list, tuple, set, frozenset, collections.abc.Sequence, collections.abc.Collection)
_MAPPINGS = (dict, Mapping, collections.abc.MutableMapping)
_REFERS: Mapping[str, str] = {
    "about_id": "interaction",
    "category_id": "product_category",
    "customer_id": "customer",
    "interaction_id": "interaction",
    "owner_id": "user",
    "product_id": "product",
    "team_id": "team",
    "to_id": "user",
    "user_id": "user",
}
"""What an id refers to whose input does not say it."""


@lru_cache(maxsize=2048)
def specs_of(operation: Operation[Any, Any], model: Any = None) -> tuple[Spec, ...]:
    """Return the inputs of an operation. ``model`` is the one whose columns give titles to those that have none."""
    own = operation.name.rpartition(".")[0]
    return _of_class(operation.inputs, model or operation.target, own, 0)


def _of_class(shape: type[Any], model: Any, own: str, depth: int) -> tuple[Spec, ...]:
    try:
        hints = typing.get_type_hints(shape, include_extras=True)
    except NameError:
        # A class whose types are there for the type checker only: what goes in is written as JSON.
        hints = {}
    found = [_spec(each, hints.get(each.name, Any), model, own, depth) for each in attrs.fields(shape)]
    return tuple(_with_money(found, model))


def _spec(attribute: attrs.Attribute[Any], hint: Any, model: Any, own: str, depth: int) -> Spec:
    info = info_of(hint)
    bare, nullable, unset = _bare(hint)
    default, required = _default(attribute)
    spec = _typed(attribute.name, bare, info, own, depth)
    title = info.title or _column_title(model, attribute.name) or title_of(attribute.name)
    kind: Kind = spec.kind
    if kind == "boolean" and (nullable or default is UNSET):
        kind = "ternary"
    return evolve(
        spec,
        kind=kind,
        title=title,
        info=info,
        required=required,
        nullable=nullable,
        unset=unset or default is UNSET,
        default=None if default is UNSET else default,
    )


def _default(attribute: attrs.Attribute[Any]) -> tuple[Any, bool]:
    default: Any = attribute.default
    if default is attrs.NOTHING:
        return None, True
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        made = cast("Any", default)
        return (None if made.takes_self else made.factory()), False
    return default, False


def info_of(hint: Any) -> Input:
    """Return what an input says of itself, also where it says it of a part of its type."""
    found = input_info(hint)
    if found != Input():
        return found
    for part in get_args(hint) if get_origin(hint) in (Union, types.UnionType, typing.Annotated) else ():
        inner = info_of(part)
        if inner != Input():
            return inner
    return Input()


def _bare(hint: Any) -> tuple[Any, bool, bool]:
    """Return a type without what says that there may be nothing, and whether it says so: None, and left out."""
    if get_origin(hint) is typing.Annotated:
        return _bare(get_args(hint)[0])
    if get_origin(hint) not in (Union, types.UnionType):
        return hint, hint in (Any, type(None)), False
    parts = get_args(hint)
    rest = [each for each in parts if each not in (UnsetType, type(None))]
    nullable, unset = type(None) in parts, UnsetType in parts
    if len(rest) != 1:
        return (str if str in rest else Any), nullable, unset
    bare, inner_null, inner_unset = _bare(rest[0])
    return bare, nullable or inner_null, unset or inner_unset


def _typed(name: str, bare: Any, info: Input, own: str, depth: int) -> Spec:
    """Return what an input is by its type."""
    origin = get_origin(bare)
    if bare is bool:
        return Spec(name=name, kind="boolean", title="", python=bool)
    if origin is Literal or (inspect.isclass(bare) and issubclass(bare, Enum)):
        return _choice(name, bare, info)
    if bare is UUID:
        resource = info.resource or _refers(name, own)
        return Spec(name=name, kind="reference" if resource else "text", title="", python=UUID, resource=resource)
    if bare in _BY_TYPE:
        kind = _BY_TYPE[bare]
        if bare is str:
            kind = "secret" if info.classified == "secret" else "long" if info.multiline else "text"
            if info.choices:
                choices = tuple(Choice(value=value, title=title) for value, title in info.choices)
                return Spec(
                    name=name,
                    kind="choice",
                    title="",
                    choices=choices,
                    values={each.value: each.value for each in choices},
                )
        return Spec(name=name, kind=kind, title="", python=bare)
    if origin in _LISTS or bare in (list, tuple, set, frozenset):
        return _list(name, bare, info, own, depth)
    if origin in _MAPPINGS or bare in (dict, Mapping):
        return Spec(name=name, kind="custom" if name == "custom" else "pairs", title="", python=dict)
    if inspect.isclass(bare) and attrs.has(bare):
        return _nested(name, bare, own, depth)
    return Spec(name=name, kind="document", title="", python=Any)


def _choice(name: str, bare: Any, info: Input) -> Spec:
    members: list[Any] = list(cast(Any, bare)) if inspect.isclass(bare) else list(get_args(bare))
    titles = dict(info.choices)
    values = {str(each.value if isinstance(each, Enum) else each): each for each in members}
    choices = tuple(Choice(value=text, title=titles.get(text) or value_title(text)) for text in values)
    plain = {text: each.value if isinstance(each, Enum) else each for text, each in values.items()}
    return Spec(name=name, kind="choice", title="", choices=choices, values=plain)


def _list(name: str, bare: Any, info: Input, own: str, depth: int) -> Spec:
    inner: Any = (get_args(bare) or (Any,))[0]
    item = _typed(name, _bare(inner)[0], info_of(inner), own, depth + 1)
    if item.kind == "choice":
        return Spec(name=name, kind="choices", title="", item=item, choices=item.choices, values=item.values)
    if item.kind == "group":
        return Spec(name=name, kind="rows", title="", item=item, shape=item.shape, members=item.members)
    if item.kind in ("text", "long", "integer", "decimal", "date", "reference", "secret"):
        resource = item.resource or info.resource
        return Spec(name=name, kind="lines", title="", item=item, python=item.python, resource=resource)
    return Spec(name=name, kind="document", title="", python=list)


def _nested(name: str, shape: type[Any], own: str, depth: int) -> Spec:
    if depth >= DEEPEST:
        return Spec(name=name, kind="document", title="", python=dict)
    members = _of_class(shape, None, own, depth + 1)
    by_name = {each.name: each for each in members}
    if "content" in by_name and "filename" in by_name and by_name["content"].kind == "file":
        return Spec(name=name, kind="upload", title="", shape=shape)
    if not members or any(each.required and each.kind == "document" for each in members):
        return Spec(name=name, kind="document", title="", python=dict)
    return Spec(name=name, kind="group", title="", shape=shape, members=members)


def _refers(name: str, own: str) -> str | None:
    if name == "parent_id" and own in ("team", "product_category", "customer"):
        return own
    return _REFERS.get(name)


def _column_title(model: Any, name: str) -> str:
    if model is None:
        return ""
    table = cast(Any, model).__table__
    column = table.c.get(name)
    if column is None:
        column = table.c.get(f"{name}_sealed")
    return "" if column is None else field_info(column).title


def _with_money(found: list[Spec], model: Any) -> list[Spec]:
    """Return the inputs with amounts in minor units as money, which takes the currency beside it along."""
    currencies = [each.name for each in found if each.name == "currency" and each.python is str]
    amounts = [each for each in found if each.name.endswith("_minor") and each.kind == "integer"]
    if not currencies or len(amounts) != 1:
        return found
    kept: list[Spec] = []
    for each in found:
        if each is amounts[0]:
            kept.append(evolve(each, kind="money", title=_column_title(model, each.name) or title_of("amount")))
        elif each.name != "currency":
            kept.append(each)
    return kept
