"""The blocks that a message is made of, and the document in which people write them: a list in YAML or JSON.

Must not know sessions, nor how a block looks.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, cast

import attrs
from attrs import frozen

from crmkit import InvalidInput, Problem, texts

_ = texts("crmkit_messaging")

MOST_BLOCKS = 200
DEEPEST = 4
"""Most levels of blocks within blocks."""
LONGEST = 20_000
"""Most characters of a text."""
DOCUMENT = 300_000
"""Most characters of a document."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ue000-\uf8ff\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
Align = Literal["start", "center", "end"]


@frozen(kw_only=True)
class Heading:
    """A heading of level 1, 2 or 3."""

    text: str
    level: int = 1
    align: Align = "start"


@frozen(kw_only=True)
class Text:
    """A text with **bold**, *italic*, [links](https://…) and lists; an empty line begins a paragraph."""

    text: str
    align: Align = "start"


@frozen(kw_only=True)
class Button:
    """A button that leads somewhere."""

    text: str
    url: str
    align: Align = "start"


@frozen(kw_only=True)
class Image:
    """A picture at an https address; ``width`` is in pixels, 0 for the whole width."""

    url: str
    alt: str = ""
    width: int = 0
    link: str = ""
    align: Align = "start"


@frozen(kw_only=True)
class Divider:
    """A line across."""


@frozen(kw_only=True)
class Columns:
    """Two or three columns beside each other, below each other on a phone."""

    columns: tuple[tuple[Block, ...], ...]


@frozen(kw_only=True)
class Lines:
    """A line for each entry of a given list: ``each`` names the list, ``text`` says what of an entry (``line.…``) is
    shown, ``end`` what stands at the end of the line. ``empty`` is shown where the list has no entry."""

    each: str
    text: str
    end: str = ""
    empty: str = ""


@frozen(kw_only=True)
class When:
    """Blocks for customers for whom a condition over facts holds, and others for the others."""

    condition: str
    blocks: tuple[Block, ...] = ()
    otherwise: tuple[Block, ...] = ()


@frozen(kw_only=True)
class Footer:
    """The small print, with the link by which messages for this purpose end. ``label`` is the link's text."""

    text: str = ""
    unsubscribe: bool = True
    label: str = ""


Block = Heading | Text | Button | Image | Divider | Columns | Lines | When | Footer

KINDS: Mapping[str, type[Any]] = {
    "heading": Heading,
    "text": Text,
    "button": Button,
    "image": Image,
    "divider": Divider,
    "columns": Columns,
    "lines": Lines,
    "when": When,
    "footer": Footer,
}
TITLES: Mapping[str, str] = {
    "heading": _("Heading"),
    "text": _("Text"),
    "button": _("Button"),
    "image": _("Image"),
    "divider": _("Divider"),
    "columns": _("Columns"),
    "lines": _("List of lines"),
    "when": _("Only if"),
    "footer": _("Footer"),
}
KIND_OF = {each: name for name, each in KINDS.items()}
WRITTEN: Mapping[type[Any], tuple[str, ...]] = {
    Heading: ("text",),
    Text: ("text",),
    Button: ("text", "url"),
    Image: ("url", "alt", "link"),
    Lines: ("text", "end", "empty"),
    Footer: ("text", "label"),
}
"""The parts of each kind of block that may have placeholders."""
_NESTED = {"columns", "blocks", "otherwise"}


# --- going through ----------------------------------------------------------------------------------------------------


def children(block: Block) -> Iterator[tuple[str, Block]]:
    """Return the blocks within a block, each with its place in it."""
    if isinstance(block, Columns):
        for number, column in enumerate(block.columns, 1):
            for place, each in enumerate(column, 1):
                yield f"{number}.{place}", each
    elif isinstance(block, When):
        for place, each in enumerate(block.blocks, 1):
            yield f"{place}", each
        for place, each in enumerate(block.otherwise, 1):
            yield f"-{place}", each


def walk(blocks: Sequence[Block], place: str = "") -> Iterator[tuple[str, Block]]:
    """Return all blocks, each with its place such as ``3.1``, those within others behind these."""
    for number, block in enumerate(blocks, 1):
        here = f"{place}{number}"
        yield from _walk(block, here)


