"""Address cards as values: what each property of a card says, and the cards of a file one by one.

Must not know customers. A card without an end, one that is too long and text between cards are told of, and never keep
the cards behind them out. Cards within a card (AGENT) are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from attrs import define, field, frozen

from crmkit.errors import Problem
from crmkit.exchange.encodings import undecoded, visible
from crmkit.exchange.rows import problem
from crmkit.exchange.sources import Lines
from crmkit.exchange.vcards.lines import (
    MAX_PROPERTY,
    Property,
    RawLine,
    components,
    logical_lines,
    parse_line,
    plain_text,
)
from crmkit.exchange.vcards.rejected import META_PREFIX
from crmkit.i18n import texts

_ = texts("crmkit")

MAX_CARD = 1 << 20
"""Characters of a card, pictures and the like apart."""
MAX_PROPERTIES = 2000


@frozen(kw_only=True)
class Phone:
    """A telephone number as it is written, with its types in capitals."""

    number: str
    types: tuple[str, ...] = ()


@frozen(kw_only=True)
class CardAddress:
    """A postal address: post box, extension, street, place, region, postal code, country."""

    parts: tuple[str, ...]
    types: tuple[str, ...] = ()


@frozen(kw_only=True)
class Card:
    """One card. ``line`` is the one that it begins on; ``raw`` its text, without long pictures and the like;
    ``about`` is what a file of rejected cards says of it, ``problem`` says why it must be refused."""

    line: int
    raw: str
    properties: tuple[Property, ...] = ()
    about: Mapping[str, str] = field(factory=dict)
    problem: Problem | None = None

    @property
    def version(self) -> str:
        """Return the version that it says it is written in: 2.1, 3.0 or 4.0."""
        said = self.first("VERSION")
        return said.value.strip() if said is not None else ""

    def all(self, *names: str) -> list[Property]:
        """Return the properties of some names, in the order in which they stand."""
        return [one for one in self.properties if one.name in names]

    def first(self, name: str) -> Property | None:
        """Return the first property of a name."""
        return next((one for one in self.properties if one.name == name), None)

    def text(self, one: Property) -> str:
        """Return a property's value as text."""
        return plain_text(one.value, self.version)

    def parts(self, one: Property, separator: str = ";") -> list[str]:
        """Return the parts of a property's value."""
        return components(one.value, self.version, separator)

    @property
    def full_name(self) -> str | None:
        """Return the name as it is to be shown; None where the card does not say it."""
        found = self.first("FN")
        return None if found is None else self.text(found)

    @property
    def names(self) -> tuple[str, str, str, str, str] | None:
        """Return family, given and further names, what stands before and what behind them."""
        found = self.first("N")
        if found is None:
            return None
        parts = [part.strip() for part in self.parts(found)]
        family, given, additional, prefix, suffix = [*parts, "", "", "", "", ""][:5]
        return family, given, additional, prefix, suffix

    @property
    def organizations(self) -> list[tuple[str, ...]]:
        """Return the organisations, each with its departments behind it."""
        return [tuple(self.parts(one)) for one in self.all("ORG")]

    @property
    def titles(self) -> list[str]:
        """Return the job titles."""
        return [self.text(one) for one in self.all("TITLE")]

    @property
    def emails(self) -> list[str]:
        """Return the e-mail addresses."""
        return [_without_scheme(self.text(one), "mailto:") for one in self.all("EMAIL")]

    @property
    def phones(self) -> list[Phone]:
        """Return the telephone numbers."""
        return [Phone(number=self.number(one), types=tuple(sorted(one.types))) for one in self.all("TEL")]

    def number(self, one: Property) -> str:
        """Return the number of a telephone property."""
        return _without_scheme(self.text(one), "tel:")

    @property
    def addresses(self) -> list[CardAddress]:
        """Return the postal addresses."""
        return [CardAddress(parts=self.address(one), types=tuple(sorted(one.types))) for one in self.all("ADR")]

    def address(self, one: Property) -> tuple[str, ...]:
        """Return the seven parts of an address property."""
        return tuple([*self.parts(one), "", "", "", "", "", "", ""][:7])

    @property
    def birthday(self) -> str | None:
        """Return the birthday as it is written."""
        found = self.first("BDAY")
        return None if found is None else self.text(found).strip()

    @property
    def urls(self) -> list[str]:
        """Return the addresses of web pages."""
        return [self.text(one) for one in self.all("URL")]

    @property
    def nicknames(self) -> list[str]:
        """Return the nicknames."""
        return [name for one in self.all("NICKNAME") for name in self.parts(one, ",") if name.strip()]

    @property
    def categories(self) -> list[str]:
        """Return the categories."""
        return [name.strip() for one in self.all("CATEGORIES") for name in self.parts(one, ",") if name.strip()]

    @property
    def notes(self) -> list[str]:
        """Return the notes."""
        return [self.text(one) for one in self.all("NOTE")]

    @property
    def has_photo(self) -> bool:
        """Say whether there is a picture."""
        return self.first("PHOTO") is not None

    def label_of(self, one: Property) -> str:
        """Return what a property of a group is called: some programs give names of their own."""
        if not one.group:
            return ""
        found = next((each for each in self.all("X-ABLABEL") if each.group == one.group), None)
        plain = "" if found is None else self.text(found).strip()
        return plain.removeprefix("_$!<").removesuffix(">!$_")


def _without_scheme(value: str, scheme: str) -> str:
    return value[len(scheme) :] if value[: len(scheme)].lower() == scheme else value


