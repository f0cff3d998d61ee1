"""The bare words of a text in Markdown, and how long it takes to read them. Must not know who reads."""

from __future__ import annotations

import math
import re
from typing import Any

from crmkit_knowledge.rendering.markdown import parser

WORDS_A_MINUTE, CHARACTERS_A_MINUTE = 220, 400
"""How fast people read: words, and Chinese characters."""
_TAG = re.compile(r"<[^>]*>")
_MARK = re.compile(r"^[:：]{3,}.*$", re.MULTILINE)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def plain_text(markdown: str) -> str:
    """Return the words of a text without marks and addresses: a line for each paragraph, cell and line of code."""
    found: list[str] = []
    for token in parser().parse(_MARK.sub("", markdown)):
        if token.type == "inline":
            found.append(_line(token.children or ()))
        elif token.type in ("fence", "code_block"):
            found += [" ".join(line.split()) for line in token.content.splitlines()]
        elif token.type == "html_block":
            found.append(" ".join(_TAG.sub(" ", token.content).split()))
    return "\n".join(each for each in found if each)


def reading_time(markdown: str) -> int:
    """Return how many minutes it takes to read a text, at least one: 220 words or 400 Chinese characters a minute."""
    text = plain_text(markdown)
    characters = len(_HAN.findall(text))
    words = len(_WORD.findall(_HAN.sub(" ", text)))
    return max(1, math.ceil(words / WORDS_A_MINUTE + characters / CHARACTERS_A_MINUTE))


def _line(children: Any) -> str:
    parts = []
    for each in children:
        if each.type in ("text", "code_inline", "image"):
            parts.append(each.content)
        elif each.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return " ".join("".join(parts).split())
