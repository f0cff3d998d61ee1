"""The editor of blocks in a real browser: by mouse and by keys, without a script, on a phone, in both languages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from crmkit_messaging.composing.models import MessageTemplate
from crmkit_messaging.composing.trying import newest
from playwright.sync_api import expect

from tests.conftest import Templates
from tests.plugins.messaging.composing.bases import SYSTEM, add
from tests.web.accessible import faults_of
from tests.web.conftest import (  # noqa: F401 - fixtures
    Web,
    behind_doors,
    served,
    visit,
)

BLOCKS = """
- {kind: heading, text: 'Hello {{ customer.given_name | default("you") }}', level: 1}
- {kind: text, text: First}
- {kind: text, text: Second}
- kind: when
  condition: purchase.count >= 1
  blocks: [{kind: text, text: Thank you}]
- {kind: footer, text: Tea House}
"""


def fill(web: Web) -> UUID:
    """A template with a draft."""
    return add(web.crm, "hello", BLOCKS, subject="Hello", purpose="marketing", publish=False)


@pytest.fixture
def sqlite_web(templates: Templates, tmp_path: Path) -> Iterator[Web]:
    """What is served: a base with the template."""
    with behind_doors(templates, "sqlite", tmp_path, "work", "messaging", fill=fill) as web:
        yield web


@pytest.fixture
def template(sqlite_web: Web) -> UUID:
    """The template behind the doors."""
    found: UUID = sqlite_web.told
    return found


def written(web: Web, template: UUID) -> list[dict[str, Any]]:
    """Return the blocks of the newest version."""
    with web.crm.session(SYSTEM) as session:
        found = session.get(MessageTemplate, template)
        assert found is not None
        return newest(found).texts[0].blocks


def texts(blocks: list[dict[str, Any]]) -> list[str]:
    """Return what the blocks say, one after the other."""
    return [str(block.get("text", block["kind"])) for block in blocks]


def open_editor(visit: Any, template: UUID, **how: Any) -> Any:  # noqa: F811
    """Open the editor, and return the page once it is ready."""
    seen = visit(how.pop("login", "ada"), **how)
    seen.go(f"/modules/messaging/templates/edit?id={template}")
    seen.page.wait_for_selector(".block")
    return seen.page


def save(page: Any) -> None:
    """Save, and wait until it is said so."""
    page.get_by_role("button", name="Save the draft").click()
    expect(page.locator("[data-blocks-state]")).to_have_text("Saved")


def test_blocks_are_written_added_and_removed(visit: Any, sqlite_web: Web, template: UUID) -> None:  # noqa: F811
    """What is typed and added is saved without leaving the page, and the preview shows it; a removal can be undone."""
    page = open_editor(visit, template)
    page.locator('[data-place="1"] textarea').fill("Changed <b>here</b>")
    page.locator('[data-add="top"]').select_option("button")
    page.locator(".block-box > .block-add .btn").last.click()
    made = page.locator('[data-place="5"]')
    made.get_by_label("What the button says").fill("Go")
    made.get_by_label("Address").fill("https://tea.example/")
    page.locator('[data-place="2"] [data-act="remove"]').click()
    page.get_by_role("button", name="Undo").click()
    assert page.locator('[data-place="2"] textarea').input_value() == "Second"
    page.locator('[data-place="2"] [data-act="remove"]').click()
    save(page)
    assert texts(written(sqlite_web, template)) == [
        'Hello {{ customer.given_name | default("you") }}',
        "Changed <b>here</b>",
        "when",
        "Tea House",
        "Go",
    ]
    frame = page.frame_locator("iframe").first
    frame.get_by_text("Changed <b>here</b>").wait_for()
    page.locator('[data-place="1"] textarea').fill("Changed again")
    save(page)
    assert texts(written(sqlite_web, template))[1] == "Changed again"


def test_blocks_are_moved_by_keys(visit: Any, sqlite_web: Web, template: UUID) -> None:  # noqa: F811
    """Taken with Space, moved by the arrow keys, put down; and by the buttons."""
    page = open_editor(visit, template)
    page.locator('[data-place="1"] [data-handle]').focus()
    page.keyboard.press(" ")
    assert page.locator('[data-place="1"]').get_attribute("class") == "block block-text block-taken"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    assert page.locator("#live").text_content() == "Text put down"
    page.locator('[data-place="1"] [data-act="up"]').click()
    save(page)
    heading = 'Hello {{ customer.given_name | default("you") }}'
    assert texts(written(sqlite_web, template)) == ["Second", heading, "when", "First", "Tea House"]


def test_blocks_are_dragged_into_each_other(visit: Any, sqlite_web: Web, template: UUID) -> None:  # noqa: F811
    """A text is dragged into the block with a condition."""
    page = open_editor(visit, template)
    page.set_viewport_size({"width": 1280, "height": 2400})
    handle = page.locator('[data-place="1"] [data-handle]').first
    aim = page.locator('[data-place="3/blocks/0"] [data-handle]')
    handle.hover()
    page.mouse.down()
    for _ in range(12):
        # What is dragged over moves out of the way: aimed at anew until it is in.
        box = aim.bounding_box()
        page.mouse.move(box["x"] + 30, box["y"] + 6, steps=4)
        page.wait_for_timeout(140)
        if page.locator('[data-list="3/blocks"] > [data-place="1"]').count():
            break
    page.mouse.up()
    save(page)
    found = written(sqlite_web, template)
    assert sorted(texts(found)) == sorted(
        ['Hello {{ customer.given_name | default("you") }}', "Second", "when", "Tea House"]
    )
    assert sorted(texts(next(each for each in found if each["kind"] == "when")["blocks"])) == ["First", "Thank you"]


def test_a_value_is_inserted_where_the_cursor_is(visit: Any, template: UUID) -> None:  # noqa: F811
    """With something in its place where a customer may have none."""
    page = open_editor(visit, template)
    field = page.locator('[data-place="1"] textarea')
    field.focus()
    field.press("End")
    page.get_by_label("Insert a value").select_option("customer.city")
    assert field.input_value() == 'First{{ customer.city | default("…") }}'
    field = page.locator('[data-place="3"] > .block-body').get_by_label("Condition")
    field.fill("")
    page.get_by_label("Insert a value").select_option("purchase.count")
    assert field.input_value() == "purchase.count"


def test_what_is_wrong_is_told_and_nothing_is_lost(visit: Any, sqlite_web: Web, template: UUID) -> None:  # noqa: F811
    """The place and what was meant; what was typed stays."""
    page = open_editor(visit, template)
    page.locator('[data-place="1"] textarea').fill("Dear {{ customer.gven_name }}")
    page.get_by_role("button", name="Save the draft").click()
    told = page.locator("[data-blocks-problems]")
    told.wait_for()
    assert '#2, line 1, column 9: there is nothing called "customer.gven_name"' in told.inner_text()
    assert 'Did you mean "customer.given_name"?' in told.inner_text()
    assert page.locator('[data-place="1"] textarea').input_value() == "Dear {{ customer.gven_name }}"
    assert texts(written(sqlite_web, template))[1] == "First"


def test_blocks_and_text_are_two_ways_to_write_one_thing(visit: Any, sqlite_web: Web, template: UUID) -> None:  # noqa: F811
    """The text is the blocks; a text that is none is told, and stays."""
    page = open_editor(visit, template)
    page.get_by_role("button", name="As text").click()
    area = page.locator("#f-blocks")
    rows = json.loads(area.input_value())
    area.fill("[{]")
    page.get_by_role("button", name="As blocks").click()
    assert "no list of blocks" in page.locator("[data-blocks-problems]").inner_text()
    area.fill(json.dumps([*rows[:1], {"kind": "divider"}]))
    page.get_by_role("button", name="As blocks").click()
    assert page.locator(".block").count() == 2
    save(page)
    assert [each["kind"] for each in written(sqlite_web, template)] == ["heading", "divider"]


def test_without_a_script_the_text_is_the_form(sqlite_web: Web, template: UUID) -> None:
    """A plain form with the blocks in YAML: saved, and refused with the place of what is wrong."""
    from html import unescape

    client = sqlite_web.client("ada")
    page = client.get(f"/modules/messaging/templates/edit?id={template}")
    document = unescape(page.text.partition('name="blocks"')[2].partition(">")[2].partition("</textarea>")[0])
    assert document.startswith("- kind: heading")
    target = f"/operations/messaging.template.write?target={template}&next=/modules/messaging/templates"
    values = {"language": "en", "variant": "a", "subject": "S", "weight": "1"}
    sent = client.post(target, {**values, "blocks": document.replace("First", "By hand")})
    assert sent.status_code == 303
    assert texts(written(sqlite_web, template))[1] == "By hand"
    wrong = client.post(target, {**values, "blocks": "- kind: txt"})
    assert wrong.status_code == 422
    assert "there is no block" in wrong.text


@pytest.mark.parametrize(("language", "width", "dark"), [("en", 1280, False), ("zh_Hans", 375, True)])
def test_everybody_can_use_the_pages(
    visit: Any,  # noqa: F811
    template: UUID,
    language: str,
    width: int,
    dark: bool,
) -> None:
    """No grave fault of accessibility, nothing wider than the screen, no English among Chinese."""
    seen = visit("ada", language=language, width=width, dark=dark)
    paths = (
        "/modules/messaging/templates",
        f"/modules/messaging/templates/edit?id={template}",
        f"/modules/messaging/templates/versions?id={template}",
        "/modules/messaging/suppressed",
    )
    for path in paths:
        seen.go(path)
        seen.page.wait_for_timeout(150)
        assert faults_of(seen.page) == []
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        if language == "zh_Hans":
            said = seen.page.locator("main h1, main h2, main .btn, main label, main legend").all_inner_texts()
            assert [each for each in said if each.strip() and each.isascii() and "hello" not in each.lower()] == []


def test_the_mail_in_the_preview_runs_nothing(sqlite_web: Web, template: UUID) -> None:
    """It is shown under a policy of its own: no script, no form, no origin; the pages may frame it, nobody else."""
    client = sqlite_web.client("ada")
    answer = client.get(f"/modules/messaging/templates/document?id={template}")
    policy = answer.headers["content-security-policy"]
    assert answer.text.startswith("<!DOCTYPE html>")
    for part in ("sandbox", "default-src 'none'", "frame-ancestors 'self'", "form-action 'none'"):
        assert part in policy
    assert "script-src" not in policy
    assert "allow-scripts" not in policy
    assert sqlite_web.client().get(f"/modules/messaging/templates/document?id={template}").status_code == 303
