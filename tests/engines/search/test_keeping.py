"""The index is in step with the records whatever changes them, and forgets what is gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crmkit import CRM
from crmkit.core.customers.models import Customer
from crmkit.core.interactions.models import Interaction
from crmkit.core.operations.registry import Registry
from crmkit.engines.search.indexing import forget_words
from crmkit.engines.search.tables import SearchDocument
from crmkit.errors import ContributionError, CrmkitError
from crmkit.hooks.contributions import Searchable, SearchField
from tests.engines.search.support import ACTOR, count, customer, found, index, note, open_notes, words


def test_changes_of_a_customer_are_followed(crm: CRM) -> None:
    """Name and tags, at once and in the same transaction."""
    who = customer(crm, "Anna Berg", tags=["vip"])
    crm.run(ACTOR, "customer.update", {"name": "Anna Thal"}, target=who)
    crm.run(ACTOR, "customer.tag", {"names": ["gold"]}, target=who)
    crm.run(ACTOR, "customer.untag", {"names": ["vip"]}, target=who)
    assert [who] == found(crm, "thal")
    assert [who] == found(crm, "gold")
    assert [] == found(crm, "berg") + found(crm, "vip")
    assert ["anna", "gold", "thal"] == words(crm)


def test_what_is_not_searched_leaves_the_index_alone(crm: CRM) -> None:
    """A document that is as it was is not written again."""
    who = customer(crm, "Anna Berg")
    with crm.session(ACTOR) as session:
        before = _numbers(session)
    crm.run(ACTOR, "customer.update", {"city": "Kiel"}, target=who)
    with crm.session(ACTOR) as session:
        assert before == _numbers(session)


def _numbers(session: Any) -> list[Any]:
    from sqlalchemy import select

    from crmkit.core.store.guard import region

    with region(session, "tests"):
        return list(session.scalars(select(SearchDocument.__table__.c.number)))


def test_many_at_once(crm: CRM) -> None:
    """A set-based writer is followed, too."""
    crm.run_many(ACTOR, "customer.create", [{"name": f"Tea House {number:03}"} for number in range(300)])
    assert 300 == len(found(crm, "tea house", limit=400))
    assert 1 == len(found(crm, '"house 123"'))


def test_what_is_undone_is_not_found(crm: CRM) -> None:
    """Neither a transaction that failed nor a part of one leaves anything."""
    with pytest.raises(CrmkitError), crm.transaction(ACTOR) as session:
        _two(session)
    with crm.transaction(ACTOR) as session:
        kept = session.run("customer.create", {"name": "Kept Thal"}).id
        with pytest.raises(CrmkitError):
            session.run("customer.update", {"name": ""}, target=kept)
    assert [] == found(crm, "berg")
    assert [kept] == found(crm, "thal")


def _two(session: Any) -> None:
    session.run("customer.create", {"name": "Anna Berg"})
    session.run("customer.create", {"name": ""})


def test_deleted_customers_are_not_found_until_they_are_restored(crm: CRM) -> None:
    """Nor what was said with them."""
    open_notes(crm)
    who = customer(crm, "Anna Berg")
    said = note(crm, "likes green tea", customer_id=who)
    crm.run(ACTOR, "customer.delete", target=who)
    assert [] == found(crm, "berg") + found(crm, "green")
    crm.run(ACTOR, "customer.restore", target=who)
    assert [who, said] == found(crm, "berg") + found(crm, "green")


def test_texts_are_found_while_their_kind_is_searchable(crm: CRM) -> None:
    """What was recorded before a declaration follows by the job that changes it over, both ways."""
    written = note(crm, "likes green tea", subject="Tea")
    assert (0, 0, 0) == index(crm)
    open_notes(crm)
    crm.worker().run_until_idle()
    assert [written] == found(crm, "green")
    open_notes(crm, searchable=False)
    crm.worker().run_until_idle()
    assert [] == found(crm, "green")
    assert (0, 0, 0) == index(crm)
    assert [] == words(crm)


def test_nothing_that_is_sealed_is_in_the_index(crm: CRM) -> None:
    """Addresses, notes of kinds that are not searchable, sensitive custom fields."""
    customer(crm, "Anna Berg", email="secret.canary@example.com", phone="+8613800138000", street="Canary Street 5")
    note(crm, "the canary is ill", subject="canary")
    assert ["anna", "berg"] == words(crm)
    assert 1 == count(crm, SearchDocument)
    assert [] == found(crm, "canary")


def test_erasing_forgets_words(crm: CRM) -> None:
    """Documents go, and the words that only they had."""
    open_notes(crm)
    who = customer(crm, "Annabella Berg", tags=["vip"])
    customer(crm, "Berg AG", kind="organization")
    note(crm, "Annabella likes tea", customer_id=who)
    crm.run(ACTOR, "privacy.erase", {"reason": "asked for"}, target=who)
    assert ["berg"] == words(crm)
    assert (1, 1, 0) == index(crm)
    assert [] == found(crm, "annabella") + found(crm, "tea") + found(crm, "vip")


def test_erased_words_are_not_in_the_files(crm: CRM) -> None:
    """SQLite's inverted index is rewritten, so that nothing of them is left in it."""
    who = customer(crm, "Zebrafink Quollkater")
    crm.run(ACTOR, "privacy.erase", {"reason": "asked for"}, target=who)
    if crm.engines.base.dialect.name != "sqlite":
        assert (0, 0, 0) == index(crm)
        return
    file = Path(crm.engines.base.url.database or "")
    crm.engines.dispose()
    for path in file.parent.glob(f"{file.name}*"):
        assert b"quollkater" not in path.read_bytes().lower()
        assert b"zebrafink" not in path.read_bytes().lower()


