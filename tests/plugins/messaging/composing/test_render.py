"""What templates say to customers: golden renders, and what becomes of values that are missing or hostile."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import pytest
from crmkit_messaging.api import Rendered, render

from crmkit.core.store.actor import Actor
from crmkit.errors import NotFound
from tests.plugins.messaging.composing.bases import SYSTEM, Base, add

HELLO = """
- kind: heading
  text: Hello {{ customer.given_name | default("you") }}
- kind: text
  text: |
    You live in **{{ customer.city }}**, see [the shop](https://shop.example/?who={{ customer.name }}).

    - one
    - two
- kind: lines
  each: value.items
  text: "{{ line.name }} × {{ line.quantity }}"
  end: "{{ line.price | money('EUR') }}"
  empty: Nothing was ordered.
- kind: divider
- kind: button
  text: Look
  url: "{{ value.url }}"
- kind: footer
  text: Tea House
"""
GIVEN = "items: [{name: Tea, quantity: 2, price: 12.5}]\nurl: https://shop.example/order\n"
VALUES: Mapping[str, Any] = {"items": [{"name": "Tea", "quantity": 2, "price": 12.5}], "url": "https://shop.example/o"}
LINKS = {"unsubscribe": "https://tea.example/p/x", "preferences": "https://tea.example/p/y"}


def made(base: Base, name: str, customer: str = "ada", *, by: Actor = SYSTEM, **options: Any) -> Rendered:
    """Render a template in a reading session."""
    with base.crm.session(by) as session:
        return render(session, name, base.customers[customer], **{"links": LINKS, "values": VALUES, **options})


class Reader(HTMLParser):
    """Notes the elements of a document with their attributes, and what is read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.said = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Note that an element ends."""
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Note what is read."""
        if not {"style", "title"} & set(self.open):
            self.said += data


def read(html: str) -> Reader:
    """Return what a document has."""
    reader = Reader()
    reader.feed(html)
    return reader


def test_the_plain_text_is_made_of_the_same_blocks(base: Base) -> None:
    """Headings are underlined, links written out, lines and the footer ruled off."""
    add(base.crm, "hello", HELLO, given=GIVEN, subject="For {{ customer.name }}")
    assert made(base, "hello").text == (
        "Hello Ada\n=========\n\n"
        "You live in London, see the shop (https://shop.example/?who=Ada%20Byron).\n\n"
        "- one\n- two\n\n"
        "- Tea × 2  €12.50\n\n"
        "----------------------------------------\n\n"
        "Look: https://shop.example/o\n\n"
        "----------------------------------------\nTea House\nUnsubscribe: https://tea.example/p/x"
    )


def test_the_html_is_what_mail_programs_show(base: Base) -> None:
    """Tables for the layout, styles in the elements, no script, nothing loaded, a dark look, a language."""
    add(base.crm, "hello", HELLO, given=GIVEN, subject="For {{ customer.name }}", preheader="Look inside")
    html = made(base, "hello").html
    found = read(html)
    assert html.startswith('<!DOCTYPE html>\n<html lang="en" dir="ltr"')
    assert {tag for tag, _attrs in found.elements} <= {
        *("html", "head", "meta", "title", "style", "body", "div", "table", "tr", "td", "p", "a", "h1", "ul", "li"),
        "strong",
    }
    assert [attrs["href"] for tag, attrs in found.elements if tag == "a"] == [
        "https://shop.example/?who=Ada%20Byron",
        "https://shop.example/o",
        "https://tea.example/p/x",
    ]
    assert all("style" in attrs for tag, attrs in found.elements if tag in ("p", "h1", "a", "td"))
    assert "prefers-color-scheme:dark" in html
    assert "<title>For Ada Byron</title>" in html
    assert "".join(found.said.split()) == (
        "LookinsideHelloAdaYouliveinLondon,seetheshop.onetwoTea×2€12.50LookTeaHouseUnsubscribe"
    )


def test_a_missing_value_is_reported_by_its_name(base: Base) -> None:
    """A hole is never empty: the name stands in it, and sending is up to who reads the report."""
    add(base.crm, "hello", HELLO, given=GIVEN)
    found = made(base, "hello", "bare", values={})
    assert sorted(found.missing) == ["customer.city", "value.items", "value.url"]
    assert "You live in [customer.city]" in found.text
    assert "Hello you" in found.text


def test_an_empty_list_is_no_missing_one(base: Base) -> None:
    """Where nothing is in the list, its own text stands."""
    add(base.crm, "hello", HELLO, given=GIVEN)
    found = made(base, "hello", values={**VALUES, "items": []})
    assert found.missing == ()
    assert "Nothing was ordered." in found.text


def test_values_are_never_read_as_markup(base: Base) -> None:
    """A customer called like markup, HTML or a template is shown as it is called."""
    evil = "**x** [y](https://evil.example) <script>alert(1)</script> {{ customer.city }} \"'>"
    base.crm.run(SYSTEM, "customer.update", {"given_name": evil}, target=base.customers["ada"])
    add(base.crm, "evil", "- kind: text\n  text: Dear {{ customer.given_name }}", subject="{{ customer.given_name }}")
    found = made(base, "evil")
    reader = read(found.html)
    assert [tag for tag, _attrs in reader.elements if tag in ("a", "script", "strong", "img")] == []
    assert found.text == f"Dear {evil}"
    assert found.subject == evil


def test_a_value_breaks_no_line_of_the_subject(base: Base) -> None:
    """Line breaks in a value cannot add headers to a mail."""
    add(base.crm, "x", "- kind: text\n  text: x", subject="Hi {{ value.who }}", given="who: Bob\n")
    found = made(base, "x", values={"who": "Eve\r\nBcc: all@evil.example\u2028x"})
    assert found.subject == "Hi Eve Bcc: all@evil.example x"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//evil.example",
        "https://user@evil.example/",
        "https:///x",
        "file:///etc/passwd",
        'https://x.example/" onload="x',
        "https://x.example/\\..\\",
    ],
)
def test_a_given_address_that_must_not_be_followed_is_no_link(base: Base, url: str) -> None:
    """Neither a button nor a link leads where mail must not lead."""
    blocks = '- {kind: button, text: Go, url: "{{ value.url }}"}\n- {kind: text, text: "[go]({{ value.url }})"}'
    add(base.crm, "x", blocks, given="url: https://x.example\n")
    found = made(base, "x", values={"url": url})
    assert [attrs for tag, attrs in read(found.html).elements if tag == "a"] == []


