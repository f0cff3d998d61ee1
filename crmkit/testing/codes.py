"""The codes of what the checks can find, each with what it means. Must not import anything but texts.

Where crmkit itself refuses something, the finding has the code of that error (see ``docs/errors.md``). Codes are
stable; what they cover may be refined.
"""

from __future__ import annotations

from collections.abc import Mapping

from crmkit.i18n import Text, texts

_ = texts("crmkit")

CODES: Mapping[str, Text] = {
    "CK101": _("The manifest is valid and has the name of the entry point."),
    "CK102": _("The plugin is installed, or its manifest was named."),
    "CK103": _("The hook API that it needs is offered."),
    "CK104": _("What it requires is there, and runs in no circle."),
    "CK105": _("Its modules can be imported."),
    "CK106": _("Reading the manifest imports neither the database layer nor the rest of the plugin."),
    "CK107": _("Every dotted path in the manifest leads to something of the right kind."),
    "CK108": _("Every permission that is needed is declared in the manifest, for roles that crmkit ships."),
    "CK201": _("Its hooks exist and take arguments that they have."),
    "CK202": _("Its hooks raise no errors."),
    "CK203": _("What its hooks return has the right type, the plugin's prefix and a free name."),
    "CK204": _("What its contributions refer to exists: events, operations, channels, templates, periods."),
    "CK205": _("Fact sets give one row for each customer, with the declared columns, and are no ORM queries."),
    "CK301": _("Its models keep the rules of the store."),
    "CK302": _("Every field says its class."),
    "CK303": _("The personal-data map names tables of the plugin, with every column that is personal."),
    "CK304": _("It adds nothing to models that are not its own."),
    "CK305": _("Its code reads and writes as its actor, and goes past no guard."),
    "CK401": _("It can be enabled."),
    "CK402": _("Its migrations run."),
    "CK403": _("After its migrations the tables are what the models say."),
    "CK404": _("Its migrations run back to nothing, and forth again."),
    "CK601": _("Its rows can be written for a customer."),
    "CK602": _("It can be disabled, and a customer can be removed meanwhile, with its rows."),
    "CK603": _("Enabled again it finds the rows of the other customers."),
    "CK604": _("Purging leaves nothing behind."),
}
"""What each code stands for, worded as what holds when nothing is found."""
