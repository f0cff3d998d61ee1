"""The endpoints that describe the API: the OpenAPI document, and a page that lists addresses and codes of errors."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import Response

from crmkit.errors import all_errors
from crmkit.i18n import texts, translate
from crmkit.web.http.problems import status_of
from crmkit.web.rest.calls import ROOT, RestCall
from crmkit.web.rest.declaring import Answer, Endpoint
from crmkit.web.rest.index import GROUP
from crmkit.web.rest.openapi import document
from crmkit.web.rest.table import table_of

_ = texts("crmkit")

HTML = "text/html"


def _openapi(call: RestCall) -> dict[str, Any]:
    with call.session() as session:
        return document(session, table_of(call.crm).endpoints, server=call.call.url(ROOT), language=call.language)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("crmkit.web", "templates/rest"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _docs(call: RestCall) -> Response:
    groups: dict[str, list[Endpoint]] = {}
    for endpoint in table_of(call.crm).endpoints:
        groups.setdefault(call.call.text(endpoint.group), []).append(endpoint)
    errors = [
        {"code": each.code, "title": translate(each.summary, call.language), "status": status_of(each("")),
         "about": " ".join((each.__doc__ or "").split("\n\n")[0].split())}
        for each in all_errors()
    ]  # fmt: skip
    page = _environment().get_template("docs.html")
    body = page.render(
        _=call.call.text,
        language=call.language.replace("_", "-"),
        groups=groups,
        errors=errors,
        root=call.call.url(ROOT),
        style=call.call.url("/static/api.css"),
        openapi=call.url("/openapi.json"),
    )
    return Response(body, media_type=HTML)


ENDPOINTS = (
    Endpoint(
        method="GET", path="/openapi.json", name="openapi", title=_("The description of the API"), group=GROUP,
        serve=_openapi, description=_("OpenAPI 3.1, with the caller's custom fields."),
        answers=[Answer(title=_("The document."), body={"type": "object"})],
    ),
    Endpoint(
        method="GET", path="/docs", name="documentation", title=_("The endpoints and the errors, to be read"),
        group=GROUP, serve=_docs, answers=[Answer(title=_("The page."), body=str, media=(HTML,))],
    ),
)  # fmt: skip