def _walk(block: Block, place: str) -> Iterator[tuple[str, Block]]:
    yield place, block
    for inner, each in children(block):
        yield from _walk(each, f"{place}.{inner}")


# --- reading ----------------------------------------------------------------------------------------------------------


def read_document(text: str, field: str = "blocks") -> list[Any]:
    """Return what a document in YAML or JSON says, as plain values. Raises InvalidInput with line and column."""
    if len(text) > DOCUMENT:
        raise InvalidInput([_problem(field, _("It is longer than {most} characters."), most=DOCUMENT)])
    found = _loaded(text, field)
    if found is None:
        return []
    if not isinstance(found, list):
        raise InvalidInput([_problem(field, _("Blocks are a list, each with its kind."), hint=_EXAMPLE)])
    return cast("list[Any]", found)


def read_mapping(text: str, field: str, most: int = DOCUMENT) -> dict[Any, Any]:
    """Return the names and values that a document in YAML or JSON says. Raises InvalidInput with line and column."""
    if len(text) > most:
        raise InvalidInput([_problem(field, _("It is longer than {most} characters."), most=most)])
    found = _loaded(text, field)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise InvalidInput([_problem(field, _("These are names, each with a value behind a colon."))])
    return cast("dict[Any, Any]", found)


_EXAMPLE = _("Such as: - {{kind: text, text: Hello}}")


def _loaded(text: str, field: str) -> Any:
    if text.lstrip()[:1] in ("[", "{"):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            pass  # YAML has lists in brackets too, and says where it is wrong
    import yaml

    try:
        for token in yaml.scan(text, Loader=yaml.CSafeLoader):
            if isinstance(token, (yaml.AnchorToken, yaml.AliasToken)):
                mark = token.start_mark
                message = _("Line {line}, column {column}: there are no references here.")
                raise InvalidInput([_problem(field, message, line=mark.line + 1, column=mark.column + 1)])
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        message = _("Line {line}, column {column}: this is not YAML: {reason}.")
        reason = error.problem or ""
        raise InvalidInput([_problem(field, message, line=line, column=column, reason=reason)]) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InvalidInput([_problem(field, _("This is neither YAML nor JSON."))]) from error


def parse_blocks(rows: Any, field: str = "blocks") -> tuple[Block, ...]:
    """Return the blocks that plain values say. Raises InvalidInput with a problem for each thing that is wrong."""
    problems: list[Problem] = []
    found = _blocks(rows, "", 1, field, problems)
    if not problems and sum(1 for _each in walk(found)) > MOST_BLOCKS:
        problems.append(_problem(field, _("There are more than {most} blocks."), most=MOST_BLOCKS))
    if problems:
        raise InvalidInput(problems)
    return found


def _blocks(rows: Any, place: str, depth: int, field: str, problems: list[Problem]) -> tuple[Block, ...]:
    if not isinstance(rows, (list, tuple)):
        problems.append(_problem(field, _("{place}: this is a list of blocks."), place=f"#{place or '1'}"))
        return ()
    if depth > DEEPEST or len(cast("list[Any]", rows)) > MOST_BLOCKS:
        problems.append(_problem(field, _("{place}: blocks are nested too deeply."), place=f"#{place or '1'}"))
        return ()
    found = [
        _block(row, f"{place}{number}", depth, field, problems)
        for number, row in enumerate(cast("list[Any]", rows), 1)
    ]  # fmt: skip
    return tuple(each for each in found if each is not None)


