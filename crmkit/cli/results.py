"""How the results of operations are printed: a record with its fields' titles, values, or that it is done."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_origin

import attrs

from crmkit.cli.invocation import Invocation
from crmkit.cli.output import Column
from crmkit.cli.values import is_money, plain, record_fields, record_titles
from crmkit.i18n import texts

_ = texts("crmkit")


def show_result(cli: Invocation, result: Any) -> None:
    """Print what an operation gave back; with ``--json`` as ``{"result": …}``, null for nothing."""
    if cli.json:
        cli.output.document({"result": plain(result)})
        return
    if result is None:
        cli.output.say(_("Done."))
    elif hasattr(result, "__table__"):
        titles = record_titles(type(result))
        cli.output.record([(titles[name], value) for name, value in record_fields(result)])
    elif attrs.has(type(result)) and not is_money(result):
        cli.output.record([(item.name, getattr(result, item.name)) for item in attrs.fields(type(result))])
    elif isinstance(result, Mapping):
        cli.output.record([(str(name), value) for name, value in result.items()])
    elif isinstance(result, Sequence) and not isinstance(result, (str, bytes)):
        _list(cli, result)
    else:
        cli.output.record([(_("Result"), result)])


def _list(cli: Invocation, result: Sequence[Any]) -> None:
    rows = [item if isinstance(item, Mapping) else {"value": item} for item in map(plain, result)]
    keys = list(dict.fromkeys(key for row in rows for key in row))
    cli.output.table([Column(key, key) for key in keys], rows)


def type_name(hint: Any) -> str:
    """Return what a type of an input is called on the command line."""
    simple = {
        str: "text",
        int: "number",
        float: "number",
        bool: "yes/no",
        type(None): "null",
    }
    if hint in simple:
        return simple[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is typing.Annotated:
        return type_name(arguments[0])
    if origin is typing.Literal:
        return " | ".join(map(str, arguments))
    if origin in (typing.Union, types.UnionType):
        return " | ".join(type_name(item) for item in arguments if item is not type(None))
    if origin in (list, tuple):
        return f"list of {type_name(arguments[0])}" if arguments else "list"
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return "object"
    names = {"UUID": "id", "datetime": "instant", "date": "day", "Decimal": "number", "timedelta": "seconds"}
    name = getattr(hint, "__name__", str(hint))
    return names.get(name, name)
