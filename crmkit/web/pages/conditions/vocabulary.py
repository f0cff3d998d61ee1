"""What the condition builder offers to whoever uses it: facts by their titles, tests, and the values that there are.

What is masked for the reader is left out. Must not know pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen
from sqlalchemy import func, select

from crmkit.core.access.models import Team, User
from crmkit.engines.classification.dimensions import KIND as DIMENSION, PREFIX, SINCE
from crmkit.engines.definitions.publishing import defined
from crmkit.engines.expressions.symbols import FactRef, Symbol, Vocabulary
from crmkit.engines.facts.moments import moment_of
from crmkit.engines.facts.reading import joined
from crmkit.engines.facts.vocabulary import Known, catalogue_of, check_readable, readable
from crmkit.engines.rules.index import index_of
from crmkit.i18n import Text, texts
from crmkit.resources import FieldShape
from crmkit.resources.filters import symbol_of
from crmkit.web.pages.conditions.comparisons import TESTS

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

_ = texts("crmkit")

MOST_KEYS = 300
MOST_VALUES = 60
"""How many of the values that a fact has are proposed, the most frequent ones."""
GROUPS: Mapping[str, Text] = {
    "customer": _("Profile"),
    "contact": _("Contact points"),
    "consent": _("Consent"),
    "purchase": _("Purchases"),
    "interaction": _("Interactions"),
    "usage": _("Usage"),
    "label": _("Labels"),
    "segment": _("Segments"),
    "interest": _("Interests"),
    "place": _("Place"),
    "custom": _("Own fields"),
    "event": _("What happened"),
}
"""What people read above the facts of a name, where their set does not say it."""
CHOICES: Mapping[str, Sequence[tuple[str, Text]]] = {
    "customer.kind": (("person", _("Person")), ("organization", _("Organisation"))),
    "customer.standing": (("potential", _("Potential")), ("customer", _("Customer"))),
}
"""What people read for the values of facts that have few and fixed ones."""
_MOST_PEOPLE = 500
_FIRST = ("event", "label", "purchase", "interaction", "customer", "segment")


@frozen(kw_only=True)
class Offered:
    """A fact, or a field of a list's records, as the page lists it. ``options`` are values with what people read for
    each. One that is ``whole`` is sealed and compared with whole values alone; one that is not ``listed`` is shown
    where a condition has it already.
    """

    name: str
    title: str
    group: str
    kind: str
    doc: str = ""
    unit: str = ""
    keyed: str = ""
    keys: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    suggests: bool = False
    whole: bool = False
    listed: bool = True


FIELDS: Mapping[str, Text] = {
    "kind": _("Kind"),
    "channel": _("Channel"),
    "direction": _("Direction"),
    "amount": _("Amount"),
    "occurred_at": _("When it happened"),
    "recorded_at": _("When it was recorded"),
    "customer_id": _("Id of the customer"),
    "dimension": _("Dimension"),
    "before": _("Label before"),
    "after": _("Label after"),
    "segment": _("Segment"),
    "cause": _("Cause"),
    "fields": _("Changed fields"),
    "purpose": _("Purpose"),
    "granted": _("Allowed"),
    "added": _("Added"),
    "removed": _("Taken away"),
    "stage": _("Stage"),
    "source": _("Source"),
    "title": _("Title"),
    "subject": _("Subject"),
    "currency": _("Currency"),
}
"""What people read for fields of events, where these do not say it."""


def event_titles(session: CrmSession, names: Iterable[str]) -> dict[str, str]:
    """Return what people read for names of what an event tells."""
    found: dict[str, str] = {}
    for name in names:
        noun, _dot, last = name.removeprefix("event.").rpartition(".")
        plain = FIELDS.get(last, last.replace("_", " "))
        resource = session.gate.registry.resources.get(noun)
        found[name] = plain if not noun or resource is None or last in FIELDS else f"{noun}: {plain}"
    return found


def options_of_event(session: CrmSession, name: str) -> list[tuple[str, str]]:
    """Return the values that a field of an event can have with their titles, where those are known by name."""
    if name in ("event.kind", "event.interaction.kind"):
        return [(kind, item.title) for kind, item in session.gate.registry.tables["interaction kind"].items()]
    if name == "event.dimension":
        return [(known, item.value.title) for known, item in sorted(defined(session, DIMENSION).items())]
    if name == "event.segment":
        return [(known, item.value.title) for known, item in sorted(defined(session, "segment").items())]
    return []


def vocabulary_of(session: CrmSession, event: str | None = None) -> Vocabulary:
    """Return the names that conditions may use; with an event those of its fields too."""
    return catalogue_of(session) if not event else index_of(session).language(event).words


def offered(session: CrmSession, event: str | None = None) -> list[Offered]:
    """Return what rows can be about, in the order in which it is listed."""
    catalogue = catalogue_of(session)
    labels = {name: item.value for name, item in defined(session, DIMENSION).items()}
    found = [_fact(session, known, labels) for known in catalogue if readable(session, FactRef(known.name))]
    if event:
        words = vocabulary_of(session, event)
        found.extend(
            _told(session, symbol) for name in words.names() if (symbol := words.find(name)) and _is_told(symbol)
        )
    return sorted(found, key=lambda each: (_place(each.name), each.name))


def _place(name: str) -> tuple[int, str]:
    prefix = name.partition(".")[0]
    return (_FIRST.index(prefix) if prefix in _FIRST else len(_FIRST), prefix)


def _is_told(symbol: Symbol) -> bool:
    return symbol.source == "event" and symbol.type.kind != "null"


def _told(session: CrmSession, symbol: Symbol) -> Offered:
    title = event_titles(session, (symbol.name,))[symbol.name]
    return Offered(
        name=symbol.name,
        title=title,
        group=GROUPS["event"],
        kind=symbol.type.kind,
        doc=symbol.doc,
        keyed=_("Which one") if symbol.keyed else "",
        options=tuple(options_of_event(session, symbol.name) or ((value, value) for value in symbol.options)),
    )


def _fact(session: CrmSession, known: Known, labels: Mapping[str, Any]) -> Offered:
    symbol, config = known.symbol, session.crm.config.get(session)
    prefix, _dot, name = symbol.name.partition(".")
    title: str = symbol.title or symbol.name
    group = known.set.title or GROUPS.get(prefix, prefix)
    named: Iterable[tuple[str, str]] = CHOICES.get(symbol.name) or ((value, value) for value in symbol.options)
    if symbol.name.startswith(PREFIX):
        dimension = labels.get(name)
        if dimension is not None:
            named = ((label.name, label.title) for label in dimension.labels)
        elif name.endswith(SINCE):
            group = _("Labels: since when")
    elif symbol.name in config.options.get("protected", {}):
        group = _("Profile, protected")
    listed = config.options.get(f"customer.{name}") or config.options.get(name, {})
    if prefix == "customer" and not symbol.options and listed:
        named = listed.items()
    if symbol.name in PEOPLE:
        named = people_of(session, symbol.name)
    named = tuple(named)
    return Offered(
        name=symbol.name,
        title=title,
        group=group,
        kind=symbol.type.kind,
        # Values of people are their names, whatever the fact itself holds.
        doc="" if symbol.name in PEOPLE else symbol.doc,
        unit=known.fact.unit,
        keyed=known.set.keyed,
        keys=tuple(known.set.keys(session)[:MOST_KEYS]) if known.set.keyed and known.set.keys is not None else (),
        options=named,
        suggests=symbol.type.kind == "text" and not symbol.keyed,
    )


def people_of(session: CrmSession, name: str) -> tuple[tuple[str, str], ...]:
    """Return who can look after a customer, by names: the active users or the teams, as a fact or a field has them."""
    model, column = PEOPLE[name]
    query = select(column, model.name).order_by(model.name).limit(_MOST_PEOPLE)
    if model is User:
        query = query.where(User.active.is_(True))
    return tuple((str(value), str(title)) for value, title in session.execute(query))


PEOPLE: Mapping[str, tuple[Any, Any]] = {
    "customer.owner": (User, User.login),
    "customer.team": (Team, Team.name),
    "owner_id": (User, User.id),
    "team_id": (Team, Team.id),
}
"""The facts and fields that say who looks after a customer, with what each has for a value."""


def of_field(session: CrmSession, known: FieldShape, *, listed: bool) -> Offered:
    """Return a field of a list's records as the page lists it."""
    lists = session.crm.config.get(session).options
    named: Iterable[tuple[str, str]] = ((value, value) for value in known.options)
    if known.name in PEOPLE:
        named = people_of(session, known.name)
    elif known.option_list is not None:
        named = lists.get(known.option_list, {}).items()
    return Offered(
        name=known.name,
        title=known.title,
        group=GROUPS["customer"],
        kind=symbol_of(known).type.kind,
        doc=_("Compared with the whole value.") if known.exact else "",
        options=tuple(named),
        whole=known.exact,
        listed=listed,
    )


