"""Texts as people see them: what Markdown gives, what never comes through, and for whom each part is."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from crmkit_knowledge.rendering.audiences import split_audiences, text_for
from crmkit_knowledge.rendering.comparing import blame, compare
from crmkit_knowledge.rendering.markdown import ATTRIBUTES, TAGS, links_of, plain_text, render
from hypothesis import given, strategies as st

EVIL = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](java&#115;cript:alert(1))",
    "[a](&#x6A;avascript:alert(1))",
    "[a]( javascript:alert(1))",
    "[a](<java\tscript:alert(1)>)",
    "[a](vbscript:x)",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "![a](data:image/svg+xml;base64,PHN2Zz4=)",
    '![a" onerror="alert(1)](x)',
    '![a](x" onerror="alert(1))',
    "[a](x 'y\" onmouseover=\"alert(1)')",
    "<iframe src=//e.example></iframe>",
    "<svg/onload=alert(1)>",
    "<a href=javascript:alert(1)>a</a>",
    "<style>body{display:none}</style>",
    "<form action=//e.example><input name=q>",
    "<meta http-equiv=refresh content=0;url=//e.example>",
    '```"><script>alert(1)</script>\nx\n```',
    "```x onload=alert(1)\nx\n```",
    "# <script>alert(1)</script>",
    '# main" onclick="alert(1)',
    "[a][b]\n\n[b]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "|a|\n|:-:|\n|<b onclick=alert(1)>|",
    "\\<script>alert(1)\\</script>",
    "<!--><script>alert(1)</script>-->",
    "<math><mtext></mtext><script>alert(1)</script>",
]


class Seen(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.found.append((tag, dict(attrs)))


def seen(html: str) -> list[tuple[str, dict[str, str | None]]]:
    """Return the elements of a page."""
    parser = Seen()
    parser.feed(html)
    return parser.found


def harmless(html: str) -> bool:
    """Say whether a page has nothing but what pages may have."""
    for tag, attributes in seen(html):
        if tag not in TAGS or set(attributes) - ATTRIBUTES.get(tag, set()):
            return False
        for name in ("href", "src"):
            scheme = re.match(r"\s*([a-z][a-z0-9+.-]*):", attributes.get(name) or "", re.IGNORECASE)
            if scheme and scheme[1].lower() not in ("http", "https", "mailto", "tel"):
                return False
    return True


@pytest.mark.parametrize("text", EVIL)
def test_nothing_comes_alive(text: str) -> None:
    """Whatever somebody writes, a page has what it may have."""
    assert harmless(str(render(text).html))


@given(
    st.lists(
        st.sampled_from([*EVIL, "a", "\n", "\n\n", "> ", "- ", "`", "*", "[", "](", ")", "<", ">", "|"]), max_size=8
    )
)
def test_nothing_comes_alive_together(pieces: list[str]) -> None:
    """Nor does it from several of them."""
    assert harmless(str(render("".join(pieces)).html))


def test_what_markdown_gives() -> None:
    """Headings below the page's own, lists, tables, code, and links that lead where they are said to."""
    text = "# One\n\n## One\n\n- **a**\n\n|a|b|\n|:-:|-|\n|1|~~2~~|\n\n```python\nx < 1\n```\n\n"
    text += "[b](article:1001) [c](nowhere)"
    made = render(text, resolve={"article:1001": "/a/send"}.get)
    html = str(made.html)
    for part in (
        '<h2 id="s-one">One</h2>',
        '<h3 id="s-one-2">One</h3>',
        "<strong>a</strong>",
        '<td align="center">1</td>',
        "<s>2</s>",
        '<code class="language-python">x &lt; 1',
        '<a href="/a/send">b</a>',
        "<a>c</a>",
    ):
        assert part in html, html
    assert [(each.level, each.text, each.id) for each in made.headings] == [(1, "One", "s-one"), (2, "One", "s-one-2")]
    assert made.links == ("article:1001", "nowhere") == links_of(text)


def test_links_to_others_are_marked() -> None:
    """They are no recommendation, and the page they lead to does not reach back."""
    html = str(render("[a](https://e.example) [b](/here)").html)
    assert '<a href="https://e.example" rel="noopener nofollow">' in html
    assert '<a href="/here">' in html


def test_what_a_text_says() -> None:
    """Without its marks, a paragraph a line."""
    assert plain_text("# A *b*\n\nc\nd [e](f) ![g](h)\n\n```\ni\n```\n") == "A b\nc d e g\ni"


def test_parts_are_for_audiences() -> None:
    """Blocks in blocks are for those who may read both; code is text; what is not closed or not known is kept back."""
    text = "a\n:::internal\nb\n:::public\nc\n:::\n:::\nd\n:::customers\ne\n:::\n```\n:::internal\n```\n:::what\nf\n"
    assert text_for(text, frozenset({"public"})) == "a\nd\n```\n:::internal\n```\n"
    assert text_for(text, frozenset({"public", "customers"})) == "a\nd\ne\n```\n:::internal\n```\n"
    everything = text_for(text, frozenset({"public", "customers", "internal"}))
    assert [char for char in "abcdef" if char not in everything] == []


LINES = st.lists(
    st.sampled_from([":::internal", ":::customers", ":::public", ":::", "```", "~~~", "text"]), max_size=14
)


@given(LINES, LINES)
def test_what_is_for_colleagues_never_gets_out(before: list[str], inside: list[str]) -> None:
    """A line between the beginning of a block for colleagues and its end is for them, whatever stands around it, unless
    both stand in code."""
    text = "\n".join([*before, ":::internal", "secret", ":::", *inside, ""])
    if any(each.text.count("secret") and ":::internal\nsecret" in each.text for each in split_audiences(text)):
        return  # they stand in a fence of code, and are shown as what they are
    assert "secret" not in text_for(text, frozenset({"public", "customers"}))


@given(LINES)
def test_a_text_without_blocks_stays_as_it_is(lines: list[str]) -> None:
    """Parts are the lines of the text in their order; nothing else is added."""
    text = "".join(f"{line}\n" for line in lines if not line.startswith(":::"))
    assert text_for(text, frozenset()) == text


def test_two_texts_side_by_side() -> None:
    """Line by line, and word by word where a line has changed; Chinese sign by sign."""
    found = compare("one\n退回商品。\nthree", "one\n退回货品。\nthree\nfour")
    assert [each.change for each in found] == ["same", "changed", "same", "new"]
    assert [(piece.change, piece.text) for piece in found[1].new if piece.change != "same"] == [("new", "货")]
    assert (found[3].old_number, found[3].new_number) == (None, 4)


@given(st.lists(st.sampled_from("abc"), max_size=9), st.lists(st.sampled_from("abc"), max_size=9))
def test_a_comparison_has_both_texts(old: list[str], new: list[str]) -> None:
    """What is said of each is that text again."""
    found = compare("\n".join(old), "\n".join(new))
    assert ["".join(p.text for p in each.old) for each in found if each.old_number] == "\n".join(old).splitlines()
    assert ["".join(p.text for p in each.new) for each in found if each.new_number] == "\n".join(new).splitlines()


def test_who_has_brought_each_line() -> None:
    """By the revision in which it has come."""
    texts = [(1, "a\nb"), (2, "a\nc\nb"), (3, "a\nc\nd")]
    assert blame(texts) == ((1, "a"), (2, "c"), (3, "d"))
