"""Saving and removing views of the list of customers. Must not know how the list is read."""

from __future__ import annotations

from starlette.responses import Response

from crmkit.core.store.ids import parse_id
from crmkit.errors import InvalidInput, NotFound, Problem
from crmkit.i18n import texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.customers.listing import names_somebody, state_of
from crmkit.web.pages.customers.vocabulary import CUSTOMER, vocabulary_of
from crmkit.web.pages.routing import post

_ = texts("crmkit")


@post("/customers/views", right="customer.read")
def save(call: PageCall) -> Response:
    """Keep the list as it is under a title. Raises InvalidInput for a filter that names somebody."""
    with call.session() as session:
        state = state_of(call, session, vocabulary_of(session))
        if state.filter and names_somebody(session, state.filter):
            message = _("A view keeps no addresses and no numbers of persons.")
            hint = _("Take that condition away, or look for the customer by the search.")
            raise InvalidInput([Problem("CK500", message, field="filter", hint=hint)])
    values = {
        "resource": CUSTOMER,
        "title": call.value("title"),
        "filter": state.filter,
        "sort": state.sort,
        "columns": state.columns,
        "shared": call.value("shared") == "true",
    }
    view = call.run("view.save", values)
    return call.redirect(f"/customers?view={view.id}", said=_("The view is saved."))


@post("/customers/views/remove", right="customer.read")
def remove(call: PageCall) -> Response:
    """Remove a view."""
    view = parse_id(call.value("remove"))
    if view is None:
        raise NotFound(_("There is no such view."))
    call.run("view.remove", {"view_id": view})
    return call.redirect("/customers", said=_("The view is removed."))


ROUTES = [save, remove]
