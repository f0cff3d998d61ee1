"""What decides about customers: segments, dimensions, rules, goals, experiments."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.web.pages.deciding import dimensions, experiments, goals, rules, segments
from crmkit.web.pages.routing import PageRoute
from crmkit.web.pages.shell import MenuEntry

_ = texts("crmkit")

ROUTES: list[PageRoute] = [
    *segments.ROUTES,
    *dimensions.ROUTES,
    *rules.ROUTES,
    *goals.ROUTES,
    *experiments.ROUTES,
]
MENU: list[MenuEntry] = [
    MenuEntry(
        title=_("Segments"),
        path="/segments",
        icon="filter",
        group="decide",
        rights=("customer.read",),
        order=10,
        words="group target audience filter",
    ),
    MenuEntry(
        title=_("Dimensions"),
        path="/dimensions",
        icon="tags",
        group="decide",
        rights=("definition.admin", "report.read"),
        order=20,
        words="labels classification",
    ),
    MenuEntry(
        title=_("Rules"),
        path="/rules",
        icon="bolt",
        group="decide",
        rights=("rule.admin", "segment.update"),
        order=30,
        words="automation workflow trigger",
    ),
    MenuEntry(
        title=_("Goals"),
        path="/goals",
        icon="target",
        group="decide",
        rights=("report.read",),
        order=7,
        words="targets quota",
    ),
    MenuEntry(
        title=_("Experiments"),
        path="/experiments",
        icon="flask",
        group="decide",
        rights=("experiment.read",),
        order=40,
        words="test control group hold-out",
    ),
]
