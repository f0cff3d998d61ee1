"""Templates as documents in YAML or JSON: to be kept with other files, moved to another installation, and taken in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, cast

from attrs import frozen
from sqlalchemy import select

from crmkit import CrmSession, Input, InvalidInput, NotFound, Problem, operation, texts
from crmkit_messaging.composing.blocks import as_rows, as_yaml, parse_blocks, read_mapping
from crmkit_messaging.composing.checking import check_text
from crmkit_messaging.composing.choosing import language_tag
from crmkit_messaging.composing.models import DRAFT, MessageTemplate, TemplateText, TemplateVersion
from crmkit_messaging.composing.operations import MANAGE, draft_of, given_rows
from crmkit_messaging.composing.rendering import given_of, published_of
from crmkit_messaging.composing.trying import newest
from crmkit_messaging.composing.vocabulary import words_of

_ = texts("crmkit_messaging")

MOST_TEMPLATES = 500
_TEXT = ("language", "variant", "weight", "subject", "preheader", "blocks")
_OWN = ("name", "title", "channel", "purpose", "description", "given", "texts")


def document_of(
    session: CrmSession, names: Sequence[str] = (), *, draft: bool = False, form: Literal["yaml", "json"] = "yaml"
) -> str:
    """Return templates as a document, all of them without names: what is published of each, or with ``draft`` its
    newest version. Those of which nothing was published are left out then. Raises NotFound for a name that there is
    not."""
    found = {each.name: each for each in session.scalars(select(MessageTemplate).order_by(MessageTemplate.name))}
    for name in names:
        if name not in found:
            raise NotFound(_('There is no template "{name}".'), name=name)
    rows: list[dict[str, Any]] = []
    for template in [found[name] for name in names] if names else found.values():
        version = newest(template) if draft else published_of(session, template.id)
        if version is not None:
            rows.append(_row(template, version))
    if form == "json":
        return json.dumps({"templates": rows}, ensure_ascii=False, indent=2) + "\n"
    return as_yaml({"templates": rows})


def _row(template: MessageTemplate, version: TemplateVersion) -> dict[str, Any]:
    own: dict[str, Any] = {name: getattr(template, name) for name in _OWN[:5]}
    if not own["description"]:
        own.pop("description")
    if version.given:
        own["given"] = {each.name: each.sample for each in given_of(version)}
    own["texts"] = [_text_row(text) for text in version.texts]
    return own


def _text_row(text: TemplateText) -> dict[str, Any]:
    found = {name: getattr(text, name) for name in _TEXT}
    return {name: value for name, value in found.items() if value != "" or name == "subject"}


@frozen(kw_only=True)
class Loaded:
    """What taking in a document did: the names of the templates that were added, changed, and the same already."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    published: tuple[str, ...] = ()


@operation("messaging.template.load", title=_("Take in templates"), effect="update", permission=MANAGE)
def load_templates(
    session: CrmSession,
    *,
    document: Annotated[
        str,
        Input(
            title=_("Document"),
            help=_("As crmkit messaging templates export writes it."),
            max_length=2_000_000,
            multiline=True,
            classified="internal",
        ),
    ],
    publish: Annotated[bool, Input(title=_("Publish them at once"), classified="public")] = False,
) -> Loaded:
    """Add the templates of a document in YAML or JSON, and write drafts of those that are there and say something else.

    All of it or nothing: raises InvalidInput with everything that is wrong, each by its template and text. ``publish``
    needs the right to, and publishes in spite of warnings.
    """
    rows = _rows(read_mapping(document, "document", 2_000_000))
    problems: list[Problem] = []
    added: list[str] = []
    changed: list[str] = []
    same: list[str] = []
    published: list[str] = []
    for row in rows:
        name = str(row.get("name", ""))
        try:
            template = session.scalar(select(MessageTemplate).where(MessageTemplate.name == name))
            new = template is None
            if template is None:
                template = _added(session, row)
            else:
                _check_own(template, row)
            wrote = _write(session, template, row)
        except InvalidInput as error:
            for problem in error.problems:
                problem.field = f"{name or '?'}: {problem.field}" if problem.field else name or "?"
            problems.extend(error.problems)
            continue
        (added if new else changed if wrote else same).append(name)
        if publish and any(each.state == DRAFT for each in template.versions):
            session.run("messaging.template.publish", {"confirmed": True}, target=template)
            published.append(name)
    if problems:
        raise InvalidInput(problems)
    return Loaded(added=tuple(added), changed=tuple(changed), same=tuple(same), published=tuple(published))


