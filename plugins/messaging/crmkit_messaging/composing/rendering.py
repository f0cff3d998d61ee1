"""A template, made out for a customer: chosen by language and variant, filled in, as HTML and as plain text.

A value that is missing is reported by its name and leaves no empty hole: what has missing values must not be sent.
Must not know who carries messages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from attrs import field, frozen
from sqlalchemy import select

from crmkit import CrmkitError, CrmSession, Customer, NotFound, Refused, customers_where, texts
from crmkit.i18n import normalise_language, translate
from crmkit_messaging.composing.blocks import WRITTEN, Block, Footer, Lines, When, parse_blocks, walk
from crmkit_messaging.composing.choosing import choose_language, choose_variant
from crmkit_messaging.composing.layout import ACCENT, Frame, Paint, page
from crmkit_messaging.composing.models import PUBLISHED, MessageTemplate, TemplateText, TemplateVersion
from crmkit_messaging.composing.placeholders import Hole, Part, fill, plain, read
from crmkit_messaging.composing.plaintext import Segments, plain_text, segments_of
from crmkit_messaging.composing.vocabulary import Given, formats_of, samples_of, values_for, words_of

_ = texts("crmkit_messaging")

MAIL = "email"
SHORT = ("sms", "mms", "phone")
"""Channels whose messages are counted in segments."""
MOST_ENTRIES = 200
_SPACES = re.compile(r"\s+")
_LEAVE = _("Unsubscribe")


@frozen(kw_only=True)
class Rendered:
    """A message as it would be sent. ``html`` is empty for channels that have plain text alone; ``missing`` names the
    values that there are not: with any of them it must not be sent. ``segments`` counts a short message."""

    template: str
    version: int
    channel: str
    purpose: str
    subject: str
    text: str
    html: str
    language: str
    variant: str
    missing: tuple[str, ...] = field(default=(), converter=tuple)
    segments: Segments | None = None


def render(
    session: CrmSession,
    template: str,
    customer_id: UUID | None,
    *,
    language: str | None = None,
    variant: str | None = None,
    values: Mapping[str, Any] | None = None,
    links: Mapping[str, str] | None = None,
) -> Rendered:
    """Return the published version of a template for a customer, in the language that suits it best.

    ``values`` are what the template asks the sender for, plain as JSON has them. ``links`` has the addresses
    ``unsubscribe`` and ``preferences``; without it they are made for the customer, which needs a session that writes.
    ``language`` and ``variant`` take the place of the customer's own. Reads as the session's actor: what is masked for
    it is missing. Raises NotFound for a template or a customer that there is not, or that has nothing published.
    """
    found = session.scalar(select(MessageTemplate).where(MessageTemplate.name == template))
    version = None if found is None else published_of(session, found.id)
    if found is None or version is None:
        raise NotFound(
            _('There is no published template "{name}".') if found is None else _('"{name}" was never published.'),
            name=template,
        )
    return render_version(session, version, customer_id, language=language, variant=variant, values=values, links=links)


def published_of(session: CrmSession, template_id: UUID) -> TemplateVersion | None:
    """Return the published version of a template, or None."""
    return session.scalar(
        select(TemplateVersion).where(
            TemplateVersion.template_id == template_id, TemplateVersion.state == PUBLISHED
        )
    )  # fmt: skip


def render_version(
    session: CrmSession,
    version: TemplateVersion,
    customer_id: UUID | None,
    *,
    language: str | None = None,
    variant: str | None = None,
    values: Mapping[str, Any] | None = None,
    links: Mapping[str, str] | None = None,
    sample: bool = False,
) -> Rendered:
    """Return any version for a customer, or with ``sample`` values for a preview: what is given takes their place.

    Raises NotFound for a customer that cannot be seen and a version without texts.
    """
    customer = None if customer_id is None else session.get(Customer, customer_id)
    if customer_id is not None and (customer is None or customer.deleted_at is not None):
        raise NotFound(_("There is no customer {id}."), id=customer_id)
    text = text_for(session, version, customer, language=language, variant=variant)
    if text is None:
        raise NotFound(_('"{name}" has no text yet.'), name=version.template.name)
    return render_text(session, text, customer, values=values, links=links, sample=sample)


def text_for(
    session: CrmSession,
    version: TemplateVersion,
    customer: Customer | None,
    *,
    language: str | None = None,
    variant: str | None = None,
) -> TemplateText | None:
    """Return the text of a version for a customer."""
    there = list(dict.fromkeys(text.language for text in version.texts))
    own = None
    if customer is not None and session.level(Customer, "personal") == "full":
        own = str(customer.language) if customer.language else None
    usual = session.crm.config.get(session).language
    chosen = choose_language((language, own, usual), there)
    among = [text for text in version.texts if text.language == chosen]
    return choose_variant(
        cast("Sequence[Any]", among), version.template.name, None if customer is None else customer.id, variant
    )


def render_text(
    session: CrmSession,
    text: TemplateText,
    customer: Customer | None,
    *,
    values: Mapping[str, Any] | None = None,
    links: Mapping[str, str] | None = None,
    sample: bool = False,
) -> Rendered:
    """Return one text for a customer or, without one, with samples; `render_version` says what is given."""
    version = text.edition
    template = version.template
    blocks = parse_blocks(text.blocks)
    names = names_in(text.subject, text.preheader, blocks)
    held: dict[str, Any] = {}
    if sample:
        held.update(samples_of(words_of(session, given_of(version))))
    if customer is not None:
        asked = _wants_links(blocks, names)
        addresses = links if links is not None or not asked or sample else _made(session, customer.id, template)
        own = values_for(session, customer, names, given=values, links=addresses)
        held.update({name: value for name, value in own.items() if not (sample and _from_sample(name, value))})
    elif values or links:
        held.update({f"link.{name}": address for name, address in (links or {}).items()})
        held.update(_given(values))
    making = _Making(session, held, customer, formats_of(session, text.language, customer))
    config = session.crm.config.get(session)
    subject = _line(making.parts(text.subject))
    frame = Frame(
        language=text.language,
        title=subject,
        preheader=_line(making.parts(text.preheader)),
        business=config.name,
        accent=config.accent or ACCENT,
        leave=translate(_LEAVE, normalise_language(text.language)),
    )
    paint = Paint(
        fill=making.parts,
        entries=making.entries,
        line=making.line,
        holds=making.holds,
        leave=str(held.get("link.unsubscribe") or ""),
    )
    if not paint.leave and _has_footer(blocks) and asks_consent(session, template.purpose):
        making.missing.append("link.unsubscribe")
    mail = template.channel == MAIL
    said = plain_text(blocks, frame, paint, short=not mail)
    return Rendered(
        template=template.name,
        version=version.number,
        channel=template.channel,
        purpose=template.purpose,
        subject=subject,
        text=said,
        html=page(blocks, frame, paint) if mail else "",
        language=text.language,
        variant=text.variant,
        missing=tuple(dict.fromkeys(making.missing)),
        segments=segments_of(said) if template.channel in SHORT else None,
    )


# --- its parts --------------------------------------------------------------------------------------------------------


@frozen(eq=False)
class _Making:
    """What one rendering knows, and what was missing so far."""

    session: CrmSession
    values: Mapping[str, Any]
    customer: Customer | None
    formats: Any
    missing: list[str] = field(factory=list[str])
    _conditions: dict[str, bool] = field(factory=dict[str, bool])

    def parts(self, source: str) -> Sequence[Part]:
        return self._noted(fill(source, self.values, self.formats))

    def line(self, source: str, entry: object) -> Sequence[Part]:
        own: dict[str, Any] = {"line": entry}
        if isinstance(entry, Mapping):
            own = {f"line.{key}": value for key, value in cast("Mapping[Any, Any]", entry).items()}
        return self._noted(fill(source, {**self.values, **own}, self.formats))

    def _noted(self, parts: list[Part]) -> list[Part]:
        self.missing.extend(part.name for part in parts if isinstance(part, Hole))
        return parts

    def entries(self, name: str) -> Sequence[object]:
        found = self.values.get(name)
        if found is None:
            self.missing.append(name)
            return ()
        return cast("Sequence[object]", found)[:MOST_ENTRIES] if isinstance(found, (list, tuple)) else (found,)

    def holds(self, condition: str) -> bool:
        if self.customer is None:
            return True  # a sample shows what there is
        known = self._conditions.get(condition)
        if known is None:
            try:
                query = customers_where(self.session, condition, among=[self.customer.id])
                known = self.session.scalar(query) is not None
            except CrmkitError:
                # It was understood when it was saved: a fact has gone since, or is masked for whoever sends.
                self.missing.append(condition)
                known = False
            self._conditions[condition] = known
        return known


def names_in(subject: str, preheader: str, blocks: Sequence[Block]) -> list[str]:
    """Return the names that a text uses, the lists of its lines included, each once."""
    found: dict[str, None] = {}
    sources = [subject, preheader]
    for _place, block in walk(blocks):
        if isinstance(block, Lines):
            found[block.each] = None
        sources.extend(getattr(block, name) for name in WRITTEN.get(type(block), ()))
        if isinstance(block, Footer) and block.unsubscribe:
            found["link.unsubscribe"] = None
    for source in sources:
        found.update(dict.fromkeys(use.name for use in read(source).uses))
    return [name for name in found if name.split(".")[0] != "line"]


def conditions_in(blocks: Sequence[Block]) -> list[tuple[str, str]]:
    """Return the conditions of blocks, each with the place of its block."""
    return [(place, block.condition) for place, block in walk(blocks) if isinstance(block, When)]


def given_of(version: TemplateVersion) -> tuple[Given, ...]:
    """Return what the sender of a version gives."""
    return tuple(
        Given(name=str(row["name"]), title=str(row.get("title", "")), sample=row.get("sample", ""))
        for row in version.given
    )


def _has_footer(blocks: Sequence[Block]) -> bool:
    return any(isinstance(block, Footer) and block.unsubscribe for _place, block in walk(blocks))


def asks_consent(session: CrmSession, purpose: str) -> bool:
    """Say whether messages for a purpose need consent; a purpose of which nothing is said does."""
    from crmkit_messaging.sending.models import Policy

    found = session.scalar(select(Policy.needs_consent).where(Policy.purpose == purpose))
    return (purpose != "service") if found is None else found


def _given(values: Mapping[str, Any] | None) -> dict[str, Any]:
    from crmkit_messaging.composing.vocabulary import flattened

    return {
        key: item for name, value in (values or {}).items() for key, item in flattened(f"value.{name}", value).items()
    }


def _wants_links(blocks: Sequence[Block], names: Sequence[str]) -> bool:
    return any(name.startswith("link.") for name in names)


def _from_sample(name: str, value: Any) -> bool:
    """Say whether a preview for a real customer shows a sample: for links and for what was not given."""
    return value is None and name.startswith(("link.", "value."))


def _made(session: CrmSession, customer_id: UUID, template: MessageTemplate) -> Mapping[str, str]:
    """Return the links of a message; without them, where nobody could follow them or the actor may not make them, the
    message has missing values."""
    from crmkit_messaging.leaving.links import links_for

    if not session.crm.settings.public_url:
        return {}
    try:
        return links_for(session, customer_id, template.purpose, template.channel)
    except Refused:
        return {}


def _line(parts: Sequence[Part]) -> str:
    """Return parts as one line: whatever breaks lines in a value becomes a space."""
    return _SPACES.sub(" ", "".join(char for char in plain(parts) if char.isprintable() or char.isspace())).strip()


def languages_of(version: TemplateVersion) -> list[str]:
    """Return the languages of a version, its first one first."""
    return list(dict.fromkeys(text.language for text in version.texts))
