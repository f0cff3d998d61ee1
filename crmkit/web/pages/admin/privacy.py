"""Rights of persons: what is kept about somebody, handing it out, erasing, holds, and how long things are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from starlette.responses import Response

from crmkit.core.customers.models import Customer
from crmkit.core.store.actor import Actor
from crmkit.errors import CrmkitError, NotFound, Problem
from crmkit.i18n import texts
from crmkit.security.privacy.erasing import certificate_of
from crmkit.security.privacy.retention import periods
from crmkit.security.privacy.tables import Erasure
from crmkit.web.pages.admin.common import guard, step_up
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.naming import names_of_actors
from crmkit.web.pages.routing import get, post, problems_by_field

if TYPE_CHECKING:
    from crmkit.security.privacy.erasing import Certificate, ErasurePlan

_ = texts("crmkit")

RIGHT = "privacy.admin"
MOST = 20
ACTIONS = {
    "delete": _("is deleted"),
    "anonymise": _("is made anonymous"),
    "retain": _("is kept by law"),
    "erase": _("the person is erased"),
}


@get("/admin/privacy", right=RIGHT)
def privacy(call: PageCall) -> Response:
    """List legal holds, the retention schedule and who was erased lately."""
    return _overview(call, "")


@post("/admin/privacy", right=RIGHT)
def find(call: PageCall) -> Response:
    """Find a person: by a form, as what is typed is often an e-mail address or a phone number and belongs in no
    address of a page."""
    return _overview(call, call.value("q"))


def _overview(call: PageCall, wanted: str) -> Response:
    from crmkit.engines.search.searching import search

    step_up(call)
    people: list[Customer] = []
    with call.session() as session:
        if wanted:
            ids = [hit.customer_id for hit in search(session, wanted, within=["customer"], limit=MOST).hits]
            found = session.scalars(select(Customer).where(Customer.id.in_([each for each in ids if each is not None])))
            by_id = {customer.id: customer for customer in found}
            people = [by_id[each] for each in dict.fromkeys(ids) if each in by_id]
        schedule = periods(session)
        holds = call.run("privacy.holds")
        names = {
            customer.id: customer.name
            for customer in session.scalars(
                select(Customer).where(Customer.id.in_([hold.customer_id for hold in holds]))
            )
        }
        placed = names_of_actors(session, {hold.placed_by for hold in holds})
        rows = [(person.id, person.name, person.city) for person in people]
    with call.crm.session(Actor.system("showing erasures to who administers privacy")) as session:
        erased = list(session.scalars(select(Erasure).order_by(Erasure.recorded_at.desc()).limit(MOST)))
    return call.page(
        "admin/privacy.html",
        q=wanted,
        people=rows,
        holds=holds,
        names=names,
        placed=placed,
        schedule=schedule,
        actions=ACTIONS,
        erased=erased,
    )


@get("/admin/privacy/{id}", right=RIGHT)
def person(call: PageCall, id: UUID) -> Response:
    """Show what erasing somebody would do, and what else can be done for the person."""
    step_up(call)
    return _person(call, id)


@post("/admin/privacy/{id}/export", right=RIGHT, budget="export")
def export(call: PageCall, id: UUID) -> Response:
    """Hand out everything that is kept about a person, as a page to read or as JSON."""
    found = call.run("privacy.export", target=id)
    if call.value("form") == "json":
        return _file(found.as_json(), "application/json", f"person-{id}.json")
    return _file(found.as_html(call.language), "text/html", f"person-{id}.html")


def _file(text: str, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=f"{kind}; charset=utf-8", headers=headers)


@post("/admin/privacy/{id}/erase", right=RIGHT)
def erase(call: PageCall, id: UUID) -> Response:
    """Erase a person, once the number of rows was typed, and show the certificate."""
    guard(call, "privacy.erase")
    plan: ErasurePlan = call.run("privacy.plan_erasure", target=id)
    rows = sum(item.rows for item in plan.items)
    wrong: dict[str, list[Problem]] = {}
    if call.value("typed") != str(rows):
        text = _("Type {rows}, the number of rows, to confirm.")
        wrong["typed"] = [Problem("CK400", text, field="typed", rows=rows)]
    if not call.value("reason"):
        wrong["reason"] = [Problem("CK400", _("A reason is required."), field="reason")]
    if wrong:
        return _person(call, id, plan, problems=wrong, status=422)
    try:
        made: Certificate = call.run("privacy.erase", {"reason": call.value("reason")}, target=id)
    except CrmkitError as error:
        return _person(call, id, plan, problems=problems_by_field(error), status=422)
    return call.redirect(f"/admin/privacy/certificates/{made.erasure_id}", said=_("The person is erased."))


@post("/admin/privacy/{id}/hold", right=RIGHT)
def hold(call: PageCall, id: UUID) -> Response:
    """Place a legal hold, or release those there are."""
    release = call.value("release") == "true"
    values = {"reason": call.value("reason")}
    try:
        call.run("privacy.release" if release else "privacy.hold", values, target=id)
    except NotFound:
        raise
    except CrmkitError as error:
        from crmkit.errors import StepUpNeeded

        if isinstance(error, StepUpNeeded):
            raise
        return _person(call, id, hold_problems=problems_by_field(error), status=422)
    said = _("The hold is released.") if release else _("The hold is placed: nothing of this person can be removed.")
    return call.redirect(f"/admin/privacy/{id}", said=said)


@get("/admin/privacy/certificates/{id}", right=RIGHT)
def certificate(call: PageCall, id: UUID) -> Response:
    """Show the certificate of an erasure, and whether its signature is right."""
    with call.session() as session:
        found, genuine = certificate_of(session, id)
        names = names_of_actors(session, {found.actor_id})
    return call.page(
        "admin/certificate.html",
        certificate=found,
        genuine=genuine,
        actions=ACTIONS,
        by=names.get(found.actor_id, found.actor_id),
    )


@post("/admin/privacy/retention", right=RIGHT)
def run_retention(call: PageCall) -> Response:
    """Show what keeping the schedule would remove now, or remove it."""
    dry = call.value("sure") != "true"
    report = call.run("privacy.run_retention", {"dry_run": dry})
    if not dry:
        removed = sum(item.rows for item in report.removals)
        return call.redirect("/admin/privacy", said=_("{count} rows were removed."), count=removed)
    return call.page(
        "admin/retention.html", report=report, actions=ACTIONS, rows=sum(item.rows for item in report.removals)
    )


def _person(
    call: PageCall,
    id: UUID,
    plan: ErasurePlan | None = None,
    *,
    problems: dict[str, list[Problem]] | None = None,
    hold_problems: dict[str, list[Problem]] | None = None,
    status: int = 200,
) -> Response:
    with call.session() as session:
        customer = session.get(Customer, id)
        if customer is None:
            raise NotFound(_("There is no such customer."))
        name = customer.name
    plan = plan or call.run("privacy.plan_erasure", target=id)
    return call.page(
        "admin/person.html",
        status=status,
        id=id,
        name=name,
        plan=plan,
        rows=sum(item.rows for item in plan.items),
        actions=ACTIONS,
        problems=problems or {},
        hold_problems=hold_problems or {},
    )


ROUTES = [privacy, find, run_retention, certificate, person, export, erase, hold]