def _block(row: Any, place: str, depth: int, field: str, problems: list[Problem]) -> Block | None:
    where = f"#{place}"

    def wrong(message: str, **values: Any) -> None:
        problems.append(_problem(field, message, place=where, **values))

    if not isinstance(row, Mapping) or not all(isinstance(name, str) for name in cast("Mapping[Any, Any]", row)):
        wrong(_("{place}: a block has a kind."))
        return None
    values = dict(cast("Mapping[str, Any]", row))
    kind = values.pop("kind", None)
    shape = KINDS.get(kind) if isinstance(kind, str) else None
    if shape is None:
        close = difflib.get_close_matches(str(kind), KINDS, 1)
        known = close[0] if close else ", ".join(KINDS)
        wrong(_('{place}: there is no block "{kind}". Did you mean: {known}?'), kind=str(kind)[:40], known=known)
        return None
    fields = {each.name: each for each in attrs.fields(shape)}
    made: dict[str, Any] = {}
    before = len(problems)
    for name, value in values.items():
        if name not in fields:
            wrong(_('{place}: a block "{kind}" has no "{name}".'), kind=kind, name=name[:40])
        elif name in _NESTED:
            made[name] = _nested(name, value, place, depth, field, problems)
        else:
            made[name] = _plain(name, value, wrong)
    for name, each in fields.items():
        if name not in made and each.default is attrs.NOTHING:
            wrong(_('{place}: a block "{kind}" needs "{name}".'), kind=kind, name=name)
    return None if len(problems) > before else shape(**made)


def _nested(name: str, value: Any, place: str, depth: int, field: str, problems: list[Problem]) -> Any:
    if name != "columns":
        return _blocks(value, f"{place}." if name == "blocks" else f"{place}.-", depth + 1, field, problems)
    columns = cast("list[Any]", value) if isinstance(value, (list, tuple)) else []
    if not 2 <= len(columns) <= 3:
        problems.append(_problem(field, _("{place}: there are two or three columns."), place=f"#{place}"))
        return ()
    return tuple(
        _blocks(column, f"{place}.{number}.", depth + 1, field, problems) for number, column in enumerate(columns, 1)
    )


_LIMITS = {"level": (1, 3), "width": (0, 1200)}


def _plain(name: str, value: Any, wrong: Callable[..., None]) -> Any:
    if name in _LIMITS:
        low, high = _LIMITS[name]
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 6:
            value = int(value)
        if type(value) is not int or not low <= value <= high:
            wrong(_('{place}: "{name}" is a number from {low} to {high}.'), name=name, low=low, high=high)
            return low
        return value
    if name == "unsubscribe":
        if value not in (True, False):
            wrong(_('{place}: "{name}" is true or false.'), name=name)
        return bool(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)  # what YAML takes for a number was meant as a text
    if name == "align":
        if value not in ("start", "center", "end"):
            wrong(_('{place}: "{name}" is start, center or end.'), name=name)
        return value
    if not isinstance(value, str):
        wrong(_('{place}: "{name}" is a text.'), name=name)
        return ""
    if len(value) > LONGEST:
        wrong(_('{place}: "{name}" is longer than {most} characters.'), name=name, most=LONGEST)
        return ""
    if _CONTROL.search(value):
        wrong(_('{place}: "{name}" has characters that cannot be seen.'), name=name)
    return value.replace("\r\n", "\n")


def unseen(text: str) -> bool:
    """Say whether a text has characters that cannot be seen and have no place in a message."""
    return _CONTROL.search(text) is not None


def _problem(field: str, message: str, *, hint: str | None = None, **values: object) -> Problem:
    return Problem(InvalidInput.code, message, field=field, hint=hint, **values)


# --- writing ----------------------------------------------------------------------------------------------------------


def as_rows(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    """Return blocks as plain values, without what is as usual."""
    return [_row(block) for block in blocks]


def _row(block: Block) -> dict[str, Any]:
    row: dict[str, Any] = {"kind": KIND_OF[type(block)]}
    for each in attrs.fields(type(block)):
        value = getattr(block, each.name)
        if value == each.default:
            continue
        if each.name == "columns":
            row[each.name] = [as_rows(column) for column in value]
        else:
            row[each.name] = as_rows(value) if each.name in _NESTED else value
    return row


def as_yaml(value: Any) -> str:
    """Return plain values as people write them."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Writes texts of several lines as such."""

    def text(dumper: Any, found: str) -> Any:
        style = "|" if "\n" in found else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", found, style=style)

    Dumper.add_representer(str, text)
    found = yaml.dump(value, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=110)
    return cast(str, found)
