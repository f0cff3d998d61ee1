"""Calls of a page for tests of forms: made by hand, so that a form can be made and read without a route."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.web.http.call import Call, Doors
from crmkit.web.http.options import WebOptions
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.forms import Field, Form
from crmkit.web.pages.rendering import Pages
from crmkit.web.pages.rooms import menu_entries


def pages_of(doors: Doors) -> Pages:
    """Return what renders pages, without the templates of plugins."""
    return Pages(doors=doors, loaders={}, entries=menu_entries)


def page_call(
    crm: CRM, actor: Actor | None = None, sent: Iterable[tuple[str, Any]] | None = None, *, language: str = "en"
) -> PageCall:
    """Return the call of somebody, by default the system, with what a form has sent."""
    doors = Doors(crm=crm, options=WebOptions())
    scope = {
        "type": "http",
        "method": "GET" if sent is None else "POST",
        "path": "/",
        "headers": [],
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "server": ("localhost", 80),
    }
    call = Call(
        request=Request(scope),
        doors=doors,
        door="web",
        actor=actor or crm.system("a form of a test"),
        language=language,
        secure=False,
        address=None,
        form=None if sent is None else FormData(list(sent)),
    )
    return pages_of(doors).call(call)


def sent_by(form: Form) -> list[tuple[str, str]]:
    """Return what a browser sends of a form that nobody has touched."""
    found = [("_key", form.key), ("_was", form.was_text)]
    if form.version is not None:
        found.append(("_version", str(form.version)))
    for each in form.fields:
        found.extend(_sent(each))
    return found


def _sent(made: Field) -> Iterable[tuple[str, str]]:
    if made.kind == "boolean":
        if made.value == "true":
            yield made.name, "true"
    elif made.kind == "choices":
        yield from ((made.name, each) for each in made.values)
    elif made.kind in ("group", "custom"):
        for each in made.fields:
            yield from _sent(each)
    elif made.kind == "rows":
        for row in made.rows:
            for each in row:
                yield from _sent(each)
    elif made.kind == "reference":
        yield made.name, made.value
        yield f"{made.name}~q", made.label
    elif made.kind == "money":
        yield made.name, made.value
        yield made.currency_name, made.currency
    elif made.kind not in ("file", "upload"):
        yield made.name, made.value
