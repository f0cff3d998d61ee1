"""The pages of templates: all of them, the one that is written with its preview, its versions, and the mail itself."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from crmkit import CrmkitError, CrmSession, Customer, NotFound, Page, texts
from crmkit_messaging.composing.blocks import KINDS, TITLES, as_yaml
from crmkit_messaging.composing.checking import warnings_of
from crmkit_messaging.composing.comparing import compare
from crmkit_messaging.composing.filters import locale_of
from crmkit_messaging.composing.models import (
    DRAFT,
    PUBLISHED,
    STATES,
    TESTS,
    MessageTemplate,
    TemplateText,
    TemplateVersion,
)
from crmkit_messaging.composing.rendering import MAIL, SHORT, Rendered, given_of, render_text
from crmkit_messaging.composing.trying import newest
from crmkit_messaging.composing.vocabulary import Words, words_of

_ = texts("crmkit_messaging")

READ = "messaging.template.read"
GROUPS = {
    "customer": _("The customer"),
    "value": _("What is given"),
    "business": _("The business"),
    "link": _("Links"),
    "facts": _("Facts"),
}
"""The groups of names that texts can use, with titles."""
SHOWN = 30
"""Customers that a preview offers."""
OFFERED = ("en", "zh_Hans", "zh_Hant", "de", "es", "fr", "it", "ja", "ko", "pt_BR", "ru", "ar")


# --- all of them ------------------------------------------------------------------------------------------------------


def overview(session: CrmSession, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return all templates with what is published of each."""
    wanted = query.get("channel", "")
    statement = select(MessageTemplate).options(selectinload(MessageTemplate.versions)).order_by(MessageTemplate.name)
    templates = session.scalars(statement.where(MessageTemplate.channel == wanted) if wanted else statement).all()
    rows: list[dict[str, Any]] = []
    for template in templates:
        published = next((each for each in template.versions if each.state == PUBLISHED), None)
        draft = next((each for each in template.versions if each.state == DRAFT), None)
        shown = published or draft
        rows.append(
            {
                "template": template,
                "published": published,
                "draft": draft,
                "languages": [] if shown is None else list(dict.fromkeys(text.language for text in shown.texts)),
            }
        )
    return {
        "rows": rows,
        "channels": session.gate.registry.tables["channel"],
        "purposes": _purposes(session),
        "may_write": _may(session, "manage"),
    }


def _purposes(session: CrmSession) -> Mapping[str, str]:
    return session.crm.config.get(session).options.get("consent_purpose", {})


def _may(session: CrmSession, action: str) -> bool:
    return session.guarding.rights.scope("messaging.template", action) != "none"


# --- one of them ------------------------------------------------------------------------------------------------------


def editor(session: CrmSession, query: Mapping[str, str], language: str = "en") -> Mapping[str, Any]:
    """Return one template: what is written in a language as a variant, how it looks, and what speaks against it."""
    template = _template(session, query)
    version = newest(template)
    text = _text(version, query)
    words = words_of(session, given_of(version))
    customer, chosen = _customer(session, query)
    made, problem = _made(session, text, customer, language)
    draft = version if version.state == DRAFT else None
    base = f"id={template.id}&language={text.language if text else ''}&variant={text.variant if text else ''}"
    return {
        "template": template,
        "version": version,
        "draft": draft,
        "published": next((each for each in template.versions if each.state == PUBLISHED), None),
        "states": STATES,
        "tests": TESTS,
        "text": text,
        "document": as_yaml(text.blocks) if text is not None and text.blocks else "",
        "rows": text.blocks if text is not None else [],
        "given_document": as_yaml({each.name: each.sample for each in given_of(version)}) if version.given else "",
        "texts": [(each, language_title(each.language, language)) for each in version.texts],
        "offered": [(tag, language_title(tag, language)) for tag in OFFERED],
        "groups": _grouped(words),
        "kinds": TITLES,
        "made": made,
        "problem": problem,
        "warnings": warnings_of(session, version) if draft is not None else [],
        "language": language,
        "is_mail": template.channel == MAIL,
        "is_short": template.channel in SHORT,
        "channel_title": _channel(session, template.channel),
        "purpose_title": _purposes(session).get(template.purpose, template.purpose),
        "customers": _customers(session),
        "customer": chosen,
        "here": f"/modules/messaging/templates/edit?{base}",
        "preview": f"/modules/messaging/templates/document?{base}" + (f"&customer={chosen}" if chosen else ""),
        "may_write": _may(session, "manage"),
        "may_publish": _may(session, "publish"),
    }


