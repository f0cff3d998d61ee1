"""Lists, records and forms that come by themselves from what a plugin declares."""

from __future__ import annotations

import re
from datetime import date
from uuid import uuid4

from tests.web.conftest import Web
from tests.web.records.making import hidden_of, opportunity, stage_of, titles_in, warranty

LIST = "/records/sales.opportunity"


def test_the_list_has_the_declared_columns(plugins_web: Web) -> None:
    """Amounts stand with their currency, ids as names, values with their titles."""
    opportunity(plugins_web, amount_minor=123456, currency="EUR", expected_close=date(2026, 5, 1))
    text = plugins_web.client("sam").get(LIST).text
    for shown in ("Opportunities", "Qualification", "€1,234.56", "1 May 2026", "Sam Seller"):
        assert shown in text
    chinese = plugins_web.client("sam", language="zh_Hans").get(LIST).text
    for shown in ("商机", "进行中", "2026年5月1日"):
        assert shown in chinese


def test_a_list_is_searched_filtered_and_sorted(plugins_web: Web) -> None:
    """Words, values to choose from, conditions and headings narrow and order a list."""
    for number, (title, stage) in enumerate(
        [("Green tea", "proposal"), ("Black tea", "qualification"), ("Cups", "proposal")]
    ):
        opportunity(plugins_web, title=title, stage=stage, amount_minor=100 * number, currency="EUR")
    client = plugins_web.client("sam")
    assert ["Black tea", "Cups", "Green tea"] == titles_in(client.get(f"{LIST}?sort=title").text)
    assert ["Green tea", "Cups", "Black tea"] == titles_in(client.get(f"{LIST}?sort=-title").text)
    assert ["Black tea", "Green tea"] == titles_in(client.get(f"{LIST}?q=tea&sort=title").text)
    proposed = f"{LIST}?by.stage_kind=open&where=stage+==+%22proposal%22&sort=title"
    assert ["Cups", "Green tea"] == titles_in(client.get(proposed).text)
    assert ["Cups"] == titles_in(client.get(f"{LIST}?by.stage_kind=open&where=amount_minor+>+100").text)
    wrong = client.get(f"{LIST}?where=nothing+==+1")
    assert (200, True) == (wrong.status_code, "nothing" in wrong.text and "problem" in wrong.text)


