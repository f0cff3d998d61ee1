"""Makes a form for an operation: its fields, the values that are offered, and what stands in them at first.

What a record holds is put in as its reader sees it; what is masked is left empty. Must not know what was typed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from attrs import define, evolve
from msgspec import UNSET, to_builtins

from crmkit.core.business.money import Money
from crmkit.core.operations.operation import Operation
from crmkit.core.store.sealed import is_masked
from crmkit.core.store.shown import shown_columns, shown_value
from crmkit.core.vault.secrets import random_text
from crmkit.i18n import translate
from crmkit.web.pages.forms.inputs import specs_of
from crmkit.web.pages.forms.model import Choice, Field, Form, Spec
from crmkit.web.pages.forms.options import currencies, offer
from crmkit.web.pages.forms.references import label_of

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession
    from crmkit.web.pages.call import PageCall

SPARE = 3
"""Empty rows of a list of nested inputs: without script there is no other way to add one."""
ROW = "__row__"
"""Stands for the number of a row in an empty one that a script copies."""
_NOTHING: Any = object()


def form_of(
    call: PageCall,
    operation: str,
    record: Any = None,
    *,
    fixed: Mapping[str, Any] | None = None,
    initial: Mapping[str, Any] | None = None,
    only: Collection[str] | None = None,
    without: Collection[str] = (),
    session: CrmSession | None = None,
) -> Form:
    """Return the form of an operation.

    ``record`` is what it acts on; ``fixed`` are inputs that the page gives: they are not shown, and what is sent for
    them is not read. ``initial`` is what fields begin with beside the record. ``only`` and ``without`` say which inputs
    are shown. Raises UnknownOperation.
    """
    known = call.crm.registry.operation(operation)
    if session is None:
        with call.session() as opened:
            return _form(call, opened, known, record, fixed or {}, initial or {}, only, without)
    return _form(call, session, known, record, fixed or {}, initial or {}, only, without)


def _form(
    call: PageCall,
    session: CrmSession,
    operation: Operation[Any, Any],
    record: Any,
    fixed: Mapping[str, Any],
    initial: Mapping[str, Any],
    only: Collection[str] | None,
    without: Collection[str],
) -> Form:
    from crmkit.web.pages.forms.asking import reason_of

    registry = call.crm.registry
    resource = registry.resources.get(operation.resource)
    model = operation.target or (resource.model if resource is not None else None)
    shown = [
        spec
        for spec in specs_of(operation, model)
        if spec.name not in fixed and spec.name not in without and (only is None or spec.name in only)
    ]
    maker = Maker(session=session, operation=operation, language=call.language)
    fields = [maker.field(spec, spec.name, maker.beginning(spec, record, initial)) for spec in shown]
    fields = [each for each in fields if each.kind != "custom" or each.fields]
    return Form(
        operation=operation.name,
        title=call.text(operation.title),
        help=_first_line(operation.__doc__),
        fields=fields,
        record=record,
        version=getattr(record, "version", None) if operation.effect in ("update", "delete", "other") else None,
        key=random_text(24),
        was={each.name: each.fingerprint() for each in fields if each.spec.unset},
        fixed=dict(fixed),
        reason=reason_of(session, operation, record, call.language) or "",
    )


def _first_line(doc: str | None) -> str:
    return (doc or "").strip().partition("\n")[0]


@define(kw_only=True)
class Maker:
    """Makes the fields of one form."""

    session: CrmSession
    operation: Operation[Any, Any]
    language: str

    @property
    def zone(self) -> ZoneInfo:
        """Return the company's time zone."""
        return ZoneInfo(self.session.crm.config.get(self.session).zone)

    @property
    def base_currency(self) -> str:
        """Return the base currency."""
        return self.session.crm.config.get(self.session).base_currency or ""

    def beginning(self, spec: Spec, record: Any, initial: Mapping[str, Any]) -> Any:
        """Return what an input begins with: what the page says, what the record holds, else its default."""
        if spec.name in initial:
            return initial[spec.name]
        if record is not None and spec.unset:
            return _held(record, spec)
        if spec.unset:
            return _NOTHING
        return spec.default

    def field(self, spec: Spec, name: str, value: Any) -> Field:
        """Return a field with a value in it."""
        made = Field(name=name, spec=self._told(spec))
        if value is UNSET or value is _NOTHING:
            made, value = evolve(made, unknown=True), None
        if is_masked(value) and spec.kind not in ("custom",):
            made, value = evolve(made, unknown=True, masked=str(value) if isinstance(value, str) else "****"), None
        return _PUT.get(spec.kind, Maker.put_text)(self, made, value)

    def _told(self, spec: Spec) -> Spec:
        """Return an input with its title and help in the language."""
        help_ = translate(spec.info.help, self.language) if spec.info.help else ""
        return evolve(spec, title=translate(spec.title, self.language), info=evolve(spec.info, help=help_))

    # --- by kind -----------------------------------------------------------------------------------------------------

    def put_text(self, made: Field, value: Any) -> Field:
        """Put in a value that stands in one line or text area."""
        offered = offer(self.session, made.spec, self.operation.name, self.language)
        text = "" if made.kind == "secret" else self.text(value)
        if offered is None:
            return evolve(made, value=text)
        closed, choices = offered
        if closed and text and text not in {each.value for each in choices}:
            choices = (*choices, Choice(value=text, title=text))
        return evolve(made, value=text, choices=choices, spec=evolve(made.spec, kind="choice" if closed else "suggest"))

    def put_reference(self, made: Field, value: Any) -> Field:
        """Put in what an id refers to."""
        text = self.text(value)
        offered = offer(self.session, made.spec, self.operation.name, self.language)
        if offered is not None:
            known = {each.value for each in offered[1]}
            choices = offered[1]
            if text and text not in known:
                label = label_of(self.session, made.spec.resource or "", text) or text[:8]
                choices = (*choices, Choice(value=text, title=label))
            return evolve(made, value=text, choices=choices, spec=evolve(made.spec, kind="choice"))
        return evolve(made, value=text, label=label_of(self.session, made.spec.resource or "", text) if text else "")

    def put_choices(self, made: Field, value: Any) -> Field:
        """Put in several of some values."""
        offered = offer(self.session, made.spec, self.operation.name, self.language)
        return evolve(made, values=_texts(value, self), choices=offered[1] if offered is not None else ())

    def put_lines(self, made: Field, value: Any) -> Field:
        """Put in a list, one a line."""
        return evolve(made, value="\n".join(_texts(value, self)))

    def put_money(self, made: Field, value: Any) -> Field:
        """Put in an amount in minor units, with its currency: as a pair, or the amount alone."""
        amount, currency = value if isinstance(value, tuple) else (value, None)
        text = "" if amount is None or not currency else str(Money(cast(int, amount), cast(str, currency)).value)
        base = currency or self.base_currency
        # The codes alone: there is no room for names beside an amount.
        choices = tuple(Choice(value=code, title=code) for code, _name in currencies(self.base_currency, self.language))
        prefix = made.name.rpartition(".")[0]
        name = f"{prefix}.currency" if prefix else "currency"
        return evolve(made, value=text, currency=cast(str, base), currency_name=name, choices=choices)

    def put_pairs(self, made: Field, value: Any) -> Field:
        """Put in names with values."""
        return evolve(made, value=pairs_text(value))

    def put_document(self, made: Field, value: Any) -> Field:
        """Put in what is written as JSON."""
        return evolve(made, value="" if value is None or value in ((), [], {}) else _json(value))

    def put_group(self, made: Field, value: Any) -> Field:
        """Put in a nested input."""
        return evolve(made, fields=self._members(made.spec, made.name, value))

    def put_rows(self, made: Field, value: Any) -> Field:
        """Put in a list of nested inputs, with some empty ones behind."""
        given: Sequence[Any] = value if isinstance(value, (list, tuple)) else ()
        rows = [self._members(made.spec, f"{made.name}.{place}", each) for place, each in enumerate(given)]
        return self.with_spare(evolve(made, rows=tuple(rows)))

    def with_spare(self, made: Field) -> Field:
        """Return rows with some empty ones behind, and one to copy."""
        whole = evolve(made, blank=self._members(made.spec, f"{made.name}.{ROW}", None))
        kept = whole.typed_rows
        spare = [self._members(made.spec, f"{made.name}.{len(kept) + place}", None) for place in range(SPARE)]
        return evolve(whole, rows=(*kept, *spare))

    def put_custom(self, made: Field, value: Any) -> Field:
        """Put in the fields that an admin has added to the resource."""
        config = self.session.crm.config.get(self.session)
        held: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
        fields: list[Field] = []
        for info in config.custom_fields.get(self.operation.resource, {}).values():
            spec = custom_spec(info, unset=made.spec.unset)
            inner = held.get(info.name, _NOTHING if made.unknown else None)
            fields.append(self.field(spec, f"{made.name}.{info.name}", inner))
        return evolve(made, fields=tuple(fields))

    def put_nothing(self, made: Field, value: Any) -> Field:
        """Put in nothing: files cannot be shown."""
        return made

    def _members(self, spec: Spec, name: str, value: Any) -> tuple[Field, ...]:
        found: list[Field] = []
        for each in spec.members:
            if value is None:
                inner: Any = each.default
            elif isinstance(value, Mapping):
                inner = cast("Mapping[str, Any]", value).get(each.name)
            else:
                inner = getattr(value, each.name, None)
            found.append(self.field(each, f"{name}.{each.name}", inner))
        return tuple(found)

    def text(self, value: Any) -> str:
        """Return the text that stands for a value in a field."""
        if value is None or value is UNSET:
            return ""
        if isinstance(value, Enum):
            return str(value.value)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, datetime):
            aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
            local = aware.astimezone(self.zone)
            return local.strftime("%Y-%m-%dT%H:%M:%S" if local.second else "%Y-%m-%dT%H:%M")
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, timedelta):
            return f"{value.total_seconds():g}"
        if isinstance(value, Decimal):
            return f"{value:f}"
        if isinstance(value, float):
            return repr(value).removesuffix(".0")
        if isinstance(value, (str, int, UUID)):
            return str(value)
        return _json(value)


