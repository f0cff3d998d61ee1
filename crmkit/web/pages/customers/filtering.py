"""The panels of the list where filters are built and columns are chosen. A filter is edited as rows and as text, which
are the same tree: whichever was touched last is what counts.

Must not know what the list shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from starlette.responses import Response

from crmkit.configuration.views import kept_columns
from crmkit.core.access.models import Team, User
from crmkit.core.store.session import CrmSession
from crmkit.engines.expressions.mistakes import Mistake
from crmkit.engines.expressions.symbols import FactRef
from crmkit.errors import InvalidInput, Problem
from crmkit.i18n import texts
from crmkit.resources import shape_of
from crmkit.resources.filters import understood
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.customers.conditions import PART, SIGNS, Join, Row, Rows, rows_of, text_of
from crmkit.web.pages.customers.listing import fragment, state_of, words_of
from crmkit.web.pages.customers.vocabulary import CUSTOMER, Term, Vocabulary, vocabulary_of
from crmkit.web.pages.routing import get, post

_ = texts("crmkit")

MOST = 30
"""Most rows of a filter."""
_USERS = frozenset(("owner_id", "customer.owner"))
_TEAMS = frozenset(("team_id", "customer.team"))


@post("/customers/filter", right="customer.read")
def build(call: PageCall) -> Response:
    """Show the filter as it is after what was changed in it, and whether it is understood."""
    with call.session() as session:
        vocabulary = vocabulary_of(session)
        by_rows = call.value("source") in ("rows", "add", "remove")
        text = text_of(_rows(call), vocabulary.family) if by_rows else call.value("filter")
        problems = check(session, text)
        rows: Rows | None = None
        if by_rows:
            rows = _rows(call)
        elif not problems:
            rows = rows_of(text, vocabulary.family) if text.strip() else Rows(rows=(Row(name=""),))
        if call.value("source") == "add" and rows is not None:
            rows = Rows(join=rows.join, rows=(*rows.rows, Row(name="")))
        return fragment(
            call,
            "customers/_filter.html",
            status=422 if problems else 200,
            rows=rows,
            text=text,
            problems=problems,
            pointer=pointer(text, problems),
            words=words_of(session, text, call.language),
            vocabulary=vocabulary,
            groups=vocabulary.groups(filterable=True),
            options_of=_options(session),
            key_of=lambda name: name.partition('["')[2].removesuffix('"]'),
            fresh=not problems and call.value("source") != "" and call.value("source") != "add",
            PART=PART,
            SIGNS=SIGNS,
        )


def _rows(call: PageCall) -> Rows:
    """Return the rows that a form has; the fields of each stand one after the other."""
    form = call.form
    if form is None:
        return Rows()
    columns = [[str(item) for item in form.getlist(name)][:MOST] for name in ("fact", "key", "sign", "operand")]
    rows: list[Row] = []
    for name, key, sign, value in zip(*columns, strict=False):
        rows.append(Row(name=str(FactRef(name, key)) if key and name != PART else name, sign=sign, value=value[:2000]))
    join: Join = "or" if call.value("join") == "or" else "and"
    return Rows(join=join, rows=rows)


def check(session: CrmSession, text: str) -> Sequence[Problem]:
    """Return what is wrong with a condition; nothing for none."""
    if not text.strip():
        return ()
    try:
        understood(session, shape_of(session, CUSTOMER), text)
    except InvalidInput as error:
        return error.problems
    return ()


def pointer(text: str, problems: Sequence[Problem]) -> str:
    """Return the line of a condition where its first mistake is, with a mark below the place."""
    first = next((problem for problem in problems if isinstance(problem, Mistake)), None)
    if first is None:
        return ""
    lines = text.split("\n")
    line = lines[first.line - 1] if first.line <= len(lines) else ""
    # A wide character takes the place of two.
    width = sum(2 if ord(char) > 0x2E7F else 1 for char in line[: first.column - 1])
    return f"{line}\n{' ' * width}^"


def _options(session: CrmSession) -> Any:
    """Return a function that gives the possible values of a term with their titles: of owners and teams their names."""

    def options(term: Term) -> Sequence[tuple[object, str]]:
        if term.name in _USERS:
            return people(session)
        if term.name in _TEAMS:
            return teams(session)
        return term.options

    return options


def people(session: CrmSession) -> list[tuple[UUID, str]]:
    """Return the users who are active, by name."""
    query = select(User.id, User.name).where(User.active.is_(True)).order_by(User.name).limit(500)
    return [(identity, str(name)) for identity, name in session.execute(query)]


def teams(session: CrmSession) -> list[tuple[UUID, str]]:
    """Return the teams, by name."""
    query = select(Team.id, Team.name).order_by(Team.name).limit(500)
    return [(identity, str(name)) for identity, name in session.execute(query)]


@get("/customers/people", right="customer.read")
def choose_people(call: PageCall) -> Response:
    """Show the fields by which an owner and a team are chosen."""
    with call.session() as session:
        return fragment(call, "customers/_people.html", people=people(session), teams=teams(session))


@post("/customers/columns/choose", right="customer.read")
def choose_columns(call: PageCall) -> Response:
    """Show which columns there are, the chosen ones first."""
    with call.session() as session:
        vocabulary = vocabulary_of(session)
        state = state_of(call, session, vocabulary)
        chosen = [term for name in state.columns if (term := _named(vocabulary, name)) is not None]
        return fragment(call, "customers/_columns.html", chosen=chosen, groups=vocabulary.groups(), state=state)


def _named(vocabulary: Vocabulary, name: str) -> tuple[str, Term] | None:
    term = vocabulary.find(name)
    return None if term is None or name == "name" else (name, term)


@post("/customers/columns", right="customer.read")
def keep_columns(call: PageCall) -> Response:
    """Keep the chosen columns for the plain list, or go back to the usual ones."""
    columns = () if call.value("usual") else tuple(call.values("column"))
    call.run("view.keep_columns", {"resource": CUSTOMER, "columns": columns})
    said = _("The usual columns are back.") if not columns else _("The columns are kept.")
    return call.redirect("/customers", said=said)


def has_kept_columns(session: CrmSession) -> bool:
    """Say whether the session's actor keeps columns of his own."""
    return bool(kept_columns(session, CUSTOMER))


ROUTES = [build, choose_people, choose_columns, keep_columns]