def test_a_list_goes_on(plugins_web: Web) -> None:
    """What does not fit on a page is on the next one, each record once."""
    system = plugins_web.crm.system("a test")
    items = [{"customer_id": plugins_web.customers["Wang Lin"], "serial": f"S-{number:03d}"} for number in range(60)]
    plugins_web.crm.run_many(system, "warranty.register", items)
    client = plugins_web.client("ada")
    first = client.get("/records/warranty.warranty?sort=serial").text
    (address,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = client.get(address.replace("&amp;", "&")).text
    assert [f"S-{number:03d}" for number in range(60)] == [*titles_in(first), *titles_in(second)]


def test_a_part_of_a_list_comes_for_htmx(plugins_web: Web) -> None:
    """Typing in the filter fetches the rows alone."""
    opportunity(plugins_web)
    client = plugins_web.client("sam")
    part = client.inner.get(LIST, headers={"HX-Request": "true", "HX-Target": "div#rows"}).text
    assert (True, False) == ('id="rows"' in part, "<html" in part)


def test_a_record_shows_its_fields_and_what_belongs_to_it(plugins_web: Web) -> None:
    """Fields with their titles, what is sealed masked, claims of a warranty, what happened, and whose it is."""
    record = warranty(plugins_web, receipt="R-987654")
    plugins_web.crm.run(plugins_web.crm.system("a test"), "warranty.claim", {"defect": "It leaks"}, target=record.id)
    text = plugins_web.client("ada").get(f"/records/warranty.warranty/{record.id}").text
    for shown in (
        "SN-1",
        "Wang Lin",
        f"/customers/{plugins_web.customers['Wang Lin']}",
        "Claims",
        "What happened",
        "Claim",
    ):
        assert shown in text
    for hidden in ("R-987654", "It leaks"):
        assert hidden not in text


def test_what_cannot_be_done_says_why(plugins_web: Web) -> None:
    """A button that somebody may not press is there, disabled, with the reason."""
    record = opportunity(plugins_web)
    text = plugins_web.client("ann").get(f"{LIST}/{record.id}").text
    assert (True, True) == ('aria-disabled="true" title="' in text, "Why some of it cannot be done" in text)
    assert "Win</a>" in plugins_web.client("sam").get(f"{LIST}/{record.id}").text


def test_a_record_is_changed_by_its_form(plugins_web: Web) -> None:
    """Through the form of an operation, with a way back, and what was done is said."""
    record = opportunity(plugins_web)
    client = plugins_web.client("sam")
    address = f"/operations/sales.opportunity.update?target={record.id}"
    form = client.get(address).text
    sent = {**hidden_of(form), "title": "Green tea", "amount_minor": "12.5", "currency": "EUR", "expected_close": ""}
    sent["owner_id"] = str(plugins_web.users["sam"])
    response = client.post(address, sent)
    assert (303, f"{LIST}/{record.id}") == (response.status_code, response.headers["location"])
    shown = client.get(f"{LIST}/{record.id}").text
    for found in ("Green tea", "€12.50", "Change the opportunity: done."):
        assert found in shown


def test_a_refused_form_keeps_what_was_typed(plugins_web: Web) -> None:
    """Problems stand at their fields, with 422, and the page is the form."""
    client = plugins_web.client("sam")
    form = client.get("/operations/sales.opportunity.create").text
    sent = {
        **hidden_of(form),
        "title": "Kept",
        "customer_id~q": "nobody",
        "stage": "qualification",
        "amount_minor": "x",
    }
    response = client.post("/operations/sales.opportunity.create", sent)
    assert 422 == response.status_code
    for found in ('value="Kept"', 'id="customer_id-problem1"', 'id="amount_minor-problem1"', 'href="#f-amount_minor"'):
        assert found in response.text


def test_what_needs_nothing_more_is_one_press(plugins_web: Web) -> None:
    """An operation without inputs is a button on the record, guarded by the version that was seen."""
    record = opportunity(plugins_web)
    client = plugins_web.client("sam")
    stale = client.post(f"/operations/sales.opportunity.win?target={record.id}", {"_version": "0"})
    assert (409, "qualification") == (stale.status_code, stage_of(plugins_web, record))
    done = client.post(f"/operations/sales.opportunity.win?target={record.id}", {"_version": str(record.version)})
    assert (303, "won") == (done.status_code, stage_of(plugins_web, record))


def test_what_comes_back_is_shown(plugins_web: Web) -> None:
    """A secret is shown once, on the page that made it."""
    client = plugins_web.client("sam")
    form = client.get("/operations/token.create").text
    sent = {**hidden_of(form), "name": "Sheet", "scopes": "customer.read", "days": "30"}
    response = client.post("/operations/token.create", sent)
    assert (200, True) == (response.status_code, "It is shown this once" in response.text)
    again = client.post("/operations/token.create", sent)
    assert (409, False) == (again.status_code, "It is shown this once" in again.text)


def test_all_that_can_be_done_is_listed(plugins_web: Web) -> None:
    """By what it is about, what one may do alone unless one asks for the rest; what is hidden never."""
    client = plugins_web.client("sam")
    mine, every = client.get("/operations").text, client.get("/operations?every=1").text
    assert (True, False) == ("sales.opportunity.create" in mine, "role.create" in mine)
    assert (True, False) == ("role.create" in every, "import.batch" in every)
    assert 404 == client.get("/operations/import.batch").status_code
    assert 404 == client.get("/operations/no.such").status_code


def test_which_record_is_asked_for(plugins_web: Web) -> None:
    """The form of an operation on a record that is not named asks for it first."""
    record = opportunity(plugins_web)
    client = plugins_web.client("sam")
    text = client.get("/operations/sales.opportunity.lose").text
    assert (True, True) == ("Of which one?" in text, f'value="{record.id}"' in text)
    assert "Tea" in client.get(f"/operations/sales.opportunity.lose?target={record.id}").text


def test_foreign_looks_like_nonexistent(plugins_web: Web) -> None:
    """A record of others, one that there is not, and a wrong address are answered alike, whatever is asked of it."""
    foreign = opportunity(plugins_web, customer="Sofia Rossi", owner="sue")
    client = plugins_web.client("sam")
    for path in (
        LIST + "/{}",
        "/operations/sales.opportunity.update?target={}",
        "/operations/sales.opportunity.win?target={}",
    ):
        one, other = (client.get(path.format(each)) for each in (foreign.id, uuid4()))
        assert (404, one.text.count("<p")) == (other.status_code, other.text.count("<p"))
        assert 404 == one.status_code
    posted = client.post(f"/operations/sales.opportunity.win?target={foreign.id}", {})
    assert (404, "qualification") == (posted.status_code, stage_of(plugins_web, foreign))
    assert 404 == client.get(f"{LIST}/nonsense").status_code
    assert titles_in(client.get(LIST).text) == []


def test_a_change_needs_the_token_of_the_form(plugins_web: Web) -> None:
    """A form of another site runs nothing."""
    record = opportunity(plugins_web)
    client = plugins_web.client("sam")
    for data in ({}, {"csrf": "x" * 43}):
        response = client.inner.post(f"/operations/sales.opportunity.win?target={record.id}", data=data)
        assert 403 == response.status_code
    assert "qualification" == stage_of(plugins_web, record)


def test_the_way_afterwards_stays_here(plugins_web: Web) -> None:
    """No address leads to another site once something is done."""
    client = plugins_web.client("sam")
    for elsewhere in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        record = opportunity(plugins_web)
        response = client.post(f"/operations/sales.opportunity.win?target={record.id}&next={elsewhere}", {})
        assert f"{LIST}/{record.id}" == response.headers["location"]


def test_scripts_in_every_field_are_text(plugins_web: Web) -> None:
    """What looks like a script is shown as it was typed, on every page that has it."""
    script = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>{{ 7331 * 13 }}"
    record = opportunity(plugins_web, title=script, expected_close=date.today())
    claimed = warranty(plugins_web, serial="<b onclick=alert(1)>"[:60])
    client = plugins_web.client("sam")
    pages = [
        LIST,
        f"{LIST}/{record.id}",
        f"{LIST}?q={script}",
        f"{LIST}?where={script}",
        f"{LIST}/board/sales.pipeline",
        f"{LIST}/calendar/sales.closes",
        f"{LIST}/calendar/sales.closes?span=agenda",
        f"/operations/sales.opportunity.update?target={record.id}",
        f"/operations/sales.opportunity.create?title={script}",
        f"/records/warranty.warranty/{claimed.id}",
        "/modules/warranty",
        f"/palette?q={script}",
        f"/pick/customer?q={script}",
    ]
    for page in pages:
        text = client.get(page).text
        for raw in ("<script>alert", "<img src=x", "<b onclick", "95303"):
            assert raw not in text, f"{raw} in {page}"
