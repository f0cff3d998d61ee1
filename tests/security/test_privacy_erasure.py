"""Erasing persons: what becomes of every table, holds, certificates, what the law keeps, and forgetting again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from crmkit import CRM, Actor
from crmkit.core.interactions.models import Interaction
from crmkit.core.store.actor import Actor as StoreActor
from crmkit.core.store.model import metadata_of
from crmkit.errors import InvalidInput, NotFound, OnLegalHold
from crmkit.security.privacy.erasing import certificate_of
from crmkit.security.privacy.erasures import read_list
from crmkit.security.privacy.replay import after_restore

ACTOR = Actor.system("tests of privacy")
REASON = {"reason": "asked for by letter of 3 March"}


def person(crm: CRM, name: str = "Li Wei", **values: Any) -> UUID:
    """Add somebody with contact points, a consent, a purchase and a note."""
    made = crm.run(
        ACTOR,
        "customer.create",
        {
            "name": name,
            "email": f"{name.replace(' ', '.').lower()}@example.com",
            "mobile": "+8613800138000",
            "city": "上海",
            "consents": [{"purpose": "marketing", "channel": "email", "granted": True, "evidence": "signed slip 17"}],
            **values,
        },
    )
    crm.run(
        ACTOR,
        "interaction.record",
        {"kind": "purchase", "customer_id": made.id, "amount": "12.50", "currency": "EUR", "source": "shop",
         "external_id": f"order of {made.id}"},
    )  # fmt: skip
    crm.run(ACTOR, "interaction.record", {"kind": "note", "customer_id": made.id, "body": "Prefers calls at noon"})
    return made.id


def erase(crm: CRM, customer_id: UUID) -> Any:
    """Erase a customer."""
    return crm.run(ACTOR, "privacy.erase", REASON, target=customer_id)


def rows_naming(crm: CRM, customer_id: UUID) -> dict[str, int]:
    """Return for each table of the kernel how many rows have a customer's id in any column that names customers."""
    found: dict[str, int] = {}
    with crm.engines.system_read.connect() as connection:
        for table in metadata_of("crmkit").sorted_tables:
            for column in table.c:
                if column.name in ("customer_id", "other_id") or (table.name == "crm_customer" and column.name == "id"):
                    count = len(connection.execute(select(column).where(column == customer_id)).all())
                    if count:
                        found[table.name] = found.get(table.name, 0) + count
    return found


def test_erased_person_is_in_no_table_but_the_sealed_log(crm: CRM) -> None:
    """After an erasure no table names the person, save the audit log, which knows a number alone."""
    customer_id = person(crm)
    erase(crm, customer_id)
    assert set(rows_naming(crm, customer_id)) <= {"crm_audit_subject"}


def test_others_keep_everything(crm: CRM) -> None:
    """Erasing one person leaves the rows of another as they are."""
    other = person(crm, "Wang Fang")
    before = rows_naming(crm, other)
    erase(crm, person(crm))
    assert {name: count for name, count in rows_naming(crm, other).items() if name != "crm_audit_subject"} == {
        name: count for name, count in before.items() if name != "crm_audit_subject"
    }


def test_figures_stay_when_a_buyer_is_erased(crm: CRM) -> None:
    """A purchase stays in the figures, of nobody and without what named its buyer."""
    customer_id = person(crm)
    erase(crm, customer_id)
    with crm.session(ACTOR) as session:
        (purchase,) = session.scalars(select(Interaction).where(Interaction.kind == "purchase"))
        assert (purchase.customer_id, purchase.amount_minor, purchase.external_id) == (None, 1250, None)


def test_plan_says_what_the_erasure_then_does(crm: CRM) -> None:
    """The certificate names the tables, actions and numbers of rows of the plan."""
    customer_id = person(crm)
    plan = crm.run(ACTOR, "privacy.plan_erasure", target=customer_id)
    certificate = erase(crm, customer_id)
    planned = {(item.table, item.column): (item.action, item.rows) for item in plan.items}
    done = {(item.table, item.column): (item.action, item.rows) for item in certificate.items}
    assert done == planned
    assert plan.data_keys == certificate.data_keys == 1


def test_certificate_can_be_checked_and_names_nobody(crm: CRM) -> None:
    """The certificate is signed, and tells neither name nor address."""
    customer_id = person(crm)
    erase(crm, customer_id)
    with crm.session(ACTOR) as session:
        certificate, genuine = certificate_of(session, customer_id)
    assert genuine
    assert "Li Wei" not in repr(certificate)
    assert "example.com" not in repr(certificate)


def test_erasure_needs_a_reason(crm: CRM) -> None:
    """An erasure without a reason is refused."""
    with pytest.raises(InvalidInput):
        crm.run(ACTOR, "privacy.erase", {"reason": " "}, target=person(crm))


