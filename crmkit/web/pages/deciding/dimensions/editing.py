"""The editor of dimensions: labels in their order, who decides, and how many customers would change their label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen
from starlette.responses import Response

from crmkit.engines.classification.dimensions import KIND
from crmkit.engines.classification.previewing import preview
from crmkit.engines.definitions.documents import from_document, tag_of, to_document
from crmkit.engines.definitions.publishing import defined, find
from crmkit.errors import CrmkitError, DefinitionError, InvalidInput, Problem
from crmkit.hooks.classification import Dimension
from crmkit.i18n import texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.deciding.common import name_from, place_of
from crmkit.web.pages.deciding.dimensions.showing import CHANGE, DECIDERS, table_of
from crmkit.web.pages.routing import get, post, problems_by_field

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

MOST_LABELS = 60
PLAIN = ("name", "title", "doc", "by", "among", "default", "stay_days", "alert_percent", "note", "known")
DECIDER = ("value", "score", "points", "shares", "scores", "margin")
LISTS = ("points", "shares", "scores")


@frozen(kw_only=True)
class TypedLabel:
    """A label as it is typed."""

    name: str = ""
    title: str = ""
    when: str = ""


@frozen(kw_only=True)
class Typed:
    """A dimension as it is typed."""

    values: dict[str, str]
    labels: tuple[TypedLabel, ...] = field(default=(), converter=tuple)


@get("/dimensions/new", right=CHANGE)
def new_dimension(call: PageCall) -> Response:
    """Show the editor for a new dimension."""
    values = {**dict.fromkeys((*PLAIN, *DECIDER), ""), "by": "expressions", "among": "true", "alert_percent": "30"}
    return _editor(call, Typed(values=values, labels=[TypedLabel(), TypedLabel()]))


@get("/dimensions/{name}/edit", right=CHANGE)
def edit_dimension(call: PageCall, name: str) -> Response:
    """Show the editor for a dimension that is there."""
    with call.session() as session:
        item = find(session, KIND, name)
    if item.value is None:
        raise DefinitionError([Problem(DefinitionError.code, item.broken)])
    return _editor(call, _typed_of(call, item.value))


def _typed_of(call: PageCall, value: Dimension) -> Typed:
    decider: Any = value.decider
    values = {
        **dict.fromkeys((*PLAIN, *DECIDER), ""),
        "name": value.name,
        "title": call.text(value.title),
        "doc": call.text(value.doc) if value.doc else "",
        "by": tag_of(type(decider)),
        "among": value.among,
        "default": value.default or "",
        "stay_days": str(value.stay_days) if value.stay_days else "",
        "alert_percent": str(value.alert_percent),
        "known": "true",
    }
    for name in DECIDER:
        given = getattr(decider, name, "")
        values[name] = "\n".join(given) if isinstance(given, tuple) else given
    labels = [
        TypedLabel(name=label.name, title=call.text(label.title), when=label.when or "") for label in value.labels
    ]
    return Typed(values=values, labels=labels)


def _typed(call: PageCall) -> Typed:
    values = {name: call.value(name) for name in (*PLAIN, *DECIDER)}
    count = call.value("labels")
    labels: list[TypedLabel] = []
    for place in range(min(int(count), MOST_LABELS) if count.isdigit() else 0):
        if not call.value(f"l{place}.gone"):
            given = {name: call.value(f"l{place}.{name}") for name in ("name", "title", "when")}
            labels.append(TypedLabel(**given))
    return Typed(values=values, labels=labels)


def _value(call: PageCall, session: CrmSession, typed: Typed) -> Dimension:
    """Return the dimension that was typed. Raises DefinitionError."""
    values, known = typed.values, defined(session, KIND, broken=True)
    taken: list[str] = []
    labels: list[dict[str, Any]] = []
    for label in typed.labels:
        if label.name or label.title or label.when:
            name = label.name or name_from(label.title, taken)
            taken.append(name)
            when = label.when if values["by"] == "expressions" and label.when else None
            labels.append({"name": name, "title": label.title or name, **({"when": when} if when else {})})
    decider: dict[str, Any] = {"by": values["by"] if values["by"] in DECIDERS else "expressions"}
    for name in _FIELDS_OF[decider["by"]]:
        parts = [part.strip() for part in values[name].replace("，", ",").replace("\n", ",").split(",")]
        decider[name] = [part for part in parts if part] if name in LISTS else values[name] or _EMPTY.get(name, "")
    document: dict[str, Any] = {
        "name": values["name"] or ("" if values["known"] else name_from(values["title"] or "dimension", known)),
        "title": values["title"],
        "labels": labels,
        "decider": decider,
        "among": values["among"] or "true",
        "default": values["default"] or None,
        "doc": values["doc"],
        "stay_days": values["stay_days"] or 0,
        "alert_percent": values["alert_percent"] or 30,
    }
    return _kept(call, from_document(Dimension, document), known)


_FIELDS_OF = {
    "expressions": (),
    "value": ("value",),
    "cut_points": ("score", "points", "margin"),
    "quantiles": ("score", "shares", "margin"),
    "clusters": ("scores",),
    "pin": (),
}
_EMPTY = {"margin": "0"}


def _kept(call: PageCall, value: Dimension, known: Any) -> Dimension:
    """Return a dimension with what the editor does not show, and with the texts that were shown in another language and
    left alone, as they were."""
    item = known.get(value.name)
    if item is None or item.value is None:
        return value
    before: Dimension = item.value
    old = {label.name: label for label in before.labels}
    labels = [
        evolve(label, title=str(old[label.name].title))
        if label.name in old and call.text(old[label.name].title) == label.title
        else label
        for label in value.labels
    ]
    same = {
        name: str(own)
        for name in ("title", "doc")
        if (own := getattr(before, name)) and call.text(own) == getattr(value, name)
    }
    return evolve(value, labels=labels, classified=before.classified, enabled=before.enabled, **same)


def _editor(call: PageCall, typed: Typed, error: CrmkitError | None = None, block: str | None = None) -> Response:
    context = {
        "typed": typed.values,
        "labels": typed.labels,
        "deciders": [(name, call.text(title)) for name, title in DECIDERS.items()],
        "shows": _FIELDS_OF,
        "problems": problems_by_field(error) if error is not None else {},
        "most": MOST_LABELS,
    }
    if block is not None and call.by_htmx:
        return call.part("deciding/dimension_edit.html", block, **context)
    return call.page("deciding/dimension_edit.html", status=422 if error is not None else 200, **context)


@post("/dimensions/form", right=CHANGE)
def change_form(call: PageCall) -> Response:
    """Show the editor again with another decider, one label more or one less."""
    typed = _typed(call)
    if call.value("add") and len(typed.labels) < MOST_LABELS:
        typed = evolve(typed, labels=[*typed.labels, TypedLabel()])
    return _editor(call, typed, block="decides")


@post("/dimensions/save", right=CHANGE)
def save_dimension(call: PageCall) -> Response:
    """Save a dimension. Labels change with the next run."""
    typed = _typed(call)
    try:
        with call.session() as session:
            value = _value(call, session, typed)
        saved = call.run("dimension.save", {"definition": to_document(value), "note": typed.values["note"]})
    except InvalidInput as error:
        return _editor(call, typed, error)
    said = _("The dimension is saved. Labels change with the next run, within a quarter of an hour.")
    return call.redirect(place_of("dimensions", saved.name), said=said)


@post("/dimensions/preview", right=CHANGE)
def preview_dimension(call: PageCall) -> Response:
    """Show how many customers would change their label."""
    context: dict[str, Any] = {"found": None, "problem": []}
    try:
        with call.session() as session:
            value = _value(call, session, _typed(call))
            found = preview(session, value)
            titles = {label.name: call.text(label.title) for label in value.labels}
            context.update(found=found, table=table_of(value, found.moves), titles=titles)
    except CrmkitError as error:
        context["problem"] = [each.render(call.language) for each in error.problems]
    return call.part("deciding/dimension_preview.html", "preview", **context)


ROUTES = [new_dimension, edit_dimension, change_form, save_dimension, preview_dimension]
