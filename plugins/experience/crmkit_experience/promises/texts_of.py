"""Promises in what we write to customers, by careful patterns in English and Chinese.

A sentence is one where it says that we will do something of a known kind, and by when. What is asked, denied, quoted,
or depends on something else is none. It misses some, and is to take few for promises that are none: a person confirms
each. Must not know the database.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from crmkit_experience.promises.dates import Due, due_of

LONGEST = 20_000
"""So many characters of a text are looked at."""
MOST = 5
"""Most suggestions of one text."""
WIDEST = 400
"""A longer sentence is none that one writes a promise in."""


@frozen(kw_only=True)
class Found:
    """A sentence that reads like a promise: its kind, its words, and until when."""

    kind: str
    what: str
    due: Due


_SENTENCE = re.compile(r"(?:[^.!?\n。！？；;]|\.(?=\d)|(?<=\b[ap])\.(?=m\b)|(?<=\b[ap]\.m)\.(?=\s))+[.!?。！？；;]?")
_QUOTED = re.compile(r"^\s*(?:>|\||-{3,}|On .{5,80} wrote:|在.{5,60}写道)", re.MULTILINE)
_FUTURE = re.compile(
    r"(?:\b(?:i|we)['’]ll\b|\b(?:will|shall)\b|\bgoing\s+to\b|\b(?:promise|guarantee)\s+(?:to|that)\b|"
    r"\byou(?:['’]ll|\s+will)\s+(?:get|receive|have|hear)\b)",
    re.IGNORECASE,
)
_OURS = re.compile(
    r"\b(?:i|we|our|my)\b|\b(?:i|we)['’]|\byou(?:['’]ll|\s+will)\s+(?:get|receive|have|hear)\b", re.IGNORECASE
)
_NOT = re.compile(
    r"\b(?:not|won['’]?t|can['’]?t|cannot|never|no longer|unable|might|may|perhaps|maybe|try|hope|would|could|"
    r"if|unless|once|as soon as|provided|in case|when you|after you|should you)\b",
    re.IGNORECASE,
)
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("refund", r"\b(?:refund|reimburse|credit (?:you|your|the)|pay (?:it|you|the \w+) back|return your money)"),
        ("call_back", r"\b(?:call|phone|ring)(?:\s+you)?\b|\bgive you a (?:call|ring)\b"),
        ("repair", r"\b(?:repair|fix|mend|replace)\b|\bsend (?:you )?(?:a|our|the) (?:technician|engineer)\b"),
        (
            "answer",
            r"\b(?:get back to you|reply|answer|respond|let you know|update you|inform you|write (?:to|back to) you|"
            r"e-?mail you|confirm|hear from us|send you (?:an? |our |my |the )?(?:answer|update|reply|e-?mail|"
            r"confirmation))\b",
        ),
        ("deliver", r"\b(?:deliver|ship|dispatch|bring|send|receive|courier)\b|\bget (?:it|your|the)\b"),
        ("other", r"\b(?:promise|guarantee)\b"),
    )
)
_KINDS_ZH: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("refund", r"退款|退还|退回.{0,6}[款钱]|返还"),
        ("call_back", r"回电|回拨|打电话|致电|去电|(?:给|跟|和)[您你].{0,4}通话"),
        ("repair", r"维修|修好|修理|检修|更换|换新"),
        ("answer", r"回复|答复|告知|通知|反馈|联系[您你]|与[您你]联系|跟[您你]联系|给[您你].{0,6}消息"),
        ("deliver", r"发货|送达|送到|送货|寄出|寄给|寄送|发出|配送|上门"),
        ("other", r"保证|承诺"),
    )
)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_NOT_ZH = re.compile(
    r"不会|不能|无法|没法|没有|不再|可能|也许|大概|尽量|如果|若|要是|假如|倘若|一旦|的话|请[您你]|麻烦[您你]|"
    r"[您你](?:可以|能否|需要)|(?:给|跟|向|和|联系)(?:我们?|咱)|吗|么[？?]|呢[？?]|收到[您你]"
)
_OURS_ZH = re.compile(
    r"我|给[您你]|为[您你]|向[您你]|与[您你]|跟[您你]|帮[您你]|联系[您你]|(?:通知|回复|答复|告知)[您你]|[您你](?:会|将)收到"
)


def promises_in(text: str, said_at: datetime, zone: str) -> Sequence[Found]:
    """Return the sentences of a text to a customer that read like promises, in their order, at most `MOST`.

    ``said_at`` (UTC) is when it was said; days are those of ``zone``.
    """
    text = text[:LONGEST]
    quote = _QUOTED.search(text)
    # What follows the first quoted line was said before, often by the customer.
    own = text[: quote.start()] if quote is not None else text
    found: list[Found] = []
    for match in _SENTENCE.finditer(own):
        sentence = " ".join(match.group().split())
        kind = _kind_of(sentence) if 4 < len(sentence) <= WIDEST else None
        due = due_of(sentence, said_at, zone) if kind is not None else None
        if kind is not None and due is not None:
            found.append(Found(kind=kind, what=sentence, due=due))
        if len(found) == MOST:
            break
    return found


def _kind_of(sentence: str) -> str | None:
    if sentence.endswith(("?", "？")):
        return None
    if _CHINESE.search(sentence):
        if _NOT_ZH.search(sentence) or not _OURS_ZH.search(sentence):
            return None
        return next((kind for kind, pattern in _KINDS_ZH if pattern.search(sentence)), None)
    future = _FUTURE.search(sentence)
    if future is None or not _OURS.search(sentence) or _NOT.search(sentence):
        return None
    said = sentence[future.start() :]
    return next((kind for kind, pattern in _KINDS if pattern.search(said)), None)
