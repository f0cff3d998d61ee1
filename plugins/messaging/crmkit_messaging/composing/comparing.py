"""Two versions of a template beside each other: what was taken out, what was put in. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Literal

from attrs import frozen

from crmkit_messaging.composing.blocks import as_yaml
from crmkit_messaging.composing.models import TemplateText, TemplateVersion


@frozen(kw_only=True)
class Line:
    """A line of a text: kept, taken out or put in; or a gap, where lines that are the same are left out."""

    kind: Literal["same", "out", "in", "gap"]
    text: str = ""


@frozen(kw_only=True)
class Compared:
    """What differs in a language and variant; ``state`` says whether the text was added, removed or changed."""

    language: str
    variant: str
    state: Literal["added", "removed", "changed"]
    lines: tuple[Line, ...]


def compare(old: TemplateVersion, new: TemplateVersion) -> list[Compared]:
    """Return what differs between two versions, text by text; what is the same in both is left out."""
    before = {(text.language, text.variant): text for text in old.texts}
    after = {(text.language, text.variant): text for text in new.texts}
    found: list[Compared] = []
    for key in dict.fromkeys((*after, *before)):
        lines = _lines(as_written(before.get(key)), as_written(after.get(key)))
        if any(line.kind in ("in", "out") for line in lines):
            state: Literal["added", "removed", "changed"] = "changed"
            if key not in before:
                state = "added"
            elif key not in after:
                state = "removed"
            found.append(Compared(language=key[0], variant=key[1], state=state, lines=tuple(lines)))
    return found


def as_written(text: TemplateText | None) -> list[str]:
    """Return a text line by line, as people write it."""
    if text is None:
        return []
    head = {"subject": text.subject, "preheader": text.preheader, "weight": text.weight}
    return [*as_yaml(head).splitlines(), *as_yaml(text.blocks).splitlines()]


def _lines(old: Sequence[str], new: Sequence[str]) -> list[Line]:
    found: list[Line] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for group in matcher.get_grouped_opcodes(2):
        if found or group[0][1] or group[0][3]:
            found.append(Line(kind="gap"))
        for tag, first, last, start, end in group:
            if tag == "equal":
                found.extend(Line(kind="same", text=text) for text in old[first:last])
                continue
            found.extend(Line(kind="out", text=text) for text in old[first:last])
            found.extend(Line(kind="in", text=text) for text in new[start:end])
    return found
