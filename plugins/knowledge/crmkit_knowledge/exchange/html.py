"""HTML as Markdown, as far as Markdown says it. Must not know where it comes from.

What does something, and what is not part of the text, is left out: scripts, styles, forms, menus.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from attrs import define, field

_SKIPPED = {
    "script",
    "style",
    "head",
    "nav",
    "template",
    "noscript",
    "iframe",
    "object",
    "svg",
    "math",
    "form",
    "select",
}
_BLOCKS = {"p", "div", "section", "article", "main", "figure", "figcaption", "address", "dl", "dt", "dd", "header",
           "footer", "aside", "details", "summary", "center", "body", "html", "tbody", "thead", "tfoot"}  # fmt: skip
_MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*", "del": "~~", "s": "~~", "strike": "~~"}
_ESCAPED = re.compile(r"([\\`*_\[\]<>~|])")
_LINE_BEGINS = re.compile(r"^(\s*)(#{1,6}(?=\s)|[-+](?=\s)|\d{1,9}(?=[.)]\s)|:{3,}|={3,}|-{3,})")
_VOID = {"br", "hr", "img", "input", "meta", "link", "col", "wbr", "source"}


@define
class _Block:
    """What is being collected: the pieces of a block, or the blocks within a list item, quote or cell."""

    tag: str
    parts: list[str] = field(factory=list)
    blocks: list[str] = field(factory=list)
    number: int = 0
    rows: list[list[str]] = field(factory=list)


class _Reader(HTMLParser):
    """Builds Markdown while reading."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self._stack = [_Block("root")]
        self._skip: list[str] = []
        self._pre = 0
        self._links: list[str] = []
        self._in_title = False

    def done(self) -> str:
        """Return the text."""
        while len(self._stack) > 1:
            self._close(self._stack[-1].tag)
        self._end_line()
        return "\n\n".join(self._stack[0].blocks).strip() + "\n" if self._stack[0].blocks else ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        at = {name: value or "" for name, value in attrs}
        if tag == "title":
            self._in_title = True
        if self._skip or tag in _SKIPPED:
            if tag not in _VOID and tag != "title":
                self._skip.append(tag)
            return
        top = self._stack[-1]
        if re.fullmatch(r"h[1-6]", tag) or tag in _BLOCKS:
            self._end_line()
            if tag[0] == "h" and tag[1:].isdigit():
                self._stack.append(_Block(tag))
        elif tag == "br":
            top.parts.append("\n" if self._pre else "  \n")
        elif tag == "hr":
            self._end_line()
            top.blocks.append("* * *")
        elif tag == "pre":
            self._end_line()
            self._stack.append(_Block("pre"))
            self._pre += 1
        elif tag in ("ul", "ol", "blockquote", "table"):
            self._end_line()
            self._stack.append(_Block(tag))
        elif tag == "li":
            self._close_open("li", ("ul", "ol"))
            self._stack.append(_Block("li"))
        elif tag == "tr":
            self._close_open("tr", ("table",))
            self._stack.append(_Block("tr"))
        elif tag in ("td", "th"):
            self._close_open("td", ("tr",))
            self._stack.append(_Block("td"))
        elif tag == "a":
            self._links.append(at.get("href", ""))
            top.parts.append("[" if at.get("href") else "")
        elif tag == "img":
            source = at.get("src", "")
            words = _plain(at.get("alt", ""))
            top.parts.append(f"![{words}]({_address(source)})" if source and not source.startswith("data:") else words)
        elif tag == "code" and not self._pre:
            top.parts.append("`")
            self._stack.append(_Block("code"))
        elif tag in _MARKS and not self._pre:
            top.parts.append(_MARKS[tag])

    def handle_endtag(self, tag: str) -> None:
        """End an element."""
        if tag == "title":
            self._in_title = False
        if self._skip:
            if tag in self._skip:
                del self._skip[self._skip.index(tag) :]
            return
        if tag in _BLOCKS:
            self._end_line()
        elif tag == "a" and self._links:
            address = self._links.pop()
            if address:
                self._stack[-1].parts.append(f"]({_address(address)})")
        elif tag in _MARKS and not self._pre:
            self._stack[-1].parts.append(_MARKS[tag])
        elif tag == "th":
            self._close("td")
        elif any(each.tag == tag for each in self._stack[1:]):
            self._close(tag)

    def handle_data(self, data: str) -> None:
        """Take words."""
        if self._in_title:
            self.title += data
        if self._skip or self._in_title:
            return
        top = self._stack[-1]
        if self._pre or top.tag == "code":
            top.parts.append(data)
        elif data.strip() or top.parts:
            top.parts.append(_plain(re.sub(r"\s+", " ", data)))

    def _close_open(self, tag: str, within: tuple[str, ...]) -> None:
        for each in reversed(self._stack[1:]):
            if each.tag in within:
                return
            if each.tag == tag:
                self._close(tag)
                return

    def _close(self, tag: str) -> None:
        """Close blocks down to one of a tag."""
        while True:
            block = self._stack[-1]
            self._end_line()
            self._stack.pop()
            self._add(block, self._stack[-1])
            if block.tag == tag or len(self._stack) == 1:
                return

    def _add(self, block: _Block, top: _Block) -> None:
        text = "\n\n".join(block.blocks)
        if block.tag == "pre":
            self._pre -= 1
            fence = "`" * max(3, 1 + max((len(each) for each in re.findall(r"`+", text)), default=0))
            top.blocks.append(f"{fence}\n{text.strip(chr(10))}\n{fence}")
        elif block.tag == "code":
            if top.parts and top.parts[-1] == "`":
                fence = "`" * (1 + max((len(each) for each in re.findall(r"`+", text)), default=0))
                pad = " " if text[:1] == "`" or text[-1:] == "`" else ""
                top.parts[-1] = f"{fence}{pad}{' '.join(text.split())}{pad}{fence}" if text.strip() else ""
        elif block.tag[0] == "h" and block.tag[1:].isdigit():
            if text:
                top.blocks.append(f"{'#' * int(block.tag[1])} {' '.join(text.split())}")
        elif block.tag == "li":
            top.number += 1
            mark = f"{top.number}. " if top.tag == "ol" else "- "
            top.blocks.append(
                mark + text.replace("\n", "\n" + " " * len(mark)).replace("\n" + " " * len(mark) + "\n", "\n\n")
            )
        elif block.tag in ("ul", "ol"):
            if block.blocks:
                loose = any("\n\n" in each for each in block.blocks)
                top.blocks.append(("\n\n" if loose else "\n").join(block.blocks))
        elif block.tag == "blockquote":
            if text:
                top.blocks.append("\n".join(f"> {line}".rstrip() for line in text.split("\n")))
        elif block.tag == "td":
            top.rows.append([" ".join(text.split())])
        elif block.tag == "tr":
            top.rows.append([cell for row in block.rows for cell in row])
        elif block.tag == "table":
            top.blocks += _table([row for row in block.rows if any(row)])

    def _end_line(self) -> None:
        top = self._stack[-1]
        text = "".join(top.parts)
        top.parts.clear()
        if self._pre or top.tag == "code":
            if text:
                top.blocks.append(text)
            return
        text = re.sub(r" *\n *", "\n", text.replace("  \n", "\\\n")).strip().rstrip("\\").strip()
        text = re.sub(r"(?<!\*)(\*\*|~~)(\s*)\1(?!\*)", r"\2", text)
        if text.strip("*~ "):
            top.blocks.append(_LINE_BEGINS.sub(r"\1\\\2", text))


def to_markdown(html: str) -> tuple[str, str]:
    """Return the text of a page in Markdown, and its title, which may be empty."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.done(), " ".join(reader.title.split())


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\\\1", text)


def _address(text: str) -> str:
    plain = text.strip()
    return f"<{plain.replace('<', '%3C').replace('>', '%3E')}>" if re.search(r"[\s()<>]", plain) else plain


def _table(rows: list[list[str]]) -> list[str]:
    if not rows:
        return []
    width = max(map(len, rows))
    lines = ["| " + " | ".join([*row, *[""] * (width - len(row))]) + " |" for row in rows]
    return ["\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])]
