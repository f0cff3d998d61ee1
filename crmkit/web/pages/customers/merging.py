"""Merging a customer with another one, the merges that it has been through, and undoing one.

What becomes of fields and rows is shown before anything is done. Must not know how a merge is carried out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from starlette.responses import Response

from crmkit.core.customers.models import Customer
from crmkit.core.store.ids import parse_id
from crmkit.errors import CrmkitError, InvalidInput, NotFound, Problem, StepUpNeeded
from crmkit.i18n import Text, texts
from crmkit.identity.plans import plan_merge, plan_unmerge
from crmkit.identity.records import merges_of
from crmkit.identity.values import FieldChoice, MergePlan
from crmkit.web.http.problems import status_of
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.customers.permits import Permits
from crmkit.web.pages.naming import names_of_actors
from crmkit.web.pages.routing import get, post

_ = texts("crmkit")

TAKE = "take."
"""What the names of a form's choices begin with, before the field's."""
_SINCE: Mapping[str, Text] = {
    "changed": _("changed"),
    "gone": _("removed"),
    "taken": _("belongs to somebody else"),
}


def _customer(session: Any, id: UUID) -> Customer:
    found: Customer | None = session.get(Customer, id)
    if found is None:
        raise NotFound(_("There is no customer {id}."), id=id)
    return found


# --- merging ---------------------------------------------------------------------------------------------------------


@get("/customers/{id}/merge", right="customer.merge")
def choose(call: PageCall, id: UUID) -> Response:
    """Show whom a customer could absorb, or, once ``other`` is chosen, what would become of the two."""
    other = parse_id(call.query.get("other", ""))
    return _shown(call, id, other)


@post("/customers/{id}/merge", right="customer.merge")
def merge(call: PageCall, id: UUID) -> Response:
    """Merge, with the choices of the form; what has changed since it was shown is shown anew."""
    with call.session() as session:
        _customer(session, id)
    other = parse_id(call.value("other"))
    if other is None:
        return _shown(call, id, None, problems=[Problem("CK500", _("Choose somebody first."), field="other")])
    if call.value("merge") != "true":
        return call.redirect(f"/customers/{id}/merge?other={other}")
    values = {
        "absorb": other,
        "choices": _choices(call),
        "reason": call.value("reason"),
        "absorbed_version": _number(call.value("absorbed_version")),
    }
    try:
        call.run("customer.merge", values, target=id, version=_number(call.value("version")), key=_key(call))
    except (StepUpNeeded, NotFound):
        raise
    except CrmkitError as error:
        if status_of(error) >= 500:
            raise
        return _shown(call, id, other, problems=error.problems, status=status_of(error))
    return call.redirect(f"/customers/{id}", said=_("Merged. It can be undone under Merges."))


def _shown(
    call: PageCall, id: UUID, other: UUID | None, *, problems: Sequence[Problem] = (), status: int = 200
) -> Response:
    with call.session() as session:
        customer = _customer(session, id)
        plan: MergePlan | None = None
        if other is not None:
            try:
                plan = plan_merge(session, id, other, _choices(call) if call.value("merge") == "true" else ())
            except InvalidInput as error:
                plan, problems = plan_merge(session, id, other), [*problems, *error.problems]
                status = max(status, 422)
            except CrmkitError as error:
                if isinstance(error, NotFound):
                    raise
                problems, status = [*problems, *error.problems], max(status, status_of(error))
        if problems and status == 200:
            status = 422
        return call.page(
            "customers/merge.html",
            status=status,
            customer=customer,
            customer_id=id,
            plan=plan,
            fields=[] if plan is None else [item for item in plan.fields if item.differs or item.taken != "survivor"],
            problems=problems,
            why_not=Permits(call=call, session=session, record=customer).why_not,
            key=str(uuid4()),
            take=TAKE,
        )


def _choices(call: PageCall) -> tuple[FieldChoice, ...]:
    """Return the choices of a form: a field's name behind `TAKE`, and whose value it has."""
    found: list[FieldChoice] = []
    for name in call.form or ():
        side = call.value(name)
        if name.startswith(TAKE) and side in ("survivor", "absorbed"):
            found.append(
                FieldChoice(field=name.removeprefix(TAKE), take="absorbed" if side == "absorbed" else "survivor")
            )
    return tuple(found)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _key(call: PageCall) -> str | None:
    key = call.value("key")[:100]
    return f"page:{key}" if key else None


# --- merges ----------------------------------------------------------------------------------------------------------


@get("/customers/{id}/merges", right="customer.read")
def merges(call: PageCall, id: UUID) -> Response:
    """Show the merges that a customer has been through."""
    with call.session() as session:
        customer = _customer(session, id)
        found = merges_of(session, id)
        return call.page(
            "customers/merges.html",
            customer=customer,
            customer_id=id,
            merges=found,
            names=names_of_actors(session, [each.actor_id for each in found]),
            why_not=Permits(call=call, session=session, record=customer).why_not,
        )


@get("/customers/{id}/merges/{merge}", right="customer.unmerge")
def undoing(call: PageCall, id: UUID, merge: UUID) -> Response:
    """Show what undoing a merge would do."""
    return _undoing(call, id, merge)


@post("/customers/{id}/merges/{merge}", right="customer.unmerge")
def undo(call: PageCall, id: UUID, merge: UUID) -> Response:
    """Undo a merge."""
    on_conflict = call.value("on_conflict")
    values = {
        "merge": merge,
        "on_conflict": on_conflict if on_conflict in ("keep", "restore") else "refuse",
        "reason": call.value("reason"),
    }
    try:
        done = call.run("customer.unmerge", values, target=id, key=_key(call))
    except (StepUpNeeded, NotFound):
        raise
    except CrmkitError as error:
        if status_of(error) >= 500:
            raise
        return _undoing(call, id, merge, problems=error.problems, status=status_of(error))
    restored = done["restored_id"] if isinstance(done, Mapping) else done.restored_id
    return call.redirect(f"/customers/{restored}", said=_("Undone. Here is the customer again."))


def _undoing(call: PageCall, id: UUID, merge: UUID, *, problems: Sequence[Problem] = (), status: int = 200) -> Response:
    with call.session() as session:
        customer = _customer(session, id)
        found = {each.id: each for each in merges_of(session, id)}
        if merge not in found:
            raise NotFound(_("There is no such page."))
        return call.page(
            "customers/unmerge.html",
            status=status,
            customer=customer,
            customer_id=id,
            merge=found[merge],
            plan=plan_unmerge(session, merge),
            since=_SINCE,
            problems=problems,
            key=str(uuid4()),
        )


ROUTES = [choose, merge, merges, undoing, undo]