def test_a_value_within_an_address_stays_a_part_of_it(base: Base) -> None:
    """What stands behind the beginning of an address is quoted."""
    blocks = '- {kind: button, text: Go, url: "https://x.example/{{ value.id }}?a=1"}'
    add(base.crm, "x", blocks, given="id: A\n")
    found = made(base, "x", values={"id": "../b?c=d&e#f"})
    assert "Go: https://x.example/..%2Fb%3Fc%3Dd%26e%23f?a=1" in found.text


def test_a_condition_decides_for_each_customer(base: Base) -> None:
    """Blocks with a condition are shown to those for whom it holds, others to the others."""
    blocks = """
- kind: when
  condition: customer.city == "上海"
  blocks: [{kind: text, text: Near us}]
  otherwise: [{kind: text, text: Far away}]
"""
    add(base.crm, "x", blocks)
    assert [made(base, "x", name).text for name in ("ada", "lin")] == ["Far away", "Near us"]


def test_the_language_is_the_customers(base: Base) -> None:
    """Of what is there the customer's language is taken, else the business's."""
    template = add(base.crm, "x", "- {kind: text, text: Hello}", publish=False)
    text = {"language": "zh-CN", "blocks": "- {kind: text, text: 你好}"}
    base.crm.run(SYSTEM, "messaging.template.write", text, target=template)
    base.crm.run(SYSTEM, "messaging.template.publish", {"confirmed": True}, target=template)
    found = {name: made(base, "x", name) for name in ("ada", "lin", "bare")}
    assert {name: (each.language, each.text) for name, each in found.items()} == {
        "ada": ("en", "Hello"),
        "lin": ("zh_Hans", "你好"),
        "bare": ("en", "Hello"),
    }
    assert made(base, "x", "ada", language="zh").text == "你好"