def _rows(document: Mapping[Any, Any]) -> list[dict[str, Any]]:
    found = document.get("templates") if "templates" in document else [document]
    rows = cast("list[Any]", found) if isinstance(found, list) else []
    if not rows or len(rows) > MOST_TEMPLATES or not all(isinstance(row, dict) for row in rows):
        message = _("A document has a list of templates, at most {most}.")
        raise InvalidInput([Problem(InvalidInput.code, message, field="document", most=MOST_TEMPLATES)])
    return rows


def _added(session: CrmSession, row: Mapping[str, Any]) -> MessageTemplate:
    texts_of_row = row.get("texts")
    first = texts_of_row[0] if isinstance(texts_of_row, list) and texts_of_row else {}
    values = {name: row[name] for name in _OWN[:5] if name in row}
    language = first.get("language") if isinstance(first, dict) else None
    made: MessageTemplate = session.run("messaging.template.create", {**values, "language": language})
    return made


def _check_own(template: MessageTemplate, row: Mapping[str, Any]) -> None:
    for name in ("channel", "purpose"):
        if name in row and row[name] != getattr(template, name):
            message = _('The template is there already, with the {field} "{value}".')
            value = getattr(template, name)
            raise InvalidInput([Problem(InvalidInput.code, message, field=name, value=value)])


def _write(session: CrmSession, template: MessageTemplate, row: Mapping[str, Any]) -> bool:
    """Write what a row says into the draft, and say whether it was something else than what is there."""
    for name in row:
        if name not in _OWN:
            message = _('There is no "{value}" here.')
            raise InvalidInput([Problem(InvalidInput.code, message, field=name, value=name)])
    given = given_rows(row.get("given") or {}, "given")
    words = words_of(session, given)
    wanted: list[dict[str, Any]] = []
    for number, each in enumerate(row.get("texts") or [], 1):
        wanted.append(_wanted(session, words, each, f"texts.{number}"))
    keys = [(each["language"], each["variant"]) for each in wanted]
    if len(set(keys)) < len(keys):
        raise InvalidInput([Problem(InvalidInput.code, _("A language and variant is there twice."), field="texts")])
    kept = [{"name": each.name, "title": each.title, "sample": each.sample} for each in given]
    version = newest(template)
    if kept == version.given and wanted == [{name: getattr(text, name) for name in _TEXT} for text in version.texts]:
        return False
    draft = draft_of(session, template)
    draft.given = kept
    draft.texts.clear()
    session.flush()
    for number, each in enumerate(wanted):
        draft.texts.append(TemplateText(position=number, **each))
    template.edits += 1
    session.flush()
    return True


def _wanted(session: CrmSession, words: Any, row: Any, field: str) -> dict[str, Any]:
    def wrong(message: str, name: str, **values: Any) -> InvalidInput:
        return InvalidInput([Problem(InvalidInput.code, message, field=f"{field}.{name}", **values)])

    if not isinstance(row, dict):
        raise InvalidInput([Problem(InvalidInput.code, _("A text has a language and blocks."), field=field)])
    values = cast("dict[str, Any]", row)
    for name in values:
        if name not in _TEXT:
            raise wrong(_('There is no "{value}" here.'), str(name)[:40], value=name)
    tag = language_tag(str(values.get("language", "")))
    if tag is None:
        raise wrong(_('There is no language "{value}".'), "language", value=values.get("language"))
    weight = values.get("weight", 1)
    if type(weight) is not int or not 0 <= weight <= 1000:
        raise wrong(_("A weight is a number from 0 to 1000."), "weight", value=weight)
    subject, preheader = str(values.get("subject", "")).strip(), str(values.get("preheader", "")).strip()
    if len(subject) > 500 or len(preheader) > 300:
        raise wrong(_("This is too long."), "subject" if len(subject) > 500 else "preheader")
    variant = str(values.get("variant", "a"))
    if not variant.isascii() or not 0 < len(variant) <= 30:
        raise wrong(_("A variant is small letters, digits, - and _."), "variant", value=variant)
    blocks = parse_blocks(values.get("blocks", []), f"{field}.blocks")
    try:
        check_text(session, words, subject, preheader, blocks)
    except InvalidInput as error:
        for problem in error.problems:
            problem.field = f"{field}.{problem.field}"
        raise
    return {
        "language": tag,
        "variant": variant,
        "weight": weight,
        "subject": subject,
        "preheader": preheader,
        "blocks": as_rows(blocks),
    }


OPERATIONS = [load_templates]