@pytest.mark.parametrize("operation", ["privacy.erase", "customer.remove"])
def test_legal_hold_forbids_removing(crm: CRM, operation: str) -> None:
    """While a hold is on somebody, neither erasing nor removing is possible; once released it is."""
    customer_id = person(crm)
    crm.run(ACTOR, "privacy.hold", {"reason": "case 12 O 34/26"}, target=customer_id)
    values = REASON if operation == "privacy.erase" else {}
    with pytest.raises(OnLegalHold):
        crm.run(ACTOR, operation, values, target=customer_id)
    crm.run(ACTOR, "privacy.release", {"reason": "settled"}, target=customer_id)
    crm.run(ACTOR, operation, values, target=customer_id)
    with pytest.raises(NotFound):
        crm.run(ACTOR, "customer.delete", target=customer_id)


def test_law_keeps_consent_until_its_day(crm: CRM) -> None:
    """The proof of consent is locked away, can be opened for a reason, and goes when its day has come."""
    customer_id = person(crm)
    certificate = erase(crm, customer_id)
    (parcel,) = crm.run(ACTOR, "privacy.open_retained", {"erasure_id": certificate.erasure_id, "reason": "authority"})
    assert parcel.table == "crm_consent"
    assert parcel.rows[0]["evidence"] == "signed slip 17"
    with CRM.open(crm.settings, clock=_in_years(4)) as later:
        report = later.run(ACTOR, "privacy.run_retention")
        assert report.unlocked == 1
        with pytest.raises(NotFound):
            later.run(ACTOR, "privacy.open_retained", {"erasure_id": certificate.erasure_id, "reason": "authority"})


def _in_years(years: int) -> Any:
    from crmkit.core.store.clock import Clock

    class Later(Clock):
        def now(self) -> datetime:
            return datetime.now(UTC) + timedelta(days=365 * years)

    return Later()


def test_data_key_is_destroyed(crm: CRM) -> None:
    """What was sealed for an erased person cannot be opened, even from a copy of its row."""
    customer_id = person(crm)
    with crm.session(ACTOR) as session:
        from crmkit.core.customers.models import ContactPoint
        from crmkit.core.store.sealed import OpenItem
        from crmkit.errors import Erased

        point = session.scalars(select(ContactPoint).where(ContactPoint.kind == "email")).one()
        copy = OpenItem(table="crm_contact_point", field="value", record=point.id, sealed=point._sealed_value)  # type: ignore[attr-defined]
    erase(crm, customer_id)
    with crm.session(ACTOR) as session, pytest.raises(Erased):
        crm.vault.open_many(session, [copy])


def test_history_of_an_erased_person_is_gone(crm: CRM) -> None:
    """The history tells nothing of an erased person, nor of the relationships that others had with it."""
    from crmkit.core.store.tables import RecordChange

    customer_id = person(crm)
    crm.run(ACTOR, "customer.update", {"city": "杭州"}, target=customer_id)
    erase(crm, customer_id)
    with crm.session(ACTOR) as session:
        assert session.scalars(select(RecordChange).where(RecordChange.record_id == customer_id)).all() == []


def test_list_outside_the_database_makes_a_restored_one_forget(crm: CRM) -> None:
    """Who comes back with an older backup is erased again by the list that is kept beside the keys."""
    customer_id = person(crm)
    with crm.engines.system_read.connect() as connection:
        saved = _saved(connection, customer_id)
    erase(crm, customer_id)
    assert customer_id in {line.subject_id for line in read_list(crm)}
    with crm.engines.system_write.begin() as connection:
        for table, rows in saved:
            connection.execute(table.insert(), rows)
        erased = metadata_of("crmkit").tables["crm_erasure"]
        connection.execute(erased.delete())
    assert after_restore(crm) == 1
    assert set(rows_naming(crm, customer_id)) <= {"crm_audit_subject"}
    assert after_restore(crm) == 0


def _saved(connection: Any, customer_id: UUID) -> list[tuple[Any, list[dict[str, Any]]]]:
    found: list[tuple[Any, list[dict[str, Any]]]] = []
    for name, column in (("crm_customer", "id"), ("crm_contact_point", "customer_id"), ("crm_data_key", "subject_id")):
        table = metadata_of("crmkit").tables[name]
        rows = connection.execute(select(table).where(table.c[column] == customer_id)).mappings().all()
        found.append((table, [dict(row) for row in rows]))
    return found


def test_ordinary_user_may_not_erase(crm: CRM) -> None:
    """Privacy is the affair of who has its right: somebody without roles is refused."""
    from crmkit.errors import CrmkitError

    user = crm.run(ACTOR, "user.create", {"login": "ann", "name": "Ann"})
    with pytest.raises(CrmkitError) as caught:
        crm.run(StoreActor.user(user.id), "privacy.erase", REASON, target=person(crm))
    assert caught.value.code in ("CK511", "CK520")