def test_removed_for_good(crm: CRM) -> None:
    """A customer who goes with everything takes its documents along."""
    open_notes(crm)
    who = customer(crm, "Anna Berg")
    note(crm, "likes tea", customer_id=who)
    crm.run(ACTOR, "customer.delete", target=who)
    crm.run(ACTOR, "customer.remove", target=who)
    assert (0, 0, 0) == index(crm)


def test_hourly_job_forgets_what_went_by_other_ways(crm: CRM) -> None:
    """Rows that are deleted past the sessions leave words behind, which the job forgets."""
    customer(crm, "Anna Berg")
    with crm.engines.system_write.begin() as connection:
        connection.execute(Customer.__table__.delete())  # type: ignore[attr-defined]
    assert (0, 2, 1) == index(crm)
    with crm.transaction(ACTOR) as session:
        forget_words(session)
    assert (0, 0, 0) == index(crm)


def test_documents_go_with_interactions(crm: CRM) -> None:
    """Whether rows are deleted or emptied past the sessions, as retention and erasure do."""
    open_notes(crm)
    emptied, gone = note(crm, "likes green tea"), note(crm, "likes black tea")
    table: Any = Interaction.__table__
    with crm.engines.system_write.begin() as connection:
        connection.execute(table.update().where(table.c.id == emptied).values(body=None))
        connection.execute(table.delete().where(table.c.id == gone))
    assert 0 == count(crm, SearchDocument)


def test_rebuilding(crm: CRM) -> None:
    """Whatever was lost or is left over, the index is as the records are."""
    open_notes(crm)
    who = customer(crm, "Anna Berg", tags=["vip"])
    said = note(crm, "likes green tea", customer_id=who)
    with crm.engines.system_write.begin() as connection:
        connection.execute(SearchDocument.__table__.delete())  # type: ignore[attr-defined]
    assert [] == found(crm, "berg")
    for resource in ("customer", "interaction"):
        assert crm.run(ACTOR, "search.rebuild", {"resource": resource}).after is None
    assert [who, said] == found(crm, "berg") + found(crm, "green")
    with crm.engines.system_write.begin() as connection:
        connection.execute(Interaction.__table__.delete())  # type: ignore[attr-defined]
    crm.run(ACTOR, "search.rebuild", {"resource": "interaction"})
    assert 1 == count(crm, SearchDocument)


def test_only_what_is_kept_in_plain_can_be_declared() -> None:
    """A sealed field, or one that is not there, is refused when the plugin is loaded."""
    for name in ("birth_date", "identity_number", "nothing"):
        wrong = Searchable(name="x.customer", model=Customer, title="X", fields=[SearchField(name=name)])
        with pytest.raises(ContributionError, match=name):
            Registry().add("x", "searchable", [wrong])