def document_of(session: CrmSession, text: Any, facts: Iterable[Offered]) -> dict[str, Any]:
    """Return all that the builder needs to know, with ``text`` for the reader's language."""
    told = [
        {
            "name": each.name,
            # What is named by its description alone is a name here, no sentence.
            "title": text(each.title).rstrip(".。"),
            "group": text(each.group),
            "kind": each.kind,
            "doc": text(each.doc),
            "unit": text(each.unit) if each.unit else "",
            "keyed": text(each.keyed) if each.keyed else "",
            "keys": each.keys,
            "options": [[value, text(title)] for value, title in each.options],
            "suggests": each.suggests and not each.options,
            "whole": each.whole,
            "listed": each.listed,
        }
        for each in facts
    ]
    tests = [
        {
            "name": test.name,
            "title": text(test.title),
            "kinds": test.kinds,
            "takes": test.takes,
            "values": test.values,
            "offered": test.offered,
            "whole": test.whole,
        }
        for test in TESTS.values()
    ]
    config = session.crm.config.get(session)
    return {"facts": told, "tests": tests, "currency": config.base_currency or ""}


def values_of(session: CrmSession, name: str) -> list[str]:
    """Return the values that a text fact has most often among the customers whom the reader may see. Raises
    UnknownFact."""
    catalogue = catalogue_of(session)
    ref = catalogue.ref(name)
    check_readable(session, [ref])
    if catalogue.known(ref.name).symbol.type.kind != "text":
        return []
    facts = joined(session, [ref], moment_of(session))
    value = facts.columns[ref]
    counted = facts.select(value).where(value.is_not(None)).group_by(value).order_by(func.count().desc(), value)
    return [str(each) for each in session.scalars(counted.limit(MOST_VALUES))]
