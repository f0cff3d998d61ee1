"""What customers read by links of their own: what is for customers, and for the segments that they belong to."""

from __future__ import annotations

from uuid import UUID

import pytest
from starlette.testclient import TestClient

from tests.plugins.knowledge.base import Base


def customer(base: Base, name: str, **more: object) -> UUID:
    """Return a new customer."""
    return base.run("customer.create", {"name": name, **more}).id


def opened(base: Base, article: UUID, customer_id: UUID | None) -> tuple[int, str]:
    """Return how a link to an article is answered."""
    values = {"page": "knowledge.text", "customer_id": customer_id, "ref": f"knowledge.article:{article}"}
    link = base.run("public_link.create", values)
    found = TestClient(base.crm.asgi(), base_url="http://localhost").get(link.path)
    return found.status_code, found.text


def test_customers_read_what_is_for_customers(both: Base) -> None:
    """Somebody without a customer does not, and nobody reads what is for colleagues."""
    article = both.published("The price list", "It costs ten.", audience="customers")
    inside = both.published("The margin", "It costs us two.", audience="internal")
    ada = customer(both, "Ada")
    status, page = opened(both, article, ada)
    assert status == 200
    assert "It costs ten." in page
    assert opened(both, article, None)[0] == 404
    assert opened(both, inside, ada)[0] == 404


def test_segments_read_what_is_for_them(both: Base) -> None:
    """As long as the customer belongs to one of them."""
    both.run("segment.save", {"name": "people", "title": "People", "where": 'customer.kind == "person"'})
    both.run("segment.save", {"name": "buyers", "title": "Buyers", "where": "purchase.count >= 1"})
    article = both.published("For people", "Hello.", audience="segment", audience_of=["buyers", "people"])
    ada, firm = customer(both, "Ada"), customer(both, "Firm", kind="organization")
    assert opened(both, article, ada)[0] == 200
    assert opened(both, article, firm)[0] == 404
    both.run("knowledge.article.update", {"audience": "segment", "audience_of": ["buyers"]}, target=article)
    assert opened(both, article, ada)[0] == 404


def test_a_link_to_what_is_withdrawn_opens_nothing(base: Base) -> None:
    """At once."""
    article = base.published(audience="customers")
    ada = customer(base, "Ada")
    assert opened(base, article, ada)[0] == 200
    base.run("knowledge.article.archive", target=article)
    assert opened(base, article, ada)[0] == 404


@pytest.mark.parametrize(
    ("audience", "names"),
    [("segment", []), ("segment", ["nobody"]), ("role", []), ("role", ["king"]), (None, ["admin"])],
)
def test_audiences_that_are_none_are_refused(base: Base, audience: str | None, names: list[str]) -> None:
    """Segments and roles are named, and are there."""
    from crmkit.errors import InvalidInput

    with pytest.raises(InvalidInput):
        base.write(audience=audience, audience_of=names)
