"""Forms on the web: what visitors see and send, what machines send, and who learns what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from attrs import define
from crmkit_sales.leads.models import Lead
from sqlalchemy import select
from starlette.testclient import TestClient

from crmkit import Consent, Customer
from crmkit.errors import Conflict, InvalidInput, Refused
from tests.plugins.sales.leads.house import SYSTEM, House

TEXTS = [
    {"language": "en", "title": "Talk to us", "thanks": "We will call.", "consent": "Write to me about"},
    {"language": "zh_Hans", "title": "联系我们", "thanks": "我们会联系您。"},
]


@define(kw_only=True)
class Site:
    """A form behind its address."""

    house: House
    client: TestClient
    form: UUID
    path: str

    def get(self, path: str = "") -> str:
        """Return the text of the page."""
        response = self.client.get(path or self.path)
        assert response.status_code == 200, response.text
        return str(response.text)

    def send(self, *, wait: float = 30, page: str = "", **values: Any) -> Any:
        """Fill the form in after so many seconds."""
        shown = page or self.get()
        self.house.time.advance(seconds=wait)
        hidden = dict(re.findall(r'<input type="hidden" name="(form|opened)" value="([^"]+)"', shown))
        return self.client.post(self.path, data={**hidden, "name": "Li Na", "email": "li@x.example", **values})


@pytest.fixture
def site(house: House) -> Iterator[Site]:
    """A form with texts in two languages, whose leads go to a queue."""
    source = house.run("sales.lead_source.create", {"name": "site", "title": "Website", "kind": "web"})
    form = house.run(
        "sales.form.create",
        {
            "name": "contact",
            "title": "Contact",
            "fields": [
                {"field": "name", "required": True},
                {"field": "email", "required": True},
                {"field": "timing"},
                {"field": "need"},
            ],
            "texts": TEXTS,
            "purposes": ["marketing"],
            "origins": ["https://www.tea.example"],
            "source_id": source.id,
            "queue": "desk",
            "hourly": 3,
        },
        by="max",
    )
    path = house.run("sales.form.link", by="max", target=form.id).path
    with TestClient(house.crm.asgi(), base_url="http://localhost", follow_redirects=False) as client:
        yield Site(house=house, client=client, form=form.id, path=path)


def test_a_visitor_becomes_a_lead(site: Site) -> None:
    """With the source of the form, the consent that was ticked, and somebody of the queue; thanks are said."""
    sent = site.send(need="Green tea", timing="now", consent="marketing")
    assert sent.status_code == 303
    assert "We will call." in site.get(sent.headers["location"])
    site.house.work()
    (inquiry,) = site.house.inquiries()
    assert inquiry.state == "settled"
    with site.house.crm.session(SYSTEM) as session:
        lead = session.get_one(Lead, inquiry.lead_id)
        assert (lead.need, lead.timing, lead.title) == ("Green tea", "now", "Contact")
        assert lead.owner_id in [site.house.people[login].user_id for login in ("sam", "sue")]
        customer = session.get_one(Customer, inquiry.customer_id)
        assert (customer.name, customer.standing, customer.source) == ("Li Na", "potential", "site")
        (entry,) = session.scalars(select(Consent)).all()
        assert (entry.purpose, entry.source) == ("marketing", "inquiry:form:contact")
        assert entry.evidence == "Contact (en): Write to me about"


def test_the_page_is_in_the_language_of_the_visitor(site: Site) -> None:
    """What the form says, and what it asks."""
    assert "Talk to us" in site.get()
    chinese = site.get(f"{site.path}?lang=zh_Hans")
    assert "联系我们" in chinese
    assert "您的姓名" in chinese


def test_a_form_shows_nothing_of_anybody(site: Site) -> None:
    """Who types an address that is known is answered as everybody else; the page never has data in it."""
    site.house.run("customer.create", {"name": "Li Xiuying", "email": "li@x.example", "phone": "+8613800138000"})
    first = site.send()
    again = site.send(email="new@x.example")
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.text == again.text
    page = site.get()
    assert "Xiuying" not in page
    assert not re.search(r"138[\s-]?0013[\s-]?8000", page)


@pytest.mark.parametrize(
    ("values", "wait"),
    [({"website": "http://spam.example"}, 30), ({}, 0), ({"opened": "1772442000.forged"}, 30)],
    ids=["trap", "at once", "forged"],
)
def test_what_a_machine_sends_is_kept_aside(site: Site, values: dict[str, Any], wait: float) -> None:
    """It gets the same answer; nothing comes of it until somebody takes it in."""
    assert site.send(wait=wait, **values).status_code == 303
    site.house.work()
    (inquiry,) = site.house.inquiries()
    assert (inquiry.state, inquiry.customer_id) == ("suspect", None)
    site.house.run("sales.inquiry.settle", by="max", target=inquiry.id)
    site.house.work()
    assert site.house.inquiries()[0].state == "settled"


def test_what_is_missing_is_asked_again_with_what_was_typed(site: Site) -> None:
    """By the words of the question, in the language of the page."""
    answer = site.send(name="", email="nowhere", need="Green tea")
    assert answer.status_code == 422
    assert "Please answer this: Your name" in answer.text
    assert "This is no e-mail address." in answer.text
    assert "Green tea" in answer.text
    assert site.house.inquiries() == []


def test_an_address_sends_so_many_an_hour(site: Site) -> None:
    """More of it is refused; an hour later it can send again."""
    statuses = [site.send(email=f"{number}@x.example").status_code for number in range(4)]
    assert statuses == [303, 303, 303, 429]
    site.house.time.advance(hours=1.1)
    assert site.send(email="late@x.example").status_code == 303
    assert len(site.house.inquiries()) == 4


def test_only_the_named_websites_may_frame_it(site: Site) -> None:
    """As the content policy says to browsers; other public pages are framed by nobody."""
    policy = site.client.get(site.path).headers["content-security-policy"]
    assert "frame-ancestors https://www.tea.example" in policy
    assert "frame-ancestors 'none'" in site.client.get("/p/done").headers["content-security-policy"]


def test_a_form_that_is_not_active_opens_nothing(site: Site) -> None:
    """Its address is answered as any that opens nothing, and so is the one before the last."""
    newer = site.house.run("sales.form.link", by="max", target=site.form).path
    assert site.client.get(site.path).status_code == 404
    assert site.client.get(newer).status_code == 200
    site.house.run("sales.form.update", {"active": False}, by="max", target=site.form)
    assert site.client.get(newer).status_code == 404
    with pytest.raises(Conflict):
        site.house.run("sales.form.link", by="max", target=site.form)


def test_a_form_that_nobody_can_be_reached_by_is_refused(house: House) -> None:
    """And so is an origin that is none, and a form by who may not have any."""
    with pytest.raises(InvalidInput) as error:
        house.run("sales.form.create", {"name": "x", "title": "X", "fields": [{"field": "name"}],
                                        "origins": ["javascript:alert(1)"]})  # fmt: skip
    assert [each.field for each in error.value.problems] == ["fields", "origins"]
    with pytest.raises(Refused):
        house.run("sales.form.create", {"name": "x", "title": "X"}, by="sam")
