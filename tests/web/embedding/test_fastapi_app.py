"""The shop in FastAPI: crmkit below a path, the shop's user as the actor, one transaction for both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from starlette.testclient import TestClient

from crmkit import Actor, Interaction
from tests.web.embedding.conftest import example

shop = example("fastapi_app")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """The shop with two of its staff and a customer, and nobody signed in."""
    engine = shop.open_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    app = shop.make_app(engine, secret="s" * 32)
    with engine.begin() as connection:
        connection.execute(
            insert(shop.Staff),
            [
                {"login": "ada", "name": "Ada Admin", "role": "admin"},
                {"login": "ann", "name": "Ann Analyst", "role": "analyst"},
            ],
        )
    crm = app.state.crm
    app.state.customer = crm.run(Actor.system("test"), "customer.create", {"name": "Wang Lin"}).id
    with TestClient(app, base_url="http://localhost", follow_redirects=False) as made:
        yield made
    crm.close()
    engine.dispose()


def order(client: TestClient, amount: int) -> Any:
    """Send an order."""
    state: Any = client.app
    return client.post("/orders", json={"customer_id": str(state.state.customer), "amount": amount})


def counts(client: TestClient) -> tuple[int, int]:
    """Return how many orders of the shop and interactions of crmkit there are."""
    state: Any = client.app
    with state.state.crm.session(Actor.system("test")) as session:
        interactions = session.scalar(select(func.count()).select_from(Interaction))
        orders = session.connection().execute(select(func.count()).select_from(shop.Order)).scalar()
    return orders, interactions


def test_the_shop_s_user_is_the_actor(client: TestClient) -> None:
    """Who is signed in at the shop sees crmkit's pages with the role that the shop vouches for."""
    client.post("/sign-in", json={"login": "ada"})
    page = client.get("/crm/customers")
    assert 200 == page.status_code
    assert "Wang Lin" in page.text


def test_who_is_not_signed_in_at_the_shop_sees_nothing(client: TestClient) -> None:
    """Signing in is the shop's affair: without one of its users there is a page that says so."""
    page = client.get("/crm/customers", headers={"Accept": "text/html"})
    assert 401 == page.status_code


def test_every_address_of_a_page_is_below_the_mount(client: TestClient) -> None:
    """Links, styles, scripts and forms carry the prefix."""
    import re

    client.post("/sign-in", json={"login": "ada"})
    text = client.get("/crm/customers").text
    found = re.findall(r'(?:href|src|action|hx-get|hx-post)="(/[^"]*)"', text)
    assert found
    assert [] == [path for path in found if not path.startswith("/crm/")]
    style = next(path for path in found if ".css" in path)
    assert 200 == client.get(style).status_code


def test_public_links_work_below_the_mount(client: TestClient) -> None:
    """A public page, its styles and what it sends stay below the mount."""
    app: Any = client.app
    made = app.state.crm.run(
        Actor.system("test"), "public_link.create", {"page": "preferences", "customer_id": app.state.customer}
    )
    page = client.get(f"/crm{made.path}")
    assert 200 == page.status_code
    assert 'href="/crm/p/style.css"' in page.text
    form = page.text.partition('name="form" value="')[2].partition('"')[0]
    sent = client.post(f"/crm{made.path}", data={"form": form, "allow": "marketing:*"})
    assert (303, f"/crm{made.path}") == (sent.status_code, sent.headers["location"].partition("?")[0])


def test_an_order_and_its_interaction_are_committed_together(client: TestClient) -> None:
    client.post("/sign-in", json={"login": "ada"})
    assert 200 == order(client, 500).status_code
    assert (1, 1) == counts(client)


def test_an_order_that_fails_takes_its_interaction_along(client: TestClient) -> None:
    """What the shop refuses after crmkit has written is undone in both."""
    client.post("/sign-in", json={"login": "ada"})
    assert 422 == order(client, 0).status_code
    assert (0, 0) == counts(client)


def test_what_crmkit_refuses_undoes_the_order(client: TestClient) -> None:
    """An analyst records nothing: the shop's own row goes with it."""
    from crmkit import Refused

    client.post("/sign-in", json={"login": "ann"})
    with pytest.raises(Refused):
        order(client, 500)
    assert (0, 0) == counts(client)
