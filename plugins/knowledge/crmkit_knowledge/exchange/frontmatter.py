"""What stands above a text in a file: names with values between two lines of ``---``. Must not know articles.

A small part of YAML, read by hand: words, texts in quotes, lists, and texts over several lines. There are no
references, no types and no objects in it, so nothing that somebody sends becomes more than text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from crmkit import InvalidInput, texts
from crmkit_knowledge.articles.errors import problem

_ = texts("crmkit_knowledge")

Value = str | list[str]
LONGEST = 50_000
_FIRST = re.compile(r"\ufeff?---[ \t]*\r?\n")
_LAST = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
_KEY = re.compile(r"^([A-Za-z_][\w.-]*)[ \t]*:(?:[ \t]+(.*)|[ \t]*)$")
_PLAIN = re.compile(r"^[^\W\d_][\w .()/-]*$")
_NULL = ("", "~", "null", "Null", "NULL")
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


def split(text: str) -> tuple[dict[str, Value], str]:
    """Return the names with values above a text, and the text below. Names are in small letters; a name without a value
    is left out. Raises InvalidInput with the line that cannot be read."""
    first = _FIRST.match(text)
    if first is None:
        return {}, text.removeprefix("\ufeff")
    last = _LAST.search(text, first.end())
    if last is None:
        raise _wrong(1, _("Line {line}: what begins with --- does not end."))
    head = text[first.end() : last.start()]
    if len(head) > LONGEST:
        raise _wrong(1, _("Line {line}: this is too long."))
    body = text[last.end() :]
    return _values(head.splitlines()), re.sub(r"\A\r?\n", "", body)


def joined(values: Mapping[str, str | Sequence[str]], body: str) -> str:
    """Return a text with names and values above it; `split` gives them back."""
    lines = ["---"]
    for name, value in values.items():
        shown = _said(value) if isinstance(value, str) else f"[{', '.join(_said(each) for each in value)}]"
        lines.append(f"{name}: {shown}")
    return "\n".join([*lines, "---", "", body])


def _said(text: str) -> str:
    if _PLAIN.fullmatch(text) and text == text.strip() and text.casefold() not in _WORDS:
        return text
    # What ends a line for some readers is written as a sign.
    return re.sub(
        r"[\x7f-\xa0\u2028\u2029\ufeff]", lambda each: f"\\u{ord(each[0]):04x}", json.dumps(text, ensure_ascii=False)
    )


def _values(lines: list[str]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key = _KEY.match(line)
        if key is None:
            raise _wrong(at + 1, _("Line {line}: here a name with a value is expected."))
        name, rest = key[1].lower(), (key[2] or "").strip()
        begin = at
        while at < len(lines) and (not lines[at].strip() or lines[at][0] in " \t" or lines[at].startswith("- ")):
            at += 1
        value = _value(rest, lines[begin:at], begin + 1)
        if value not in ("", []):
            found[name] = value
    return found


def _value(rest: str, below: list[str], line: int) -> Value:
    items = [each.strip() for each in below if each.strip() and not each.lstrip().startswith("#")]
    if re.fullmatch(r"[|>][+-]?\d?", rest):
        return _block(rest, below)
    if not rest and items and all(each.startswith("-") for each in items):
        return [_scalar(each[1:].strip(), line) for each in items if each[1:].strip()]
    if not rest and items and _KEY.match(items[0]):
        return ""  # a name with names below it: nothing here is like that
    whole = " ".join([rest, *items]).strip()
    if whole.startswith("["):
        return _list(whole, line)
    # In quotes it is a word like any other.
    return "" if whole in _NULL else _scalar(whole, line)


def _block(sign: str, below: list[str]) -> str:
    inset = min((len(each) - len(each.lstrip()) for each in below if each.strip()), default=0)
    lines = [each[inset:] for each in below]
    text = "\n".join(lines).strip("\n")
    return text if sign[0] == "|" else re.sub(r"(?<!\n)\n(?!\n)", " ", text)


def _list(text: str, line: int) -> list[str]:
    found: list[str] = []
    rest = text[1:]
    while True:
        rest = rest.lstrip().removeprefix(",").lstrip()
        if rest.startswith("]"):
            return found
        part = re.match(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|[^,\[\]\"'][^,\]]*", rest)
        if part is None:
            raise _wrong(line, _("Line {line}: this list does not end."))
        value = _scalar(part[0].strip(), line)
        if value not in _NULL or part[0][0] in "\"'":
            found.append(value)
        rest = rest[part.end() :]


def _scalar(text: str, line: int) -> str:
    if text[:1] == '"':
        end = re.match(r"\"(?:[^\"\\]|\\.)*\"", text)
        try:
            return str(json.loads(end[0] if end else text, strict=False))
        except ValueError:
            raise _wrong(line, _("Line {line}: these quotes do not end, or hold a sign that is not known.")) from None
    if text[:1] == "'":
        end = re.match(r"'((?:[^']|'')*)'", text)
        if end is None:
            raise _wrong(line, _("Line {line}: these quotes do not end, or hold a sign that is not known."))
        return end[1].replace("''", "'")
    if text[:1] in "&*!|>%@`{" and text[:1]:
        raise _wrong(line, _("Line {line}: put this into quotes."))
    return re.split(r"\s#", text, maxsplit=1)[0].strip()


def _wrong(line: int, message: str) -> InvalidInput:
    return problem("file", message, line=line)
