"""At entry: who seems to be known is shown, held up or refused, as the settings say; on the pages, over the API and
from programs."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from crmkit_quality.settings import settings_of

from crmkit.app import CRM
from crmkit.core.customers.inputs import NewCustomer
from crmkit.core.customers.matching import find_exact, probes_of
from crmkit.core.store.actor import Actor
from crmkit.errors import ConfigurationError, PossibleDuplicate
from tests.plugins.quality.duplicates.conftest import ADA, SYSTEM, House
from tests.web.rest.support import caller

AGAIN = {"name": "Ada Lovelace", "email": "ada@analytical.example", **ADA}


def configured(house: House, **options: Any) -> House:
    """Set options of the plugin."""
    house.crm.settings = evolve(house.crm.settings, options={"quality": options})
    return house


@pytest.fixture
def ready(small_house: House) -> House:
    """The house with its index built."""
    small_house.crm.worker().run_until_idle()
    return small_house


def typed(values: dict[str, Any]) -> dict[str, str]:
    """Return values as a form sends them."""
    return {name: str(value) for name, value in values.items()} | {"kind": "person", "standing": "potential"}


def test_the_form_shows_who_is_known_and_keeps_what_was_typed(ready: House) -> None:
    """Nothing is added until it is said that it is somebody else; nothing typed is lost."""
    client = ready.web.client("sam")
    shown = client.post("/customers/new", typed({**AGAIN, "job_title": "Countess"}))
    assert shown.status_code == 409
    assert str(ready.own) in shown.text
    assert str(ready.foreign) not in shown.text
    assert 'value="Countess"' in shown.text
    assert 'name="anyway"' in shown.text
    added = client.post("/customers/new", {**typed(AGAIN), "anyway": "true"})
    assert added.status_code == 303


def test_the_form_knows_by_likeness(ready: House) -> None:
    """Neither name nor address is equal: the name is turned round and misspelt."""
    values = {"name": "Lovelace Adah", "birth_date": ADA["birth_date"], "street": ADA["street"], "city": "London"}
    shown = ready.web.client("sam").post("/customers/new", typed({**values, "postal_code": ADA["postal_code"]}))
    assert shown.status_code == 409
    assert str(ready.own) in shown.text


def test_blocked_is_blocked(ready: House) -> None:
    """With block it cannot be said that it is somebody else, on the pages or past them."""
    configured(ready, at_entry="block", at_entry_api="block")
    client = ready.web.client("sam")
    shown = client.post("/customers/new", {**typed(AGAIN), "anyway": "true"})
    assert shown.status_code == 409
    assert 'name="anyway"' not in shown.text
    assert "not added once more" in shown.text
    with pytest.raises(PossibleDuplicate):
        ready.crm.run(ready.actor("sam"), "customer.create", {**AGAIN, "despite_duplicates": True})


def test_off_is_off(ready: House) -> None:
    """Without the plugin's say likeness holds nobody up; the same e-mail address is pointed at as ever."""
    configured(ready, at_entry="off", at_entry_api="off")
    alike = {"name": "Lovelace Adah", **ADA}
    assert ready.web.client("sam").post("/customers/new", typed(alike)).status_code == 303
    ready.crm.run(ready.actor("sam"), "customer.create", AGAIN)


def test_the_api_is_told_whom_it_may_see(ready: House) -> None:
    """A problem document with the candidates' ids; those of others are not among them; it can be said that it is
    somebody else."""
    sam = caller(ready.web, "sam", "customer.create", "customer.read", "quality.pair.read")
    refused = sam.post("/operations/customer.create", {"input": AGAIN})
    assert refused.status_code == 409
    body = refused.json()
    assert body["code"] == "CK515"
    assert str(ready.own) in {each["id"] for each in body["candidates"]}
    assert str(ready.foreign) not in refused.text
    assert set(body["candidates"][0]) == {"id", "score", "reason"}
    added = sam.post("/operations/customer.create", {"input": {**AGAIN, "despite_duplicates": True}})
    assert added.status_code in (200, 201), added.text


def test_a_foreign_customer_stands_in_nobodys_way(house: House) -> None:
    """Sid has no Ada but his own: by what he adds he learns nothing of sam's."""
    house.crm.worker().run_until_idle()
    new = {"name": "Ada Lovelace", "phone": "+44 20 7946 0018", "city": "London"}
    with house.crm.session(house.actor("sid")) as session:
        (found,) = find_exact(session, probes_of(session, [NewCustomer(**new)]))
    assert {match.customer_id for match in found} <= {house.foreign}


def test_what_the_framework_adds_is_not_held_up(ready: House) -> None:
    """System scope, jobs and imports have their own say over duplicates."""
    configured(ready, at_entry="block", at_entry_api="block")
    ready.crm.run(SYSTEM, "customer.create", AGAIN)
    visitor = Actor.visitor(customer_id=None, rights=("customer.create",))
    with ready.crm.session(visitor) as session:
        assert find_exact(session, probes_of(session, [NewCustomer(**AGAIN)])) == [()]


def test_settings_that_cannot_be_used_are_named(lite: CRM) -> None:
    """A word that is none of the three, a share beyond one."""
    for options in ({"at_entry": "perhaps"}, {"review": 1.5}, {"revue": 0.5}):
        with pytest.raises(ConfigurationError):
            settings_of(evolve(lite.settings, options={"quality": options}))
