"""How texts look: Markdown as safe HTML, blocks for fewer readers, and the links between articles, both ways."""

from __future__ import annotations

from crmkit_knowledge.rendering.audiences import Block, split_audiences, text_for
from crmkit_knowledge.rendering.markdown import Heading, Rendered, links_of, render
from crmkit_knowledge.rendering.plain import plain_text, reading_time

__all__ = [
    "Block",
    "Heading",
    "Rendered",
    "links_of",
    "plain_text",
    "reading_time",
    "render",
    "split_audiences",
    "text_for",
]
