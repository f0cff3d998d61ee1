"""Boards, forms and the palette in a real browser: by hand, by keys, and audited for everybody's use."""

from __future__ import annotations

from datetime import date
from typing import Any

from axe_playwright_python.sync_playwright import Axe

from tests.web.conftest import Web
from tests.web.records.making import opportunity, stage_of, warranty

BOARD = "/records/sales.opportunity/board/sales.pipeline"
GRAVE = ("serious", "critical")


def test_a_card_is_dragged_to_another_column(visit: Any, plugins_web: Web) -> None:
    """The card stands there, it is said, and the opportunity is in that stage; a refused one goes back."""
    record = opportunity(plugins_web, title="Green tea")
    here = visit("sam")
    here.go(BOARD)
    card = here.page.locator(f'[data-card="{record.id}"]')
    by_title = {"source_position": {"x": 20, "y": 20}}
    card.drag_to(here.page.locator('[data-column="proposal"]'), **by_title)
    here.page.locator(f'[data-column="proposal"] [data-card="{record.id}"]').wait_for()
    here.page.locator(".toast-note", has_text="Moved to Proposal.").wait_for()
    assert "proposal" == stage_of(plugins_web, record)
    card.drag_to(here.page.locator('[data-column="won"]'), **by_title)
    here.page.locator(".toast-note", has_text="Moved to Won.").wait_for()
    card.drag_to(here.page.locator('[data-column="negotiation"]'), **by_title)
    here.page.locator("#board-message.problem", has_text="is closed").wait_for()
    assert here.page.locator(f'[data-column="won"] [data-card="{record.id}"]').is_visible()
    assert "won" == stage_of(plugins_web, record)


def test_a_card_is_moved_by_keys(visit: Any, plugins_web: Web) -> None:
    """Space takes it, the arrows carry it, Escape takes it back, Space puts it down; each step is announced."""
    record = opportunity(plugins_web, title="Green tea")
    here = visit("sam")
    here.go(BOARD)
    live, keys = here.page.locator("#live"), here.page.keyboard
    here.page.locator(f'[data-card="{record.id}"]').focus()
    keys.press("Space")
    assert "Taken: Green tea. In column Qualification." == live.text_content()
    keys.press("ArrowRight")
    assert "Over column Proposal." == live.text_content()
    keys.press("Escape")
    assert ("Put back.", "qualification") == (live.text_content(), stage_of(plugins_web, record))
    keys.press("Space")
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    keys.press("Space")
    here.page.locator(f'[data-column="negotiation"] [data-card="{record.id}"]').wait_for()
    here.page.locator("#live", has_text="Moved to Negotiation.").wait_for(state="attached")
    assert "negotiation" == stage_of(plugins_web, record)
    assert str(record.id) == here.page.evaluate("document.activeElement.dataset.card")


def test_a_card_is_moved_by_its_menu(visit: Any, plugins_web: Web) -> None:
    """Without dragging: choose a column, press the button, stay on the page; one that asks leads to its form."""
    record = opportunity(plugins_web, title="Green tea")
    here = visit("sam", width=375)
    here.go(BOARD)
    card = here.page.locator(f'[data-card="{record.id}"]')
    card.get_by_text("Move to…").click()
    card.locator("select").select_option("proposal")
    card.get_by_role("button", name="Move").click()
    here.page.locator(f'[data-column="proposal"] [data-card="{record.id}"]').wait_for()
    assert "proposal" == stage_of(plugins_web, record)
    card.get_by_text("Move to…").click()
    card.locator("select").select_option("lost")
    card.get_by_role("button", name="Move").click()
    here.page.get_by_label("In words").fill("Too dear")
    here.page.get_by_role("button", name="Lose").click()
    here.page.wait_for_url(f"**{BOARD}")
    assert "lost" == stage_of(plugins_web, record)


def test_a_customer_is_picked_by_keys(visit: Any, plugins_web: Web) -> None:
    """Type a part of the name, choose with the arrows and Enter, and the form is about that customer."""
    here = visit("sam")
    here.go("/operations/sales.opportunity.create")
    box = here.page.get_by_role("combobox", name="Customer")
    box.press_sequentially("wang")
    here.page.locator(".picker-list [data-id]").first.wait_for()
    box.press("ArrowDown")
    box.press("Enter")
    assert ("Wang Lin", "false") == (box.input_value(), box.get_attribute("aria-expanded"))
    here.page.get_by_label("Title").fill("Yearly supply")
    here.page.get_by_label("Amount", exact=True).fill("1,500")
    here.page.get_by_role("button", name="Add an opportunity").click()
    here.page.wait_for_url("**/records/sales.opportunity/*")
    for shown in ("Yearly supply", "Wang Lin", "1,500.00"):
        assert here.page.get_by_text(shown).first.is_visible()


def test_rows_are_added_as_they_are_needed(visit: Any) -> None:
    """One empty row is there, more come by a button, and the cursor stands in them."""
    here = visit("sam")
    here.go("/operations/customer.create")
    here.page.get_by_text("More fields").click()
    rows = here.page.locator("#f-contact_points")
    rows.locator("summary").click()
    assert 1 == rows.locator(".form-row").count()
    rows.get_by_role("button", name="Add one more").click()
    assert 2 == rows.locator(".form-row").count()
    assert "contact_points.3.kind" == here.page.evaluate("document.activeElement.name")


def test_the_palette_leads_there_by_keys(visit: Any, plugins_web: Web) -> None:
    """Ctrl and K, a few letters, Enter."""
    here = visit("sam")
    here.go("/records/sales.opportunity")
    here.page.keyboard.press("Control+k")
    here.page.locator("#palette-list [role=option]").first.wait_for()
    here.page.keyboard.type("pipel")
    here.page.locator(f"#palette-list [aria-selected=true][href='{BOARD}']").wait_for()
    here.page.keyboard.press("Enter")
    here.page.wait_for_url(f"**{BOARD}")


def test_every_kind_of_page_can_be_used_by_everybody(visit: Any, plugins_web: Web) -> None:
    """An audit finds nothing serious on lists, records, forms, boards and calendars, light or dark; and none is wider
    than a phone."""
    record = opportunity(plugins_web, title="Green tea", amount_minor=500, currency="EUR", expected_close=date.today())
    claimed = warranty(plugins_web)
    pages = [
        "/records/sales.opportunity",
        f"/records/sales.opportunity/{record.id}",
        f"/records/warranty.warranty/{claimed.id}",
        BOARD,
        "/records/sales.opportunity/calendar/sales.closes",
        "/records/sales.opportunity/calendar/sales.closes?span=agenda",
        f"/operations/sales.opportunity.update?target={record.id}",
        "/operations/customer.create",
        "/operations/customer.tag",
        "/operations",
        "/modules/warranty",
    ]
    axe = Axe()
    found: list[str] = []
    for width, dark in ((1280, False), (375, True)):
        here = visit("ada", width=width, dark=dark)
        for path in pages:
            here.go(path)
            here.page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
            for each in axe.run(here.page).response["violations"]:
                if each["impact"] in GRAVE:
                    found.extend(f"{path} {width}: {each['id']}: {node['html'][:160]}" for node in each["nodes"][:3])
            if here.page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
                found.append(f"{path} is wider than {width}")
    assert [] == found
