"""What of interactions is sealed, for whom it is opened, and what becomes of it when its customer is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crmkit import CRM, Actor
from crmkit.core.interactions.attachments import Upload, open_attachment
from crmkit.core.interactions.models import Attachment, Interaction, Participant, address_form
from crmkit.core.interactions.openness import SearchableKind
from crmkit.core.interactions.searchable import declared_kinds
from crmkit.core.interactions.threads import thread
from crmkit.core.interactions.timeline import timeline
from crmkit.core.store.opening import plain
from crmkit.core.store.sealed import is_masked
from crmkit.errors import Erased, InvalidInput, ModelError, StoreError
from crmkit.hooks.contributions import InteractionKind, PayloadField
from crmkit.settings import Settings
from tests.core.interactions.support import ACTOR, customer, problems, raw, record

PDF = b"%PDF-1.7\n" + b"The contract of Li Wei. " * 10

RIDE = InteractionKind(
    name="probe.ride",
    title="Ride",
    open=True,
    payload=(
        PayloadField(name="km", type="decimal", classified="internal"),
        PayloadField(name="town", classified="personal"),
        PayloadField(name="from", classified="sensitive"),
    ),
)


def columns(crm: CRM, names: str, table: str = "crm_interaction") -> list[tuple[Any, ...]]:
    """Return columns of a table as they are in the database."""
    with raw(crm) as run:
        return [tuple(row) for row in run(f"SELECT {names} FROM {table} ORDER BY id")]


def reader(crm: CRM, **levels: str) -> Actor:
    """Make a user who may read everything, and sees classes of fields at some levels."""
    role = crm.run(ACTOR, "role.create", {"name": "test_reader"})
    crm.run(ACTOR, "role.grant", {"resource": "*", "action": "*", "scope": "all"}, target=role.id)
    for classified, level in levels.items():
        crm.run(ACTOR, "role.set_field_right", {"classified": classified, "level": level}, target=role.id)
    user = crm.run(ACTOR, "user.create", {"login": "reader", "name": "Reader"})
    crm.run(ACTOR, "user.assign_role", {"role": "test_reader"}, target=user.id)
    return Actor.user(user.id, "Reader")


# --- texts -----------------------------------------------------------------------------------------------------------


def test_texts_are_sealed_unless_their_kind_is_searchable(crm: CRM) -> None:
    """The database holds an envelope; the record, its timeline and its thread show the text."""
    who = customer(crm)
    made = record(crm, customer_id=who.id, subject="Re: The offer", body="Ring me at noon", thread="t1")
    ((subject, body, sealed_subject, sealed_body),) = columns(crm, "subject, body, subject_sealed, body_sealed")
    assert (subject, body) == (None, None)
    assert (bytes(sealed_subject)[:1], bytes(sealed_body)[:1]) == (b"\xc1", b"\xc1")
    with crm.session(ACTOR) as session:
        found = session.get_one(Interaction, made.id)
        assert (found.subject, found.body) == ("Re: The offer", "Ring me at noon")
        (entry,) = timeline(session, who.id).entries
        assert (entry.title, entry.summary) == ("Re: The offer", "Ring me at noon")
        assert thread(session, "t1").subject == "The offer"


def test_a_record_is_read_after_its_session_has_ended(crm: CRM) -> None:
    """It is opened in a session of its own, which leaves no transaction behind."""
    made = record(crm, subject="Offer", payload={})
    with crm.session(ACTOR) as session:
        found = session.get_one(Interaction, made.id)
    assert found.subject == "Offer"
    assert not session.in_transaction()
    record(crm, subject="nobody holds the lock")


def test_sql_cannot_use_what_is_sealed(crm: CRM) -> None:
    """A query that compares a sealed text is refused, as it would find nothing."""
    with pytest.raises(ModelError):
        select(Interaction).where(Interaction.subject == "Offer")
    with pytest.raises(ModelError):
        select(Interaction).where(Interaction.body.is_(None))


def test_a_reader_sees_texts_as_far_as_the_right_goes(crm: CRM) -> None:
    """Masked, whether they are sealed or kept in plain to be searched."""
    who = customer(crm)
    record(crm, customer_id=who.id, subject="Secret plans")
    crm.run(ACTOR, "interaction.declare_searchable", {"kind": "call"})
    record(crm, "call", customer_id=who.id, subject="Secret call")
    with crm.session(reader(crm, text="masked")) as session:
        found = [item.subject for item in session.scalars(select(Interaction).order_by(Interaction.id))]
    assert found == ["S****", "S****"]
    assert all(is_masked(text) for text in found)


# --- declaring a kind searchable -------------------------------------------------------------------------------------


def test_a_kind_that_is_declared_searchable_is_kept_in_plain(crm: CRM) -> None:
    """What was recorded before follows by a job, and goes back when it is declared otherwise."""
    before = record(crm, subject="old", body="text of old")
    call = record(crm, "call", subject="stays sealed")
    declared = crm.run(ACTOR, "interaction.declare_searchable", {"kind": "note"})
    after = record(crm, subject="new")
    assert (declared.searchable, declared.refiling) == (True, True)
    assert [row[0] for row in columns(crm, "subject")] == [None, None, "new"]
    crm.worker().run_until_idle()
    assert columns(crm, "subject, body, subject_sealed IS NULL") == [
        ("old", "text of old", 1),
        (None, None, 0),
        ("new", None, 1),
    ]
    with crm.session(ACTOR) as session:
        assert [item.kind for item in declared_kinds(session)] == ["note"]
        wanted = select(Interaction.id).where(Interaction.subject.in_plain.like("%o%"))
        assert session.scalars(wanted).all() == [before.id]
    crm.run(ACTOR, "interaction.declare_searchable", {"kind": "note", "searchable": False})
    crm.worker().run_until_idle()
    assert columns(crm, "subject, body") == [(None, None)] * 3
    with crm.session(ACTOR) as session:
        texts = {item.id: item.subject for item in session.scalars(select(Interaction))}
    assert texts == {before.id: "old", call.id: "stays sealed", after.id: "new"}


def test_many_are_changed_over_batch_by_batch(crm: CRM, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit into one transaction is left to the next, until nothing is left."""
    monkeypatch.setattr("crmkit.core.interactions.searchable.BATCH", 2)
    monkeypatch.setattr("crmkit.core.interactions.searchable.BATCHES", 1)
    crm.run_many(ACTOR, "interaction.record", [{"kind": "note", "subject": str(number)} for number in range(5)])
    crm.run(ACTOR, "interaction.declare_searchable", {"kind": "note"})
    crm.worker().run_until_idle()
    assert [row[0] for row in columns(crm, "subject")] == ["0", "1", "2", "3", "4"]


