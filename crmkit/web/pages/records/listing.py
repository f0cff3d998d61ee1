"""The list of any resource: searched, filtered, sorted and cut into pages by what its declaration says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from attrs import frozen
from starlette.responses import Response

from crmkit.core.store.ids import parse_id
from crmkit.errors import CrmkitError, InvalidInput
from crmkit.hooks.contributions import Resource
from crmkit.i18n import texts
from crmkit.resources import ResourceQuery, ResourceShape, list_records, shape_of
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.forms import Choice, may_run
from crmkit.web.pages.forms.references import few
from crmkit.web.pages.records.cells import Cell, Shown, cells_of, shown_of
from crmkit.web.pages.records.links import list_path, operation_path, record_path
from crmkit.web.pages.records.views import resource_of, views_of
from crmkit.web.pages.routing import PageRoute, get

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

PAGE = 50
TEMPLATE = "records/list.html"


@frozen(kw_only=True)
class Heading:
    """A column's heading, with the order that a click on it gives and the one that it has now."""

    title: str
    sort: str | None
    state: str
    right: bool


@frozen(kw_only=True)
class Line:
    """A record in a list, with the path of its page."""

    path: str
    cells: Sequence[Cell]


@frozen(kw_only=True)
class Chooser:
    """A field that a list is filtered by, with the values to choose from."""

    name: str
    title: str
    value: str
    choices: tuple[Choice, ...]


@get("/records/{resource}")
def show_list(call: PageCall, resource: str) -> Response:
    """Show the records of a resource."""
    declared = resource_of(call, resource)
    with call.session() as session:
        context = _list(call, session, declared)
    context["actions"] = _actions(call, declared)
    if call.by_htmx and call.request.headers.get("hx-target", "").endswith("rows"):
        return call.part(TEMPLATE, "rows", **context)
    return call.page(TEMPLATE, **context)


def _list(call: PageCall, session: CrmSession, declared: Resource) -> dict[str, Any]:
    shape = shape_of(session, declared.name)
    shown = shown_of(session, declared.model, shape.columns or ("created_at",))
    choosers = list(_choosers(call, session, declared, shape))
    search, condition, sort = call.value("q"), call.value("where"), call.value("sort")
    problems: dict[str, list[Any]] = {}
    records: list[Any] = []
    following: str | None = None
    try:
        page = list_records(
            session,
            ResourceQuery(
                resource=declared.name,
                filter=_condition(condition, choosers),
                search=search if shape.search else "",
                sort=sort,
                limit=PAGE,
                after=call.value("after") or None,
                records=True,
            ),
        )
        records = [row.record for row in page.rows if row.record is not None]
        following = page.next
    except InvalidInput as error:
        for problem in error.problems:
            name = {"filter": "where", "search": "q", "sort": "sort", "after": "after"}.get(problem.field or "", "")
            problems.setdefault(name, []).append(problem)
    lines = [
        Line(path=record_path(call.crm.registry, declared.name, record.id) or "", cells=cells)
        for record, cells in zip(records, cells_of(session, shown, records, call.language), strict=True)
    ]
    given = {"q": search, "where": condition, "sort": sort, **{each.name: each.value for each in choosers}}
    kept = {name: value for name, value in given.items() if value}
    here = list_path(declared.name)
    return {
        "resource": declared,
        "views": views_of(call.crm.registry, declared.name),
        "searchable": bool(shape.search),
        "search": search,
        "condition": condition,
        "condition_names": ", ".join(each.name for each in shape.fields if each.filterable),
        "sort": sort,
        "choosers": choosers,
        "headings": [_heading(shape, each, sort or shape.sort, kept, here) for each in shown],
        "lines": lines,
        "problems": problems,
        "next": _address(here, {**kept, "after": following}) if following else None,
        "first": _address(here, kept) if call.value("after") else None,
        "filtered": bool(search or condition or any(each.value for each in choosers)),
        "path": here,
    }


def _address(path: str, query: dict[str, Any]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _heading(shape: ResourceShape, shown: Shown, sort: str, kept: dict[str, str], here: str) -> Heading:
    known = shape.by_name.get(shown.name)
    right = shown.name.endswith("_minor") or shown.numeric
    if known is None or not known.sortable:
        return Heading(title=shown.title, sort=None, state="", right=right)
    state = "ascending" if sort == shown.name else "descending" if sort == f"-{shown.name}" else ""
    other = f"-{shown.name}" if state == "ascending" else shown.name
    return Heading(title=shown.title, sort=_address(here, {**kept, "sort": other}), state=state, right=right)


def _choosers(call: PageCall, session: CrmSession, declared: Resource, shape: ResourceShape) -> Iterable[Chooser]:
    """Return the fields of a list that have few values."""
    options = session.crm.config.get(session).options
    for each in shown_of(session, declared.model, shape.columns):
        known = shape.by_name.get(each.name)
        if known is None or not known.filterable or known.exact:
            continue
        titles = each.choices or (options.get(each.options) if each.options else None)
        if titles:
            choices = [Choice(value=value, title=call.text(title)) for value, title in titles.items()]
        elif known.type == "boolean":
            choices = [Choice(value="true", title=call.text(_("Yes"))), Choice(value="false", title=call.text(_("No")))]
        elif each.resource in ("user", "team") or (each.resource is not None and each.resource != "customer"):
            choices = few(session, each.resource) or []
        else:
            continue
        value = call.value(f"by.{each.name}")
        if choices:
            fitting = value if value in {choice.value for choice in choices} else ""
            yield Chooser(name=f"by.{each.name}", title=each.title, value=fitting, choices=tuple(choices))


def _condition(typed: str, choosers: Iterable[Chooser]) -> str:
    """Return the condition of a list: what was chosen, and what was typed."""
    parts: list[str] = []
    for each in choosers:
        if each.value:
            name = each.name.removeprefix("by.")
            value = each.value if each.value in ("true", "false") else _quoted(each.value)
            parts.append(f"{name} == {value}")
    return " and ".join([*parts, f"({typed})"] if typed and parts else [*parts, typed] if typed else parts)


def _quoted(text: str) -> str:
    identity = parse_id(text)
    escaped = str(identity) if identity is not None else text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _actions(call: PageCall, declared: Resource) -> list[dict[str, Any]]:
    """Return what can be done without a record: to add one, mostly."""
    found: list[dict[str, Any]] = []
    for operation in call.crm.registry.operations.values():
        if operation.target is not None or operation.hidden or operation.effect != "create":
            continue
        if operation.resource != declared.name and not operation.name.startswith(f"{declared.name}."):
            continue
        try:
            reason = may_run(call, operation.name)
        except CrmkitError:
            continue
        path = operation_path(operation.name, next=list_path(declared.name))
        found.append({"title": operation.title, "path": path, "reason": reason})
    return found


ROUTES: list[PageRoute] = [show_list]
