"""What people said of the columns of files: the mappings that were kept, to be renamed and forgotten."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from crmkit.errors import CrmkitError, NotFound
from crmkit.exchange.background import told_error
from crmkit.exchange.learning import MappingInfo, list_mappings
from crmkit.i18n import texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.imports.wizard import RIGHT
from crmkit.web.pages.imports.wording import field_title, known_rows, titles
from crmkit.web.pages.naming import names_of_actors
from crmkit.web.pages.routing import get, post

_ = texts("crmkit")


@get("/imports/mappings", right=RIGHT)
def mappings(call: PageCall) -> Response:
    """List the mappings that were kept."""
    with call.session() as session:
        found = list_mappings(session)
        people = names_of_actors(session, {one.actor_id for one in found})
    return call.page("imports/mappings.html", mappings=found, people=people, resources=titles(call))


@get("/imports/mappings/{id}", right=RIGHT)
def mapping(call: PageCall, id: UUID) -> Response:
    """Show one mapping."""
    return _page(call, _find(call, id))


@post("/imports/mappings/{id}", right=RIGHT)
def rename(call: PageCall, id: UUID) -> Response:
    """Give a mapping another name."""
    one = _find(call, id)
    try:
        call.crm.run(call.actor, "import.mapping.rename", {"name": call.value("name")}, target=one.id)
    except CrmkitError as error:
        return _page(call, one, wrong=told_error(error, call.language), name=call.value("name"), status=422)
    return call.redirect(f"/imports/mappings/{id}", said=_("Renamed."))


@post("/imports/mappings/{id}/forget", right=RIGHT)
def forget(call: PageCall, id: UUID) -> Response:
    """Forget a mapping."""
    one = _find(call, id)
    call.crm.run(call.actor, "import.mapping.forget", target=one.id)
    return call.redirect("/imports/mappings", said=_('The mapping "{name}" is forgotten.'), name=one.name)


def _find(call: PageCall, id: UUID) -> MappingInfo:
    with call.session() as session:
        found = next((one for one in list_mappings(session) if one.id == id), None)
    if found is None:
        raise NotFound(_("There is no such mapping."))
    return found


def _page(call: PageCall, one: MappingInfo, *, wrong: str = "", name: str | None = None, status: int = 200) -> Response:
    with call.session() as session:
        people = names_of_actors(session, {one.actor_id})
    return call.page(
        "imports/mapping.html",
        status=status,
        mapping=one,
        name=one.name if name is None else name,
        wrong=wrong,
        by=people.get(one.actor_id, one.actor_id),
        resources=titles(call),
        title_of=lambda field: field_title(call, known_rows(call, one.resource), field),
    )


ROUTES = [mappings, mapping, rename, forget]
