"""Adding a customer, with a warning where it is known already, and changing one, with what somebody else has written
meanwhile.

What a form holds follows from what the operations take. Must not know the rest of a customer's page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from attrs import frozen
from sqlalchemy import select
from starlette.responses import Response

from crmkit.core.business.config import Config
from crmkit.core.customers.inputs import NewCustomer
from crmkit.core.customers.matching import find_exact, probes_of
from crmkit.core.customers.models import Customer
from crmkit.core.customers.names import folded
from crmkit.core.operations.inputs import fields_of, structure
from crmkit.core.store.sealed import is_masked
from crmkit.core.store.session import CrmSession
from crmkit.errors import CrmkitError, InvalidInput, NotFound, PossibleDuplicate, Problem, StaleWrite
from crmkit.hooks.contributions import Match
from crmkit.i18n import LANGUAGES, Text, texts
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.customers.listing import fragment
from crmkit.web.pages.customers.permits import Permits
from crmkit.web.pages.customers.typed import listed
from crmkit.web.pages.routing import get, post, problems_by_field

_ = texts("crmkit")

_SECTIONS: Sequence[tuple[Text, tuple[str, ...]]] = (
    (_("Who it is"), ("kind", "name", "family_name", "given_name", "salutation", "job_title", "organization")),
    (_("How to reach"), ("phone", "mobile", "email")),
    (_("Where"), ("street", "district", "city", "province", "postal_code", "country", "time_zone", "language")),
    (
        _("More"),
        ("birth_date", "gender", "occupation", "identity_kind", "identity_number", "industry", "size",
         "registration_number", "website", "source", "standing", "tags", "interests"),
    ),
)  # fmt: skip
_NEW_ONLY = frozenset(
    ("phone", "mobile", "email", "street", "district", "postal_code", "standing", "tags", "interests", "organization")
)
"""What has parts of its own on the page of a customer that is there."""
_TELLING = (
    "kind", "name", "family_name", "given_name", "organization", "phone", "mobile", "email", "street", "district",
    "city", "province", "postal_code", "country", "birth_date", "identity_number", "registration_number", "website",
)  # fmt: skip
"""What it is told by whether somebody is known already."""
_SEALED = frozenset(("birth_date", "identity_number"))
"""What is shown to nobody: an empty field leaves it as it is."""
_LISTS = frozenset(("tags", "interests"))
_CHOICES: Mapping[str, Sequence[tuple[str, str]]] = {
    "kind": (("person", _("Person")), ("organization", _("Organisation"))),
    "standing": (("potential", _("Potential")), ("customer", _("Customer"))),
}
_TYPES = {"birth_date": "date", "email": "email", "phone": "tel", "mobile": "tel", "size": "number"}
CUSTOM = "custom."


@frozen(kw_only=True)
class Entry:
    """A field of the form: ``before`` is the value that it had when it was shown, ``other`` what somebody else has
    written meanwhile."""

    name: str
    title: str
    type: str = "text"
    options: Sequence[tuple[str, str]] | None = None
    required: bool = False
    value: str = ""
    before: str = ""
    help: str = ""
    other: str | None = None


def _titles(shape: type[Any]) -> dict[str, str]:
    return {attribute.name: info.title for attribute, _hint, info in fields_of(shape)}


def _lists(shape: type[Any]) -> dict[str, str]:
    return {attribute.name: info.options for attribute, _hint, info in fields_of(shape) if info.options}


def _sections(
    call: PageCall, config: Config, values: Mapping[str, str], before: Mapping[str, str], *, new: bool
) -> list[tuple[str, list[Entry]]]:
    titles, lists = _titles(NewCustomer), _lists(NewCustomer)
    required = config.required.get("customer", frozenset())
    found: list[tuple[str, list[Entry]]] = []
    for heading, names in _SECTIONS:
        entries: list[Entry] = []
        for name in names:
            if not new and name in _NEW_ONLY:
                continue
            options = _CHOICES.get(name)
            if name in lists:
                options = list(config.options.get(lists[name], {}).items())
            if name == "language":
                options = [(code.replace("_", "-"), title) for code, title in LANGUAGES.items()]
            entries.append(
                Entry(
                    name=name,
                    title=titles.get(name, name),
                    type=_TYPES.get(name, "text"),
                    options=_with_own(_translated(call, options), values.get(name, "")),
                    required=name in required,
                    value=values.get(name, ""),
                    before=before.get(name, ""),
                    help=_HELP.get(name, "") if new or name in _SEALED else "",
                )
            )
        if entries:
            found.append((heading, entries))
    custom = [
        Entry(
            name=f"{CUSTOM}{name}",
            title=info.title or name,
            type={"date": "date", "integer": "number"}.get(info.type, "text"),
            options=_custom_options(call, info, values.get(f"{CUSTOM}{name}", "")),
            required=info.required,
            value=values.get(f"{CUSTOM}{name}", ""),
            before=before.get(f"{CUSTOM}{name}", ""),
        )
        for name, info in config.custom_fields.get("customer", {}).items()
    ]
    return [*found, (_("Custom fields"), custom)] if custom else found


_HELP: Mapping[str, Text] = {
    "name": _("Whole name. Family and given name may be left empty."),
    "organization": _("An organisation that is not known yet is added."),
    "tags": _("Divide several by commas."),
    "interests": _("Divide several by commas."),
    "birth_date": _("Kept encrypted. Empty leaves it as it is."),
    "identity_number": _("Kept encrypted. Empty leaves it as it is."),
}


def _translated(call: PageCall, options: Sequence[tuple[str, str]] | None) -> Sequence[tuple[str, str]] | None:
    return None if options is None else [(key, call.text(title)) for key, title in options]


def _with_own(options: Sequence[tuple[str, str]] | None, value: str) -> Sequence[tuple[str, str]] | None:
    if options is None or not value or value in [key for key, _title in options]:
        return options
    return [*options, (value, value)]


def _custom_options(call: PageCall, info: Any, value: str) -> Sequence[tuple[str, str]] | None:
    if info.type == "boolean":
        return [("true", call.text(_("Yes"))), ("false", call.text(_("No")))]
    if info.type == "choice":
        return _with_own([(item, item) for item in info.options], value)
    return None


def _given(call: PageCall, names: Sequence[str]) -> dict[str, str]:
    return {name: call.value(name) for name in names}


def _names(config: Config, *, new: bool) -> list[str]:
    own = [name for _heading, names in _SECTIONS for name in names if new or name not in _NEW_ONLY]
    return [*own, *(f"{CUSTOM}{name}" for name in config.custom_fields.get("customer", {}))]


def _typed(given: Mapping[str, str], config: Config, *, empty: bool) -> dict[str, Any]:
    """Return the input of an operation; with ``empty`` an empty field takes its value away."""
    found: dict[str, Any] = {}
    custom: dict[str, Any] = {}
    for name, value in given.items():
        if name.startswith(CUSTOM):
            if value or empty:
                custom[name.removeprefix(CUSTOM)] = _custom_value(name.removeprefix(CUSTOM), value, config)
        elif name in _LISTS:
            if value:
                found[name] = tuple(listed(value))
        elif value:
            found[name] = value
        elif empty and name not in _SEALED and name != "kind":
            found[name] = None
    if custom:
        found["custom"] = custom
    return found


def _custom_value(name: str, value: str, config: Config) -> Any:
    info = config.custom_fields.get("customer", {})[name]
    if not value:
        return None
    if info.type == "boolean":
        return value == "true"
    if info.type == "choices":
        return listed(value)
    if info.type == "integer":
        return int(value) if value.lstrip("-").isdigit() else value
    return value


# --- adding ----------------------------------------------------------------------------------------------------------


@get("/customers/new", right="customer.create")
def new(call: PageCall) -> Response:
    """Show the form for a new customer."""
    return _new_form(call, {"kind": "person", "standing": "potential"})


def _new_form(
    call: PageCall,
    values: Mapping[str, str],
    *,
    status: int = 200,
    problems: Mapping[str, Sequence[Problem]] | None = None,
    twins: Sequence[Any] = (),
    final: bool = False,
) -> Response:
    config = call.business
    return call.page(
        "customers/new.html",
        status=status,
        sections=_sections(call, config, values, {}, new=True),
        problems=problems or {},
        twins=twins,
        final=final,
        key=call.value("key")[:100] or str(uuid4()),
    )


@post("/customers/new", right="customer.create")
def create(call: PageCall) -> Response:
    """Add a customer; one that seems to be known already only once that was confirmed."""
    config = call.business
    given = _given(call, _names(config, new=True))
    values = _typed(given, config, empty=False)
    if call.value("anyway") != "true":
        with call.session() as session:
            twins = known_already(session, values)
        if twins:
            return _new_form(call, given, status=409, twins=twins)
    else:
        values["despite_duplicates"] = True
    key = call.value("key")[:100]
    try:
        made = call.run("customer.create", values, key=f"page:{key}" if key else None)
    except InvalidInput as error:
        return _new_form(call, given, status=422, problems=problems_by_field(error))
    except PossibleDuplicate as error:
        reasons = {identity: reason for identity, _score, reason in error.candidates}
        with call.session() as session:
            known = _told(session, reasons)
        return _new_form(call, given, status=409, twins=known, final=error.final)
    except CrmkitError as error:
        if not error.problems or error.code.startswith("CK9"):
            raise
        return _new_form(call, given, status=422, problems=problems_by_field(error))
    return call.redirect(f"/customers/{made.id}", said=_("The customer is added."))


@post("/customers/new/twins", right="customer.create")
def twins(call: PageCall) -> Response:
    """Show customers who have an address, a number or a name of the one that is being added."""
    config = call.business
    values = _typed(_given(call, _names(config, new=True)), config, empty=False)
    with call.session() as session:
        return fragment(call, "customers/_twins.html", twins=known_already(session, values))


def known_already(session: CrmSession, values: Mapping[str, Any]) -> list[tuple[UUID, str, str, str]]:
    """Return the customers that a new one may be: id, name, place and why, the surest first. What of the values is not
    valid yet is left out."""
    wanted = {name: values[name] for name in _TELLING if values.get(name)}
    if not wanted.keys() & {"name", "family_name", "email", "phone", "mobile"}:
        return []
    reasons: dict[UUID, str] = {}
    for match in _matches(session, wanted):
        reasons.setdefault(match.customer_id, match.reason)
    name = wanted.get("name", "")
    if name and session.level(Customer, "personal") == "full":
        query = select(Customer.id).where(Customer.name_key == folded(name), Customer.deleted_at.is_(None)).limit(5)
        for identity in session.scalars(query):
            reasons.setdefault(identity, _("Same name"))
    return _told(session, reasons)


def _matches(session: CrmSession, wanted: Mapping[str, Any]) -> list[Match]:
    """Return whom somebody with these values probably is: by what is exactly the same, and by what plugins say of whom
    is to be added. A value that is not valid yet is left out."""
    try:
        new = structure(NewCustomer, wanted)
    except InvalidInput as error:
        wrong = {(problem.field or "").partition(".")[0] for problem in error.problems}
        left = {name: value for name, value in wanted.items() if name not in wrong}
        return _matches(session, left) if left and len(left) < len(wanted) else []
    probes = probes_of(session, [new])
    (exact,) = find_exact(session, probes, plugins=False)
    (every,) = find_exact(session, probes)
    sure = {match.customer_id for match in exact}
    return [match for match in every if match.at_entry or match.customer_id in sure]


def _told(session: CrmSession, reasons: Mapping[UUID, str]) -> list[tuple[UUID, str, str, str]]:
    ids = list(reasons)[:8]
    if not ids:
        return []
    rows = {
        row[0]: row
        for row in session.execute(select(Customer.id, Customer.name, Customer.city).where(Customer.id.in_(ids)))
    }
    return [(each, str(rows[each][1]), str(rows[each][2] or ""), reasons[each]) for each in ids if each in rows]


# --- changing --------------------------------------------------------------------------------------------------------


@get("/customers/{id}/edit", right="customer.update")
def edit(call: PageCall, id: UUID) -> Response:
    """Show the form by which a customer is changed."""
    with call.session() as session:
        customer = _found(call, session, id)
        now = _present(customer, call.business)
        return _edit_form(call, customer, now, now)


def _found(call: PageCall, session: CrmSession, id: UUID) -> Customer:
    customer = session.get(Customer, id)
    if customer is None:
        raise NotFound(_("There is no customer {id}."), id=id)
    return customer


def _present(customer: Customer, config: Config) -> dict[str, str]:
    """Return the values of the form's fields as they are; what is masked is left empty."""
    custom = customer.custom or {}
    found: dict[str, str] = {}
    for name in _names(config, new=False):
        value = custom.get(name.removeprefix(CUSTOM)) if name.startswith(CUSTOM) else getattr(customer, name)
        found[name] = "" if name in _SEALED or value is None or is_masked(value) else _written(value)
    return found


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _edit_form(
    call: PageCall,
    customer: Customer,
    values: Mapping[str, str],
    before: Mapping[str, str],
    *,
    status: int = 200,
    problems: Mapping[str, Sequence[Problem]] | None = None,
    others: Mapping[str, str] | None = None,
) -> Response:
    with call.session() as session:
        record = _found(call, session, customer.id)
        reason = Permits(call=call, session=session, record=record).why_not("customer.update")
    return call.page(
        "customers/edit.html",
        status=status,
        customer=customer,
        reason=reason,
        sections=_sections(call, call.business, values, before, new=False),
        problems=problems or {},
        others=others or {},
    )


