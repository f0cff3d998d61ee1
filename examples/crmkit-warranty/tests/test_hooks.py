"""What the plugin shows, takes over and does along with others' changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

import pytest
from crmkit import CRM, Actor, NotFound, Refused, Settings, Veto, hookimpl
from crmkit.errors import ConfigurationError, KeyMissing, WrongKey
from crmkit.hooks.contributions import Feed, FeedCounts, IncomingChange, Period, Probe
from crmkit.hooks.ports import ActorContext, Message

from crmkit_warranty import checks, pages, plugin, reports, tickets
from crmkit_warranty.models import Warranty
from crmkit_warranty.settings import settings_of


@pytest.fixture
def warranty(crm: CRM, actor: Actor, customers) -> Warranty:
    """A warranty that ends in about three weeks."""
    values = {"customer_id": customers().id, "serial": "SN-1", "months": 1}
    return crm.run(actor, "warranty.register", {**values, "starts_on": datetime.now(UTC).date() - timedelta(days=10)})


def settings(**values: Any) -> Settings:
    """Return settings with the plugin's own."""
    return Settings(database="sqlite://", options={"warranty": values})


def test_a_file_under_the_plugins_own_name_is_refused(crm: CRM, actor: Actor) -> None:
    """Others are let through without reading a row."""

    def feed(source: str) -> Feed:
        return Feed(
            source=source,
            resource="customers",
            file_name="customers.csv",
            headings=("Name",),
            fields={"Name": "name"},
            rows=lambda: iter(()),
            rehearse=lambda: FeedCounts(read=0, created=0, updated=0, duplicates=0, rejected=0),
        )

    assert plugin.crmkit_check_feed(crm, actor, feed("shop")) is None
    with pytest.raises(Veto):
        plugin.crmkit_check_feed(crm, actor, feed("warranty"))


# --- what others show -------------------------------------------------------------------------------------------------


def test_a_customer_shows_its_warranties(crm: CRM, actor: Actor, warranty: Warranty, customers) -> None:
    """Timeline and panel have the holder's, in one call for several customers."""
    ids = [warranty.customer_id, customers().id]
    with crm.session(actor) as session:
        entries = plugin.crmkit_timeline(session, ids, None, None)
        before = plugin.crmkit_timeline(session, ids, None, warranty.created_at)
        panels = plugin.crmkit_customer_panels(session, ids)
    assert [("SN-1", f"warranty.warranty:{warranty.id}")] == [(entry.summary, entry.ref) for entry in entries]
    assert before == []
    assert [(warranty.customer_id, "1")] == [(panel.customer_id, panel.rows[0][1]) for panel in panels]


def test_somebody_is_recognised_by_a_serial_number(crm: CRM, actor: Actor, warranty: Warranty) -> None:
    """Each probe that has it is answered, with its place."""
    known = Probe(identifiers=(("warranty", "SN-1"),))
    with crm.session(actor) as session:
        matches = plugin.crmkit_match_customers(session, [Probe(name="Li"), known, known])
    assert [(1, warranty.customer_id), (2, warranty.customer_id)] == [
        (each.probe, each.customer_id) for each in matches
    ]


def test_search_finds_by_the_beginning_of_the_number(crm: CRM, actor: Actor, warranty: Warranty) -> None:
    """Whatever the case; signs that SQL understands stand for themselves."""
    with crm.session(actor) as session:
        assert [hit.title for hit in plugin.crmkit_search(session, " sn-", 10)] == ["SN-1"]
        assert plugin.crmkit_search(session, "%", 10) == []
        assert plugin.crmkit_search(session, "sn-", 0) == []


def test_search_finds_by_the_whole_receipt_number(crm: CRM, actor: Actor, warranty: Warranty) -> None:
    """The number is sealed, so a part of it finds nothing; who may read it reads it."""
    values = {"customer_id": warranty.customer_id, "serial": "SN-2", "receipt": "R-2026/0815"}
    crm.run(actor, "warranty.register", values)
    with crm.session(actor) as session:
        assert [hit.title for hit in plugin.crmkit_search(session, " r-2026/0815", 10)] == ["SN-2"]
        assert plugin.crmkit_search(session, "R-2026", 10) == []
        assert [each.receipt for each in session.query(Warranty).order_by(Warranty.serial)] == [None, "R-2026/0815"]


def test_a_seller_has_the_rights_that_the_manifest_names(crm: CRM, warranty: Warranty, customers) -> None:
    """He sees his own warranties alone, may claim and not extend, and what is sensitive is masked."""
    system = crm.system("a test")
    user = crm.run(system, "user.create", {"login": "seller", "name": "Sel Ler"})
    crm.run(system, "user.assign_role", {"role": "seller"}, target=user.id)
    seller, customer = Actor.user(user.id, user.name), customers(owner_id=user.id)
    own = crm.run(seller, "warranty.register", {"customer_id": customer.id, "serial": "SN-2", "receipt": "R-0815"})
    crm.run(seller, "warranty.claim", {"defect": "It stays dark"}, target=own.id)
    with crm.session(seller) as session:
        (seen,) = session.query(Warranty)
        assert (seen.serial, seen.status) == ("SN-2", "claimed")
        assert seen.receipt != "R-0815"
        assert seen.defect != "It stays dark"
    with pytest.raises(NotFound):
        crm.run(seller, "warranty.claim", {"defect": "It stays dark"}, target=warranty.id)
    with pytest.raises(Refused):
        crm.run(seller, "warranty.extend", {"months": 1}, target=own.id)


