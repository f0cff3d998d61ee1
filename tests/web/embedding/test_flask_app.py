"""The shop in Flask: crmkit by the WSGI adapter, Flask's session as the sign-in, one transaction for both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from crmkit import Actor, Interaction
from tests.web.embedding.conftest import example

shop = example("flask_app")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Any]:
    """The shop."""
    engine = shop.open_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    made = shop.make_app(engine, secret="s" * 32)
    yield made
    made.extensions["crmkit"].close()
    engine.dispose()


@pytest.fixture
def customer(app: Any) -> str:
    """A customer."""
    crm = app.extensions["crmkit"]
    return str(crm.run(Actor.system("test"), "customer.create", {"name": "Wang Lin"}).id)


def counts(app: Any) -> tuple[int, int]:
    """Return how many orders of the shop and interactions of crmkit there are."""
    with app.extensions["crmkit"].session(Actor.system("test")) as session:
        orders = session.connection().execute(select(func.count()).select_from(shop.Order)).scalar()
        return orders, session.scalar(select(func.count()).select_from(Interaction))


def test_crmkit_speaks_wsgi_below_the_path(app: Any) -> None:
    """The shop's own pages stay its own; below the path is crmkit, closed to nobody in particular."""
    with app.test_client() as client:
        assert 404 == client.get("/crmx").status_code
        page = client.get("/crm/customers", headers={"Accept": "text/html"})
        assert 401 == page.status_code


def test_flask_s_session_says_who_acts(app: Any, customer: str) -> None:
    """Who signed in at the shop is known to crmkit's API, and a role that reads nothing of others sees nothing."""
    with app.test_client() as client:
        assert 401 == client.get("/crm/api/v1/customer").status_code
        client.post("/sign-in", json={"login": "mia"})
        assert 200 == client.get("/crm/api/v1/customer").status_code


def test_both_commit_or_neither(app: Any, customer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An order goes in with its interaction; one that fails leaves neither."""
    monkeypatch.setitem(shop.STAFF, "ada", ("Ada Admin", "admin"))
    with app.test_client() as client:
        client.post("/sign-in", json={"login": "ada"})
        assert 200 == client.post("/orders", json={"customer_id": customer, "amount": 500}).status_code
        assert (1, 1) == counts(app)
        assert 422 == client.post("/orders", json={"customer_id": customer, "amount": 0}).status_code
        assert (1, 1) == counts(app)
