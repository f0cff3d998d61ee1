"""One customer in full: who it is, which labels it has and why, what is known, what happened.

Must not know how anything of it is changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import evolve
from sqlalchemy import select
from starlette.responses import Response

from crmkit.core.customers.models import Customer
from crmkit.core.customers.reveal import Revealed
from crmkit.core.interactions.models import Attachment
from crmkit.core.store.session import CrmSession
from crmkit.engines.classification.dimensions import KIND as DIMENSION
from crmkit.engines.classification.reading import LabelLine
from crmkit.engines.definitions.publishing import defined
from crmkit.engines.overview.overview import FactGroup, Overview, overview
from crmkit.engines.overview.profile import profile, with_revealed
from crmkit.errors import NotFound, Problem
from crmkit.hooks.classification import ByValue, Dimension
from crmkit.i18n import texts
from crmkit.resources import shape_of
from crmkit.web.pages.call import PageCall
from crmkit.web.pages.customers import happened
from crmkit.web.pages.customers.cells import tone_of
from crmkit.web.pages.customers.listing import fragment
from crmkit.web.pages.customers.permits import Permits
from crmkit.web.pages.customers.reasons import because
from crmkit.web.pages.customers.vocabulary import CUSTOMER, vocabulary_of
from crmkit.web.pages.naming import names_of_actors
from crmkit.web.pages.rendering import locale_of
from crmkit.web.pages.routing import get

_ = texts("crmkit")

ALWAYS = (
    "kind", "standing", "converted_at", "salutation", "job_title", "city", "province", "country", "language",
    "time_zone", "birthday", "birth_date", "gender", "occupation", "identity_kind", "identity_number", "industry",
    "size", "registration_number", "website", "source", "created_at",
)  # fmt: skip
"""The fields of a profile, in their order."""
_IN_PROFILE = ("customer", "contact", "custom", "consent")
_WHO_IT_IS = ("activity", "standing", "value", "vip", "temperature", "lifecycle", "key_account", "sales_stage")
"""The labels that are looked for first."""
_NOTHING_TYPED = dict.fromkeys(("dialog", "body", "subject", "value", "evidence", "reason"), "")
_PLACES = frozenset(("city", "province", "country", "industry", "type", "size", "locality", "region"))
"""Labels that repeat what the profile shows."""


@get("/customers/{id}", right="customer.read")
def show(call: PageCall, id: UUID) -> Response:
    """Show a customer, now or as it stood on a day (``on``)."""
    return page(call, id)


def page(
    call: PageCall,
    id: UUID,
    *,
    status: int = 200,
    problems: Sequence[Problem] = (),
    revealed: Revealed | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    """Return the page of a customer. ``problems`` are those of a form on it, and ``typed`` what that held, its dialog
    as ``dialog``; ``revealed`` is shown in place of what is masked. Raises NotFound."""
    on = _on(call.query.get("on", ""))
    with call.session() as session:
        customer = session.get(Customer, id)
        if customer is None:
            raise NotFound(_("There is no customer {id}."), id=id)
        at = None if on is None else _end_of(on, call.business.zone)
        view = overview(session, id, at, entries=happened.SIZE)
        if revealed is not None:
            view = evolve(view, profile=with_revealed(view.profile, revealed))
        permits = Permits(call=call, session=session, record=customer)
        vocabulary = vocabulary_of(session)
        dimensions = _dimensions(session)
        part = happened.Part(
            entries=view.timeline,
            beside=happened.beside(session, view.timeline),
            next=view.next,
            failed={},
        )
        context = {
            "customer": customer,
            "view": view,
            "profile": view.profile,
            "on": on,
            "present": on is None,
            "why_not": permits.why_not if on is None else _of_the_past(call),
            "labels": _ordered(view.labels),
            "beside_labels": [line for line in view.labels if line.dimension in _PLACES],
            "because": partial(because, vocabulary=vocabulary, moment=view.moment),
            "tone_of": tone_of,
            "dimensions": dimensions,
            "facts": _facts(view),
            "fields": _fields(session, view, call.language),
            "points": view.profile.contact_points,
            "part": part,
            "asked": happened.Asked(),
            "customer_id": id,
            "panels": view.panels,
            "failed": view.failed_plugins,
            "attachments": _attachments(session, id) if on is None else (),
            "titles": _plugin_titles(call),
            "local": _local_time(view, call),
            "masked": _is_masked(view) and revealed is None,
            "revealed": _revealed_names(revealed),
            "problems": problems,
            "typed": typed or _NOTHING_TYPED,
            "key": str(uuid4()),
            "consents": session.crm.config.get(session).options.get("consent_purpose", {}),
            "relations": session.crm.config.get(session).options.get("relationship", {}),
            **happened.words(call),
        }
        response = call.page("customers/show.html", status=status, **context)
    if revealed is not None:
        response.headers["Cache-Control"] = "no-store"
    return response


def _on(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _end_of(day: date, zone: str) -> datetime:
    return happened.start_of(day + timedelta(days=1), zone) - timedelta(seconds=1)


def _of_the_past(call: PageCall) -> Any:
    reason = call.text(_("This is how it was; change it as it is today."))
    return lambda operation: reason


def _dimensions(session: CrmSession) -> Mapping[str, tuple[Dimension, bool]]:
    """Return the dimensions by name, each with whether any text can be its label."""
    return {
        name: (item.value, isinstance(item.value.decider, ByValue))
        for name, item in defined(session, DIMENSION).items()
    }


def _ordered(lines: Sequence[LabelLine]) -> list[LabelLine]:
    order = {name: place for place, name in enumerate(_WHO_IT_IS)}
    kept = [line for line in lines if line.dimension not in _PLACES]
    return sorted(kept, key=lambda line: (order.get(line.dimension, len(order)), line.dimension))


def _facts(view: Overview) -> list[tuple[FactGroup, list[Any]]]:
    """Return the facts of which something is known, by group; what the profile shows is left out."""
    found = [
        (group, [fact for fact in group.facts if fact.known]) for group in view.facts if group.name not in _IN_PROFILE
    ]
    order = {name: place for place, name in enumerate(("purchase", "interaction", "usage"))}
    return sorted((item for item in found if item[1]), key=lambda item: order.get(item[0].name, len(order)))


def _fields(session: CrmSession, view: Overview, language: str) -> list[tuple[str, str, Any]]:
    """Return the fields of a profile that have a value: name, title, and the value with options by their titles."""
    shape, config = shape_of(session, CUSTOMER), session.crm.config.get(session)
    found: list[tuple[str, str, Any]] = []
    for name in ALWAYS:
        known, value = shape.by_name.get(name), view.profile.fields.get(name)
        if known is None or value in (None, "", {}, []):
            continue
        if known.option_list is not None and isinstance(value, str):
            value = config.options.get(known.option_list, {}).get(value, value)
        if name == "kind":
            value = _("Person") if value == "person" else _("Organisation")
        if name == "standing":
            value = _("Potential") if value == "potential" else _("Customer")
        if name in ("country", "language") and isinstance(value, str):
            value = _in_words(name, value, language)
        if isinstance(value, datetime):
            value = value.astimezone(ZoneInfo(config.zone)).date()
        found.append((name, known.title, value))
    custom: Any = view.profile.fields.get("custom") or {}
    found += [
        (f"custom.{name}", view.profile.custom_titles.get(name) or name, value)
        for name, value in custom.items()
        if value not in (None, "", [])
    ]
    preferences: Any = view.profile.fields.get("preferences") or {}
    found += [(f"preferences.{name}", name, value) for name, value in preferences.items()]
    return found


def _in_words(name: str, code: str, language: str) -> str:
    """Return what a country or a language is called."""
    from babel import Locale, UnknownLocaleError

    locale = locale_of(language)
    if name == "country":
        return str(locale.territories.get(code.upper(), code))
    try:
        return Locale.parse(code.replace("-", "_")).get_display_name(locale) or code
    except (UnknownLocaleError, ValueError):
        return code


def _is_masked(view: Overview) -> bool:
    from crmkit.core.store.sealed import is_masked

    values: list[Any] = [*view.profile.fields.values()]
    values += [*(view.profile.fields.get("custom") or {}).values()]  # type: ignore[union-attr, attr-defined]
    values += [row.get("value") for row in view.profile.contact_points]
    values += [row.get("note") for row in view.profile.relationships]
    return any(is_masked(value) for value in values)


def _revealed_names(revealed: Revealed | None) -> frozenset[object]:
    if revealed is None:
        return frozenset()
    return frozenset([*revealed.fields, *(point.id for point in revealed.contact_points), *revealed.notes])


def _local_time(view: Overview, call: PageCall) -> tuple[str, datetime] | None:
    """Return the customer's time zone and the present, where the zone is known and another than the company's."""
    name = view.profile.fields.get("time_zone")
    if not isinstance(name, str) or not name or name == call.business.zone:
        return None
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None
    return name, call.crm.clock.now()


def _attachments(session: CrmSession, id: UUID) -> Sequence[Attachment]:
    query = select(Attachment).where(Attachment.customer_id == id).order_by(Attachment.recorded_at.desc()).limit(100)
    return session.scalars(query).all()


def _plugin_titles(call: PageCall) -> Mapping[str, str]:
    """Return what plugins are called."""
    running = {*call.crm.registry.owners.values(), *call.crm.broken}
    return {
        found.manifest.name: found.manifest.title or found.manifest.name
        for found in call.crm.found
        if found.manifest is not None and found.manifest.name in running
    }


# --- history ---------------------------------------------------------------------------------------------------------

_INTERNAL = frozenset(("version", "updated_at", "sort_name", "name_key", "created_at", "created_by", "position"))


@get("/customers/{id}/history", right="customer.read")
def history(call: PageCall, id: UUID) -> Response:
    """Show what was changed of a customer, by whom."""
    with call.session() as session:
        customer = session.get(Customer, id)
        if customer is None:
            raise NotFound(_("There is no customer {id}."), id=id)
        lines = profile(session, customer, history=True).history or ()
        names = names_of_actors(session, [line.actor_id for line in lines])
        shape = shape_of(session, CUSTOMER)
        changes = [
            (line, shape.by_name[name].title if name in shape.by_name else name, before, after)
            for line in lines
            for name, (before, after) in sorted(line.changes.items())
            if name not in _INTERNAL and not name.endswith("_token")
        ]
        operations = {name: item.title for name, item in call.crm.registry.operations.items()}
        return fragment(call, "customers/_history.html", changes=changes[:300], names=names, operations=operations)


ROUTES = [show, history]
