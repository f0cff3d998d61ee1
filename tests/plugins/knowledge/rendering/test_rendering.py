"""Texts as people see them: what Markdown gives, and the bare words of it."""

from __future__ import annotations

from crmkit_knowledge.rendering.audiences import text_for
from crmkit_knowledge.rendering.markdown import links_of, render
from crmkit_knowledge.rendering.plain import plain_text, reading_time


def test_what_markdown_gives() -> None:
    """Headings below the page's own, lists, tables, code, and links that lead where they are said to."""
    text = "# One\n\n## One\n\n- **a**\n\n|a|b|\n|:-:|-|\n|1|~~2~~|\n\n```python\nx < 1\n```\n\n"
    text += "[b](article:1001) [c](nowhere) ![d](file:d.png)"
    made = render(text, resolve={"article:1001": "/a/send", "file:d.png": "/d.png"}.get)
    html = str(made.html)
    for part in (
        '<h2 id="h-one">One</h2>',
        '<h3 id="h-one-2">One</h3>',
        "<strong>a</strong>",
        '<td class="text-center">1</td>',
        "<s>2</s>",
        '<code class="language-python">x &lt; 1',
        '<a href="/a/send">b</a>',
        "<a>c</a>",
        '<img src="/d.png" alt="d">',
    ):
        assert part in html, html
    assert [(each.level, each.text, each.id) for each in made.headings] == [(2, "One", "h-one"), (3, "One", "h-one-2")]
    assert made.links == ("article:1001", "nowhere", "file:d.png") == links_of(text)


def test_headings_have_ids_of_their_own_in_every_language() -> None:
    """Two of one name differ, one without words has an id, too, and a link within the text reaches them."""
    made = render("## 退货 流程\n\n## 退货 流程\n\n## !\n\n### Deep\n\n[a](#退货-流程)")
    assert [each.id for each in made.headings] == ["h-退货-流程", "h-退货-流程-2", "h-part", "h-deep"]
    assert 'href="#h-退货-流程"' in made.html


def test_links_to_others_are_marked() -> None:
    """They are no recommendation, and the page they lead to does not reach back; raw ones are no exception."""
    html = str(render('[a](https://e.example) [b](there) <a href="https://f.example">c</a>', resolve=str.upper).html)
    assert '<a href="https://e.example" rel="noopener nofollow">a' in html
    assert '<a href="THERE">b' in html
    assert '<a rel="noopener nofollow" href="https://f.example">c' in html


def test_pictures_from_elsewhere_are_links() -> None:
    """They would tell others who reads."""
    html = str(render("![a cat](https://e.example/cat.png)").html)
    assert '<a href="https://e.example/cat.png" rel="noopener nofollow">a cat</a>' in html
    assert "<img" not in html


def test_colleagues_see_for_whom_a_part_is() -> None:
    """It has a frame, within lists too; a callout is one for every reader."""
    text = "- a\n\n  :::internal\n  **b**\n  :::\n\n:::warning\nc\n:::\n"
    html = str(render(text).html)
    assert '<div class="audience-internal">\n<p><strong>b</strong></p>\n</div>' in html
    outside = str(render(text_for(text, frozenset({"public"}))).html)
    assert '<div class="callout-warning">\n<p>c</p>\n</div>' in outside
    assert ("audience" in outside, "strong" in outside) == (False, False)


def test_what_readers_may_not_see_is_not_rendered() -> None:
    """Whoever renders for readers gets what is for them alone, links included."""
    made = render("a\n:::internal\n[secret](x)\n:::", reader=frozenset({"public"}))
    assert ("secret" in made.html, made.links) == (False, ())


def test_what_a_text_says() -> None:
    """Without its marks, a paragraph a line."""
    assert plain_text("# A *b*\n\nc\nd [e](f) ![g](h)\n\n:::note\n```\ni\n```\n:::\n") == "A b\nc d e g\ni"


def test_how_long_it_takes_to_read() -> None:
    """Words and Chinese characters each have their pace."""
    assert (1, 3, 2) == (reading_time("a"), reading_time("word " * 600), reading_time("退" * 800))
