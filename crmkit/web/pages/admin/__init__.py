"""The administration: users and roles, plugins, settings, privacy, the audit log, jobs, health, keys and tokens."""

from __future__ import annotations

from crmkit.i18n import texts
from crmkit.web.pages.admin import (
    access,
    auditing,
    health,
    jobs,
    keys,
    people,
    plugins,
    privacy,
    role_editor,
    roles,
    settings,
    teams,
    tokens,
)
from crmkit.web.pages.routing import PageRoute
from crmkit.web.pages.shell import MenuEntry

_ = texts("crmkit")

_MODULES = (
    people, teams, roles, role_editor, access, plugins, settings, privacy, auditing, jobs, health, keys, tokens
)  # fmt: skip
ROUTES: list[PageRoute] = [route for module in _MODULES for route in module.ROUTES]


def _entry(title: str, path: str, icon: str, right: str, order: int, words: str = "") -> MenuEntry:
    return MenuEntry(title=title, path=path, icon=icon, group="admin", rights=(right,), order=order, words=words)


MENU: list[MenuEntry] = [
    _entry(_("Users"), "/admin/users", "users-group", "user.admin", 10, "people staff invite"),
    _entry(_("Teams"), "/admin/teams", "hierarchy", "user.admin", 12, "groups"),
    _entry(_("Roles"), "/admin/roles", "shield", "role.admin", 15, "rights permissions grants"),
    _entry(_("Explain an access"), "/admin/access", "help", "role.admin", 17, "why may rights permission"),
    _entry(_("Plugins"), "/admin/plugins", "puzzle", "plugin.admin", 20, "modules enable disable"),
    _entry(_("Settings"), "/admin/settings", "settings", "business.admin", 30, "currency zone options custom fields"),
    _entry(_("Privacy"), "/admin/privacy", "shield-lock", "privacy.admin", 40, "erase gdpr pipl retention hold"),
    _entry(_("Audit log"), "/admin/audit", "list-details", "audit.read", 50, "history who did what verify"),
    _entry(_("Jobs"), "/admin/jobs", "activity", "job.admin", 60, "queue workers dead retry"),
    _entry(_("Health"), "/admin/health", "heart", "config.admin", 70, "doctor backup version disk search index"),
    _entry(_("Keys"), "/admin/keys", "key", "key.admin", 80, "encryption rotation"),
    _entry(_("API tokens"), "/admin/tokens", "plug", "user.admin", 90, "integration bearer"),
]
