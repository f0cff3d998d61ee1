"""What is done with one customer from its page: recording what happened, tags, labels, owners, consent, relationships.

What is refused shows the page again with what is wrong. Must not know how the page looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from starlette.responses import Response

from crmkit.core.business.money import Money
from crmkit.core.customers.models import ContactPoint, Customer, Relationship
from crmkit.core.interactions.attachments import Upload, open_attachment
from crmkit.core.interactions.models import Attachment
from crmkit.core.store.ids import parse_id
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.facts.vocabulary import catalogue_of
from crmkit.engines.search.searching import search
from crmkit.engines.segments.explaining import why
from crmkit.errors import CrmkitError, InvalidInput, NotFound, Problem, StepUpNeeded
from crmkit.i18n import Text, texts
from crmkit.web.http.problems import status_of
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.customers import happened, showing
from crmkit.web.pages.customers.listing import fragment
from crmkit.web.pages.customers.typed import listed
from crmkit.web.pages.customers.vocabulary import CUSTOMER
from crmkit.web.pages.routing import get, post

_ = texts("crmkit")

_SAID: Mapping[str, Text] = {
    "call": _("The call is logged."),
    "visit": _("The visit is logged."),
    "meeting": _("The meeting is logged."),
    "email": _("The mail is logged."),
    "note": _("The note is kept."),
    "sms": _("The message is logged."),
    "chat": _("The chat is logged."),
}
_ANSWERED = {"reached": True, "no_answer": False, "voicemail": False, "busy": False, "wrong_number": True}
_POINTS = ("prefer", "verify", "remove")


def _act(
    call: PageCall,
    id: UUID,
    operation: str,
    values: Mapping[str, Any] | None = None,
    *,
    target: Any = None,
    key: str | None = None,
    said: Text,
    anchor: str = "",
    dialog: str = "",
) -> Response:
    """Run an operation on a customer and go back to its page; what is refused is told there."""
    version = call.value("version")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None
    try:
        call.run(operation, values, target=target or id, version=number, key=key)
    except StepUpNeeded:
        raise
    except NotFound:
        raise
    except CrmkitError as error:
        status = status_of(error)
        if status >= 500:
            raise
        problems = error.problems or [_whole(error)]
        return showing.page(call, id, status=status, problems=problems, typed=_typed(call, dialog))
    return call.redirect(f"/customers/{id}{anchor}", said=said)


def _typed(call: PageCall, dialog: str) -> dict[str, str]:
    """Return what a form held, for its dialog to open with it again."""
    held = {name: call.value(name) for name in ("body", "subject", "value", "evidence", "reason")}
    return {**held, "dialog": dialog}


def _whole(error: CrmkitError) -> Problem:
    values: Any = error.values
    return Problem(error.code, error.message, hint=error.fix, **values)


def _seen(call: PageCall, id: UUID) -> None:
    """Raise NotFound for a customer whom the caller may not see: whatever else is wrong with a form is told after."""
    with call.session() as session:
        if session.get(Customer, id) is None:
            raise NotFound(_("There is no customer {id}."), id=id)


# --- what happened ---------------------------------------------------------------------------------------------------


@post("/customers/{id}/record", right="interaction.create")
def record(call: PageCall, id: UUID) -> Response:
    """Record a call, a visit, a mail or a note. A form that is sent twice is recorded once."""
    _seen(call, id)
    kind = happened.checked_kind(call, call.value("kind"))
    values: dict[str, Any] = {"kind": kind, "customer_id": id}
    for name in ("body", "subject"):
        if call.value(name):
            values[name] = call.value(name)
    if call.value("direction") in ("in", "out"):
        values["direction"] = call.value("direction")
    outcome = call.value("outcome")
    if kind == "call" and outcome in happened.OUTCOMES:
        values["outcome"] = outcome
        values["payload"] = {
            **({"answered": _ANSWERED[outcome]} if outcome in _ANSWERED else {}),
            **({"voicemail": True} if outcome == "voicemail" else {}),
        }
    if kind == "note" and "body" not in values:
        problem = Problem("CK500", _("This cannot be empty."), field="body")
        return showing.page(call, id, status=422, problems=[problem], typed=_typed(call, "log-note"))
    key = call.value("key")[:100] or None
    try:
        call.run("interaction.record", values, key=None if key is None else f"page:{key}")
    except StepUpNeeded:
        raise
    except InvalidInput as error:
        return showing.page(call, id, status=422, problems=error.problems, typed=_typed(call, f"log-{kind}"))
    return call.redirect(f"/customers/{id}", said=_SAID[kind])


# --- tags and labels -------------------------------------------------------------------------------------------------


def _names(call: PageCall) -> dict[str, Any]:
    return {
        "names": tuple(listed(call.value("name"))),
        "kind": "interest" if call.value("kind") == "interest" else "tag",
    }


@post("/customers/{id}/tag", right="customer.update")
def tag(call: PageCall, id: UUID) -> Response:
    """Add tags or interests."""
    return _act(call, id, "customer.tag", _names(call), said=_("Added."), anchor="#tags")


@post("/customers/{id}/untag", right="customer.update")
def untag(call: PageCall, id: UUID) -> Response:
    """Take a tag or an interest away."""
    values = {**_names(call), "names": (call.value("name"),)}
    return _act(call, id, "customer.untag", values, said=_("Taken away."), anchor="#tags")


@post("/customers/{id}/pin", right="customer.update")
def pin(call: PageCall, id: UUID) -> Response:
    """Decide a label oneself."""
    dimension, _colon, label = call.value("choice").partition(":")
    values: dict[str, Any] = {"dimension": dimension, "label": label, "reason": call.value("reason") or None}
    until = call.value("expires")
    if until:
        try:
            day = date.fromisoformat(until)
        except ValueError:
            raise InvalidInput([Problem("CK500", _("This is no day."), field="expires")]) from None
        values["expires_at"] = happened.start_of(day + timedelta(days=1), call.business.zone)
    return _act(call, id, "customer.pin_label", values, said=_("The label is pinned."), anchor="#labels")


@post("/customers/{id}/unpin", right="customer.update")
def unpin(call: PageCall, id: UUID) -> Response:
    """Let a dimension decide again."""
    values = {"dimension": call.value("dimension")}
    return _act(call, id, "customer.unpin_label", values, said=_("The pin is taken back."), anchor="#labels")


# --- who it belongs to, and what it is -------------------------------------------------------------------------------


@post("/customers/{id}/assign", right="customer.assign")
def assign(call: PageCall, id: UUID) -> Response:
    """Give a customer to an owner or a team."""
    values = {name: call.value(name) for name in ("owner_id", "team_id") if call.value(name)}
    return _act(call, id, "customer.assign", values, said=_("Assigned."))


@post("/customers/{id}/convert", right="customer.update")
def convert(call: PageCall, id: UUID) -> Response:
    """Make a potential customer a customer."""
    return _act(call, id, "customer.convert", said=_("It is a customer now."))


@post("/customers/{id}/delete", right="customer.delete")
def delete(call: PageCall, id: UUID) -> Response:
    """Put a customer away."""
    return _act(call, id, "customer.delete", said=_("Deleted. It can be restored here."))


@post("/customers/{id}/restore", right="customer.delete")
def restore(call: PageCall, id: UUID) -> Response:
    """Bring a deleted customer back."""
    return _act(call, id, "customer.restore", said=_("Restored."))


@post("/customers/{id}/reveal", right="customer.reveal")
def reveal(call: PageCall, id: UUID) -> Response:
    """Show what is masked, once, for a reason that is audited."""
    _seen(call, id)
    try:
        revealed = call.run("customer.reveal", {"reason": call.value("reason")}, target=id)
    except InvalidInput as error:
        return showing.page(call, id, status=422, problems=error.problems, typed=_typed(call, "reveal"))
    return showing.page(call, id, revealed=revealed)


# --- ways to reach, consent, relationships ---------------------------------------------------------------------------


@post("/customers/{id}/points", right="customer.update")
def points(call: PageCall, id: UUID) -> Response:
    """Add a way to reach a customer, or prefer, verify or remove one."""
    what = call.value("what")
    if what == "add":
        values = {
            "kind": call.value("kind"),
            "value": call.value("value"),
            "label": call.value("label") or None,
            "preferred": call.value("preferred") == "true",
        }
        return _act(call, id, "contact_point.add", values, said=_("Added."), dialog="add-point")
    point = parse_id(call.value("point"))
    if what not in _POINTS or point is None:
        raise NotFound(_("There is no such contact point."))
    with call.session() as session:
        found = session.get(ContactPoint, point)
        if found is None or found.customer_id != id:
            raise NotFound(_("There is no such contact point."))
    said = {"prefer": _("It is preferred now."), "verify": _("It is verified."), "remove": _("Removed.")}[what]
    return _act(call, id, f"contact_point.{what}", target=point, said=said)


@post("/customers/{id}/consent", right="customer.update")
def consent(call: PageCall, id: UUID) -> Response:
    """Record what a customer allowed or withdrew."""
    values = {
        "purpose": call.value("purpose"),
        "channel": call.value("channel") or "*",
        "granted": call.value("granted") == "true",
        "evidence": call.value("evidence") or None,
        "source": "staff",
    }
    return _act(
        call, id, "consent.record", values, said=_("The consent is recorded."), anchor="#consents", dialog="consent"
    )


@post("/customers/{id}/relationships", right="customer.update")
def relate(call: PageCall, id: UUID) -> Response:
    """Say what a customer is to another one."""
    other = parse_id(call.value("other"))
    if other is None:
        problem = Problem("CK500", _("Choose somebody first."), field="other")
        return showing.page(call, id, status=422, problems=[problem])
    values = {"other_id": other, "kind": call.value("kind")}
    return _act(call, id, "relationship.add", values, said=_("Noted."), anchor="#relationships")


@post("/customers/{id}/relationships/end", right="customer.update")
def end_relationship(call: PageCall, id: UUID) -> Response:
    """Say that a relationship is over."""
    identity = parse_id(call.value("relationship"))
    with call.session() as session:
        found = session.get(Relationship, identity) if identity is not None else None
        if found is None or id not in (found.customer_id, found.other_id):
            raise NotFound(_("There is no such page."))
    return _act(call, id, "relationship.end", target=identity, said=_("Noted."), anchor="#relationships")


@post("/customers/find", right="customer.read")
def find_others(call: PageCall) -> Response:
    """Show customers whom a search finds, to choose one."""
    with call.session() as session:
        hits = search(session, call.value("search")[:200], within=(CUSTOMER,), limit=6).hits
        ids = [hit.customer_id for hit in hits if hit.customer_id is not None]
        # Whole records: their columns alone are refused to who sees them masked.
        rows = session.scalars(select(Customer).where(Customer.id.in_(ids)))
        known = {each.id: (each.id, str(each.name), str(each.city or "")) for each in rows}
        return fragment(call, "customers/_others.html", people=[known[each] for each in ids if each in known])


# --- segments and files ----------------------------------------------------------------------------------------------


@get("/customers/{id}/segments/{name}", right="customer.read")
def segment(call: PageCall, id: UUID, name: str) -> Response:
    """Show why a customer is in a segment."""
    with call.session() as session:
        moment = moment_of(session)
        found = why(session, name, id, moment, language=call.language)
        catalogue = catalogue_of(session)

        def title_of(ref: Any) -> str:
            known = catalogue.facts.get(ref.name)
            return known.symbol.title if known is not None else str(ref)

        def shown_of(ref: Any, value: Any) -> Any:
            known = catalogue.facts.get(ref.name)
            money = known is not None and known.symbol.type.kind == "money" and moment.base_currency is not None
            return Money(value, moment.base_currency or "") if money else value

        return fragment(call, "customers/_why.html", why=found, title_of=title_of, shown_of=shown_of)


@post("/customers/{id}/files", right="attachment.create", upload=True)
def attach(call: PageCall, id: UUID) -> Response:
    """Attach a file."""
    _seen(call, id)
    given: Any = call.form.get("file") if call.form is not None else None
    if given is None or isinstance(given, str) or not given.filename:
        problem = Problem("CK500", _("Choose a file first."), field="file")
        return showing.page(call, id, status=422, problems=[problem])
    upload = Upload(filename=given.filename, content=given.file.read())
    try:
        call.run("attachment.add", {"upload": upload, "customer_id": id})
    except StepUpNeeded:
        raise
    except CrmkitError as error:
        status = status_of(error)
        if status >= 500 and not error.fix:
            raise
        return showing.page(call, id, status=min(status, 422), problems=error.problems or [_whole(error)])
    return call.redirect(f"/customers/{id}#files", said=_("The file is attached."))


@get("/customers/{id}/files/{file}", right="attachment.read")
def download(call: PageCall, id: UUID, file: UUID) -> Response:
    """Return a file, to be saved and never shown as a page."""
    with call.session() as session:
        found = session.get(Attachment, file)
        if found is None or found.customer_id != id:
            raise NotFound(_("There is no such file."))
        content = open_attachment(session, file)
    return Response(content.content, headers=dict(content.headers))


ROUTES = [
    record,
    tag,
    untag,
    pin,
    unpin,
    assign,
    convert,
    delete,
    restore,
    reveal,
    points,
    consent,
    relate,
    end_relationship,
    segment,
    attach,
    download,
]
FIRST = [find_others]
"""Routes whose paths others would take for a customer's."""
