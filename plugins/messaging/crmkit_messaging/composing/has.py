"""What this room has, for `crmkit_messaging.plugin`."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_messaging.composing import events, files, operations, pages, trying
from crmkit_messaging.composing.models import MessageTemplate, TemplateText, TemplateVersion

_ = texts("crmkit_messaging")

MODELS = [MessageTemplate, TemplateVersion, TemplateText]
RESOURCES = [
    Resource(
        name="messaging.template",
        model=MessageTemplate,
        title=_("Message template"),
        plural=_("Message templates"),
        columns=["name", "title", "channel", "purpose", "updated_at"],
        search=["name", "title"],
        sort="name",
        icon="file-text",
        menu=False,
        description=_("Messages that are written once and sent often."),
    ),
    Resource(
        name="messaging.template_version",
        model=TemplateVersion,
        title=_("Version of a template"),
        plural=_("Versions of templates"),
        columns=["template_id", "number", "state", "note", "published_at"],
        sort="-number",
        icon="history",
        menu=False,
    ),
    Resource(
        name="messaging.template_text",
        model=TemplateText,
        title=_("Text of a template"),
        plural=_("Texts of templates"),
        columns=["version_id", "language", "variant", "weight", "subject"],
        sort="language",
        icon="language",
        menu=False,
    ),
]
OPERATIONS = [*operations.OPERATIONS, *trying.OPERATIONS, *files.OPERATIONS]
EVENTS = events.EVENTS
JOBS = trying.JOBS
PAGES = pages.PAGES
