"""What is wrong with a text when it is saved, by the place at which it is wrong; and what a template should not be
published with.

What is wrong is refused; what is doubtful is a warning that whoever publishes has to have seen. Must not change
anything.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal
from urllib.parse import urlsplit

from attrs import field, frozen
from sqlalchemy import func, select

from crmkit import CrmkitError, CrmSession, Customer, InvalidInput, Problem, customers_where, texts
from crmkit.i18n import translate
from crmkit_messaging.composing.blocks import (
    WRITTEN,
    Block,
    Button,
    Footer,
    Image,
    Lines,
    Text,
    parse_blocks,
    unseen,
    walk,
)
from crmkit_messaging.composing.choosing import chain_of, choose_language
from crmkit_messaging.composing.markup import Marked, links_of, safe_url
from crmkit_messaging.composing.models import TemplateText, TemplateVersion
from crmkit_messaging.composing.placeholders import Use, fill, read
from crmkit_messaging.composing.rendering import (
    MAIL,
    SHORT,
    asks_consent,
    conditions_in,
    given_of,
    languages_of,
    names_in,
    render_text,
)
from crmkit_messaging.composing.vocabulary import Words, formats_of, samples_of, words_of

_ = texts("crmkit_messaging")

TOO_BIG = 100_000
"""Bytes of HTML beyond which a big mail provider cuts a message off."""
LONG_SUBJECT = 70
MOST_SEGMENTS = 3
SHORTENERS = frozenset(
    ("bit.ly", "tinyurl.com", "goo.gl", "t.co", "ow.ly", "is.gd", "buff.ly", "cutt.ly", "rebrand.ly", "t.cn", "dwz.cn",
     "url.cn", "suo.im", "rb.gy", "shorturl.at", "t.ly")
)  # fmt: skip
"""Hosts that hide where a link leads, as those do who send what nobody wants."""
_DOMAIN = re.compile(r"\b((?:[a-z0-9-]+\.)+[a-z]{2,})\b", re.IGNORECASE)


# --- what is refused --------------------------------------------------------------------------------------------------


def check_text(session: CrmSession, words: Words, subject: str, preheader: str, blocks: Sequence[Block]) -> None:
    """Refuse a text with names that there are not, conditions that cannot be used or links that must not be followed.

    Raises InvalidInput with a problem for each, at its block, line and column, and with what was probably meant.
    """
    problems = [
        *_check_source(words, subject, "subject", "", {}),
        *_check_source(words, preheader, "preheader", "", {}),
    ]
    for name, value in (("subject", subject), ("preheader", preheader)):
        if unseen(value) or "\n" in value:
            problems.append(
                Problem(InvalidInput.code, _("This is one line, of characters that can be seen."), field=name)
            )
    for place, block in walk(blocks):
        lines: Mapping[str, object] | None = {}
        if isinstance(block, Lines):
            problems.extend(_check_list(words, block, place))
            lines = words.lines_of(block.each)
        for name in WRITTEN.get(type(block), ()):
            own = lines if isinstance(block, Lines) and name != "empty" else {}
            problems.extend(_check_source(words, getattr(block, name), "blocks", place, own))
        problems.extend(_check_urls(block, place))
    for place, condition in conditions_in(blocks):
        problems.extend(_check_condition(session, condition, place))
    if problems:
        raise InvalidInput(problems)


def _check_source(
    words: Words, source: str, about: str, place: str, lines: Mapping[str, object] | None
) -> Iterator[Problem]:
    found = read(source)
    where = f"#{place}, " if place else ""
    for flaw in found.flaws:
        yield Problem(
            InvalidInput.code,
            flaw.message,
            field=about,
            where=where,
            line=flaw.line,
            column=flaw.column,
            **flaw.values,
        )
    for use in found.uses:
        if _known(words, use, lines):
            continue
        close = words.closest(use.name)
        yield Problem(
            InvalidInput.code,
            _MEANT if close else _UNKNOWN,
            field=about,
            where=where,
            line=use.line,
            column=use.column,
            name=use.name,
            close=close,
        )


_UNKNOWN = _('{where}line {line}, column {column}: there is nothing called "{name}".')
_MEANT = _('{where}line {line}, column {column}: there is nothing called "{name}". Did you mean "{close}"?')


def _known(words: Words, use: Use, lines: Mapping[str, object] | None) -> bool:
    root, _dot, rest = use.name.partition(".")
    if root == "line":
        # Without a sample nobody can say what an entry has; outside of lists there is none.
        return lines is None or rest in lines
    return words.find(use.name) is not None


def _check_list(words: Words, block: Lines, place: str) -> Iterator[Problem]:
    if not block.each.startswith("value.") and (words.find(block.each) is None):
        yield Problem(
            InvalidInput.code,
            _('#{place}: there is no list "{name}".'),
            field="blocks",
            place=place,
            name=block.each,
            hint=_("Lists are given: name one such as value.items, and say so under the given values."),
        )
    elif words.find(block.each) is None:
        close = words.closest(block.each)
        yield Problem(
            InvalidInput.code,
            _('#{place}: nobody gives "{name}".'),
            field="blocks",
            place=place,
            name=block.each,
            hint=_('Did you mean "{close}"?') if close else _("Say so under the given values, with a sample."),
            close=close,
        )


def _check_urls(block: Block, place: str) -> Iterator[Problem]:
    for name in ("url", "link"):
        text = getattr(block, name, "")
        if not text or "{{" in text.lstrip()[:2]:
            continue  # judged when the value is there
        literal = text.partition("{{")[0] + ("x" if "{{" in text else "")
        url = safe_url(literal)
        if url is None or (isinstance(block, Image) and name == "url" and not url.lower().startswith("https:")):
            yield Problem(
                InvalidInput.code,
                _("#{place}: messages do not lead to such an address."),
                field="blocks",
                place=place,
                hint=_("Give a whole address that begins with https://."),
            )


def _check_condition(session: CrmSession, condition: str, place: str) -> Iterator[Problem]:
    about = f"blocks #{place}"
    try:
        customers_where(session, condition)
    except InvalidInput as error:
        for problem in error.problems:
            problem.field = about
            yield problem
    except CrmkitError as error:
        yield Problem(error.code, error.message, field=about, hint=error.fix, **error.values)


# --- what is doubtful -------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class Warning:
    """What a version should not be published with. ``level`` "stop" cannot be passed over. ``about`` is the language
    and variant of the text, empty for the whole; the text's values are in ``values``."""

    code: str
    text: str
    level: Literal["stop", "warn"] = "warn"
    about: str = ""
    values: Mapping[str, object] = field(factory=dict[str, object])

    def said(self, language: str) -> str:
        """Return the warning in a language."""
        text = translate(self.text, language, **self.values)
        return f"{self.about}: {text}" if self.about else text