def test_what_was_erased_does_not_stop_the_others(crm: CRM) -> None:
    """A text whose key is gone stays as it is."""
    gone, here = customer(crm, "Gone"), customer(crm, "Here")
    record(crm, customer_id=gone.id, subject="a")
    record(crm, customer_id=here.id, subject="b")
    with crm.transaction(ACTOR) as session:
        crm.vault.destroy(session, [gone.id])
    crm.run(ACTOR, "interaction.declare_searchable", {"kind": "note"})
    crm.worker().run_until_idle()
    assert [row[0] for row in columns(crm, "subject")] == [None, "b"]


def test_a_kind_that_is_not_known_cannot_be_declared(crm: CRM) -> None:
    """Nor is anything done when nothing changes."""
    assert list(problems(crm, "interaction.declare_searchable", {"kind": "nothing"})) == ["kind"]
    with pytest.raises(InvalidInput):
        crm.run(ACTOR, "interaction.declare_searchable", {"kind": "x" * 61})
    assert not crm.run(ACTOR, "interaction.declare_searchable", {"kind": "note", "searchable": False}).refiling
    with crm.session(ACTOR) as session:
        assert session.get_one(SearchableKind, "note").searchable is False


# --- details ---------------------------------------------------------------------------------------------------------


def test_details_are_sealed_but_for_what_their_kind_declares(crm: CRM) -> None:
    """Internal and personal ones can be used in SQL; sensitive and undeclared ones are sealed; reading gives all."""
    crm.registry.add("crmkit", "interaction kind", [RIDE])
    whole = {"km": "2.5", "town": "Kiel", "from": "Harbour 1", "remark": "was late"}
    made = record(crm, "probe.ride", payload=whole)
    with crm.session(ACTOR) as session:
        found = session.get_one(Interaction, made.id)
        assert found.payload == whole
        assert found.payload_open == {"km": "2.5", "town": "Kiel"}
        wanted = select(Interaction.id).where(Interaction.payload["km"].as_string() == "2.5")
        assert session.scalars(wanted).all() == [made.id]
        wanted = select(Interaction.id).where(Interaction.payload["remark"].as_string() == "was late")
        assert session.scalars(wanted).all() == []


def test_details_are_masked_for_whom_they_are_not_meant(crm: CRM) -> None:
    """What is internal is seen, what is personal or sensitive is not."""
    crm.registry.add("crmkit", "interaction kind", [RIDE])
    made = record(crm, "probe.ride", payload={"km": "2.5", "town": "Kiel", "from": "Harbour 1"})
    with crm.session(reader(crm)) as session:
        payload = session.get_one(Interaction, made.id).payload
    assert payload == {"km": "2.5", "town": "K****", "from": "H****"}


