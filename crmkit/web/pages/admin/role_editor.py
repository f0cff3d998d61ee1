"""The editor of a role: resources by actions with a scope each, field rights, and what would change before it does.

One group of resources is edited at a time: those of a company with many plugins would be thousands of fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen
from starlette.responses import Response

from crmkit.core.access.catalogue import ADMINISTRATION, rights_catalogue
from crmkit.core.access.rights import CLASSES as CLASS_NAMES, LEVELS as LEVEL_NAMES, SCOPES as SCOPE_NAMES
from crmkit.errors import Conflict, CrmkitError, InvalidInput, Problem
from crmkit.i18n import Text, texts
from crmkit.web.pages.admin.common import CLASSES, LEVELS, SCOPES, guard
from crmkit.web.pages.admin.roles import RIGHT, RoleShape, shape_of
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.forms import step_up_first
from crmkit.web.pages.routing import get, post

if TYPE_CHECKING:
    from crmkit.core.operations.registry import Registry

_ = texts("crmkit")

USUAL = ("read", "create", "update", "delete", "export", "bulk", "assign", "reveal")
"""The actions that have a column of their own; others stand together in the last one."""
WORDS: Mapping[str, Text] = {
    "read": _("read"),
    "create": _("create"),
    "update": _("change"),
    "delete": _("delete"),
    "export": _("export"),
    "bulk": _("many at once"),
    "assign": _("assign"),
    "reveal": _("reveal"),
    "admin": _("administer"),
    "*": _("everything"),
}


@frozen(kw_only=True)
class ResourceRow:
    """One resource with its usual actions and its own ones, each with the scope that the role has (empty: none)."""

    name: str
    title: str
    usual: tuple[tuple[str, bool, str], ...]
    own: tuple[tuple[str, str], ...]


@frozen(kw_only=True)
class Change:
    """One change of a role: ``kind`` is grant or field; ``old`` and ``new`` are scopes or levels, empty for none."""

    kind: str
    resource: str
    what: str
    old: str
    new: str

    @property
    def text(self) -> str:
        """Return the change as the confirming form carries it."""
        return "|".join((self.kind, self.resource, self.what, self.old, self.new))

    @classmethod
    def parse(cls, text: str) -> Change:
        """Return the change of a text. Raises InvalidInput."""
        parts = text.split("|")
        if len(parts) != 5 or parts[0] not in ("grant", "field"):
            raise InvalidInput([Problem("CK400", _("This change cannot be read."), field="change")])
        return cls(kind=parts[0], resource=parts[1], what=parts[2], old=parts[3], new=parts[4])


@get("/admin/roles/{name}/edit", right=RIGHT)
def edit(call: PageCall, name: str) -> Response:
    """Show the matrix of a group of resources."""
    step_up_first(call, "role.grant")
    return _editor(call, name)


@post("/admin/roles/{name}/edit", right=RIGHT)
def preview(call: PageCall, name: str) -> Response:
    """Show what would change."""
    guard(call, "role.grant")
    with call.session() as session:
        shape = shape_of(call, session, name)
    changes = _wanted(call, shape)
    if not changes:
        return call.redirect(f"/admin/roles/{name}/edit?of={_group(call, shape)}", said=_("Nothing has changed."))
    return _shown(call, shape, changes)


@post("/admin/roles/{name}/apply", right=RIGHT)
def apply(call: PageCall, name: str) -> Response:
    """Make the changes that were shown, all or none."""
    guard(call, "role.grant", "role.revoke", "role.set_field_right")
    changes = [Change.parse(text) for text in call.values("change")]
    with call.session() as session:
        shape = shape_of(call, session, name)
    for change in changes:
        known = shape.grants if change.kind == "grant" else shape.fields
        if known.get((change.resource, change.what), "") != change.old:
            error: CrmkitError = Conflict(_("Somebody else has changed this role meanwhile. Look at it again."))
            return _shown(call, shape, changes, error=error, status=409)
    try:
        with call.crm.transaction(call.actor) as session:
            for change in changes:
                _apply(session, shape, change)
    except CrmkitError as error:
        return _shown(call, shape, changes, error=error, status=422)
    return call.redirect(f"/admin/roles/{name}", said=_("{count} changes are in effect."), count=len(changes))


def _apply(session: Any, shape: RoleShape, change: Change) -> None:
    values: dict[str, Any] = {"resource": change.resource}
    target = shape.role.id
    if change.kind == "field":
        values |= {"classified": change.what, "level": change.new or None}
        session.run("role.set_field_right", values, target=target)
    elif change.new:
        session.run("role.grant", {**values, "action": change.what, "scope": change.new}, target=target)
    else:
        session.run("role.revoke", {**values, "action": change.what}, target=target)


# --- showing ---------------------------------------------------------------------------------------------------------


def _editor(call: PageCall, name: str) -> Response:
    with call.session() as session:
        shape = shape_of(call, session, name)
    group = _group(call, shape)
    return call.page(
        "admin/role_edit.html",
        shape=shape,
        group=group,
        groups=[(key, call.text(title)) for key, title in _groups(call).items()],
        rows=_rows(call, shape, group),
        usual=[(action, call.text(WORDS[action])) for action in USUAL],
        words=WORDS,
        scopes=SCOPES,
        levels=LEVELS,
        classes=CLASSES,
        fields=_field_rows(shape),
    )


def _shown(
    call: PageCall, shape: RoleShape, changes: list[Change], *, error: CrmkitError | None = None, status: int = 200
) -> Response:
    return call.page(
        "admin/role_changes.html",
        status=status,
        shape=shape,
        changes=changes,
        titles=_titles(call),
        words=WORDS,
        scopes=SCOPES,
        levels=LEVELS,
        classes=CLASSES,
        problems=list(error.problems) if error is not None else [],
    )


def _groups(call: PageCall) -> dict[str, str]:
    """Return the groups of resources: records, the administration, one for each plugin, and patterns."""
    found: dict[str, str] = {"records": _("Records"), "administration": _("Administration")}
    names = sorted({name.partition(".")[0] for name in rights_catalogue(call.crm.registry) if "." in name})
    titles = {view.name: view.title for view in call.crm.list_plugins()}
    found.update((name, titles.get(name, name)) for name in names)
    found["patterns"] = _("Everything at once")
    return found


def _group(call: PageCall, shape: RoleShape) -> str:
    asked = call.value("of")
    return asked if asked in _groups(call) else "records"


def _resources(registry: Registry, group: str, shape: RoleShape) -> list[tuple[str, tuple[str, ...]]]:
    known = rights_catalogue(registry)
    if group == "patterns":
        plugins = sorted({f"{name.partition('.')[0]}.*" for name in known if "." in name})
        patterns = {"*", *plugins, *(resource for resource, _action in shape.grants if "*" in resource)}
        return [(name, (*USUAL, "admin", "*")) for name in sorted(patterns)]
    if group == "administration":
        return [(name, actions) for name, actions in known.items() if name in ADMINISTRATION]
    if group == "records":
        return [(name, acts) for name, acts in known.items() if name not in ADMINISTRATION and "." not in name]
    return [(name, actions) for name, actions in known.items() if name.partition(".")[0] == group and "." in name]


def _rows(call: PageCall, shape: RoleShape, group: str) -> list[ResourceRow]:
    titles = _titles(call)
    rows: list[ResourceRow] = []
    for name, actions in _resources(call.crm.registry, group, shape):
        granted = {action: scope for (resource, action), scope in shape.grants.items() if resource == name}
        own = [action for action in dict.fromkeys((*actions, *granted)) if action not in USUAL]
        rows.append(
            ResourceRow(
                name=name,
                title=titles.get(name, name),
                usual=tuple(
                    (action, action in actions or action in granted, granted.get(action, "")) for action in USUAL
                ),
                own=tuple((action, granted.get(action, "")) for action in own),
            )
        )
    return rows


def _titles(call: PageCall) -> dict[str, str]:
    """Return what resources are called."""
    found = {name: call.text(title) for name, title in ADMINISTRATION.items()}
    found.update((name, call.text(resource.title)) for name, resource in call.crm.registry.resources.items())
    found["*"] = call.text(_("Everything"))
    return found


def _field_rows(shape: RoleShape) -> list[tuple[str, list[tuple[str, str]]]]:
    resources = ["*", *sorted({resource for resource, _class in shape.fields if resource != "*"})]
    return [(name, [(each, shape.fields.get((name, each), "")) for each in CLASS_NAMES]) for name in resources]


# --- reading ---------------------------------------------------------------------------------------------------------


def _wanted(call: PageCall, shape: RoleShape) -> list[Change]:
    """Return what the form would change; fields that it does not have stay as they are."""
    found: list[Change] = []
    form = call.form
    for key in form if form is not None else ():
        parts = key.split("|")
        new = call.value(key)
        if len(parts) != 3 or parts[0] not in ("grant", "field"):
            continue
        kind, resource, what = parts
        known, allowed = (shape.grants, SCOPE_NAMES) if kind == "grant" else (shape.fields, LEVEL_NAMES)
        old = known.get((resource, what), "")
        if new != old and (new == "" or new in allowed):
            found.append(Change(kind=kind, resource=resource, what=what, old=old, new=new))
    return _in_order(found)


def _in_order(changes: Iterable[Change]) -> list[Change]:
    return sorted(changes, key=lambda change: (change.kind == "field", change.resource, change.what))


ROUTES = [edit, preview, apply]
