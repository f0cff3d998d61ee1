"""What the condition builder asks of the server: what it can offer, and each form of a condition from the other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from crmkit.engines.expressions.mistakes import Mistake
from crmkit.errors import CrmkitError, InvalidInput, Problem
from crmkit.i18n import texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.conditions.languages import Language, language_of
from crmkit.web.pages.conditions.rows import Group, Misfit, document_of, group_from, rows_of, text_of
from crmkit.web.pages.conditions.vocabulary import document_of as vocabulary_document, values_of
from crmkit.web.pages.conditions.wording import in_titles
from crmkit.web.pages.routing import get, post

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

EMPTY = Group(every=True)


@get("/conditions/vocabulary", right="customer.read")
def vocabulary(call: PageCall) -> Response:
    """Tell which facts and tests there are, in the caller's language; ``event`` adds the fields of an event,
    ``resource`` those of a list."""
    with call.session() as session:
        return JSONResponse(vocabulary_document(session, call.text, _language(call, session).offers()))


def _language(call: PageCall, session: CrmSession) -> Language:
    return language_of(session, event=call.value("event") or None, resource=call.value("resource") or None)


@get("/conditions/values", right="customer.read")
def values(call: PageCall) -> Response:
    """Tell which values a fact has most often, to propose them."""
    try:
        with call.session() as session:
            return JSONResponse(values_of(session, call.value("fact")))
    except CrmkitError:
        # A proposal is no answer to whether there is such a fact.
        return JSONResponse([])


@post("/conditions", right="customer.read")
def conditions(call: PageCall) -> Response:
    """Make the rows for a text, or the text for rows (``tree``), with what either says in words and what is wrong."""
    with call.session() as session:
        language = _language(call, session)
        try:
            tree = call.value("tree")
            answer = _from_rows(call, session, tree, language) if tree else _from_text(call, session, language)
        except CrmkitError as error:
            answer = _answer(problems=[_told(call, problem) for problem in error.problems])
    return JSONResponse(answer)


def _from_text(call: PageCall, session: CrmSession, language: Language) -> dict[str, Any]:
    given = call.form.get("text", "") if call.form is not None else ""
    text = given if isinstance(given, str) else ""
    if not text.strip():
        return _answer(group=EMPTY, text="")
    checked = language.compiled(text)
    return _answer(
        group=rows_of(checked.tree, language.words), text=text, words=in_titles(session, checked, call.language)
    )


def _from_rows(call: PageCall, session: CrmSession, tree: str, language: Language) -> dict[str, Any]:
    try:
        group = group_from(json.loads(tree))
    except (json.JSONDecodeError, RecursionError):
        raise InvalidInput(_("These rows cannot be read.")) from None
    text, misfits = text_of(group, language.words)
    said, problems = "", [_misfit(call, each) for each in misfits]
    if text:
        try:
            said = in_titles(session, language.compiled(text), call.language)
        except CrmkitError as error:
            problems += [_told(call, problem) for problem in error.problems]
    return _answer(text=text, words=said, problems=problems)


def _answer(
    *,
    group: Group | None = None,
    text: str | None = None,
    words: str = "",
    problems: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    return {
        "group": None if group is None else document_of(group),
        "text": text,
        "words": words,
        "problems": problems or [],
    }


def _told(call: PageCall, problem: Problem) -> dict[str, Any]:
    """Return a problem of a text; of a mistake with its place, and with what was probably meant to put in its place."""
    told: dict[str, Any] = {"message": problem.render(call.language)}
    if isinstance(problem, Mistake):
        told |= {"line": problem.line, "column": problem.column}
        if problem.suggestion:
            meant = call.text(_("Use {suggestion}"), suggestion=problem.suggestion)
            told |= {"suggestion": problem.suggestion, "use": meant}
    return told


def _misfit(call: PageCall, misfit: Misfit) -> dict[str, Any]:
    problem = misfit.problem
    # In a row there is no column to name.
    said = Problem.render(problem, call.language) if problem is not None else call.text(misfit.message, **misfit.values)
    return {"message": said, "path": list(misfit.path)}


ROUTES = [vocabulary, values, conditions]
