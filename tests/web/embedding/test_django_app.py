"""The shop in Django: crmkit in ASGI and in WSGI, Django's user as the actor, Django's transaction joined."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from crmkit import Actor, Interaction
from crmkit.errors import StoreError


@pytest.fixture
def staff(django_project: Path) -> Any:
    """A user of Django who administers the shop."""
    from django.contrib.auth.models import User

    User.objects.filter(username="ada").delete()
    return User.objects.create_superuser("ada", password="correct horse battery")


@pytest.fixture
def customer(django_project: Path) -> str:
    """A customer."""
    from shop.customers import crm  # type: ignore[import-not-found]

    return str(crm().run(Actor.system("test"), "customer.create", {"name": "Wang Lin"}).id)


def session_of(user: Any) -> str:
    """Return the cookie of a session of Django."""
    from django.test import Client

    client = Client()
    client.force_login(user)
    return str(client.cookies["sessionid"].value)


def counts() -> tuple[int, int]:
    """Return how many orders of the shop and interactions of crmkit there are."""
    from shop.customers import crm
    from shop.models import Order  # type: ignore[import-not-found]

    with crm().session(Actor.system("test")) as session:
        return Order.objects.count(), session.scalar(select(func.count()).select_from(Interaction)) or 0


def test_asgi_has_crmkit_below_the_path(staff: Any, customer: str) -> None:
    """Django's user is the actor; what is not below the path is Django's."""
    from shop.asgi import application  # type: ignore[import-not-found]

    client = TestClient(application, base_url="http://localhost", follow_redirects=False)
    assert 404 == client.get("/nothing").status_code
    page = client.get("/crm/customers", headers={"Accept": "text/html"})
    assert 401 == page.status_code
    client.cookies.set("sessionid", session_of(staff))
    assert "Wang Lin" in client.get("/crm/customers").text


def test_wsgi_has_crmkit_below_the_path(staff: Any, customer: str) -> None:
    """The same by the WSGI adapter."""
    from shop.wsgi import application  # type: ignore[import-not-found]
    from werkzeug.test import Client

    client = Client(application)
    client.set_cookie("sessionid", session_of(staff))
    answer = client.get("/crm/api/v1/customer")
    assert 200 == answer.status_code
    assert 404 == client.get("/nothing").status_code


def test_a_session_that_django_ended_opens_nothing(staff: Any) -> None:
    """When the password changes, Django's session is over, and so is the actor."""
    from shop.asgi import application

    client = TestClient(application, base_url="http://localhost", follow_redirects=False)
    client.cookies.set("sessionid", session_of(staff))
    assert 200 == client.get("/crm/customers").status_code
    staff.set_password("another one entirely")
    staff.save()
    page = client.get("/crm/customers", headers={"Accept": "text/html"})
    assert 401 == page.status_code


def test_both_commit_or_neither(staff: Any, customer: str) -> None:
    """An order goes in with its interaction; one that fails leaves neither."""
    from django.test import Client

    client = Client()
    client.force_login(staff)
    orders, interactions = counts()
    done = client.post("/orders", {"customer_id": customer, "amount": 500}, content_type="application/json")
    assert 200 == done.status_code, done.content
    assert (orders + 1, interactions + 1) == counts()
    failed = client.post("/orders", {"customer_id": customer, "amount": 0}, content_type="application/json")
    assert 400 == failed.status_code
    assert (orders + 1, interactions + 1) == counts()


def test_django_s_connection_is_given_only_in_a_transaction(django_project: Path) -> None:
    """Outside of ``atomic()`` there is nothing to join."""
    from crmkit.web.embedding.django import django_connection

    with pytest.raises(StoreError), django_connection():
        pass
