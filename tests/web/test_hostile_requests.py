"""What a hostile page or a broken client sends: addresses that lead away, false origins, forms without a token."""

from __future__ import annotations

import pytest

from crmkit.web.pages.rooms import page_routes
from tests.web.conftest import Browsing, Web

AWAY = (
    "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "http://localhost@evil.example/",
    "https:evil.example", "http:/evil.example", "/\t/evil.example", "\x0b//evil.example", "http://localhost//evil.example",
    "http://evil.example", "http://[x", "//[", "\u2028//evil.example", "//\x00evil.example",
)  # fmt: skip


@pytest.fixture
def ada(sqlite_web: Web) -> Browsing:
    """An administrator's browser."""
    client = sqlite_web.client("ada")
    client.get("/account")
    return client


@pytest.mark.parametrize("address", AWAY)
def test_no_address_leads_away(ada: Browsing, address: str) -> None:
    """Whatever the next page is said to be, by form, by htmx or by the page before, it is one of ours."""
    plain = ada.inner.get("/sign-in", params={"next": address})
    swapped = ada.inner.get("/sign-in", params={"next": address}, headers={"HX-Request": "true"})
    assert ("/", "/") == (plain.headers["location"], swapped.headers["hx-redirect"])
    if address.isprintable() and "\\" not in address:
        back = ada.post("/theme", {"theme": "dark"}, headers={"Referer": address.encode("utf-8").decode("latin-1")})
        assert (303, "/") == (back.status_code, back.headers["location"])


def test_the_way_is_told_in_any_alphabet(ada: Browsing) -> None:
    """A path with letters that no header can hold is told quoted, to a browser and to htmx."""
    wanted = "/customers?q=%E5%AE%A2%E6%88%B7"
    plain = ada.inner.get("/sign-in", params={"next": "/customers?q=客户"})
    swapped = ada.inner.get("/sign-in", params={"next": "/customers?q=客户"}, headers={"HX-Request": "true"})
    assert (wanted, wanted) == (plain.headers["location"], swapped.headers["hx-redirect"])


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://[x"}, {"Origin": "https://localhost"},
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Host": "evil.example", "Origin": "http://localhost"},
    ],
)  # fmt: skip
def test_a_form_of_another_site_is_refused(ada: Browsing, headers: dict[str, str]) -> None:
    """Also with the right token, what a browser says to come from elsewhere does nothing."""
    assert 403 == ada.inner.post("/sign-out", data={"csrf": ada.csrf}, headers=headers).status_code
    assert 200 == ada.get("/account").status_code


def test_every_form_needs_its_own_token(sqlite_web: Web, ada: Browsing) -> None:
    """No form of any room is taken without a token or with that of another session, as a field or as a header."""
    other = sqlite_web.client("mia")
    other.get("/account")
    taken: list[str] = []
    for route in page_routes():
        if route.methods != ("POST",):
            continue
        path = route.path.replace("{", "").replace("}", "")
        for data, headers in (({}, {}), ({"csrf": other.csrf}, {}), ({}, {"X-CSRF-Token": other.csrf})):
            status = ada.inner.post(path, data=data, headers=headers).status_code
            if status != 403:
                taken.append(f"{path}: {status}")
    assert [] == taken


def test_a_form_of_too_many_fields_is_refused(ada: Browsing) -> None:
    """A form of thousands of fields is answered by what is wrong with it."""
    sent = ada.inner.post("/customers/new", content=b"a=1&" * 5000, headers={
        "Content-Type": "application/x-www-form-urlencoded", "X-CSRF-Token": ada.csrf
    })  # fmt: skip
    assert 422 == sent.status_code


def test_a_report_with_a_column_named_like_a_method_is_shown(ada: Browsing) -> None:
    """The audit log's reports have columns such as ``values``: they are shown as any other."""
    assert {200} == {ada.get(f"/reports/{name}").status_code for name in ("audit.privileges", "audit.exports")}


def test_who_reads_names_masked_looks_for_others_all_the_same(sqlite_web: Web) -> None:
    """The search for another customer answers an analyst, who sees names masked."""
    ann = sqlite_web.client("ann")
    assert 200 == ann.post("/customers/find", {"search": "Wang"}).status_code
