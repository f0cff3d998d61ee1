"""Changing one plain field of a customer where it stands in the list: somebody else's change meanwhile is shown, and
the person asked which one is to stay.

Must not know the rest of the list.
"""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from crmkit.core.customers.models import Customer
from crmkit.core.store.session import CrmSession
from crmkit.errors import InvalidInput, NotFound, StaleWrite
from crmkit.i18n import texts
from crmkit.resources import get_record
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.customers.cells import EDITABLE, Column, columns_of, money_of, names_of
from crmkit.web.pages.customers.listing import fragment
from crmkit.web.pages.customers.vocabulary import CUSTOMER, vocabulary_of
from crmkit.web.pages.routing import get, post

_ = texts("crmkit")


@get("/customers/{id}/field/{name}", right="customer.update")
def edit(call: PageCall, id: UUID, name: str) -> Response:
    """Show a field of a customer to be changed, or as it is again."""
    with call.session() as session:
        customer, column = _of(session, id, name)
        if call.value("show"):
            return _shown(call, session, customer, column)
        return _form(call, customer, column, value=getattr(customer, name))


@post("/customers/{id}/field/{name}", right="customer.update")
def change(call: PageCall, id: UUID, name: str) -> Response:
    """Change a field. Where somebody else has changed it since it was shown, nothing is written and both are shown."""
    with call.session() as session:
        customer, column = _of(session, id, name)
        now, version = getattr(customer, name), customer.version
    value = call.value("value")
    known = call.value("version")
    # Another field that somebody changed meanwhile is no reason to ask.
    same = (now or "") == call.value("before")
    try:
        if not same and known != str(version):
            raise StaleWrite()
        call.run("customer.update", {name: value or None}, target=id, version=version)
    except StaleWrite:
        with call.session() as session:
            customer, column = _of(session, id, name)
            return _form(call, customer, column, value=value, status=409)
    except InvalidInput as error:
        with call.session() as session:
            customer, column = _of(session, id, name)
            return _form(call, customer, column, value=value, status=422, problems=error.problems)
    with call.session() as session:
        customer, column = _of(session, id, name)
        return _shown(call, session, customer, column)


def _of(session: CrmSession, id: UUID, name: str) -> tuple[Customer, Column]:
    customer = session.get(Customer, id)
    found = columns_of(vocabulary_of(session), [name]) if name in EDITABLE else []
    if customer is None or not found:
        raise NotFound(_("There is no such page."))
    return customer, found[0]


def _form(
    call: PageCall, customer: Customer, column: Column, *, value: str | None, status: int = 200, problems: object = ()
) -> Response:
    return fragment(
        call,
        "customers/_field.html",
        status=status,
        customer=customer,
        column=column,
        value=value or "",
        now=getattr(customer, column.name),
        problems=problems,
        stale=status == 409,
    )


def _shown(call: PageCall, session: CrmSession, customer: Customer, column: Column) -> Response:
    row = get_record(session, CUSTOMER, customer.id, fields=(column.name,), include_deleted=True)
    raw = row.values.get(column.name)
    value = column.shown(raw, names_of(session, [column], [row]), money_of(session))
    return fragment(call, "customers/_cell.html", id=customer.id, column=column, value=value, raw=raw)


ROUTES = [edit, change]