def test_the_report_counts_by_day(crm: CRM, actor: Actor, warranty: Warranty, audited) -> None:
    """Both ends of the period are included, and who has read it is audited."""
    day = warranty.expires_on
    with crm.session(actor) as session:
        rows = reports.expiring_rows(session, Period(first=day, last=day), None)
        assert rows == [{"day": day, "warranties": 1}]
        assert [warranty.id] == [each.id for each in pages.overview(session)["expiring"]]
    (noted,) = audited("warranty.report")
    assert (actor.id, {"days": 1}) == (noted["actor"], noted["details"])


def test_doctor_finds_a_number_in_two_spellings(crm: CRM, actor: Actor, warranty: Warranty) -> None:
    """Two numbers that differ in case alone are a warning."""
    with crm.session(actor) as session:
        assert [finding.level for finding in checks.serials_are_unique(session)] == ["ok"]
    crm.run(actor, "warranty.register", {"customer_id": warranty.customer_id, "serial": "sn-1"})
    with crm.session(actor) as session:
        assert [finding.code for finding in checks.serials_are_unique(session)] == ["WTY201"]


def test_another_plugin_may_suggest_terms(crm: CRM, actor: Actor, customers) -> None:
    """The plugin's own hook is asked once for all products; what somebody says wins over it."""
    asked = []

    @hookimpl
    def warranty_terms(skus: list[str]) -> dict[str, str]:
        asked.append(list(skus))
        return {"LAPTOP-13": "extended"}

    partner = ModuleType("partner")
    partner.warranty_terms = warranty_terms  # type: ignore[attr-defined]
    crm.dispatcher.add_plugin("partner", partner)
    crm.run(actor, "product.create", {"sku": "LAPTOP-13", "title": "Laptop"})
    values = {"customer_id": customers().id, "sku": "LAPTOP-13", "starts_on": "2026-01-01"}
    items = [{**values, "serial": "A"}, {**values, "serial": "B", "months": 3}]
    made = [outcome.result for outcome in crm.run_many(actor, "warranty.register", items)]
    assert [each.expires_on.year for each in made] == [2031, 2026]
    assert asked == [["LAPTOP-13"]]


# --- what the plugin takes over where the settings ask for it ---------------------------------------------------------


