"""What other machines send to a link: taken by the page, whatever its form, and answered for machines."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from crmkit import Customer, Interaction, InvalidInput
from tests.web.public.conftest import SYSTEM, Shop


def notes(shop: Shop) -> list[tuple[str | None, str | None]]:
    """Return subject and text of Ada's notes."""
    with shop.crm.session(SYSTEM) as session:
        query = select(Interaction).where(Interaction.customer_id == shop.ada, Interaction.kind == "note")
        return [(each.subject, each.body) for each in session.scalars(query.order_by(Interaction.id))]


def test_a_machine_s_body_and_headers_reach_the_page(shop: Shop) -> None:
    """It needs no token of a form; its answer is the page's status and document."""
    path = shop.link("machines").path
    headers = {"Content-Type": "Application/JSON; charset=utf-8", "X-Topic": "orders"}
    answer = shop.client.post(path, content=b"{}", headers=headers)
    assert (answer.status_code, set(answer.json())) == (201, {"id"})
    assert notes(shop) == [("orders", "2 application/json")]


def test_a_page_for_people_and_machines_tells_them_apart(shop: Shop) -> None:
    """A form of the page's own changes the city, anything else is a machine's; a forged token is no machine."""
    path = shop.link("both").path
    assert shop.send(path, {"city": "Hangzhou"}).status_code == 303
    assert shop.client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 201
    assert shop.send(path, {"city": "Nowhere"}, form="forged").status_code == 422
    with shop.crm.session(SYSTEM) as session:
        assert session.get_one(Customer, shop.ada).city == "Hangzhou"
    assert len(notes(shop)) == 1


def test_what_is_wrong_is_told_to_a_machine(shop: Shop) -> None:
    """In JSON, with a code; what failed inside tells nothing of itself."""
    path = shop.link("machines").path
    wrong = shop.client.post(path, content=b"nonsense")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "CK500")
    failed = shop.client.post(path, content=b"trouble")
    assert failed.status_code == 500
    assert "secret" not in failed.text


def test_a_machine_is_slowed_down(shop: Shop) -> None:
    """So many an hour are let through for each link."""
    path = shop.link("machines").path
    answers = [shop.client.post(path, content=b"{}") for _number in range(7)]
    assert [each.status_code for each in answers] == [201] * 5 + [429] * 2
    assert int(answers[-1].headers["Retry-After"]) > 0


@pytest.mark.parametrize("page", ["machines", "silent"])
def test_a_body_has_an_end(shop: Shop, page: str) -> None:
    """1 MiB for machines, far less for the forms of other pages."""
    path = shop.link(page).path
    assert shop.client.post(path, content=b"x" * ((1 << 20) + 1)).status_code == 413
    assert shop.client.post(path, content=b"x" * (1 << 19)).status_code == (201 if page == "machines" else 413)


def test_a_link_that_is_closed_takes_nothing(shop: Shop) -> None:
    """Revoked is closed for machines too."""
    link = shop.link("machines")
    shop.crm.run(SYSTEM, "public_link.revoke", target=link.link_id)
    assert shop.client.post(link.path, content=b"{}").status_code == 404
    assert notes(shop) == []


def test_a_machine_s_link_may_hold_for_years(shop: Shop) -> None:
    """Ten at the most; of a page for people two."""
    assert shop.link("machines", days=3650).path
    with pytest.raises(InvalidInput):
        shop.link("both", days=731)
