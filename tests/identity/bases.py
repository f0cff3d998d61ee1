"""Customers with all kinds of rows, in the kernel and in plugins, and the rows of a database as they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import insert, inspect, true

from crmkit.app import CRM
from crmkit.core.interactions.attachments import Upload
from crmkit.core.store.actor import Actor
from crmkit.core.store.guard import region
from crmkit.core.store.ids import new_id
from crmkit.engines.classification.tables import Label
from crmkit.engines.experiments.tables import Exposure
from crmkit.engines.facts.tables import FactValue, KeptFact
from crmkit.engines.rules.tables import RuleClaim, RuleLog
from crmkit.engines.segments.tables import SegmentMember
from crmkit.identity.images import read_rows
from crmkit.identity.layout import Place
from crmkit.security.public.tables import PublicLink

ADMIN = Actor.system("tests")
DAY = datetime(2026, 3, 1, 9, tzinfo=UTC)

TOLD = frozenset(
    {
        *("crm_audit", "crm_audit_chain", "crm_audit_checkpoint", "crm_audit_payload", "crm_audit_pending"),
        *("crm_audit_subject", "crm_event", "crm_generation", "crm_heartbeat", "crm_idempotency", "crm_job"),
        *("crm_merge", "crm_merge_row", "crm_schedule", "crm_search_leftover"),
    }
)
"""Tables that tell what was done: they differ after doing and undoing something."""
GROWING = frozenset({"crm_change", "crm_data_key", "crm_fact_touch"})
"""Tables in which nothing may be missing or changed, and something may have been added."""
NUMBERED = {"crm_search_document": frozenset({"number"})}
"""Columns that count, and are another number when a row is made anew."""

Rows = dict[str, frozenset[tuple[tuple[str, Any], ...]]]


def rows_of(crm: CRM) -> Rows:
    """Return every row of every table, value by value as the database has it."""
    found: Rows = {}
    with crm.engines.system_read.connect() as connection:
        for table in sorted(inspect(connection).get_table_names()):
            if table in TOLD or table.startswith(("crm_search_words", "alembic", "crmkit_version")):
                continue
            names = [str(each["name"]) for each in inspect(connection).get_columns(table)]
            place = Place(table=table, columns=names, key=names, holders=[])
            aside = NUMBERED.get(table, frozenset())
            found[table] = frozenset(
                tuple((name, value) for name, value in row.items() if name not in aside)
                for row in read_rows(connection, place, true())
            )
    return found


def differences(before: Rows, after: Rows) -> dict[str, tuple[list[Any], list[Any]]]:
    """Return by table the rows that are missing and the rows that were not there, as far as that should not be."""
    found: dict[str, tuple[list[Any], list[Any]]] = {}
    for table in before.keys() | after.keys():
        missing = sorted(before.get(table, frozenset()) - after.get(table, frozenset()), key=repr)
        added = sorted(after.get(table, frozenset()) - before.get(table, frozenset()), key=repr)
        if missing or (added and table not in GROWING):
            found[table] = (missing, added)
    return found


# --- what a customer can have ----------------------------------------------------------------------------------------


def put(crm: CRM, model: Any, **values: Any) -> None:
    """Write a row that a job or an engine would write."""
    with crm.engines.system_write.connect() as connection:
        connection.execute(insert(cast(Any, model).__table__).values(**values))
        connection.commit()


Deed = Callable[[CRM, UUID, int], None]
"""Does something with a customer; the number makes it differ from what was done before."""


def email(crm: CRM, who: UUID, number: int) -> None:
    """Two addresses in all, so that both customers often have the same one."""
    values = {"kind": "email", "value": f"anna{number % 2}@example.com"}
    _quietly(crm, "contact_point.add", values, who)


def phone(crm: CRM, who: UUID, number: int) -> None:
    """A number of one's own, verified or not."""
    values = {"kind": "phone", "value": f"+491511234{number % 3:04}", "label": "mobile"}
    point = _quietly(crm, "contact_point.add", values, who)
    if point is not None and number % 2:
        crm.run(ADMIN, "contact_point.verify", {}, target=point.id)


