"""The list of customers: what is asked of it, the page, and its rows alone.

What somebody looks for is sent in the body of a request and never in an address: it may be a telephone number. Must not
know how a filter is built.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import evolve, frozen
from starlette.responses import HTMLResponse, Response

from crmkit.configuration.views import View, kept_columns, may_share, views_of
from crmkit.core.store.ids import parse_id
from crmkit.core.store.session import CrmSession
from crmkit.engines.search.searching import search
from crmkit.errors import CrmkitError, InvalidInput, Problem
from crmkit.i18n import texts
from crmkit.resources import ResourceQuery, Row, count_records, list_records, shape_of
from crmkit.resources.filters import understood
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.conditions.languages import language_of
from crmkit.web.pages.conditions.wording import in_titles
from crmkit.web.pages.customers.cells import EDITABLE, Column, columns_of, money_of, names_of
from crmkit.web.pages.customers.vocabulary import CUSTOMER, Vocabulary, usual_columns, vocabulary_of
from crmkit.web.pages.routing import get, post

_ = texts("crmkit")

SIZE = 50
"""Rows of a page."""
FOUND = 60
"""Most customers that a search shows, the best first."""
MOST_COLUMNS = 14
_LONGEST = 1500
"""Characters of a condition that still has room for the customers that a search found beside it."""
_NAME = re.compile(r"-?[\w.]+(\[\"[^\"\]]*\"\])?")


@frozen(kw_only=True)
class ListState:
    """What somebody asks of the list. ``after`` is where the next part begins, ``view`` the saved view that it comes
    from, ``deleted`` that the deleted ones are meant."""

    search: str = ""
    filter: str = ""
    sort: str = ""
    columns: tuple[str, ...] = ()
    after: str | None = None
    view: UUID | None = None
    deleted: bool = False

    @property
    def condition(self) -> str:
        """Return the whole condition."""
        if not self.deleted:
            return self.filter
        return f"({self.filter}) and deleted_at != null" if self.filter else "deleted_at != null"

    def query(self, columns: Sequence[Column], *, limit: int = SIZE) -> ResourceQuery:
        """Return what is asked of the customers. Owners and organisations come along as names."""
        fields = tuple(column.name for column in columns)
        return ResourceQuery(
            resource=CUSTOMER,
            filter=self.condition,
            sort=self.sort,
            limit=limit,
            after=self.after,
            fields=("name", "kind", *fields),
            include_deleted=self.deleted,
        )


def state_of(call: PageCall, session: CrmSession, vocabulary: Vocabulary) -> ListState:
    """Return what a request asks of the list; from a saved view where it names one and says nothing else."""
    view = parse_id(call.value("view")) if call.value("view") else None
    chosen = next((item for item in views_of(session, CUSTOMER) if item.id == view), None) if view else None
    state = ListState(
        search=call.value("search")[:200],
        filter=call.value("filter")[:4000],
        sort=call.value("sort") or call.value("sort_now"),
        columns=tuple(dict.fromkeys(call.values("column")))[:MOST_COLUMNS],
        after=call.value("after") or None,
        view=chosen.id if chosen is not None else None,
        deleted=call.value("deleted") == "true",
    )
    if chosen is not None and call.form is None:
        state = evolve(
            state,
            filter=state.filter or chosen.filter,
            sort=state.sort or chosen.sort,
            columns=state.columns or chosen.columns,
        )
    if state.sort and not _NAME.fullmatch(state.sort):
        state = evolve(state, sort="")
    columns = state.columns or kept_columns(session, CUSTOMER)
    known = tuple(name for name in columns if vocabulary.find(name) is not None)
    return evolve(state, columns=known or usual_columns(vocabulary))


@frozen(kw_only=True)
class Found:
    """The rows of a part of the list, what names stand for ids in them, and what is wrong with the condition.
    ``ranked`` says that the best come first, ``more`` that there may be others."""

    rows: Sequence[Row] = ()
    columns: Sequence[Column] = ()
    names: Mapping[UUID, str] = {}
    currency: str | None = None
    next: str | None = None
    ranked: bool = False
    more: bool = False
    problems: tuple[Problem, ...] = ()


def find(session: CrmSession, state: ListState, vocabulary: Vocabulary) -> Found:
    """Return a part of the list. What is wrong with a condition comes back as problems."""
    columns = columns_of(vocabulary, state.columns)
    try:
        found = _find(session, state, columns)
    except InvalidInput as error:
        return Found(columns=columns, problems=error.problems)
    return evolve(
        found,
        columns=columns,
        names=names_of(session, columns, found.rows),
        currency=money_of(session),
    )


def _find(session: CrmSession, state: ListState, columns: Sequence[Column]) -> Found:
    query = state.query(columns)
    if not state.search:
        page = list_records(session, query)
        return Found(rows=page.rows, next=page.next)
    if state.deleted or len(query.filter) > _LONGEST or state.sort:
        page = list_records(session, evolve(query, search=state.search))
        return Found(rows=page.rows, next=page.next)
    if query.filter:
        understood(session, shape_of(session, CUSTOMER), query.filter)
    hits = search(session, state.search, within=(CUSTOMER,), limit=FOUND).hits
    order = {hit.customer_id: place for place, hit in enumerate(hits) if hit.customer_id is not None}
    if not order:
        return Found(ranked=True)
    among = "id in [" + ", ".join(f'"{identity}"' for identity in order) + "]"
    whole = f"({query.filter}) and {among}" if query.filter else among
    rows = list_records(session, evolve(query, filter=whole, limit=FOUND, sort="id")).rows
    return Found(rows=sorted(rows, key=lambda row: order.get(row.id, FOUND)), ranked=True, more=len(hits) >= FOUND)


# --- the pages -------------------------------------------------------------------------------------------------------


@get("/customers", right="customer.read")
def show_list(call: PageCall) -> Response:
    """Show the list."""
    return _page(call)


@post("/customers", right="customer.read")
def show_asked(call: PageCall) -> Response:
    """Show the list as a form asks for it; to htmx its rows alone."""
    if not call.by_htmx:
        return _page(call)
    with call.session() as session:
        vocabulary = vocabulary_of(session)
        state = state_of(call, session, vocabulary)
        found = find(session, state, vocabulary)
        address = address_of(call, session, state)
    template = "customers/_more.html" if state.after is not None and not found.problems else "customers/_rows.html"
    status = 422 if found.problems else 200
    response = fragment(call, template, status=status, state=state, found=found, bulk=bulk_reasons(call))
    if address is not None and state.after is None:
        response.headers["HX-Replace-Url"] = address
    return response


@post("/customers/count", right="customer.read")
def count(call: PageCall) -> Response:
    """Say how many customers there are of what the list asks for."""
    with call.session() as session:
        vocabulary = vocabulary_of(session)
        state = state_of(call, session, vocabulary)
        query = evolve(state.query(()), after=None, search=state.search)
        try:
            total = count_records(session, query)
        except InvalidInput:
            total = None
    return fragment(call, "customers/_count.html", total=total)


def _page(call: PageCall) -> Response:
    with call.session() as session:
        vocabulary = vocabulary_of(session)
        state = state_of(call, session, vocabulary)
        found = find(session, state, vocabulary)
        views: Sequence[View] = views_of(session, CUSTOMER)
        context = {
            "state": state,
            "found": found,
            "views": views,
            "current": next((view for view in views if view.id == state.view), None),
            "may_share": may_share(session),
            "bulk": bulk_reasons(call),
            "words": words_of(session, state.filter, call.language),
            "settable": [
                (name, call.text(vocabulary.terms[name].title)) for name in sorted(EDITABLE) if name in vocabulary.terms
            ],
        }
        return call.page("customers/list.html", status=422 if found.problems else 200, **context)


def words_of(session: CrmSession, text: str, language: str) -> str:
    """Return what a condition says in the words of people, nothing for one that is not understood."""
    if not text.strip():
        return ""
    try:
        return in_titles(session, language_of(session, resource=CUSTOMER).compiled(text), language)
    except CrmkitError:
        return ""


def address_of(call: PageCall, session: CrmSession, state: ListState) -> str | None:
    """Return the address of the list as it is, for the browser's bar; without what names somebody: what was looked for,
    and conditions on whole addresses and numbers."""
    given: dict[str, Any] = {"view": state.view, "sort": state.sort or None}
    if state.filter and not names_somebody(session, state.filter):
        given["filter"] = state.filter
    return call.url("/customers", deleted="true" if state.deleted else None, **given)


def names_somebody(session: CrmSession, text: str) -> bool:
    """Say whether a condition holds a whole address or number of a person, or cannot be understood."""
    shape = shape_of(session, CUSTOMER)
    try:
        found = understood(session, shape, text)
    except CrmkitError:
        return True
    sealed = [exact for exact in found.exact.values() if exact.values and exact.field in shape.by_name]
    return any(shape.by_name[exact.field].exact for exact in sealed)


def bulk_reasons(call: PageCall) -> dict[str, str]:
    """Return why the caller may not change many customers at once, by what is to be done; empty where he may."""
    rights = {
        "segment": ("segment.update",),
        "tag": ("customer.bulk",),
        "set": ("customer.bulk",),
        "assign": ("customer.assign", "customer.bulk"),
        "export": ("export.run",),
    }
    found: dict[str, str] = {}
    for name, needed in rights.items():
        missing = next((right for right in needed if not call.may(right)), None)
        found[name] = call.text(_("Your role does not grant {right}."), right=missing) if missing else ""
    return found


def fragment(call: PageCall, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
    """Return a part of a page that has a template of its own."""
    return HTMLResponse(call.pages.render(call, template, context), status)


ROUTES = [show_list, show_asked, count]