@post("/customers/{id}/edit", right="customer.update")
def change(call: PageCall, id: UUID) -> Response:
    """Change what was changed in the form. Where somebody else has changed the same field meanwhile, nothing is
    written, and both values are shown."""
    config = call.business
    names = _names(config, new=False)
    given = _given(call, names)
    before = {name: call.value(f"before.{name}") for name in names}
    with call.session() as session:
        customer = _found(call, session, id)
        now, version = _present(customer, config), customer.version
    changed = {name: value for name, value in given.items() if value != before[name] and value != now[name]}
    others = {name: now[name] for name in changed if now[name] != before[name] and name not in _SEALED}
    if others:
        return _edit_form(call, customer, {**now, **changed}, now, status=409, others=others)
    if not changed:
        return call.redirect(f"/customers/{id}", said=_("Nothing was changed."), level="info")
    try:
        call.run("customer.update", _typed(changed, config, empty=True), target=id, version=version)
    except StaleWrite:
        return change(call, id)
    except InvalidInput as error:
        return _edit_form(call, customer, {**now, **given}, before, status=422, problems=problems_by_field(error))
    return call.redirect(f"/customers/{id}", said=_("Changed."))


FIRST = [new, create, twins]
"""Routes whose paths others would take for a customer's."""
ROUTES = [edit, change]
