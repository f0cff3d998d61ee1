"""The desk in real browsers: two agents at one case, keys in the inbox, both languages, a phone, and no script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from crmkit_service.cases.models import Case, CaseMessage
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.plugins.service.desk.agents import SYSTEM, number_of, opened, user
from tests.web.accessible import faults_of
from tests.web.conftest import Visit, Web

CASE = "/modules/service/case"
INBOX = "/modules/service/inbox"


def answers(web: Web, case: Case) -> list[str]:
    """Return what was answered in a case, by whom."""
    with web.crm.session(SYSTEM) as session:
        query = select(CaseMessage).where(CaseMessage.case_id == case.id, CaseMessage.direction == "out")
        return [str(each.body) for each in session.scalars(query.order_by(CaseMessage.at, CaseMessage.id))]


def write(page: Page, text: str) -> None:
    """Write an answer as somebody types."""
    page.locator("[data-body]").click()
    page.keyboard.type(text)


def test_two_agents_at_one_case(visit: Callable[..., Visit], sqlite_web: Web) -> None:
    """Each sees the other; the second answer is held back beside what is new, with nothing lost, and then goes."""
    case = opened(sqlite_web.crm, sqlite_web.customers["Sofia Rossi"])
    both = visit("sue"), visit("mia")
    for each in both:
        each.go(f"{CASE}?id={case.id}")
        each.page.wait_for_selector("[data-composer]")
    sue, mia = (each.page for each in both)
    write(mia, "Your parcel is in Milan.")
    expect(sue.locator("#case-live")).to_contain_text("Mia Manager writes an answer here, too", timeout=20_000)
    expect(mia.locator("#case-live")).to_contain_text("Sue Support looks at this case, too", timeout=20_000)
    write(sue, "I have no idea where it is.")
    mia.locator("[data-send]").click()
    expect(mia.locator(".message-out")).to_contain_text("Your parcel is in Milan.")
    sue.keyboard.press("Control+Enter")
    expect(sue.locator(".held")).to_contain_text("Your answer was not sent.")
    assert answers(sqlite_web, case) == ["Your parcel is in Milan."]
    expect(sue.locator(".message-new")).to_contain_text("Your parcel is in Milan.")
    assert sue.locator("[data-body]").input_value() == "I have no idea where it is."
    sue.locator("[data-body]").fill("As Mia says: it is in Milan.")
    sue.keyboard.press("Control+Enter")
    expect(sue.locator(".message-out")).to_have_count(2)
    expect(sue.locator(".held")).to_have_count(0)
    assert answers(sqlite_web, case) == ["Your parcel is in Milan.", "As Mia says: it is in Milan."]


def test_the_inbox_by_keys(visit: Callable[..., Visit], sqlite_web: Web) -> None:
    """Down and up, choose, look, open; then an answer by keys alone, and back."""
    crm, sofia = sqlite_web.crm, sqlite_web.customers["Sofia Rossi"]
    first, second = opened(crm, sofia, "First"), opened(crm, sofia, "Second")
    seen = visit("sue", width=1440)
    page = seen.page
    seen.go(f"{INBOX}?view=unassigned&sort=old")
    page.keyboard.press("j")
    expect(page.locator("#preview")).to_contain_text("First Please help.")
    page.keyboard.press("j")
    expect(page.locator("#preview")).to_contain_text("Second Please help.")
    page.keyboard.press("x")
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.locator("[data-picked]")).to_have_text("2")
    page.get_by_role("button", name="Take", exact=True).click()
    page.wait_for_load_state()
    assert {number_of(crm, each.id).owner_id for each in (first, second)} == {sqlite_web.users["sue"]}
    seen.go(f"{INBOX}?view=mine&sort=old")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-composer]")
    expect(page.locator("h1")).to_have_text("First")
    page.keyboard.press("n")
    page.keyboard.type("She called, too.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".message-internal")).to_contain_text("She called, too.")
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("j")
    expect(page.locator("h1")).to_have_text("Second")
    page.keyboard.press("u")
    page.wait_for_selector("[data-desk]")


def test_a_saved_reply_and_a_macro(visit: Callable[..., Visit], sqlite_web: Web) -> None:
    """The reply stands in the text with its fields filled in; the macro shows what it does before it does it."""
    crm = sqlite_web.crm
    case = opened(crm, sqlite_web.customers["Sofia Rossi"])
    sue = user(crm, "sue")
    crm.run(sue, "service.saved_reply.create", {"title": "On its way", "body": "Dear {{ customer.name }}, soon."})
    steps = [{"act": "reply", "value": "A photo, please."}, {"act": "state", "value": "waiting_customer"}]
    crm.run(sue, "service.macro.create", {"title": "Ask for a photo", "steps": steps})
    seen = visit("sue")
    page = seen.page
    seen.go(f"{CASE}?id={case.id}")
    page.locator("[data-composer] summary", has_text="Saved replies").click()
    page.get_by_role("link", name="On its way").click()
    expect(page.locator("[data-body]")).to_have_value("Dear Sofia Rossi, soon.")
    page.locator("[data-body]").fill("")
    page.locator(".case-acts summary", has_text="Macros").click()
    page.get_by_role("link", name="Ask for a photo").click()
    expect(page.locator("#macro")).to_contain_text("Set the state to Waiting for the customer")
    assert answers(sqlite_web, case) == []
    page.get_by_role("button", name="Run it").click()
    expect(page.locator(".message-out")).to_contain_text("A photo, please.")
    assert number_of(crm, case.id).state == "waiting_customer"


def test_what_is_written_is_kept_by_itself(visit: Callable[..., Visit], sqlite_web: Web) -> None:
    """Whoever leaves the page finds it again."""
    case = opened(sqlite_web.crm, sqlite_web.customers["Sofia Rossi"])
    seen = visit("sue")
    seen.go(f"{CASE}?id={case.id}")
    write(seen.page, "Half a sentence")
    expect(seen.page.locator("[data-draft-state]")).to_have_text("✓")
    seen.go(f"{CASE}?id={case.id}")
    expect(seen.page.locator("[data-body]")).to_have_value("Half a sentence")
    seen.page.get_by_role("button", name="Discard").click()
    seen.page.wait_for_load_state()
    expect(seen.page.locator("[data-body]")).to_have_value("")


@pytest.mark.parametrize(("language", "width", "dark"), [("en", 1440, True), ("zh_Hans", 390, False)])
def test_everybody_can_use_the_pages(
    visit: Callable[..., Visit], sqlite_web: Web, language: str, width: int, dark: bool
) -> None:
    """No grave fault of accessibility, nothing wider than the screen, no English among Chinese."""
    crm, sofia = sqlite_web.crm, sqlite_web.customers["Sofia Rossi"]
    case = opened(crm, sofia, "茶壶漏水", type="complaint", priority="urgent", queue="help")
    opened(crm, sofia, "茶叶")
    crm.run(user(crm, "sue"), "service.case.answer", {"body": "您好", "then": "waiting_customer"}, target=case)
    seen = visit("sue", language=language, width=width, dark=dark)
    paths = (f"{INBOX}?view=open", f"{INBOX}?view=soon", f"{CASE}?id={case.id}&view=open", "/modules/service/wallboard")
    for path in paths:
        seen.go(path)
        seen.page.wait_for_timeout(200)
        assert faults_of(seen.page) == [], path
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        if language == "zh_Hans":
            said = seen.page.locator(
                "main h1, main h2, main .btn, main .form-label, main dt:not(:has(kbd)), main .tag"
            ).all_inner_texts()
            assert [each for each in said if each.strip() and each.isascii() and not _is_data(each)] == []


def _is_data(text: str) -> bool:
    """Say whether a text is what somebody entered: a number, or the title of a type, in the company's language."""
    return text.strip().isdecimal() or text.strip() == "Complaint"


