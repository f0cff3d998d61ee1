"""The errors of the configuration and the installation. Must not know databases, plugins or doors."""

from __future__ import annotations

from crmkit.errors.base import CrmkitError
from crmkit.i18n import texts

_ = texts("crmkit")


class ConfigurationError(CrmkitError):
    """A setting is unknown, malformed or contradicts another."""

    code = "CK001"
    summary = _("The configuration is not usable.")


class HomeError(ConfigurationError):
    """The installation's folder is missing, not readable or already in use."""

    code = "CK002"
    summary = _("The installation's folder is not usable.")


class MissingExtra(ConfigurationError):
    """A feature needs a library that is not installed."""

    code = "CK003"
    summary = _("A library that this needs is not installed.")
