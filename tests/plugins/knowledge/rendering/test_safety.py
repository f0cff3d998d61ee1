"""Whatever somebody writes, nothing of it comes alive on a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from crmkit_knowledge.rendering.markdown import ATTRIBUTES, TAGS, render
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
    "[a](file:///etc/passwd)",
    "![a](data:image/svg+xml;base64,PHN2Zz4=)",
    '![a" onerror="alert(1)](x)',
    '![a](x" onerror="alert(1))',
    '![a" onerror="alert(1)](https://e.example/x)',
    "[a](x 'y\" onmouseover=\"alert(1)')",
    "<iframe src=//e.example></iframe>",
    "<svg/onload=alert(1)>",
    "<a href=javascript:alert(1)>a</a>",
    '<a href="java\x01script:alert(1)">a</a>',
    '<a href=" javascript:alert(1)">a</a>',
    '<a href="&#14;javascript:alert(1)">a</a>',
    "<a href=//e.example>a</a>",
    '<a href="\\\\e.example">a</a>',
    "<style>body{display:none}</style>",
    "<form action=//e.example><input name=q>",
    "<meta http-equiv=refresh content=0;url=//e.example>",
    "<base href=//e.example>",
    "<link rel=stylesheet href=//e.example>",
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
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<div style="background:url(javascript:alert(1))">a</div>',
    '<div class="modal show" id=main data-x=1>a</div>',
    "<object data=x></object><embed src=x>",
    "<details open ontoggle=alert(1)>a</details>",
    "<video><source onerror=alert(1)></video>",
    "<textarea><script>alert(1)</script></textarea>",
    "<template><script>alert(1)</script></template>",
    '<img srcset="x 1x" src=//e.example/x>',
    "<img src=data:image/svg+xml;base64,PHN2Zz4=>",
    '<a href="x" target=_blank rel=opener>a</a>',
    ":::note<script>alert(1)</script>\nx\n:::",
    '\ue0f0internal" onclick=alert(1)\ue0f2',
]


class Seen(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.found.append((tag, dict(attrs)))


def harmless(html: str) -> bool:
    """Say whether a page has nothing but what pages may have."""
    parser = Seen()
    parser.feed(html)
    for tag, attributes in parser.found:
        if tag not in TAGS or set(attributes) - ATTRIBUTES.get(tag, set()):
            return False
        for name in ("href", "src"):
            address = attributes.get(name) or ""
            scheme = re.match(r"\s*([a-z][a-z0-9+.-]*):", address, re.IGNORECASE)
            if address.startswith(("//", "\\", "/\\")):
                return False
            if scheme and scheme[1].lower() not in ("http", "https", "mailto", "tel"):
                return False
    return True


@pytest.mark.parametrize("text", EVIL)
def test_nothing_comes_alive(text: str) -> None:
    """Neither where addresses lead nowhere nor where each leads somewhere."""
    assert harmless(str(render(text).html))
    assert harmless(str(render(text, resolve=lambda address: address).html))


@given(
    st.lists(
        st.sampled_from([*EVIL, "a", "\n", "\n\n", "> ", "- ", "`", "*", "[", "](", ")", "<", ">", "|", ":::note\n"]),
        max_size=8,
    )
)
def test_nothing_comes_alive_together(pieces: list[str]) -> None:
    """Nor does it from several of them."""
    assert harmless(str(render("".join(pieces), resolve=lambda address: address).html))