def _template(session: CrmSession, query: Mapping[str, str]) -> MessageTemplate:
    name = query.get("name", "")
    try:
        where = MessageTemplate.name == name if name else MessageTemplate.id == UUID(query.get("id", ""))
    except ValueError as error:
        raise NotFound(_("There is no such template.")) from error
    found = session.scalar(select(MessageTemplate).where(where))
    if found is None or not found.versions:
        raise NotFound(_("There is no such template."))
    return found


def _text(version: TemplateVersion, query: Mapping[str, str]) -> TemplateText | None:
    wanted = query.get("language", ""), query.get("variant", "")
    exact = [each for each in version.texts if (each.language, each.variant) == wanted]
    near = [each for each in version.texts if each.language == wanted[0]]
    return next(iter((*exact, *near, *version.texts)), None)


def _customer(session: CrmSession, query: Mapping[str, str]) -> tuple[Customer | None, str]:
    try:
        found = session.get(Customer, UUID(query.get("customer", "")))
    except ValueError:
        return None, ""
    if found is None or found.deleted_at is not None:
        return None, ""
    return found, str(found.id)


def _made(
    session: CrmSession, text: TemplateText | None, customer: Customer | None, language: str
) -> tuple[Rendered | None, str]:
    if text is None:
        return None, ""
    try:
        return render_text(session, text, customer, sample=True), ""
    except CrmkitError as error:
        return None, error.render(language)


def _customers(session: CrmSession) -> list[tuple[str, str]]:
    query = select(Customer).where(Customer.deleted_at.is_(None)).order_by(Customer.updated_at.desc()).limit(SHOWN)
    return [(str(each.id), str(each.name)) for each in session.scalars(query)]


def _channel(session: CrmSession, name: str) -> str:
    found = session.gate.registry.tables["channel"].get(name)
    return name if found is None else found.title


def _grouped(words: Words) -> list[tuple[str, list[Any]]]:
    return [
        (title, sorted((each for each in words.names.values() if each.group == group), key=lambda each: each.name))
        for group, title in GROUPS.items()
    ]


def language_title(tag: str, language: str) -> str:
    """Return what a language is called in another one."""
    return locale_of(tag).get_display_name(locale_of(language)) or tag


# --- its versions -----------------------------------------------------------------------------------------------------


def versions(session: CrmSession, query: Mapping[str, str], language: str = "en") -> Mapping[str, Any]:
    """Return the versions of a template, and what differs between two of them: by default the newest and the one
    before."""
    template = _template(session, query)
    by_number = {each.number: each for each in template.versions}
    numbers = sorted(by_number)
    new = by_number.get(_number(query.get("new")), by_number[numbers[-1]])
    earlier = [number for number in numbers if number < new.number]
    old = by_number.get(_number(query.get("old")), by_number[earlier[-1]] if earlier else new)
    found = [(each, language_title(each.language, language)) for each in compare(old, new)]
    return {
        "template": template,
        "versions": list(reversed(template.versions)),
        "states": STATES,
        "old": old,
        "new": new,
        "differences": found,
        "may_write": _may(session, "manage"),
    }


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else -1


# --- the mail itself --------------------------------------------------------------------------------------------------


def document(session: CrmSession, query: Mapping[str, str], language: str = "en") -> Mapping[str, Any]:
    """Return a text as the document that is sent."""
    template = _template(session, query)
    text = _text(newest(template), query)
    customer, _chosen = _customer(session, query)
    made, problem = _made(session, text, customer, language)
    if made is None:
        return {"document": f"<!DOCTYPE html><title>-</title><p>{escape(problem)}</p>"}
    if made.html:
        return {"document": made.html}
    return {
        "document": '<!DOCTYPE html><meta charset="utf-8"><title>-</title>'
        f'<pre style="white-space:pre-wrap;font:16px/1.5 sans-serif">{escape(made.text)}</pre>'
    }


PAGES = [
    Page(
        name="messaging.templates",
        title=_("Message templates"),
        path="/templates",
        template="messaging/composing/templates.html",
        context=overview,
        permission=READ,
        icon="mail",
    ),
    Page(
        name="messaging.template_editor",
        title=_("Message template"),
        path="/templates/edit",
        template="messaging/composing/editor.html",
        context=editor,
        permission=READ,
        icon="mail",
        menu=False,
    ),
    Page(
        name="messaging.template_versions",
        title=_("Versions of a template"),
        path="/templates/versions",
        template="messaging/composing/versions.html",
        context=versions,
        permission=READ,
        icon="history",
        menu=False,
    ),
    Page(
        name="messaging.template_document",
        title=_("How a message looks"),
        path="/templates/document",
        template="messaging/composing/versions.html",
        context=document,
        permission=READ,
        menu=False,
        document=True,
    ),
]
BLOCK_KINDS = tuple(KINDS)