def test_without_a_script(sqlite_web: Web) -> None:
    """Plain links and forms do everything: look, take, put a saved reply in, answer, change several."""
    crm, sofia = sqlite_web.crm, sqlite_web.customers["Sofia Rossi"]
    case, other = opened(crm, sofia, "First"), opened(crm, sofia, "Second")
    sue = user(crm, "sue")
    reply = crm.run(sue, "service.saved_reply.create", {"title": "Soon", "body": "Soon, {{ customer.name }}."})
    client = sqlite_web.client("sue")
    assert "First" in client.get(f"{INBOX}?view=unassigned").text
    path = f"/operations/service.case.bulk?next={INBOX}"
    sent = client.post(path, {"cases": [str(case.id), str(other.id)], "act": "take"})
    assert sent.status_code == 303, sent.text[:500]
    assert {number_of(crm, each.id).owner_id for each in (case, other)} == {sqlite_web.users["sue"]}
    link = f"{CASE}?id={case.id}&insert={reply.id}"
    assert link.replace("&", "&amp;") in client.get(f"{CASE}?id={case.id}").text
    shown = client.get(link).text
    assert "Soon, Sofia Rossi." in shown
    with crm.session(SYSTEM) as session:
        seen = session.scalars(select(CaseMessage.id).where(CaseMessage.case_id == case.id)).one()
    values = {"body": "Soon, Sofia Rossi.", "kind": "reply", "seen": str(seen), "then": "resolved"}
    done = client.post(f"/operations/service.case.answer?target={case.id}&next={CASE}?id={case.id}&quiet=1", values)
    assert done.status_code == 303, done.text[:500]
    assert answers(sqlite_web, case) == ["Soon, Sofia Rossi."]
    assert number_of(crm, case.id).state == "resolved"


