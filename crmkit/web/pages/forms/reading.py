"""Reads what was typed into a form: into the values of the operation, each problem at its field, nothing lost.

Only what the form shows is read, whatever else was sent. Must not run anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import define, evolve, field, frozen
from starlette.datastructures import FormData, UploadFile

from crmkit.core.operations.inputs import structure
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import Text, texts
from crmkit.web.pages.forms.making import ROW, Maker
from crmkit.web.pages.forms.model import Field, Form
from crmkit.web.pages.forms.parsing import (
    Malformed,
    minor,
    pairs_of,
    typed_value,
    whole_text,
)
from crmkit.web.pages.forms.references import label_of, meant

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession
    from crmkit.web.pages.call import PageCall

_ = texts("crmkit")

KEY, VERSION, WAS = "_key", "_version", "_was"
EMPTY = "~empty"
"""Ends the name of the box that empties a field whose value cannot be seen."""
ASKED = "~q"
"""Ends the name of the text by which a reference is looked for."""
MOST_ROWS = 200
REQUIRED = _("This is required.")
_UTC = ZoneInfo("UTC")
_LEAVE: Any = object()
"""Stands for an input that is not given."""


@frozen(kw_only=True)
class Reading:
    """What was read: the values for the operation, and the form as it was typed, with its problems."""

    values: Mapping[str, Any]
    form: Form
    problems: tuple[Problem, ...] = ()
    version: int | None = None
    key: str | None = None


def read_form(call: PageCall, form: Form, *, session: CrmSession | None = None) -> Reading:
    """Return what was typed into a form of this page."""
    if session is None:
        with call.session() as opened:
            return _read(call, opened, form)
    return _read(call, session, form)


def _read(call: PageCall, session: CrmSession, form: Form) -> Reading:
    data = call.form if call.form is not None else FormData()
    operation = call.crm.registry.operation(form.operation)
    reader = Reader(
        session=session,
        data=data,
        maker=Maker(session=session, operation=operation, language=call.language),
        was=_was(data),
    )
    values: dict[str, Any] = {}
    fields: list[Field] = []
    for each in form.fields:
        typed = reader.typed(each)
        touched = not each.spec.unset or typed.fingerprint() != reader.was.get(each.name)
        found = reader.value(typed) if touched else _LEAVE
        fields.append(typed.replaced(reader.redrawn))
        _put(values, each, found)
    values.update(form.fixed)
    problems = [*reader.problems]
    about = {problem.field for problem in problems}
    try:
        structure(operation.inputs, values)
    except InvalidInput as error:
        problems += [each for each in error.problems if (each.field or "") not in about and not _within(each, about)]
    key = data.get(KEY)
    version = data.get(VERSION)
    kept = evolve(
        form,
        fields=tuple(fields),
        was=reader.was,
        key=form.key,
        version=int(version) if isinstance(version, str) and version.isdecimal() else form.version,
    )
    return Reading(
        values=values,
        form=kept.with_problems(problems) if problems else kept,
        problems=tuple(problems),
        version=kept.version,
        key=key[:100] if isinstance(key, str) and key.isprintable() and key else None,
    )


def _put(values: dict[str, Any], each: Field, found: Any) -> None:
    if found is _LEAVE:
        return
    if each.kind == "money":
        amount, currency = found
        values[each.name], values["currency"] = amount, currency
    else:
        values[each.name] = found


def _within(problem: Problem, about: set[str | None]) -> bool:
    return any(name and (problem.field or "").startswith(f"{name}.") for name in about)


def _was(data: FormData) -> dict[str, str]:
    sent = data.get(WAS)
    try:
        found = json.loads(sent) if isinstance(sent, str) and len(sent) < 20_000 else {}
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(name): str(text) for name, text in cast("dict[str, Any]", found).items()}


@define(kw_only=True)
class Reader:
    """Reads the fields of one form."""

    session: CrmSession
    data: FormData
    maker: Maker
    was: dict[str, str]
    problems: list[Problem] = field(factory=list[Problem])
    redrawn: dict[str, Field] = field(factory=dict[str, Field])
    """Fields that are shown otherwise once they were read: a choice of what a text may mean."""

    # --- what was typed, as text -------------------------------------------------------------------------------------

    def typed(self, made: Field) -> Field:
        """Return a field with what was typed in place of what it began with."""
        kind = made.kind
        cleared = evolve(made, emptied=made.clearable and self._text(f"{made.name}{EMPTY}") == "true")
        if kind == "boolean":
            return evolve(cleared, value="true" if self._text(made.name) else "false")
        if kind == "choices":
            return evolve(cleared, values=tuple(dict.fromkeys(self._texts(made.name))))
        if kind in ("group", "custom"):
            return evolve(cleared, fields=tuple(self.typed(each) for each in made.fields))
        if kind == "rows":
            return self.maker.with_spare(evolve(cleared, rows=self._rows(made)))
        if kind == "money":
            return evolve(
                cleared, value=self._text(made.name), currency=self._text(made.currency_name) or made.currency
            )
        if kind == "reference":
            return self._reference(cleared)
        if kind in ("file", "upload"):
            return evolve(cleared, value="")
        if kind == "secret":
            return evolve(cleared, value=whole_text(self.data.get(made.name)))
        if kind == "lines":
            # One field with a line each, or as many fields, such as boxes in a table.
            return evolve(cleared, value="\n".join(self._texts(made.name)).replace("\r\n", "\n").replace("\r", "\n"))
        keep = kind in ("long", "pairs", "document")
        return evolve(cleared, value=self._long(made.name) if keep else self._text(made.name))

    def _rows(self, made: Field) -> tuple[tuple[Field, ...], ...]:
        """Return the rows that something was typed in, numbered anew."""
        begin = re.compile(rf"{re.escape(made.name)}\.(\d{{1,6}})\.")
        numbers = sorted({int(found[1]) for name in self.data if (found := begin.match(name))})[:MOST_ROWS]
        kept: list[tuple[Field, ...]] = []
        for number in numbers:
            here = f"{made.name}.{number}"
            row = tuple(self.typed(_moved(each, f"{made.name}.{ROW}", here)) for each in made.blank)
            if [each.plain() for each in row] != [each.plain() for each in made.blank]:
                place = f"{made.name}.{len(kept)}"
                kept.append(tuple(_moved(each, here, place) for each in row))
        return tuple(kept)

    def _reference(self, made: Field) -> Field:
        identity, asked = self._text(made.name), self._text(f"{made.name}{ASKED}")
        if f"{made.name}{ASKED}" not in self.data:
            return evolve(made, value=identity, label=made.label if identity == made.value else "")
        if not asked:
            return evolve(made, value="", label="")
        if identity and asked == label_of(self.session, made.spec.resource or "", identity):
            return evolve(made, value=identity, label=asked)
        if identity and identity == made.value and asked == made.label:
            return evolve(made, label=asked)
        return evolve(made, value="", label=asked)

    def _text(self, name: str) -> str:
        return whole_text(self.data.get(name)).strip()

    def _long(self, name: str) -> str:
        return whole_text(self.data.get(name)).replace("\r\n", "\n").replace("\r", "\n")

    def _texts(self, name: str) -> list[str]:
        return [whole_text(each).strip() for each in self.data.getlist(name) if whole_text(each).strip()]

    # --- its value ---------------------------------------------------------------------------------------------------

    def value(self, typed: Field) -> Any:
        """Return the value that was typed into a field, or that it is not given."""
        try:
            return self._value(typed)
        except Malformed as error:
            self.problems.append(Problem("CK500", error.message, **cast(Any, {**error.values, "field": typed.name})))
            return _LEAVE

    def _value(self, typed: Field) -> Any:
        kind, spec = typed.kind, typed.spec
        if typed.emptied:
            return (None, None) if kind == "money" else None
        if kind == "boolean":
            return typed.value == "true"
        if kind == "group":
            return self._group(typed)
        if kind == "custom":
            return self._custom(typed)
        if kind == "rows":
            return self._list([self._members(row) for row in typed.typed_rows], typed)
        if kind == "choices":
            return self._list([_possible(typed, each) for each in typed.values], typed)
        if kind == "lines":
            item = spec.item or spec
            lines = [line.strip() for line in typed.value.split("\n") if line.strip()]
            return self._list([typed_value(item.kind, item.python, line, self.maker.zone) for line in lines], typed)
        if kind in ("file", "upload"):
            return self._file(typed)
        if kind == "pairs":
            found = pairs_of(typed.value)
            return _LEAVE if not found and spec.required is False and not spec.unset else found
        if kind == "reference" and not typed.value and typed.label:
            return self._looked_up(typed)
        if kind == "money":
            return self._money(typed)
        if (not typed.value.strip() and kind != "secret") or not typed.value:
            return self._nothing(typed)
        if kind in ("choice", "ternary"):
            return _possible(typed, typed.value)
        return typed_value(kind, spec.python, typed.value, self.maker.zone)

    def _nothing(self, typed: Field) -> Any:
        """Return what an empty field means."""
        spec = typed.spec
        if typed.unknown and spec.unset:
            return _LEAVE
        if spec.nullable:
            return None
        if spec.python is str and not spec.required and not spec.unset and spec.default == "":
            return ""
        raise Malformed(REQUIRED)

    def _list(self, found: list[Any], typed: Field) -> Any:
        spec = typed.spec
        if found or spec.required or spec.unset:
            if not found and spec.required:
                raise Malformed(REQUIRED)
            return found
        return None if spec.nullable and spec.default is None else found

    def _money(self, typed: Field) -> Any:
        if not typed.value:
            if typed.unknown and typed.spec.unset:
                return _LEAVE
            if typed.spec.nullable:
                return None, None
            raise Malformed(REQUIRED)
        return minor(typed.value, typed.currency), typed.currency

    def _members(self, row: tuple[Field, ...]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for each in row:
            value = self.value(each)
            if value is not _LEAVE:
                _put(found, evolve(each, name=each.spec.name), value)
        return found

    def _group(self, typed: Field) -> Any:
        touched = any(each.filled and not _is_default(each) for each in typed.fields)
        if not touched and not typed.spec.required:
            return None if typed.spec.nullable else _LEAVE
        return self._members(typed.fields)

    def _custom(self, typed: Field) -> Any:
        found: dict[str, Any] = {}
        for each in typed.fields:
            if each.spec.unset and self._same(typed, each):
                continue
            value = self.value(each)
            if value is _LEAVE or (value in (None, [], "") and not each.spec.unset):
                continue
            found[each.spec.name] = value
        return found or _LEAVE

    def _same(self, typed: Field, each: Field) -> bool:
        """Say whether a custom field is as it was when the form was made, as far as that can be told."""
        if each.unknown and not each.filled:
            return True
        return each.fingerprint() == self.was.get(each.name)

    def _looked_up(self, typed: Field) -> Any:
        found, among, wrong = meant(self.session, typed.spec.resource or "", typed.label)
        if found is not None:
            self._redraw(typed, evolve(typed, value=str(found)))
            return found
        if among:
            chosen = evolve(typed, choices=tuple(among), spec=evolve(typed.spec, kind="choice"))
            self._redraw(typed, chosen)
        raise Malformed(wrong or Text(""))

    def _redraw(self, typed: Field, other: Field) -> None:
        self.redrawn[typed.name] = other

    def _file(self, typed: Field) -> Any:
        sent = self.data.get(typed.name)
        if not isinstance(sent, UploadFile) or not (sent.filename or sent.size):
            return self._nothing(typed)
        sent.file.seek(0)
        content = sent.file.read()
        return content if typed.kind == "file" else {"filename": sent.filename or "", "content": content}


def _possible(typed: Field, text: str) -> Any:
    spec = typed.spec
    if typed.kind == "ternary":
        if text not in ("true", "false"):
            raise Malformed(_("This is not one of the possible values."))
        return text == "true"
    if spec.values:
        if text not in spec.values:
            raise Malformed(_("This is not one of the possible values."))
        return spec.values[text]
    return typed_value("text", spec.python, text, _UTC) if spec.python is UUID else text


def _is_default(each: Field) -> bool:
    default = each.spec.default
    if each.kind == "boolean":
        return (each.value == "true") == bool(default)
    return default is not None and each.value == str(getattr(default, "value", default))


def _moved(each: Field, begin: str, other: str) -> Field:
    """Return a field of a row under another row's name."""
    name = f"{other}{each.name.removeprefix(begin)}"
    return evolve(
        each,
        name=name,
        currency_name=f"{other}{each.currency_name.removeprefix(begin)}" if each.currency_name else "",
        fields=tuple(_moved(inner, begin, other) for inner in each.fields),
        rows=tuple(tuple(_moved(inner, begin, other) for inner in row) for row in each.rows),
        blank=tuple(_moved(inner, begin, other) for inner in each.blank),
    )