def warnings_of(session: CrmSession, version: TemplateVersion) -> list[Warning]:
    """Return what speaks against publishing a version, what cannot be passed over first."""
    found: list[Warning] = []
    if not version.texts:
        return [Warning(code="no_text", text=_("There is no text yet."), level="stop")]
    words = words_of(session, given_of(version))
    for text in version.texts:
        found.extend(_of_text(session, version, text, words))
    found.extend(_languages(session, version))
    found.extend(
        Warning(code="no_weight", text=_("No variant of it is ever chosen."), level="stop", about=language)
        for language in languages_of(version)
        if not any(text.weight > 0 for text in version.texts if text.language == language)
    )
    return sorted(found, key=lambda each: each.level != "stop")


def _of_text(session: CrmSession, version: TemplateVersion, text: TemplateText, words: Words) -> Iterator[Warning]:
    about = f"{text.language} {text.variant}"
    template = version.template
    blocks = parse_blocks(text.blocks)

    def warn(code: str, said: str, level: Literal["stop", "warn"] = "warn", **values: object) -> Warning:
        return Warning(code=code, text=said, level=level, about=about, values=values)

    try:
        check_text(session, words, text.subject, text.preheader, blocks)
    except InvalidInput as error:
        for problem in error.problems:
            values = {"value": problem.value, **problem.values}
            yield Warning(code="wrong", text=problem.message, level="stop", about=about, values=values)
        return
    made = render_text(session, text, None, sample=True)
    if not made.text:
        code, said = ("empty", _("It says nothing.")) if not made.html or not blocks else ("no_plain", _NO_PLAIN)
        yield warn(code, said, "stop" if code == "empty" else "warn")
    names = names_in(text.subject, text.preheader, blocks)
    if asks_consent(session, template.purpose) and "link.unsubscribe" not in names:
        yield warn("no_unsubscribe", _("Nobody can unsubscribe: add a footer, or the link to leave."))
    if template.channel == MAIL:
        size = len(made.html.encode())
        if not made.subject:
            yield warn("no_subject", _("It has no subject."))
        elif len(made.subject) > LONG_SUBJECT:
            yield warn("long_subject", _("The subject is longer than {most} characters."), most=LONG_SUBJECT)
        letters = [char for char in made.subject if char.isalpha() and char.upper() != char.lower()]
        if len(letters) > 8 and all(char.isupper() for char in letters):
            yield warn("shouting", _("The subject is in capital letters."))
        if size > TOO_BIG:
            yield warn("too_big", _("It has {size} kB: beyond {most} kB it is cut off."), size=size // 1000, most=100)
    elif made.segments is not None and template.channel in SHORT and made.segments.count > MOST_SEGMENTS:
        yield warn(
            "many_segments", _("It is sent in {count} parts, each of which is paid for."), count=made.segments.count
        )
    for place, block in walk(blocks):
        if isinstance(block, Image) and not block.alt.strip() and template.channel == MAIL:
            yield warn("no_alt", _("#{place}: the image says nothing to those who do not see it."), place=place)
    yield from _links(session, text, blocks, words, about)
    holes = sorted(_without_fallback(words, text, blocks))
    if holes:
        yield warn("no_fallback", _("Who has no {names} does not get it: give a default."), names=", ".join(holes))


_NO_PLAIN = _("It has no plain text: it is nothing but images.")


def _languages(session: CrmSession, version: TemplateVersion) -> Iterator[Warning]:
    there = languages_of(version)
    usual = session.crm.config.get(session).language
    if choose_language((usual,), there) not in chain_of(usual):
        yield Warning(code="no_language", text=_("There is no text in the language of the business, {language}."),
                      values={"language": usual})  # fmt: skip
    if session.level(Customer, "personal") != "full":
        return
    counted = session.execute(
        select(Customer.language, func.count(Customer.id))
        .where(Customer.language.is_not(None), Customer.deleted_at.is_(None))
        .group_by(Customer.language)
        .order_by(func.count(Customer.id).desc(), Customer.language)
        .limit(50)
    ).all()
    for language, number in counted:
        chain = chain_of(str(language))
        if chain and choose_language((language,), there) not in chain:
            yield Warning(
                code="no_language",
                text=_("{number} customers read {language}; they get another language."),
                values={"language": language, "number": number},
            )


def _links(
    session: CrmSession, text: TemplateText, blocks: Sequence[Block], words: Words, about: str
) -> Iterator[Warning]:
    samples, formats = samples_of(words), formats_of(session, text.language)
    found: list[tuple[str, str, str]] = []
    for place, block in walk(blocks):
        if isinstance(block, (Text, Footer, Lines)):
            found.extend((place, label, url) for label, url in links_of(fill(block.text, samples, formats)))
        elif isinstance(block, Button):
            marked = Marked.of(fill(block.url, samples, formats))
            found.append((place, block.text, marked.url(marked.text) or ""))
    for place, label, url in found:
        reason = doubtful(label, url)
        if reason:
            values = {"place": place, "url": url or label}
            yield Warning(code="doubtful_link", text=reason, about=about, values=values)


def doubtful(label: str, url: str) -> str:
    """Return why filters and readers would not trust a link, or an empty text."""
    if not url:
        return _('#{place}: the link "{url}" leads nowhere.')
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if parts.scheme == "http":
        return _("#{place}: {url} is not encrypted (https).")
    if parts.scheme != "https":
        return ""
    if host in SHORTENERS:
        return _("#{place}: {url} hides where it leads; filters take that for spam.")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        shown = _DOMAIN.search(label)
        if shown is not None and not _same_site(shown[1].lower(), host):
            return _("#{place}: what is read is another address than {url}, as in fraud.")
        return _("#{place}: {url} looks like another name than it is.") if "xn--" in host else ""
    return _("#{place}: {url} names no host, but a number; filters take that for spam.")


def _same_site(shown: str, host: str) -> bool:
    return host == shown or host.endswith(f".{shown}") or shown.endswith(f".{host}")


def _without_fallback(words: Words, text: TemplateText, blocks: Sequence[Block]) -> set[str]:
    sources = [text.subject, text.preheader]
    for _place, block in walk(blocks):
        sources.extend(getattr(block, name) for name in WRITTEN.get(type(block), ()))
    found: set[str] = set()
    for source in sources:
        for use in read(source).uses:
            name = words.find(use.name)
            if use.printed and not use.fallback and name is not None and name.nullable and name.group in _OF_PEOPLE:
                found.add(use.name)
    return found


_OF_PEOPLE = ("customer", "facts")