def test_amounts_and_days_are_written_in_the_language(base: Base) -> None:
    """Numbers, money and days look as readers of the language expect."""
    line = '{{ value.sum | money("EUR") }} {{ value.day | date }} {{ value.part | percent }}'
    template = add(base.crm, "x", f"- kind: text\n  text: '{line}'", given="{sum: 1, day: '2026-01-02', part: 0.5}")
    text = {"language": "de", "blocks": f"- kind: text\n  text: '{line}'"}
    base.crm.run(SYSTEM, "messaging.template.write", text, target=template)
    base.crm.run(SYSTEM, "messaging.template.publish", {"confirmed": True}, target=template)
    values = {"sum": 1234.5, "day": "2026-03-04", "part": 0.25}
    assert made(base, "x", values=values).text == "€1,234.50 Mar 4, 2026 25%"
    assert made(base, "x", values=values, language="de").text == "1.234,50\xa0€ 04.03.2026 25%"


def test_who_may_not_see_personal_fields_sends_none(base: Base) -> None:
    """What is masked for the sender is missing: it is neither sent nor shown."""
    add(base.crm, "x", "- kind: text\n  text: Dear {{ customer.name }}")
    found = made(base, "x", by=base.people["ann"])
    assert found.missing == ("customer.name",)
    assert "Ada" not in found.text + found.html


def test_sensitive_fields_are_no_names_of_texts(base: Base) -> None:
    """Neither identity numbers nor contact points can be put into a text, whoever writes it."""
    from crmkit.errors import InvalidInput

    for name in ("customer.identity_number", "customer.birth_date", "customer.email", "customer.contact_points"):
        with pytest.raises(InvalidInput, match="nothing called"):
            add(base.crm, "x", f"- kind: text\n  text: '{{{{ {name} }}}}'")
        with base.crm.session(SYSTEM) as session:
            from crmkit_messaging.composing.models import MessageTemplate
            from sqlalchemy import select

            template = session.scalar(select(MessageTemplate.id))
        base.crm.run(SYSTEM, "messaging.template.delete", {}, target=template)


def test_a_message_that_needs_a_way_out_is_not_sent_without(base: Base) -> None:
    """Where no link to unsubscribe can be made, the template says that it is missing."""
    add(base.crm, "x", "- {kind: text, text: Buy}\n- {kind: footer}", purpose="marketing")
    assert made(base, "x", links={}).missing == ("link.unsubscribe",)
    assert made(base, "x").missing == ()


def test_what_is_not_published_is_not_sent(base: Base) -> None:
    """A draft is nobody's message."""
    add(base.crm, "x", "- {kind: text, text: Draft}", publish=False)
    with pytest.raises(NotFound, match="never published"):
        made(base, "x")
    with pytest.raises(NotFound, match="no published template"):
        made(base, "y")


def test_a_short_message_says_in_how_many_parts_it_is_sent(base: Base) -> None:
    """A text message has no HTML, and is counted."""
    add(base.crm, "x", "- {kind: text, text: 'Hello {{ customer.name }}'}", channel="sms")
    found = made(base, "x")
    assert (found.html, found.text) == ("", "Hello Ada Byron")
    assert found.segments is not None
    assert (found.segments.encoding, found.segments.count, found.segments.left) == ("GSM-7", 1, 145)
