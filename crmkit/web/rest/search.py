"""Search by words, and looking at a condition while somebody writes it. Must not know how either is done."""

from __future__ import annotations

from typing import Any, Literal

from attrs import frozen

from crmkit.engines.expressions.compiling import Expression
from crmkit.engines.expressions.documents import tree_from_json, tree_to_json
from crmkit.engines.expressions.mistakes import Mistake
from crmkit.engines.expressions.printing import printed
from crmkit.engines.expressions.types import BOOLEAN
from crmkit.engines.facts.vocabulary import catalogue_of, check_readable
from crmkit.engines.search.searching import search as find
from crmkit.errors import CrmkitError, InvalidInput, Problem, UnknownFact
from crmkit.hooks.contributions import SearchHit
from crmkit.i18n import texts, translate
from crmkit.resources import shape_of
from crmkit.resources.filters import understood
from crmkit.web.rest.asking import OBJECT, listing, said
from crmkit.web.rest.calls import RestCall
from crmkit.web.rest.declaring import Answer, Endpoint, Parameter

_ = texts("crmkit")


@frozen(kw_only=True)
class CheckCall:
    """An expression, as text or as the tree of a condition builder. ``expect`` says whether it has to be a condition;
    ``resource`` that it is a filter over that resource's fields, besides facts."""

    text: str | None = None
    tree: dict[str, Any] | None = None
    expect: Literal["condition", "value"] = "condition"
    resource: str | None = None


def _search(call: RestCall) -> dict[str, Any]:
    given = call.query
    known = call.crm.registry.searchables
    # A kind of record may be named in the plural.
    within = [
        name.removesuffix("s") if name not in known and name.removesuffix("s") in known else name
        for name in given["in"] or ()
    ]
    with call.session() as session:
        found = find(session, given["q"], within=within or None, limit=given["limit"])
    return {
        "data": [_hit(call, hit) for hit in found.hits],
        "missing": {name: error.render(call.language) for name, error in found.failed.items()},
    }


def _hit(call: RestCall, hit: SearchHit) -> dict[str, Any]:
    resource, _colon, identity = hit.ref.partition(":")
    known = call.crm.registry.searchables.get(resource)
    return {
        "resource": resource,
        "id": identity,
        "kind": said(call, known.title) if known is not None else resource,
        "title": said(call, hit.title),
        "score": hit.score,
        "customer_id": hit.customer_id,
        "snippet": hit.snippet,
        "highlights": [list(place) for place in hit.highlights],
        "reason": said(call, hit.reason) if hit.reason else "",
    }


def _check(call: RestCall) -> dict[str, Any]:
    given: CheckCall = call.body
    if (given.text is None) == (given.tree is None):
        raise InvalidInput([Problem("CK500", _("Give either a text or a tree."), field="text")])
    with call.session() as session:
        try:
            text = given.text if given.text is not None else printed(tree_from_json(given.tree))
            if given.resource is not None:
                checked = understood(session, shape_of(session, given.resource), text).expression
            else:
                checked = catalogue_of(session).checked(text, BOOLEAN if given.expect == "condition" else None)
                check_readable(session, checked.facts)
        except (InvalidInput, UnknownFact) as error:
            return {"ok": False, "text": given.text, "problems": _problems(call, error)}
    return _document(call, text, checked)


def _document(call: RestCall, text: str, checked: Expression) -> dict[str, Any]:
    return {
        "ok": True,
        "text": text,
        "tree": tree_to_json(checked.tree),
        "words": checked.words(call.language),
        "type": str(checked.type),
        "facts": sorted(str(ref) for ref in checked.facts),
        "problems": [],
    }


def _problems(call: RestCall, error: CrmkitError) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for each in error.problems:
        values = {"value": each.value, **each.values}
        hint = translate(each.hint, call.language, **values) if each.hint else None
        document = {"code": each.code, "message": translate(each.message, call.language, **values), "hint": hint}
        if isinstance(each, Mistake):
            document |= {"line": each.line, "column": each.column, "suggestion": each.suggestion}
        found.append(document)
    return found


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/search",
        name="search",
        title=_("Search by words"),
        description="The best first. An e-mail address, a phone number or an identifier finds its customer.",
        group=_("Search"),
        serve=_search,
        parameters=(
            Parameter(name="q", title=_("Words; a phrase in quotation marks."), required=True, max_length=400),
            Parameter(
                name="in",
                type=tuple[str, ...],
                title=_("Only these kinds of records, separated by commas."),
                max_length=400,
                example="customer,product",
            ),
            Parameter(name="limit", type=int, title=_("Most hits."), default=20, minimum=1, maximum=1000),
        ),
        answers=[Answer(title=_("What was found."), body=listing())],
    ),
    Endpoint(
        method="POST",
        path="/expressions/check",
        name="expressions.check",
        title=_("Check an expression"),
        description="Its tree and its meaning in the caller's language, or what is wrong with it and where.",
        group=_("Search"),
        serve=_check,
        body=CheckCall,
        example={"text": "purchase.count >= 3"},
        answers=[Answer(title=_("What it says, or what is wrong with it."), body=dict(OBJECT))],
        refusals=(404,),
    ),
)
