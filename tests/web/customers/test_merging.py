"""Merging customers on their pages and undoing it, and where old addresses lead."""

from __future__ import annotations

import re
from typing import Any

from tests.web.customers.conftest import People


def add(people: People, **values: Any) -> str:
    """Add a customer of the manager's own team."""
    return str(people.run("customer.create", values).id)


def test_two_are_merged_by_a_form(people: People) -> None:
    """It shows both sides, takes what was chosen, and leads to the survivor."""
    client = people.at("ada")
    one = add(people, name="Anna Meier", city="Bonn")
    other = add(people, name="Anna Meyer", city="Köln", email="anna@example.com")
    found = client.post(f"/customers/{one}/merge", {"other": other})
    assert (303, f"/customers/{one}/merge?other={other}") == (found.status_code, found.headers["location"])
    form = client.get(f"/customers/{one}/merge?other={other}").text
    assert "Köln" in form
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]+)"', form))
    answer = client.post(f"/customers/{one}/merge", {**hidden, "take.city": "absorbed", "reason": "the same"})
    assert (303, f"/customers/{one}") == (answer.status_code, answer.headers["location"])
    page = client.get(f"/customers/{one}").text
    assert "Köln" in page


def test_a_merge_is_undone_by_a_form(people: People) -> None:
    """After what goes back was shown; it leads to who is back."""
    client = people.at("ada")
    one, other = add(people, name="Anna Meier"), add(people, name="Anna Meyer")
    done = people.run("customer.merge", {"absorb": other}, target=one)
    assert "Anna Meyer" in client.get(f"/customers/{one}/merges").text
    path = f"/customers/{one}/merges/{done.merge_id}"
    form = client.get(path)
    assert form.status_code == 200
    answer = client.post(path, {"reason": "two sisters"})
    assert (303, f"/customers/{other}") == (answer.status_code, answer.headers["location"])
    assert client.post(path, {}).status_code == 409


def test_what_was_changed_since_is_asked_about(people: People) -> None:
    """The page lists it and offers both ways."""
    client = people.at("ada")
    one, other = add(people, name="Anna Meier"), add(people, name="Anna Meyer", city="Bonn")
    done = people.run("customer.merge", {"absorb": other}, target=one)
    people.run("customer.update", {"city": "Aachen"}, target=one)
    path = f"/customers/{one}/merges/{done.merge_id}"
    assert 'name="on_conflict"' in client.get(path).text
    assert client.post(path, {}).status_code == 409
    assert client.post(path, {"on_conflict": "keep"}).status_code == 303


def test_old_addresses_lead_to_the_survivor(people: People) -> None:
    """For who may see it, with the rest of the address; for everybody else there is nothing."""
    one, other = add(people, name="Anna Meier"), add(people, name="Anna Meyer")
    people.run("customer.merge", {"absorb": other}, target=one)
    for path in ("/customers/{}", "/customers/{}/history?x=1", "/api/v1/customer/{}"):
        answer = people.at("ada").get(path.format(other))
        assert (308, path.format(one)) == (answer.status_code, answer.headers["location"])
        assert people.at("sam").get(path.format(other)).status_code == 404


def test_who_may_not_merge_is_offered_nothing(people: People) -> None:
    """A seller sees which merges there were, and no more."""
    client, page = people.at("sam"), people.page("Wang Lin")
    assert client.get(f"{page}/merge").status_code == 404
    assert client.get(f"{page}/merges").status_code == 200
    assert '/merge"' not in client.get(page).text
