"""Who of a batch is known already: by identifier, by e-mail address, by phone number; in the database and in the batch.

Must not write. A shared phone number alone does not make two customers one where their names differ and something else
contradicts: other e-mail addresses, or other ids of the same system.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import define, field
from sqlalchemy import select

from crmkit.core.customers.contacts import match_key
from crmkit.core.customers.lookups import customers_reached, key_of
from crmkit.core.customers.models import ContactPoint, Customer, CustomerIdentifier
from crmkit.core.customers.names import NameParts, folded, whole_name
from crmkit.core.customers.references import chunks, taken_identifiers
from crmkit.core.store.ids import parse_id
from crmkit.exchange.customer_values import OWN

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession
    from crmkit.exchange.units import Built

_PLAIN_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9.-]+\Z")
Pair = tuple[str, str]


@define
class Probe:
    """What one row can be recognised by."""

    identifiers: list[Pair] = field(factory=list)
    emails: list[str] = field(factory=list)
    phones: list[str] = field(factory=list)
    name: str = ""
    own_id: UUID | None = None


@define
class Known:
    """A customer as far as contradictions need it."""

    name: str
    identifiers: set[Pair] = field(factory=set)
    emails: set[str] = field(factory=set)


@define
class Match:
    """Why a row is a duplicate: of which customer (an id, the place of an earlier row of the batch, or the line of one
    of an earlier batch that was only rehearsed), by what."""

    by: str
    value: str
    customer_id: UUID | None = None
    place: int | None = None
    line: int | None = None


class Earlier:
    """What the rows of earlier batches can be recognised by, where nothing is kept of them: memory grows with the
    file, by a few words a row."""

    def __init__(self) -> None:
        self._lines: dict[Pair, tuple[int, str]] = {}

    def find(self, probe: Probe) -> Match | None:
        """Return the earlier row that a row repeats, or None; a shared phone number counts where the names agree."""
        for by, key in _keys_of(probe):
            known = self._lines.get(key)
            if known is not None and (by != "phone" or known[1] == probe.name):
                return Match(by, key[1], line=known[0])
        return None

    def note(self, units: Sequence[Built], probes: Sequence[Probe]) -> None:
        """Remember the rows that would have been added."""
        for unit, probe in zip(units, probes, strict=True):
            if unit.result == "created":
                for _by, key in _keys_of(probe):
                    self._lines.setdefault(key, (unit.rows[0].line, probe.name))


def _keys_of(probe: Probe) -> Iterator[tuple[str, Pair]]:
    for source, external in probe.identifiers:
        yield "identifier", (f"id:{source}", external)
    for key in probe.emails:
        yield "email", ("email", key)
    for key in probe.phones:
        yield "phone", ("phone", key)


def probe_of(values: Mapping[str, Any]) -> Probe:
    """Return what the values of a row can be recognised by."""
    helpers = values["_"]
    region = helpers.get("region")
    found = Probe()
    own = helpers.get("crmkit_id")
    if own:
        found.own_id = parse_id(own)
        found.identifiers.append((OWN, own))
    external = values.get("external_id")
    if external and external.strip():
        found.identifiers.append((values["identifier_source"].strip(), external.strip()))
    for one in values.get("identifiers", ()):
        source, external = one.get("source"), one.get("external_id")
        if isinstance(source, str) and isinstance(external, str):
            found.identifiers.append((source.strip(), external.strip()))
    points: list[tuple[str, Any]] = [("email", values.get("email"))]
    points += [("phone", values.get("mobile")), ("phone", values.get("phone"))]
    points += [(one.get("kind"), one.get("value")) for one in values.get("contact_points", ())]
    for kind, value in points:
        if isinstance(value, str) and value:
            if kind == "email" and (key := _email_key(value)):
                found.emails.append(key)
            elif kind == "phone" and (key := match_key("phone", value, region=region)):
                found.phones.append(key)
    name = values.get("name") or whole_name(
        NameParts(family=values.get("family_name"), given=values.get("given_name"), middle=values.get("middle_name"))
    )
    found.name = folded(name) if name else ""
    return found


def _email_key(value: str) -> str | None:
    plain = value.strip()
    # What has this form and is no address is refused later; nobody is found by it.
    return plain.lower() if _PLAIN_EMAIL.match(plain) else match_key("email", plain)


class Finder:
    """Finds the customers that the rows of one batch are."""

    def __init__(self, session: CrmSession, probes: Sequence[Probe]) -> None:
        self._session = session
        self._identifiers: dict[Pair, UUID] = taken_identifiers(
            session, {pair for probe in probes for pair in probe.identifiers}
        )
        self._contacts: dict[Pair, list[UUID]] = {}
        self._load_contacts("email", {key for probe in probes for key in probe.emails})
        self._load_contacts("phone", {key for probe in probes for key in probe.phones})
        self._own = self._existing({probe.own_id for probe in probes if probe.own_id})
        self._known: dict[UUID, Known] = {}
        self._load_known(
            {id_ for probe in probes for key in probe.phones for id_ in self._contacts.get(("phone", key), ())}
        )
        self._here: dict[Pair, tuple[int, ...]] = {}
        self._rows: dict[int, Probe] = {}

    def find(self, probe: Probe) -> Match | None:
        """Return the customer that a row is, or None."""
        if probe.own_id in self._own:
            return Match("crmkit_id", str(probe.own_id), customer_id=probe.own_id)
        for pair in probe.identifiers:
            known = self._identifiers.get(pair)
            if known is not None:
                return Match("identifier", pair[1], customer_id=known)
            for place in self._here.get((f"id:{pair[0]}", pair[1]), ()):
                return Match("identifier", pair[1], place=place)
        for kind, keys in (("email", probe.emails), ("phone", probe.phones)):
            for key in keys:
                for id_ in self._contacts.get((kind, key), ()):
                    if kind == "email" or not _contradicts(probe, self._known.get(id_)):
                        return Match(kind, key, customer_id=id_)
                for place in self._here.get((kind, key), ()):
                    if kind == "email" or not _contradicts(probe, _known(self._rows[place])):
                        return Match(kind, key, place=place)
        return None

    def add(self, place: int, probe: Probe) -> None:
        """Let later rows of the batch find this one."""
        for source, external in probe.identifiers:
            self._note((f"id:{source}", external), place)
        for key in probe.emails:
            self._note(("email", key), place)
        for key in probe.phones:
            self._note(("phone", key), place)
        self._rows[place] = probe

    def _note(self, key: Pair, place: int) -> None:
        known = self._here.get(key)
        self._here[key] = (place,) if known is None else (*known, place)

    def _load_contacts(self, kind: str, keys: Iterable[str]) -> None:
        for key, customer_id in customers_reached(self._session, kind, list(keys)):
            self._contacts.setdefault((kind, key), []).append(customer_id)

    def _existing(self, ids: set[UUID]) -> set[UUID]:
        found: set[UUID] = set()
        for part in chunks(ids):
            found.update(self._session.scalars(select(Customer.id).where(Customer.id.in_(part))))
        return found

    def _load_known(self, ids: set[UUID]) -> None:
        for part in chunks(ids):
            for id_, name in self._session.execute(select(Customer.id, Customer.name_key).where(Customer.id.in_(part))):
                self._known[id_] = Known(name or "")
            pairs = select(
                CustomerIdentifier.customer_id, CustomerIdentifier.source, CustomerIdentifier.external_id
            ).where(CustomerIdentifier.customer_id.in_(part))
            for id_, source, external in self._session.execute(pairs):
                self._known[id_].identifiers.add((source, external))
            emails = select(ContactPoint).where(ContactPoint.customer_id.in_(part), ContactPoint.kind == "email")
            for point in self._session.scalars(emails):
                key = key_of(point)[1]
                if key is not None:
                    self._known[point.customer_id].emails.add(key)


def _known(probe: Probe) -> Known:
    return Known(probe.name, set(probe.identifiers), set(probe.emails))


def _contradicts(probe: Probe, known: Known | None) -> bool:
    if known is None or not probe.name or not known.name or probe.name == known.name:
        return False
    if probe.emails and known.emails and not known.emails & set(probe.emails):
        return True
    sources = {source for source, _external in probe.identifiers}
    same = {pair for pair in known.identifiers if pair[0] in sources}
    return bool(same) and not same & set(probe.identifiers)