def cards(lines: Lines) -> Iterator[Card]:
    """Return the cards of a file, each that cannot be read with its problem."""
    found: _Open | None = None
    stray: list[RawLine] = []
    for raw in logical_lines(lines):
        mark = raw.text[:40].strip().upper() if len(raw.text) < 80 else ""
        begins, ends = mark == "BEGIN:VCARD", mark == "END:VCARD"
        if found is not None and begins and not found.in_agent:
            yield found.unfinished()
            found = _Open(raw)
        elif found is not None:
            if found.take(raw, begins, ends, lines.encoding):
                if found.says_anything:
                    yield found.done()
                found = None
        elif begins:
            if stray:
                yield _strayed(stray)
                stray = []
            found = _Open(raw)
        elif mark or raw.text.strip():
            stray.append(raw)
            del stray[200:]
    if found is not None:
        yield found.unfinished()
    if stray:
        yield _strayed(stray)


@define
class _Open:
    """A card whose end has not come."""

    begin: RawLine
    texts: list[str] = field(factory=list)
    properties: list[Property] = field(factory=list)
    about: dict[str, str] = field(factory=dict)
    size: int = 0
    depth: int = 0
    wrong: Problem | None = None
    in_agent: bool = False

    def __attrs_post_init__(self) -> None:
        self.texts.extend(self.begin.parts)

    def take(self, raw: RawLine, begins: bool, ends: bool, encoding: str) -> bool:
        """Take a line in; say whether it was the last one."""
        if begins:
            self.depth += 1
        self._keep(raw)
        if ends:
            if self.depth == 0:
                return True
            self.depth -= 1
            self.in_agent = self.depth > 0
            return False
        if self.depth or self.wrong is not None or not raw.text.strip():
            return False
        self._read(raw, encoding)
        return False

    def _keep(self, raw: RawLine) -> None:
        self.size += sum(map(len, raw.parts))
        if self.size <= MAX_CARD:
            self.texts.extend(raw.parts)
        elif self.wrong is None:
            text = _("The card that begins on line {line} has more than {limit} characters.")
            self.wrong = problem(text, hint=_("Shorten its notes."), line=self.begin.line, limit=MAX_CARD)

    def _read(self, raw: RawLine, encoding: str) -> None:
        one = parse_line(raw, encoding)
        if one is None:
            text = _("Line {line} is no line of a card.")
            hint = _("It should look like EMAIL:name@example.com.")
            self.wrong = problem(text, value=visible(raw.text[:200]), hint=hint, line=raw.line)
            return
        if raw.cut:
            text = _("{name} on line {line} has more than {limit} characters.")
            hint = _("Leave it out, or make it smaller.")
            self.wrong = problem(text, field=one.name, hint=hint, name=one.name, line=raw.line, limit=MAX_PROPERTY)
        elif not one.is_binary and undecoded(one.value):
            text = _("Line {line}: the byte {byte} at offset {offset} of the file is not {encoding}.")
            hint = _("Correct the character, or state the encoding that the file is in.")
            byte = f"0x{undecoded(one.value)[0]:02X}"
            self.wrong = problem(
                text, field=one.name, hint=hint, line=raw.line, byte=byte, offset=raw.bad, encoding=encoding
            )
        elif "\0" in one.value:
            hint = _("Remove it from the text.")
            self.wrong = problem(_("The text holds a NUL character."), field=one.name, hint=hint)
        elif len(self.properties) >= MAX_PROPERTIES:
            text = _("The card that begins on line {line} has more than {limit} properties.")
            self.wrong = problem(text, line=self.begin.line, limit=MAX_PROPERTIES)
        self.in_agent = one.name == "AGENT" and not one.value.strip()
        if one.name.startswith(META_PREFIX):
            self.about[one.name[len(META_PREFIX) :]] = plain_text(one.value, "4.0")
        else:
            self.properties.append(one)

    @property
    def says_anything(self) -> bool:
        """Say whether it is more than what crmkit itself has written about rejected lines."""
        return self.wrong is not None or not self.about or any(one.name != "VERSION" for one in self.properties)

    def done(self) -> Card:
        """Return the card."""
        wrong = self.wrong
        if wrong is None and not any(_says(one) for one in self.properties):
            wrong = problem(_("The card that begins on line {line} says nothing."), line=self.begin.line)
        return self._card(wrong)

    def unfinished(self) -> Card:
        """Return the card as one that has no end."""
        text = _("The card that begins on line {line} has no end.")
        self.texts.append("" if not self.texts or self.texts[-1].endswith("\n") else "\r\n")
        self.texts.append("END:VCARD\r\n")
        return self._card(problem(text, hint=_("Write END:VCARD below its last line."), line=self.begin.line))

    def _card(self, wrong: Problem | None) -> Card:
        properties = () if wrong is not None and not self.properties else tuple(self.properties)
        return Card(
            line=self.begin.line, raw="".join(self.texts), properties=properties, about=dict(self.about), problem=wrong
        )


def _says(one: Property) -> bool:
    return one.name not in ("VERSION", "PRODID", "REV", "UID") and bool(one.value.strip(" ;,"))


def _strayed(stray: Sequence[RawLine]) -> Card:
    text = _("Lines {line} to {last} belong to no card.")
    hint = _("A card stands between BEGIN:VCARD and END:VCARD.")
    value = visible("".join(part for one in stray for part in one.parts)[:1000])
    wrong = problem(text, value=value, hint=hint, line=stray[0].line, last=stray[-1].line)
    raw = "".join(part for one in stray for part in one.parts)[:MAX_CARD]
    return Card(line=stray[0].line, raw=raw, problem=wrong)