def test_a_reversal_that_is_written_by_the_mapper_is_sealed_too(crm: CRM) -> None:
    """Its subject is that of what it reverses, its reason is sealed with the details."""
    made = record(crm, "purchase", amount="7", currency="EUR", subject="Order of Li", payload={"order": "A1"})
    reversal = crm.run(ACTOR, "interaction.reverse", {"reason": "Li complained"}, target=made.id)
    first, second = columns(crm, "subject, payload, payload_sealed IS NULL")
    assert (first[0], first[2], second[0], second[2]) == (None, 1, None, 0)
    assert "complained" not in str(second[1])
    with crm.session(ACTOR) as session:
        found = session.get_one(Interaction, reversal.id)
        assert (found.subject, found.payload) == ("Order of Li", {"reversal_reason": "Li complained"})


# --- whose key -------------------------------------------------------------------------------------------------------


def test_naming_the_customer_makes_it_the_customers_to_erase(crm: CRM) -> None:
    """What was sealed before the customer was known goes with the customer: text, reversal, address."""
    early = record(
        crm, "email", subject="Hello", customer={"email": "new@example.com", "unmatched": "keep"},
        participants=[{"role": "cc", "contact_kind": "email", "address": "other@example.com"}],
    )  # fmt: skip
    reversal = crm.run(ACTOR, "interaction.reverse", {"reason": "twice"}, target=early.id)
    with crm.session(ACTOR) as session:
        assert session.get_one(Interaction, early.id).subject == "Hello"
    who = customer(crm, email="new@example.com")
    crm.run(ACTOR, "interaction.resolve", {"customer_id": who.id}, target=early.id)
    with crm.session(ACTOR) as session:
        assert session.get_one(Interaction, reversal.id).subject == "Hello"
    with crm.transaction(ACTOR) as session:
        crm.vault.destroy(session, [who.id])
    with crm.session(ACTOR) as session:
        for identity in (early.id, reversal.id):
            with pytest.raises(Erased):
                plain(session.get_one(Interaction, identity), "subject")
        for one in session.scalars(select(Participant)):
            with pytest.raises(Erased):
                plain(one, "address")


def test_an_address_goes_with_whom_it_was_matched_with(crm: CRM) -> None:
    """It belongs to the conversation until it is known whose it is."""
    here = customer(crm, "Here")
    mail = record(
        crm, "email", customer_id=here.id, subject="Hi",
        participants=[{"role": "cc", "contact_kind": "email", "address": "B@example.com"}],
    )  # fmt: skip
    other = customer(crm, "Other", email="b@example.com")
    assert crm.run(ACTOR, "interaction.resolve_participants", target=mail.id).customers == 1
    with crm.session(ACTOR) as session:
        form = address_form("email", "b@EXAMPLE.com")
        assert form is not None
        (one,) = session.scalars(select(Participant).where(Participant.address.matches(session, form)))
        assert one.address == "B@example.com"
    with crm.transaction(ACTOR) as session:
        crm.vault.destroy(session, [other.id])
    with crm.session(ACTOR) as session:
        (one,) = session.scalars(select(Participant))
        with pytest.raises(Erased):
            plain(one, "address")
        assert session.get_one(Interaction, mail.id).subject == "Hi"


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def shop(crm_url: str, tmp_path: Path) -> Iterator[CRM]:
    """A CRM with a folder for files."""
    with CRM.open(Settings(database=crm_url, files=tmp_path / "files")) as crm:
        yield crm


def attach(crm: CRM, **values: Any) -> Attachment:
    """Attach a file."""
    made: Attachment = crm.run(ACTOR, "attachment.add", {"upload": Upload(filename="offer.pdf", content=PDF), **values})
    return made


def stored(crm: CRM) -> list[Path]:
    """Return the files in the folder."""
    assert crm.settings.files is not None
    return [path for path in crm.settings.files.rglob("*") if path.is_file()]


def test_content_is_sealed_in_the_store(shop: CRM) -> None:
    """The disk says nothing of it, and one file cannot take another one's place."""
    who = customer(shop)
    one, other = attach(shop, customer_id=who.id), attach(shop, customer_id=who.id)
    assert all(b"Li Wei" not in path.read_bytes() for path in stored(shop))
    with shop.session(ACTOR) as session:
        assert open_attachment(session, one.id).content == PDF
    store: Any = shop.files
    store.put(one.storage_key, store.get(other.storage_key))
    with shop.session(ACTOR) as session, pytest.raises(StoreError):
        open_attachment(session, one.id)


def test_a_file_goes_with_its_customer(shop: CRM) -> None:
    """Also one that came before the customer was known."""
    mail = record(shop, "email", subject="Here it is")
    file = attach(shop, interaction_id=mail.id)
    who = customer(shop)
    shop.run(ACTOR, "interaction.resolve", {"customer_id": who.id}, target=mail.id)
    with shop.session(ACTOR) as session:
        assert open_attachment(session, file.id).content == PDF
    with shop.transaction(ACTOR) as session:
        shop.vault.destroy(session, [who.id])
    with shop.session(ACTOR) as session, pytest.raises(Erased):
        open_attachment(session, file.id)
