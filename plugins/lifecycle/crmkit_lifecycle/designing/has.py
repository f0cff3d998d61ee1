"""What designing has, for the hook module."""

from __future__ import annotations

from crmkit import Resource, texts
from crmkit_lifecycle.designing import events, models, operations, pages, standard
from crmkit_lifecycle.designing.models import LifecycleModel, ModelVersion, Stage

_ = texts("crmkit_lifecycle")

MODELS = models.MODELS
RESOURCES = [
    Resource(
        name="lifecycle.model",
        model=LifecycleModel,
        title=_("Lifecycle model"),
        plural=_("Lifecycle models"),
        columns=["name", "title", "about", "usual", "automatic", "roll_up", "active"],
        search=["title", "name"],
        sort="name",
        icon="copy",
    ),
    Resource(
        name="lifecycle.version",
        model=ModelVersion,
        title=_("Version of a model"),
        plural=_("Versions of models"),
        columns=["model_id", "number", "state", "published_at", "among"],
        sort="-number",
        icon="copy",
        menu=False,
    ),
    Resource(
        name="lifecycle.stage",
        model=Stage,
        title=_("Stage of a model"),
        plural=_("Stages of models"),
        columns=["title", "kind", "enter", "label", "mark", "version_id"],
        search=["title", "name"],
        sort="position",
        icon="columns",
        menu=False,
    ),
]
OPERATIONS = operations.OPERATIONS
EVENTS = events.EVENTS
PAGES = pages.PAGES
plugin_enabled = standard.plugin_enabled