def tags(crm: CRM, who: UUID, number: int) -> None:
    """Some tags of a few."""
    crm.run(ADMIN, "customer.tag", {"names": [f"tag {number % 3}", "all"]}, target=who)


def fields(crm: CRM, who: UUID, number: int) -> None:
    """Fields of every class."""
    values: tuple[dict[str, Any], ...] = (
        {"city": "Bonn", "country": "DE"},
        {"birth_date": "1990-02-03", "gender": "female"},
        {"identity_kind": "passport", "identity_number": f"C{number:08}"},
        {"preferences": {"newsletter": bool(number % 2)}, "job_title": "Buyer"},
        {"website": "https://example.com", "external_id": f"x{number}", "identifier_source": "shop"},
        {"custom": {"shoe_size": str(36 + number % 9)}},
        {"custom": {"allergies": f"nuts {number}"}},
    )
    crm.run(ADMIN, "customer.update", values[number % len(values)], target=who)


def purchase(crm: CRM, who: UUID, number: int) -> None:
    """A purchase with lines, by a source's own number."""
    lines = [{"sku": f"S{number % 3}", "quantity": "2", "amount": "10.00"}, {"description": "Wrapping", "amount": "1"}]
    values = {"kind": "purchase", "customer_id": who, "lines": lines, "create_products": True}
    crm.run(ADMIN, "interaction.record", {**values, "currency": "EUR", "source": "shop", "external_id": f"p{new_id()}"})


def talk(crm: CRM, who: UUID, number: int) -> None:
    """A mail with a sealed body and participants, and what was sent before its sender was known."""
    people = [{"role": "customer", "contact_kind": "email", "address": f"anna{number % 2}@example.com"}]
    values: dict[str, Any] = {"kind": "email", "subject": f"Question {number}", "body": "Where is it?"}
    if number % 2:
        crm.run(ADMIN, "interaction.record", {**values, "customer_id": who, "participants": people})
        return
    unknown = crm.run(ADMIN, "interaction.record", {**values, "participants": people})
    crm.run(ADMIN, "interaction.resolve", {"customer_id": who}, target=unknown.id)


def consent(crm: CRM, who: UUID, number: int) -> None:
    """Something allowed or withdrawn."""
    values = {"purpose": "marketing", "channel": "email", "granted": bool(number % 2), "evidence": f"form {number}"}
    crm.run(ADMIN, "consent.record", values, target=who)


def related(crm: CRM, who: UUID, number: int) -> None:
    """A relationship with somebody whom both customers may know."""
    (other,) = [row for row in _bystanders(crm) if row[1] == f"Bystander {number % 2}"]
    values = {"other_id": other[0], "kind": "friend", "note": f"since {number % 2}"}
    if number % 3:
        _quietly(crm, "relationship.add", values, who)
    else:
        _quietly(crm, "relationship.add", {**values, "other_id": who}, other[0])


def engines(crm: CRM, who: UUID, number: int) -> None:
    """What engines have found out, and what must not be repeated."""
    at = DAY + timedelta(days=number)
    kept = new_id()
    put(crm, KeptFact, id=kept, recorded_at=at, name=f"purchase.count{kept}", key="", as_of=at, known_at=at)
    put(crm, FactValue, fact_id=kept, customer_id=who, whole=number)
    if not _has(crm, Exposure, who, experiment="welcome"):
        values = {"arm": f"arm {number % 2}", "exposed_at": at, "recorded_at": at}
        put(crm, Exposure, experiment="welcome", customer_id=who, **values)
    if not _has(crm, RuleClaim, who, rule="greet"):
        put(crm, RuleClaim, rule="greet", customer_id=who, period="last", fired_at=at)
    if not _has(crm, SegmentMember, who, segment=f"segment {number % 2}"):
        values = {"since": at, "cause": "customer", "recorded_at": at}
        put(crm, SegmentMember, segment=f"segment {number % 2}", customer_id=who, **values)
    if not _has(crm, Label, who, dimension=f"taste {number % 2}"):
        values = {"since": at, "label": "sweet", "cause": "decider", "run_id": new_id(), "recorded_at": at}
        put(crm, Label, dimension=f"taste {number % 2}", customer_id=who, **values)
    log = {"number": 1, "outcome": "fired", "actor_id": "system", "details": {}, "micros": 5}
    put(crm, RuleLog, id=new_id(), recorded_at=at, rule="greet", customer_id=who, occasion=str(new_id()), **log)