def test_a_page_of_another_team_is_none(sqlite_web: Web) -> None:
    """Foreign and nonexistent look alike, in the page, its parts and the list."""
    case = opened(sqlite_web.crm, sqlite_web.customers["Sofia Rossi"], "Secret words")
    client = sqlite_web.client("sam")
    for path in (f"{CASE}?id={case.id}", f"{CASE}?number={case.number}", f"{CASE}/preview?id={case.id}"):
        assert client.get(path).status_code == 404
        assert client.get(f"{CASE}?number=999999").status_code == 404
    assert "Secret words" not in client.get(f"{INBOX}?view=open").text


def test_all_that_a_case_needs_is_one_click_away(visit: Callable[..., Visit], sqlite_web: Web) -> None:
    """Time, links for the customer, the complaint, what is done after the sale and why it is due: each opens, and leads
    back."""
    crm, sofia = sqlite_web.crm, sqlite_web.customers["Sofia Rossi"]
    case = opened(crm, sofia, "Broken again", type="complaint")
    values = {"upheld": "yes", "root_cause": "product", "body": "We are sorry."}
    crm.run(SYSTEM, "service.case.reply", {"body": values.pop("body"), "channel": "chat"}, target=case)
    crm.run(SYSTEM, "service.complaint.update", values, target=case)
    crm.run(SYSTEM, "service.case.set_state", {"state": "resolved"}, target=case)
    seen = visit("mia", width=1440)
    page = seen.page
    menu = page.locator(".case-acts .menu-box", has=page.locator("summary[aria-label='More']"))
    for label, heading in (
        ("Note the time spent", "Note the time spent"),
        ("Note how the complaint is handled", "Note how it is handled"),
        ("Record what is done after the sale", "Record what is done after the sale"),
        ("Why it is due then", f"Case {case.number}: why it is due then"),
        ("Make a link for the customer", "Make a link for the customer"),
        ("Make a link for rating", "Make a link for rating"),
    ):
        seen.go(f"{CASE}?id={case.id}")
        menu.locator("summary").click()
        menu.get_by_text(label, exact=True).click()
        expect(page.locator("h1")).to_contain_text(heading)
    expect(page.locator("main")).to_contain_text("/p/")
    for name in ("Note how it is handled", "Grant redress", "Why then?", "Record"):
        seen.go(f"{CASE}?id={case.id}")
        page.locator(".case-side").get_by_role("link", name=name, exact=True).click()
        expect(page.locator(".case-side")).to_have_count(0)
    seen.go(f"{CASE}?id={case.id}")
    menu.locator("summary").click()
    menu.get_by_text("Note the time spent").click()
    page.locator("[name=minutes]").fill("12")
    page.locator("main form button[type=submit], main form .btn-primary").first.click()
    expect(page.locator("h1")).to_have_text("Broken again")
