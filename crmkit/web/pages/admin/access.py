"""Access explained: may this user do that with this record, which rule decides it, and what would be needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select
from starlette.responses import Response

from crmkit.core.access.catalogue import rights_catalogue
from crmkit.core.access.models import User
from crmkit.core.store.actor import Actor
from crmkit.core.store.ids import parse_id
from crmkit.errors import CrmkitError, InvalidInput, Problem
from crmkit.i18n import Text, texts
from crmkit.security.roles.checks import find_user
from crmkit.security.roles.explaining import explain
from crmkit.web.pages.admin.common import SCOPES
from crmkit.web.pages.admin.role_editor import WORDS
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.routing import get, post, problems_by_field

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession
    from crmkit.security.roles.explaining import Explanation

_ = texts("crmkit")

RIGHT = "role.admin"
RULES: Mapping[str, Text] = {
    "system": _("System scope: no rule limits it"),
    "public": _("Nobody has signed in"),
    "inactive": _("The user is not active any more"),
    "limit": _("The token reaches no further"),
    "deny": _("A role denies it, whatever others grant"),
    "nothing": _("No role grants it"),
    "open": _("Everybody may read this"),
    "grant": _("A role grants it"),
    "scope": _("A role grants it, but not for this record"),
    "share": _("The record was shared with the user"),
    "record": _("A rule about single records decides"),
}
"""The rules that decide, in words."""


@get("/admin/access", right=RIGHT)
def access(call: PageCall) -> Response:
    """Show what decides over an act of a user on a record, as the address names them."""
    return _answer(call)


@post("/admin/access", right=RIGHT)
def ask(call: PageCall) -> Response:
    """Find the record that is meant, and go to the explanation: what is typed to find it stays out of addresses."""
    record = call.value("record")
    try:
        with call.session() as session:
            identity = _record(session, call, call.value("action"), record) if record else None
    except InvalidInput as error:
        return _answer(call, problems_by_field(error))
    path = call.url("/admin/access", user=call.value("user"), action=call.value("action"), record=identity)
    return call.redirect(path.removeprefix(call.prefix))


def _answer(call: PageCall, problems: dict[str, list[Problem]] | None = None) -> Response:
    problems = dict(problems or {})
    found: Explanation | None = None
    who, act, record = call.value("user"), call.value("action"), call.value("record")
    name = ""
    if who and act and not problems:
        try:
            found, name = _explained(call, who, act, record)
        except InvalidInput as error:
            problems = problems_by_field(error)
        except CrmkitError as error:
            problems = {"": list(error.problems)}
    with call.session() as session:
        people = select(User.login, User.name).where(User.active.is_(True)).order_by(User.name)
        users = [(login, f"{title} ({login})") for login, title in session.execute(people)]
    return call.page(
        "admin/access.html",
        status=422 if problems else 200,
        users=users if not who or any(login == who for login, _title in users) else [(who, who), *users],
        actions=_actions(call),
        who=who,
        act=act,
        record=record,
        found=found,
        name=name,
        rules=RULES,
        scopes=SCOPES,
        problems=problems,
        roles=_roles_of(found),
    )


def _explained(call: PageCall, who: str, act: str, record: str) -> tuple[Explanation, str]:
    with call.session() as session:
        user = find_user(session, who)
        identity = _record(session, call, act, record) if record else None
        return explain(session, Actor.user(user.id, user.login), act, identity), user.name


def _record(session: CrmSession, call: PageCall, act: str, text: str) -> UUID:
    """Return the record that a text names: an id, or of customers a name or number that fits exactly one."""
    identity = parse_id(text.strip().rstrip("/").rpartition("/")[2].rpartition(":")[2])
    if identity is not None:
        return identity
    operation = call.crm.registry.operations.get(act)
    resource = operation.resource if operation is not None else act.rpartition(".")[0]
    if resource == "customer":
        from crmkit.engines.search.searching import search

        hits = [hit for hit in search(session, text, within=["customer"], limit=2).hits if hit.customer_id is not None]
        if len(hits) == 1:
            found: Any = hits[0].customer_id
            return UUID(str(found))
        hint = _("Be more exact, or copy the address of its page.")
        message = _("Several records fit.") if hits else _("No record fits.")
        raise InvalidInput([Problem("CK400", message, field="record", hint=hint)])
    raise InvalidInput(
        [Problem("CK400", _("This is no id."), field="record", hint=_("Copy the address of the record's page."))]
    )


def _actions(call: PageCall) -> list[tuple[str, str]]:
    """Return the acts that can be asked about: rights and operations with their titles."""
    found: dict[str, str] = {}
    for resource, actions in rights_catalogue(call.crm.registry).items():
        for action in actions:
            found[f"{resource}.{action}"] = f"{resource}: {call.text(WORDS.get(action, action))}"
    for name, operation in call.crm.registry.operations.items():
        if not operation.hidden:
            found[name] = call.text(operation.title)
    return sorted(found.items())


def _roles_of(found: Explanation | None) -> str:
    return found.role or "" if found is not None else ""


ROUTES = [access, ask]