def custom_spec(info: Any, *, unset: bool) -> Spec:
    """Return the input that a custom field is."""
    kind, python = {
        "text": ("text", str),
        "integer": ("integer", int),
        "decimal": ("decimal", Decimal),
        "boolean": ("ternary", bool),
        "date": ("date", date),
        "instant": ("instant", datetime),
        "choice": ("choice", str),
        "choices": ("choices", str),
    }[info.type]
    choices = tuple(Choice(value=each, title=each) for each in info.options)
    values = {each: each for each in info.options}
    return Spec(
        name=info.name,
        kind=cast(Any, kind),
        title=info.title or info.name,
        nullable=not info.required or unset,
        required=info.required and not unset,
        unset=unset,
        python=python,
        choices=choices if info.type in ("choice", "choices") else (),
        values=values,
    )


def _texts(value: Any, maker: Maker) -> list[str]:
    if value is None or isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
        return []
    return [maker.text(each) for each in value]


def pairs_text(value: Any) -> str:
    """Return names with values as lines, where they are texts, else as JSON."""
    if not value:
        return ""
    held = cast("Mapping[str, Any]", value)
    if all(_is_line(str(name), item) for name, item in held.items()):
        return "\n".join(f"{name}: {item}" for name, item in held.items())
    return _json(held)


