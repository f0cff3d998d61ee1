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
    "CK405": _("Its revisions stand by themselves: they import nothing of the plugin that may have moved on."),
    "CK501": _("Every model and every resource says who may see it."),
    "CK502": _("Who has no rights sees nothing of it, in no way that it is shown."),
    "CK503": _("Who sees only their own sees nothing of what is somebody else's."),
    "CK504": _("What a role denies stays denied, whatever allows it."),
    "CK505": _("Its operations need their right, and tell a hidden record from a missing one to nobody."),
    "CK601": _("Its rows can be written for a customer."),
    "CK602": _("It can be disabled, and a customer can be removed meanwhile, with its rows."),
    "CK603": _("Enabled again it finds the rows of the other customers."),
    "CK604": _("Purging leaves nothing behind."),
    "CK605": _("Erasing a person removes or empties what the map declares, and leaves nothing that it does not."),
    "CK606": _("What it keeps about a person is in the person's export."),
    "CK607": _("A merge of customers takes its rows along, and undoing the merge restores them."),
    "CK608": _("A person can be erased while it is disabled."),
    "CK701": _("Its reports can be made of nothing, of one row and of many, in every form and language."),
    "CK702": _("What people have typed is shown as text, never as markup."),
    "CK703": _("Its pages show, with nothing in them and with something, in every language."),
    "CK704": _("Its commands and their options say what they do."),
    "CK705": _("Every text is there in Simplified Chinese."),
    "CK801": _("Asked about fifty customers at once it needs no more statements than for one."),
    "CK802": _("Asked about customers who are not there it has nothing to say."),
    "CK803": _("How much longer fifty customers take than one."),
    "CK901": _("Its README says how it is installed, configured and removed."),
    "CK902": _("Its README names every permission."),
    "CK903": _("It says whom to tell of a weakness."),
    "CK904": _("Its package is typed, for whoever builds on it."),
    "CK905": _("Its catalogues are compiled and up to date."),
    "CK906": _("Its README says how it is used: its commands and its settings are named."),
}
"""What each code stands for, worded as what holds when nothing is found."""
