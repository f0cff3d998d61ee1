"""The errors of plugins: manifest, hooks, life cycle. Must not know databases, plugins or doors."""

from __future__ import annotations

from collections.abc import Iterable

from crmkit.errors.base import CrmkitError, Problem, problem_of
from crmkit.i18n import texts, translate

_ = texts("crmkit")


class PluginError(CrmkitError):
    """Something is wrong with a plugin; ``plugin`` names it."""

    code = "CK100"
    summary = _("A plugin is not usable.")

    def __init__(
        self, message: str | None = None, *, plugin: str | None = None, fix: str | None = None, **values: object
    ):
        super().__init__(message, fix=fix, plugin=plugin, **values)
        self.plugin = plugin

    def reason(self, language: str = "en") -> str:
        """Return what is wrong and what to do, in a language, without naming the plugin."""
        return super().render(language)

    def render(self, language: str = "en") -> str:
        text = self.reason(language)
        return (
            translate(_('Plugin "{plugin}": {text}'), language, plugin=self.plugin, text=text) if self.plugin else text
        )


class ManifestError(PluginError):
    """A manifest has a value that is not allowed."""

    code = "CK101"
    summary = _("The manifest is not valid.")


class UnknownPlugin(PluginError):
    """No plugin of that name is installed."""

    code = "CK102"
    summary = _("No plugin of that name is installed.")


class PluginApiError(PluginError):
    """The plugin needs a hook API that this kernel does not offer."""

    code = "CK103"
    summary = _("The plugin needs another hook API.")


class PluginDependencyError(PluginError):
    """A required plugin is missing or too old, two plugins conflict, or requirements run in a circle."""

    code = "CK104"
    summary = _("The plugin's requirements cannot be met.")


class PluginImportError(PluginError):
    """The plugin's code raised while it was imported."""

    code = "CK105"
    summary = _("The plugin cannot be imported.")


class HookError(PluginError):
    """Hook implementations have the wrong name, arguments or kind; ``problems`` has one entry for each."""

    code = "CK201"
    summary = _("A hook implementation is not valid.")

    def __init__(self, problems: Iterable[Problem] | str, *, plugin: str | None = None, **values: object) -> None:
        if isinstance(problems, str):
            problems = [problem_of(self.code, problems, None, values)]
        self._problems = tuple(problems)
        super().__init__(plugin=plugin)

    def reason(self, language: str = "en") -> str:
        """Return all that is wrong, in a language, without naming the plugin."""
        return " ".join(problem.render(language) for problem in self._problems)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._problems


class HookFailed(PluginError):
    """A hook implementation raised."""

    code = "CK202"
    summary = _("A hook raised an error.")


class ContributionError(PluginError):
    """What a declarative hook returned is not allowed: wrong type, foreign prefix, or a name already taken."""

    code = "CK203"
    summary = _("A contribution is not valid.")


class ModelError(PluginError):
    """A model breaks a rule of the store: prefix, foreign key, missing ``ondelete``, missing personal-data entry."""

    code = "CK301"
    summary = _("A model is not valid.")


class AccessError(PluginError):
    """What a plugin or the kernel declares does not say who may do it, or names a right that nobody declares."""

    code = "CK310"
    summary = _("It does not say who may do this.")


class LifecycleError(PluginError):
    """A plugin cannot go from its state to the one that was asked for."""

    code = "CK401"
    summary = _("The plugin cannot change its state like this.")


class MigrationError(PluginError):
    """A migration failed, is missing or leaves the schema different from what the models declare."""

    code = "CK402"
    summary = _("A migration failed.")