def test_nothing_is_taken_over_unasked(crm: CRM, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without settings each hook leaves the answer to others."""
    monkeypatch.delenv(tickets.SECRET, raising=False)
    message = Message(id=uuid4(), channel="warranty.card", address="somewhere", body="text")
    context = ActorContext(door="rest", credentials={tickets.HEADER: "partner.signature"})
    assert plugin.crmkit_deliver_message(crm, message) is None
    assert plugin.crmkit_resolve_actor(context) is None
    assert plugin.crmkit_key_provider(crm.settings) is None
    assert plugin.crmkit_job_backend(crm.settings) is None
    assert plugin.crmkit_file_store(crm.settings) is None


def test_a_ticket_is_who_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """A genuine ticket names its partner, an altered one is refused, and who has none is left to others."""
    monkeypatch.setenv(tickets.SECRET, "secret")
    ticket = tickets.ticket_for("fixers", "secret")
    found = plugin.crmkit_resolve_actor(ActorContext(door="rest", credentials={tickets.HEADER: ticket}))
    assert found is not None
    assert (found.id, found.roles) == ("host:warranty:fixers", (tickets.ROLE,))
    with pytest.raises(Refused):
        plugin.crmkit_resolve_actor(ActorContext(door="rest", credentials={tickets.HEADER: f"x{ticket}"}))
    assert plugin.crmkit_resolve_actor(ActorContext(door="rest")) is None


def test_keys_unwrap_in_their_context_alone(tmp_path: Path) -> None:
    """A wrapped key comes back; in another context, altered, or without its root key it does not."""
    keys = plugin.crmkit_key_provider(settings(keys=str(tmp_path)))
    assert keys is not None
    name = keys.create(())
    (wrapped,) = keys.wrap(name, [(b"k" * 32, b"one")])
    assert (keys.unwrap(name, [(wrapped, b"one")]), keys.names()) == ([b"k" * 32], [name])
    for other, context in ((wrapped, b"two"), (wrapped[:-1] + bytes([wrapped[-1] ^ 1]), b"one"), (b"xx", b"one")):
        with pytest.raises(WrongKey):
            keys.unwrap(name, [(other, context)])
    keys.destroy(name)
    with pytest.raises(KeyMissing):
        keys.unwrap(name, [(wrapped, b"one")])


def test_files_come_back_as_they_were(tmp_path: Path) -> None:
    """A key outside the folder is no key."""
    files = plugin.crmkit_file_store(settings(files=str(tmp_path / "files")))
    assert files is not None
    files.put("ab/one", b"content")
    files.put("ab/one", b"content")
    assert files.get("ab/one") == b"content"
    files.delete("ab/one")
    files.delete("ab/one")
    for key in ("ab/one", "../outside"):
        with pytest.raises(NotFound):
            files.get(key)


def test_settings_that_do_not_exist_are_named() -> None:
    """With the one that was probably meant; a value of the wrong kind is refused, too."""
    with pytest.raises(ConfigurationError, match="months"):
        settings_of(settings(month=3))
    with pytest.raises(ConfigurationError):
        settings_of(settings(months="many"))


class TestFolders:
    """Cards, scans and the spool, in folders of this test."""

    @pytest.fixture
    def plugin_settings(self, tmp_path: Path) -> Mapping[str, Any]:
        """The three folders."""
        return {name: str(tmp_path / name) for name in ("cards", "scans", "spool")}

    def scan(self, folder: Path, customer: Any, name: str) -> Path:
        """Put a scan of a customer there, as the scanner does."""
        path = folder / "scans" / str(customer) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("scan")
        return path

    def test_a_claim_sends_a_card(self, crm: CRM, actor: Actor, warranty: Warranty, tmp_path: Path) -> None:
        """The card is written by a worker, and taken back when the plugin is disabled."""
        crm.run(actor, "warranty.claim", {"defect": "It stays dark"}, target=warranty.id)
        crm.worker().run_until_idle()
        (card,) = (tmp_path / "cards").glob("*.txt")
        assert card.read_text("utf-8").startswith("SN-1\n")
        crm.disable("warranty")
        assert list((tmp_path / "cards").iterdir()) == []

    def merge_and_fail(self, crm: CRM, actor: Actor, giver: UUID, taker: UUID) -> None:
        """Merge in a transaction that is refused in the end."""
        with crm.transaction(actor) as session:
            plugin.crmkit_merge_customers(session, giver, taker)
            raise Veto("refused")

    def test_scans_follow_a_merge(self, crm: CRM, actor: Actor, customers, tmp_path: Path) -> None:
        """They are moved when the change commits, equal names side by side, and not at all when it does not."""
        giver, taker = customers.many(2)
        self.scan(tmp_path, giver.id, "card.png")
        self.scan(tmp_path, taker.id, "card.png")
        with pytest.raises(Veto):
            self.merge_and_fail(crm, actor, giver.id, taker.id)
        with crm.session(actor) as session:
            assert len(plugin.crmkit_export_customer(session, giver.id)[0].rows) == 1
        with crm.transaction(actor) as session:
            plugin.crmkit_merge_customers(session, giver.id, taker.id)
        with crm.session(actor) as session:
            assert plugin.crmkit_export_customer(session, giver.id) == []
            (section,) = plugin.crmkit_export_customer(session, taker.id)
        names = [row["file"] for row in section.rows]
        assert sorted([f"{giver.id}-card.png", "card.png"]) == sorted(names)

    def test_scans_go_with_an_erasure_and_a_purge(self, crm: CRM, actor: Actor, customers, tmp_path: Path) -> None:
        """One customer's by erasure, everybody's by purging the plugin."""
        leaver, stayer = customers.many(2)
        gone, kept = self.scan(tmp_path, leaver.id, "a.png"), self.scan(tmp_path, stayer.id, "b.png")
        with crm.transaction(actor) as session:
            plugin.crmkit_erase_customer(session, leaver.id)
        assert (gone.exists(), kept.exists()) == (False, True)
        crm.disable("warranty")
        crm.purge("warranty")
        assert not kept.exists()

    def test_jobs_are_handed_over_once_they_are_certain(self, crm: CRM, actor: Actor, tmp_path: Path) -> None:
        """A job is written when its transaction commits, and one whose key waits is not written again."""
        jobs = plugin.crmkit_job_backend(crm.settings)
        assert jobs is not None
        for _number in range(2):
            with crm.transaction(actor) as session:
                jobs.defer(session, "warranty.send_card", {"warranty_id": "1"}, run_at=None, key="card:1")
                assert _number == len(list((tmp_path / "spool").glob("*.json")))
        assert [path.name for path in (tmp_path / "spool").glob("*.json")] == ["card_1.json"]


def test_names_stay_while_a_claim_is_open(crm: CRM, actor: Actor, warranty: Warranty) -> None:
    """A file must not replace the name that the papers of a claim have; other fields, and other customers, it may."""
    changes = [IncomingChange(customer_id=warranty.customer_id, fields=("name", "city"))]
    with crm.session(actor) as session:
        assert plugin.crmkit_keep_values(session, changes) == []
    crm.run(actor, "warranty.claim", {"defect": "It stays dark"}, target=warranty.id)
    with crm.session(actor) as session:
        (kept,) = plugin.crmkit_keep_values(session, changes)
    assert (warranty.customer_id, "name") == (kept.customer_id, kept.field)