def link(crm: CRM, who: UUID, number: int) -> None:
    """A public link that was sent out."""
    values = {"page": "crm.preferences", "subject": f"customer:{who}", "expires_at": DAY, "created_by": "system"}
    put(crm, PublicLink, id=new_id(), version=1, created_at=DAY, updated_at=DAY, customer_id=who, **values)


def attachment(crm: CRM, who: UUID, number: int) -> None:
    """A file of the customer."""
    upload = Upload(filename=f"{number}.txt", content=b"%PDF-1.4 hello")
    crm.run(ADMIN, "attachment.add", {"customer_id": who, "upload": upload})


def member(crm: CRM, who: UUID, number: int) -> None:
    """The customer belongs to an organisation."""
    crm.run(ADMIN, "customer.update", {"organization": f"Works {number % 2}"}, target=who)


def opportunity(crm: CRM, who: UUID, number: int) -> None:
    """Something of the sales plugin, lost for a reason that is sealed."""
    made = crm.run(ADMIN, "sales.opportunity.create", {"customer_id": who, "title": f"Chairs {number}"})
    if number % 2:
        crm.run(ADMIN, "sales.opportunity.lose", {"reason": "Too dear"}, target=made.id)


def warranty(crm: CRM, who: UUID, number: int) -> None:
    """Something of the example plugin, with rows of its own below."""
    values = {"customer_id": who, "serial": str(new_id()), "starts_on": "2026-01-01", "months": 240}
    made = crm.run(ADMIN, "warranty.register", {**values, "receipt": f"R{number % 2}"})
    if number % 2:
        crm.run(ADMIN, "warranty.claim", {"defect": "It stays dark"}, target=made.id)


DEEDS: tuple[Deed, ...] = (
    email,
    phone,
    tags,
    fields,
    purchase,
    talk,
    consent,
    related,
    engines,
    link,
    attachment,
    member,
    opportunity,
    warranty,
)


def newcomer(crm: CRM, name: str, **values: Any) -> UUID:
    """Add a customer and return its id."""
    found: UUID = crm.run(ADMIN, "customer.create", {"name": name, **values}).id
    return found


def merge(crm: CRM, survivor: UUID, absorbed: UUID, **values: Any) -> Any:
    """Merge two customers as an admin."""
    return crm.run(ADMIN, "customer.merge", {"absorb": absorbed, **values}, target=survivor)


def unmerge(crm: CRM, survivor: UUID, merge_id: UUID, **values: Any) -> Any:
    """Undo a merge as an admin."""
    return crm.run(ADMIN, "customer.unmerge", {"merge": merge_id, **values}, target=survivor)


def _quietly(crm: CRM, operation: str, values: Mapping[str, Any], target: UUID) -> Any:
    """Run an operation whose input may be known already; return None then."""
    from crmkit.errors import AlreadyExists, InvalidInput

    try:
        return crm.run(ADMIN, operation, values, target=target)
    except (AlreadyExists, InvalidInput):
        return None


def _bystanders(crm: CRM) -> Iterable[tuple[UUID, str]]:
    from sqlalchemy import select

    from crmkit import Customer

    with crm.session(ADMIN) as session:
        rows = session.execute(select(Customer.id, Customer.name).where(Customer.name.startswith("Bystander"))).all()
        return [(row[0], row[1]) for row in rows]


def _has(crm: CRM, model: Any, who: UUID, **values: Any) -> bool:
    from sqlalchemy import select

    table = model.__table__
    with crm.session(ADMIN) as session, region(session, "tests"):
        query = select(table.c.customer_id).where(table.c.customer_id == who)
        for name, value in values.items():
            query = query.where(table.c[name] == value)
        return session.connection().execute(query).first() is not None