def _is_line(name: str, item: Any) -> bool:
    return (
        isinstance(item, str)
        and item == item.strip()
        and name == name.strip()
        and bool(name)
        and not any(char in name for char in ":{")
        and len(f"{name}{item}".splitlines()) == 1
    )


def _json(value: Any) -> str:
    try:
        return json.dumps(to_builtins(value), ensure_ascii=False, indent=2)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def _held(record: Any, spec: Spec) -> Any:
    """Return what a record holds for an input, as its reader sees it; nothing that is known where it has no such
    field."""
    columns = shown_columns(type(record))
    if spec.kind == "money":
        if spec.name not in columns or "currency" not in columns:
            return _NOTHING
        amount, currency = shown_value(record, spec.name), shown_value(record, "currency")
        return _NOTHING if is_masked(amount) else (amount, currency)
    if spec.name not in columns:
        return _NOTHING
    value = shown_value(record, spec.name)
    if spec.kind == "rows" and not isinstance(value, (list, tuple)):
        return _NOTHING
    return value


_PUT: Mapping[str, Any] = {
    "reference": Maker.put_reference,
    "choices": Maker.put_choices,
    "lines": Maker.put_lines,
    "money": Maker.put_money,
    "pairs": Maker.put_pairs,
    "document": Maker.put_document,
    "group": Maker.put_group,
    "rows": Maker.put_rows,
    "custom": Maker.put_custom,
    "file": Maker.put_nothing,
    "upload": Maker.put_nothing,
}
