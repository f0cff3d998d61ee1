"""What is chosen for the list of customers: its columns, and who looks after somebody.

Must not know what the list shows.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from starlette.responses import Response

from crmkit.core.access.models import Team, User
from crmkit.core.store.session import CrmSession
from crmkit.i18n import texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.customers.listing import fragment, state_of
from crmkit.web.pages.customers.vocabulary import CUSTOMER, Term, Vocabulary, vocabulary_of
from crmkit.web.pages.routing import get, post

_ = texts("crmkit")


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


ROUTES = [choose_people, choose_columns, keep_columns]
