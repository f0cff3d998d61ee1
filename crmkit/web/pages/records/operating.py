"""Every operation as a form of its own, all of them listed by what they are about, and what they give back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import attrs
from attrs import frozen
from msgspec import UNSET
from starlette.responses import Response

from crmkit.core.access.catalogue import ADMINISTRATION
from crmkit.core.store.ids import parse_id
from crmkit.core.store.model import Model
from crmkit.errors import NotFound
from crmkit.i18n import Text, texts
from crmkit.web.pages.call import PageCall, local_path
from crmkit.web.pages.forms import Form, form_of, submit
from crmkit.web.pages.forms.asking import reason_of
from crmkit.web.pages.forms.inputs import specs_of
from crmkit.web.pages.forms.references import few, name_of, referred, referred_by_model
from crmkit.web.pages.forms.titles import title_of
from crmkit.web.pages.records.links import list_path, operation_path, path_of_record
from crmkit.web.pages.records.modules import plugin_title
from crmkit.web.pages.routing import PageRoute, get, post

if TYPE_CHECKING:
    from crmkit.core.operations.operation import Operation
    from crmkit.core.operations.registry import Registry

_ = texts("crmkit")

_SCALAR = ("text", "long", "integer", "decimal", "date", "instant", "choice", "suggest", "reference", "ternary")
_SEVERAL = ("choices", "lines", "pairs")
_SAID = {"True": True, "False": False}
_OWN = ("target", "next", "quiet")
"""What of an address is not an input: ``quiet`` says that the page to go to tells itself what was done."""


@frozen(kw_only=True)
class Entry:
    """An operation in the list of all."""

    name: str
    title: str
    path: str
    on_record: bool
    reason: str | None


@frozen(kw_only=True)
class Group:
    """What can be done with one kind of thing."""

    title: str
    entries: Sequence[Entry]


@get("/operations")
def every_operation(call: PageCall) -> Response:
    """Show everything that can be done."""
    return call.page("records/operations.html", groups=groups_of(call), every=call.value("every") == "1")


def groups_of(call: PageCall) -> list[Group]:
    """Return the operations that are not hidden, by what they are about."""
    found: dict[str, list[Entry]] = {}
    with call.session() as session:
        for operation in call.crm.registry.operations.values():
            if operation.hidden:
                continue
            entry = Entry(
                name=operation.name,
                title=operation.title,
                path=operation_path(operation.name),
                on_record=operation.target is not None,
                reason=reason_of(session, operation, None, call.language),
            )
            found.setdefault(_subject(operation), []).append(entry)
    named = [(_title(call, subject), entries) for subject, entries in found.items()]
    return [
        Group(title=title, entries=entries) for title, entries in sorted(named, key=lambda each: call.text(each[0]))
    ]


def _subject(operation: Operation[Any, Any]) -> str:
    """Return what an operation is about: what its name begins with, where that is a kind of its own."""
    return operation.name.rpartition(".")[0]


def _title(call: PageCall, subject: str) -> str:
    registry = call.crm.registry
    declared = registry.resources.get(subject)
    if declared is not None:
        return declared.plural
    if subject in ADMINISTRATION:
        return ADMINISTRATION[subject]
    known = referred(registry, subject)
    if known is not None:
        return known.title
    return plugin_title(call, subject) or title_of(subject.rpartition(".")[2])


@get("/operations/{name}")
def show_operation(call: PageCall, name: str) -> Response:
    """Show the form of an operation; for one on a record that is not said, first which record."""
    operation = _known(call, name)
    if operation.target is not None and not call.value("target"):
        return _choose(call, operation)
    form = _form(call, operation)
    return _page(call, operation, form)


@post("/operations/{name}", upload=True)
def run_operation(call: PageCall, name: str) -> Response:
    """Run an operation with what was typed into its form."""
    operation = _known(call, name)
    form = _form(call, operation)
    sent = submit(call, form)
    if sent.form is not None:
        return _page(call, operation, sent.form, status=sent.status)
    return _answer(call, operation, form, sent.result)


def _known(call: PageCall, name: str) -> Operation[Any, Any]:
    operation = call.crm.registry.operations.get(name)
    if operation is None or operation.hidden:
        raise NotFound(_("There is no such page."))
    return operation


def _form(call: PageCall, operation: Operation[Any, Any]) -> Form:
    initial: dict[str, Any] = {}
    if call.form is None:
        kinds = {each.name: each.kind for each in specs_of(operation)}
        initial = {
            key: value
            for key, value in call.query.items()
            if key not in _OWN and kinds.get(key) in _SCALAR and len(value) < 500
        }
        for key, kind in kinds.items():
            if kind in _SEVERAL and key not in _OWN and (several := call.values(key)):
                initial[key] = dict(_pair(each) for each in several) if kind == "pairs" else several
            elif kind == "boolean" and key not in _OWN and call.query.get(key) in _SAID:
                initial[key] = _SAID[call.query[key]]
    with call.session() as session:
        record = None
        if operation.target is not None:
            identity = parse_id(call.query.get("target", ""))
            record = session.get(operation.target, identity) if identity is not None else None
            if record is None:
                raise NotFound(_("There is no such record."))
        return form_of(call, operation.name, record, initial=initial, session=session)


def _pair(text: str) -> tuple[str, str]:
    name, _colon, value = text.partition(":")
    return name.strip(), value.strip()


def _page(call: PageCall, operation: Operation[Any, Any], form: Form, *, status: int = 200) -> Response:
    following = next_of(call)
    back = following or (path_of_record(call.crm.registry, form.record) if form.record is not None else None)
    return call.page(
        "records/operation.html",
        status=status,
        operation=operation,
        form=form,
        action=operation_path(operation.name, target=getattr(form.record, "id", None), next=following),
        back=back or "/operations",
        about=_name(call, form.record),
        danger=operation.effect == "delete",
    )


def _name(call: PageCall, record: Any) -> str:
    known = referred_by_model(call.crm.registry, type(record)) if record is not None else None
    return name_of(known, record) if known is not None else ""


def next_of(call: PageCall) -> str | None:
    """Return the page of ours to go to afterwards, as the address says."""
    return local_path(call.query.get("next"), call)


def _choose(call: PageCall, operation: Operation[Any, Any]) -> Response:
    known = referred_by_model(call.crm.registry, cast("type[Any]", operation.target))
    with call.session() as session:
        choices = few(session, known.resource) if known is not None else None
        reason = reason_of(session, operation, None, call.language)
    return call.page(
        "records/choose.html", operation=operation, known=known, choices=choices, reason=reason, next=next_of(call)
    )


# --- what it gives back ----------------------------------------------------------------------------------------------


def _answer(call: PageCall, operation: Operation[Any, Any], form: Form, result: Any) -> Response:
    registry = call.crm.registry
    quiet = call.query.get("quiet") == "1"
    done = None if quiet else call.text(_("{title}: done."), title=call.text(operation.title))
    following = next_of(call)
    if not _tells(result):
        path = path_of_record(registry, result) if isinstance(result, Model) and operation.effect != "delete" else None
        if operation.effect == "delete":
            gone = following is not None and form.record is not None and str(form.record.id) in following
            path = _list_of(registry, form.record) if gone or following is None else following
            return call.redirect(path or "/operations", said=done)
        if operation.effect == "create" and operation.target is None:
            return call.redirect(path or following or "/operations", said=done)
        here = path_of_record(registry, form.record) if form.record is not None else None
        return call.redirect(following or here or path or "/operations", said=done)
    return call.page(
        "records/result.html",
        operation=operation,
        result=plain_of(result),
        once=bool(getattr(cast(Any, type(result)), "given_once", False)),
        back=following or "/operations",
    )


def _list_of(registry: Registry, record: Any) -> str | None:
    found = next((each.name for each in registry.resources.values() if each.model is type(record)), None)
    return None if found is None else list_path(found)


def _tells(result: Any) -> bool:
    """Say whether a result says more than that it worked."""
    if result is None or isinstance(result, (bool, Model)):
        return False
    if isinstance(result, (list, tuple)):
        items = cast("list[Any]", result)
        return bool(items) and not all(isinstance(each, Model) for each in items)
    return True


def plain_of(value: Any, depth: int = 0) -> Any:
    """Return a result as nested names and values, to be shown: titles for names, records by their names."""
    if depth > 6:
        return str(value)
    if isinstance(value, Model):
        return str(getattr(value, "name", None) or getattr(value, "title", None) or getattr(value, "id", ""))
    if attrs.has(cast(Any, type(value))):
        held = {each.name: getattr(value, each.name) for each in attrs.fields(cast(Any, type(value)))}
        return {title_of(name): plain_of(item, depth + 1) for name, item in held.items() if item is not UNSET}
    if isinstance(value, Mapping):
        return {str(name): plain_of(item, depth + 1) for name, item in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain_of(item, depth + 1) for item in cast("list[Any]", value)]
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes):
        return Text("…")
    return value


ROUTES: list[PageRoute] = [every_operation, show_operation, run_operation]
