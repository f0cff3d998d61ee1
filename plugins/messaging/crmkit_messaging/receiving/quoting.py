"""Where the history of a conversation begins in the text of a mail.

What the library knows of the languages of Europe, and here what Chinese clients write. Must not know mails. Nothing is
lost: the text comes back in two parts. Takes a time in proportion to the text.
"""

from __future__ import annotations

import re
from functools import cache

LOOKED_AT = 40_000
"""Characters in which the beginning of the history is looked for."""
WIDEST = 400
"""Characters of a line that may announce it."""
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "sv", "da", "cs", "ja", "ko", "zh")
_FIELD = (
    r"(?:发件人|寄件者|寄件人|发送时间|傳送日期|发送日期|寄件日期|日期|时间|時間|收件人|收件者|抄送|副本|主题|主旨|"
    r"From|Sent|Date|To|Cc|Subject|Von|Gesendet|Datum|An|Betreff)"
)
_HEAD = re.compile(rf"^[>\s*]{{0,10}}{_FIELD}\s{{0,3}}\*?\s?[:：]", re.IGNORECASE)
_CHINESE = re.compile(
    r"^[>\s]{0,10}(?:"
    r"[-—–_=]{2,60}(?:\s|&nbsp;)?(?:原始邮件|原始郵件|邮件原件|原邮件|原郵件|回复的原邮件|回复的邮件|转发的邮件|转发邮件信息|轉寄郵件)(?:\s|&nbsp;)?[-—–_=]{2,60}"
    r"|(?:在|于|於)\s?\S.{0,300}?(?:写道|寫道|写到)\s?[:：]?"
    r"|\S.{0,300}?(?:写道|寫道)\s?[:：]"
    r")\s{0,5}$"
)
_RULE = re.compile(
    r"^[>\s]{0,10}-{2,60}\s?(?:Original|Forwarded|Ursprüngliche|Message)[^\n]{0,60}-{2,60}\s{0,5}$", re.IGNORECASE
)
_ANNOUNCES = re.compile(
    r"(?:写道|寫道|wrote|schrieb|écrit|escribió|scritto|schreef|napisał|skrev|napsal)\s{0,3}(?:[:：]|\s[^:：]{1,200}[:：])\s{0,5}$"
)


def split_quote(text: str) -> tuple[str, str]:
    """Return what was newly written, and the history below it. Where nothing is above the history (somebody answers
    below or between the lines, or forwards) all of it counts as new."""
    place = _place(text[:LOOKED_AT])
    if place is None:
        return text.strip(), ""
    new, quoted = text[:place].strip(), text[place:].strip()
    if not new or _answers_below(quoted):
        return text.strip(), ""
    return new, quoted


def _place(text: str) -> int | None:
    """Return where the history begins: the earliest of what any rule finds."""
    found = [place for place in (_by_lines(text), _by_library(text)) if place is not None]
    return min(found, default=None)


def _by_lines(text: str) -> int | None:
    lines = text.split("\n")
    position = tried = 0
    for number, line in enumerate(lines):
        if 0 < len(line) <= WIDEST:
            if _CHINESE.match(line) or _RULE.match(line):
                return position
            if _HEAD.match(line) and sum(bool(_HEAD.match(each[:WIDEST])) for each in lines[number : number + 7]) >= 3:
                return position
            # An announcement that is cut into two lines by the width of the text.
            if number + 1 < len(lines) and _is_announced(line, lines[number + 1]):
                return position
            if line.startswith(">") and tried < 20:
                tried += 1
                if _is_rest_quoted(lines, number):
                    return position
        position += len(line) + 1
    return None


def _is_announced(line: str, following: str) -> bool:
    if len(following) > WIDEST or not re.match(r"^\s{0,5}(?:On|Am|Le|El|Il|Op|W dniu|Den|Dne|在|于|於)\s?\S", line):
        return False
    announced = line if _ANNOUNCES.search(line) else f"{line} {following}" if _ANNOUNCES.search(following) else ""
    # With a date: without one it is what somebody tells.
    return any(char.isdigit() for char in announced)


def _is_rest_quoted(lines: list[str], number: int) -> bool:
    """Say whether from a quoted line on (almost) everything is quoted."""
    rest = [line for line in lines[number : number + 400] if line.strip()]
    return len(rest) >= 2 and sum(line.startswith(">") for line in rest) >= 0.9 * len(rest)


def _answers_below(quoted: str) -> bool:
    """Say whether somebody writes below the lines that are quoted with ``>``."""
    lines = [line for line in quoted[:LOOKED_AT].split("\n") if line.strip()]
    marked = [number for number, line in enumerate(lines) if line.lstrip().startswith(">")]
    if len(marked) < 1 or marked[0] > 4:
        return False
    below = lines[marked[-1] + 1 :]
    between = sum(1 for number, line in enumerate(lines[marked[0] : marked[-1]]) if not line.lstrip().startswith(">"))
    return len([line for line in below if not line.startswith("--")]) > 0 or between > 0


def _by_library(text: str) -> int | None:
    """Return what the library finds. Only pieces that can be meant are shown to it, and none that is long: its patterns
    look at every pair of places of a line."""
    lines = text.split("\n")
    position = 0
    for line in lines:
        if 0 < len(line) <= WIDEST and (":" in line or "：" in line) and _ANNOUNCES.search(line):
            found = _pattern().search(line)
            if found is not None and not found.start():
                return position
        position += len(line) + 1
    return None


@cache
def _pattern() -> re.Pattern[str]:
    from mailparser_reply import EmailMessage

    return EmailMessage(text="", languages=list(LANGUAGES)).HEADER_REGEX
