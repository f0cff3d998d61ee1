"""What can be done with message templates: they are written as a draft, and published as a whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, cast

import attrs
from sqlalchemy import select

from crmkit import (
    UNSET,
    Conflict,
    CrmSession,
    Input,
    InvalidInput,
    NotFound,
    Problem,
    UnsetType,
    given,
    operation,
    texts,
)
from crmkit.errors import AlreadyExists
from crmkit_messaging.composing.blocks import as_rows, parse_blocks, read_document, read_mapping
from crmkit_messaging.composing.checking import check_text, warnings_of
from crmkit_messaging.composing.choosing import language_tag
from crmkit_messaging.composing.events import TemplatePublished
from crmkit_messaging.composing.models import DRAFT, PUBLISHED, REPLACED, MessageTemplate, TemplateText, TemplateVersion
from crmkit_messaging.composing.rendering import MAIL, given_of, published_of
from crmkit_messaging.composing.vocabulary import MOST_GIVEN, Given, words_of

_ = texts("crmkit_messaging")

MANAGE = "messaging.template.manage"
PUBLISH = "messaging.template.publish"
MOST_TEXTS = 60
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(?:/[a-z0-9][a-z0-9_-]*){0,3}")
_VARIANT = re.compile(r"[a-z0-9][a-z0-9_-]{0,29}")
_VALUE = re.compile(r"[a-z][a-z0-9_]{0,39}")

Name = Annotated[
    str, Input(title=_("Name"), help=_("Such as order/shipped."), max_length=80, classified="internal")
]  # fmt: skip
Title = Annotated[str, Input(title=_("Title"), max_length=200, classified="internal")]
Purpose = Annotated[str, Input(title=_("Purpose"), max_length=60, classified="internal", options="consent_purpose")]
Description = Annotated[str, Input(title=_("Description"), max_length=2000, multiline=True, classified="internal")]
Language = Annotated[
    str, Input(title=_("Language"), help=_("A tag such as en, zh-Hans or pt-BR."), max_length=20, classified="internal")
]
Variant = Annotated[str, Input(title=_("Variant"), max_length=30, classified="internal")]
Note = Annotated[str, Input(title=_("What is new"), max_length=500, classified="internal")]


# --- templates --------------------------------------------------------------------------------------------------------


@operation("messaging.template.create", title=_("Add a template"), effect="create", permission=MANAGE)
def create_template(
    session: CrmSession,
    *,
    name: Name,
    title: Title = "",
    channel: Annotated[str, Input(title=_("Channel"), max_length=30, classified="internal")] = MAIL,
    purpose: Purpose = "service",
    description: Description = "",
    language: Language | None = None,
) -> MessageTemplate:
    """Add a template with a draft, in a language or that of the business. Raises AlreadyExists for a name that is
    taken, InvalidInput for a name, channel, purpose or language that cannot be."""
    name = name.strip()
    problems: list[Problem] = []
    if not _NAME.fullmatch(name):
        message = _("A name is small letters, digits, - and _, in parts with / between them.")
        problems.append(Problem(InvalidInput.code, message, field="name", value=name))
    channels = session.gate.registry.tables["channel"]
    if channel not in channels:
        message = _('There is no channel "{value}".')
        hint = _("Channels: {known}.")
        known = ", ".join(channels)
        problems.append(Problem(InvalidInput.code, message, field="channel", value=channel, hint=hint, known=known))
    problems.extend(_check_purpose(session, purpose))
    tag = _tag(language or session.crm.config.get(session).language, problems)
    if problems:
        raise InvalidInput(problems)
    if session.scalar(select(MessageTemplate.id).where(MessageTemplate.name == name)) is not None:
        raise AlreadyExists(_('There is a template "{name}" already.'), name=name)
    template = MessageTemplate(
        name=name, title=title or name, channel=channel, purpose=purpose, description=description
    )
    version = TemplateVersion(number=1, template=template)
    version.texts.append(TemplateText(language=tag, variant="a", blocks=[]))
    session.add(template)
    session.flush()
    return template


@attrs.frozen(kw_only=True)
class TemplateUpdate:
    """What to change of a template; what is not given stays."""

    title: Title | UnsetType = UNSET
    purpose: Purpose | UnsetType = UNSET
    description: Description | UnsetType = UNSET


@operation("messaging.template.update", title=_("Change the template"), effect="update", permission=MANAGE)
def update_template(session: CrmSession, template: MessageTemplate, changes: TemplateUpdate) -> MessageTemplate:
    """Give a template another title, description or purpose, from now on. Raises InvalidInput, and Refused for a
    purpose from who may not publish: it decides whom messages reach."""
    values = given(changes)
    if "purpose" in values and values["purpose"] != template.purpose:
        problems = _check_purpose(session, values["purpose"])
        if problems:
            raise InvalidInput(problems)
        if published_of(session, template.id) is not None:
            raise Conflict(
                _("The purpose of what was published stays: it decides who may be written to."),
                fix=_("Add a template of its own for the other purpose."),
            )
    for name, value in values.items():
        setattr(template, name, value)
    return template


@operation("messaging.template.delete", title=_("Delete the template"), effect="delete", permission=PUBLISH)
def delete_template(session: CrmSession, template: MessageTemplate) -> None:
    """Delete a template with all of its versions. What was sent by it stays."""
    session.delete(template)


# --- the draft --------------------------------------------------------------------------------------------------------


@operation("messaging.template.write", title=_("Write a text"), effect="update", permission=MANAGE)
def write_text(
    session: CrmSession,
    template: MessageTemplate,
    *,
    language: Language,
    blocks: Annotated[
        str,
        Input(
            title=_("Blocks"),
            help=_(
                "A list in YAML or JSON, each with its kind: heading, text, button, image, divider, columns, lines, "
                "when, footer."
            ),
            max_length=300_000,
            multiline=True,
            classified="internal",
        ),
    ],
    variant: Variant = "a",
    subject: Annotated[str, Input(title=_("Subject"), max_length=500, classified="internal")] = "",
    preheader: Annotated[
        str,
        Input(
            title=_("Preview line"),
            help=_("What lists of mail show behind the subject."),
            max_length=300,
            classified="internal",
        ),
    ] = "",
    weight: Annotated[
        int,
        Input(
            title=_("Weight"),
            help=_("How often this variant is chosen beside the others; 0 for never."),
            minimum=0,
            maximum=1000,
            classified="internal",
        ),
    ] = 1,
) -> MessageTemplate:
    """Write what the draft says in a language, as one of its variants; without a draft one is made of the last version.

    Raises InvalidInput for blocks that cannot be read, names that there are not, conditions that cannot be used and
    links that must not be followed: each with its block, line and column.
    """
    problems: list[Problem] = []
    tag = _tag(language, problems)
    if not _VARIANT.fullmatch(variant):
        message = _("A variant is small letters, digits, - and _.")
        problems.append(Problem(InvalidInput.code, message, field="variant", value=variant))
    if problems:
        raise InvalidInput(problems)
    parsed = parse_blocks(read_document(blocks))
    draft = draft_of(session, template)
    check_text(session, words_of(session, given_of(draft)), subject, preheader, parsed)
    text = _text(draft, tag, variant)
    if text is None:
        if len(draft.texts) >= MOST_TEXTS:
            raise Conflict(_("There are {most} texts already."), most=MOST_TEXTS)
        text = TemplateText(language=tag, variant=variant, position=len(draft.texts))
        draft.texts.append(text)
    text.subject, text.preheader, text.weight = subject.strip(), preheader.strip(), weight
    text.blocks = as_rows(parsed)
    template.edits += 1
    session.flush()
    return template


@operation("messaging.template.remove_text", title=_("Remove a text"), effect="update", permission=MANAGE)
def remove_text(
    session: CrmSession, template: MessageTemplate, *, language: Language, variant: Variant = "a"
) -> MessageTemplate:
    """Take a text out of the draft. Raises NotFound for one that there is not."""
    problems: list[Problem] = []
    tag = _tag(language, problems)
    draft = draft_of(session, template)
    text = _text(draft, tag, variant)
    if problems or text is None:
        raise NotFound(_("There is no text in {language}, variant {variant}."), language=language, variant=variant)
    draft.texts.remove(text)
    template.edits += 1
    return template


@operation("messaging.template.set_values", title=_("Set what is given"), effect="update", permission=MANAGE)
def set_values(
    session: CrmSession,
    template: MessageTemplate,
    *,
    values: Annotated[
        str,
        Input(
            title=_("Given values"),
            help=_("One a line with a sample, such as order_number: A-1001. Texts call it value.order_number."),
            max_length=20_000,
            multiline=True,
            classified="internal",
        ),
    ],
) -> MessageTemplate:
    """Say what whoever sends by the draft gives, each with a sample. Raises InvalidInput for what is no such list, and
    where a text uses what would not be given any more."""
    draft = draft_of(session, template)
    found = read_given(values)
    words = words_of(session, found)
    for text in draft.texts:
        check_text(session, words, text.subject, text.preheader, parse_blocks(text.blocks))
    draft.given = [{"name": each.name, "title": each.title, "sample": each.sample} for each in found]
    template.edits += 1
    return template


@operation("messaging.template.discard", title=_("Discard the draft"), effect="update", permission=MANAGE)
def discard_draft(session: CrmSession, template: MessageTemplate) -> MessageTemplate:
    """Throw the draft away. Raises Conflict where there is none, or nothing else."""
    draft = _draft(template)
    if draft is None or len(template.versions) == 1:
        raise Conflict(_("There is no draft.") if draft is None else _("There is nothing but the draft."))
    template.versions.remove(draft)
    template.edits += 1
    return template


@operation("messaging.template.restore", title=_("Take up a version again"), effect="update", permission=MANAGE)
def restore_version(
    session: CrmSession,
    template: MessageTemplate,
    *,
    number: Annotated[int, Input(title=_("Version"), minimum=1, classified="internal")],
) -> MessageTemplate:
    """Make the draft what a version was. Raises NotFound for a version that there is not."""
    source = next((each for each in template.versions if each.number == number and each.state != DRAFT), None)
    if source is None:
        raise NotFound(_("There is no version {number}."), number=number)
    draft = _draft(template)
    if draft is not None:
        template.versions.remove(draft)
        session.flush()
    _copied(template, source, _next(template))
    template.edits += 1
    session.flush()
    return template


@operation("messaging.template.publish", title=_("Publish the draft"), effect="update", permission=PUBLISH)
def publish_draft(
    session: CrmSession,
    template: MessageTemplate,
    *,
    note: Note = "",
    confirmed: Annotated[
        bool,
        Input(title=_("In spite of the warnings"), classified="public"),
    ] = False,
) -> MessageTemplate:
    """Let messages be sent by the draft from now on. Raises Conflict without a draft, and InvalidInput with everything
    that speaks against it, unless that was ``confirmed`` and none of it has to be mended first."""
    draft = _draft(template)
    if draft is None:
        raise Conflict(_("There is no draft."))
    found = warnings_of(session, draft)
    if any(each.level == "stop" for each in found) or (found and not confirmed):
        hint = None if any(each.level == "stop" for each in found) else _("Confirm it to publish all the same.")
        raise InvalidInput([_as_problem(each, hint) for each in found])
    for version in template.versions:
        if version.state == PUBLISHED:
            version.state = REPLACED
    session.flush()
    draft.state, draft.note = PUBLISHED, note
    draft.published_at, draft.published_by = session.gate.clock.now(), session.actor.id
    template.edits += 1
    session.emit(TemplatePublished(template_id=template.id, name=template.name, version=draft.number))
    return template


def _as_problem(warning: Any, hint: str | None) -> Problem:
    about = f"{warning.about}: " if warning.about else ""
    if not about:
        return Problem(InvalidInput.code, warning.text, hint=hint, **warning.values)
    return Problem(InvalidInput.code, warning.text, field=warning.about, hint=hint, **warning.values)


# --- what they share --------------------------------------------------------------------------------------------------


def draft_of(session: CrmSession, template: MessageTemplate) -> TemplateVersion:
    """Return the draft of a template, inside an operation: without one it is made of the last version."""
    draft = _draft(template)
    if draft is not None:
        return draft
    source = published_of(session, template.id) or template.versions[-1]
    return _copied(template, source, _next(template))


def _draft(template: MessageTemplate) -> TemplateVersion | None:
    return next((each for each in template.versions if each.state == DRAFT), None)


def _next(template: MessageTemplate) -> int:
    return max((each.number for each in template.versions), default=0) + 1


def _copied(template: MessageTemplate, source: TemplateVersion, number: int) -> TemplateVersion:
    made = TemplateVersion(number=number, given=list(source.given))
    for text in source.texts:
        made.texts.append(
            TemplateText(
                language=text.language,
                variant=text.variant,
                weight=text.weight,
                subject=text.subject,
                preheader=text.preheader,
                blocks=list(text.blocks),
                position=text.position,
            )
        )
    template.versions.append(made)
    return made


def _text(version: TemplateVersion, language: str, variant: str) -> TemplateText | None:
    return next((each for each in version.texts if (each.language, each.variant) == (language, variant)), None)


def _tag(language: str, problems: list[Problem]) -> str:
    found = language_tag(language)
    if found is None:
        message = _('There is no language "{value}".')
        problems.append(Problem(InvalidInput.code, message, field="language", value=language))
    return found or ""


def _check_purpose(session: CrmSession, purpose: str) -> list[Problem]:
    known = session.crm.config.get(session).options.get("consent_purpose", {})
    if purpose in known or purpose == "service":
        return []
    message, hint = _('There is no purpose "{value}".'), _("Purposes: {known}.")
    names = ", ".join(dict.fromkeys((*known, "service")))
    return [Problem(InvalidInput.code, message, field="purpose", value=purpose, hint=hint, known=names)]


def read_given(document: str, field: str = "values") -> list[Given]:
    """Return what a document says that is given: names with their samples. Raises InvalidInput."""
    return given_rows(read_mapping(document, field), field)


def given_rows(rows: Any, field: str) -> list[Given]:
    """Return what names and samples say that is given. Raises InvalidInput."""
    if not isinstance(rows, dict):
        message = _("These are names, each with a value behind a colon.")
        raise InvalidInput([Problem(InvalidInput.code, message, field=field)])
    problems: list[Problem] = []
    found: list[Given] = []
    for name, sample in cast("dict[Any, Any]", rows).items():
        if not isinstance(name, str) or not _VALUE.fullmatch(name):
            message = _('"{value}" is no name: small letters, digits and _.')
            problems.append(Problem(InvalidInput.code, message, field=field, value=str(name)[:40]))
            continue
        found.append(Given(name=name, sample=_plain(sample)))
    if len(found) > MOST_GIVEN:
        problems.append(Problem(InvalidInput.code, _("At most {most} values are given."), field=field, most=MOST_GIVEN))
    if problems:
        raise InvalidInput(problems)
    return found


def _plain(value: Any, depth: int = 0) -> Any:
    """Return a sample as JSON can keep it: days and instants as texts."""
    if isinstance(value, dict) and depth < 4:
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)) and depth < 4:
        return [_plain(item, depth + 1) for item in value[:50]]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return str(value)


OPERATIONS: Sequence[Any] = [
    create_template,
    update_template,
    delete_template,
    write_text,
    remove_text,
    set_values,
    discard_draft,
    restore_version,
    publish_draft,
]
