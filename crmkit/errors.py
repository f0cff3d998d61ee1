"""Every error that crmkit raises: one tree, each with a code, what is wrong, whose it is and what would be right.

Must not know databases, plugins or doors. Each class below is one code; ``docs/errors.md`` lists them all and a test
holds the two together. A door shows an error with `CrmkitError.render`; ``str(error)`` is the English form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from crmkit.i18n import Text, texts, translate

_ = texts("crmkit")


class Problem:
    """One thing that is wrong with an input: which field, what value, what would be right.

    ``field`` is a dotted path (``contact_points.0.value``) or None when it concerns the whole; ``hint`` says what would
    be right. ``value`` is what was given; it is shown only to the person who gave it, never logged.
    """

    __slots__ = ("code", "field", "hint", "message", "value", "values")

    def __init__(
        self,
        code: str,
        message: str,
        *,
        field: str | None = None,
        value: object = None,
        hint: str | None = None,
        **values: object,
    ) -> None:
        self.code = code
        self.message = message
        self.field = field
        self.value = value
        self.hint = hint
        self.values = values

    def render(self, language: str = "en") -> str:
        """Return the problem as one sentence or two in a language, without its code."""
        values = {"value": self.value, **self.values}
        text = translate(self.message, language, **values)
        if self.hint:
            text = f"{text} {translate(self.hint, language, **values)}"
        return f"{self.field}: {text}" if self.field else text

    def __repr__(self) -> str:
        return f"Problem({self.code!r}, {self.render()!r})"


def problem_of(code: str, message: str, hint: str | None, values: Mapping[str, Any]) -> Problem:
    """Return the problem that an error's message and values make; ``field`` and ``value`` among them are its own."""
    rest = {name: value for name, value in values.items() if name not in ("field", "value")}
    return Problem(code, message, field=values.get("field"), value=values.get("value"), hint=hint, **rest)


class CrmkitError(Exception):
    """The root of the tree. ``code`` is stable; ``message`` may be reworded at any time."""

    code: ClassVar[str] = "CK000"
    summary: ClassVar[Text] = _("Something went wrong.")
    raised_by: str | None = None
    """The plugin whose hook raised the error, if one did; set by the dispatcher."""

    def __init__(self, message: str | None = None, *, fix: str | None = None, **values: object) -> None:
        super().__init__(message or self.summary)
        self.message: str = message or self.summary
        self.fix = fix
        self.values = values

    def render(self, language: str = "en") -> str:
        """Return what is wrong and what to do, in a language, without the code."""
        text = translate(self.message, language, **self.values)
        return f"{text} {translate(self.fix, language, **self.values)}" if self.fix else text

    def __str__(self) -> str:
        return f"{self.code} {self.render()}"

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return the single problems that the error is made of; at least one."""
        return (problem_of(self.code, self.message, self.fix, self.values),)


# --- configuration -------------------------------------------------------------------------------------------------


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


# --- plugins: manifest, hooks, life cycle ----------------------------------------------------------------------------


class PluginError(CrmkitError):
    """Something is wrong with a plugin; ``plugin`` names it."""

    code = "CK100"
    summary = _("A plugin is not usable.")

    def __init__(
        self, message: str | None = None, *, plugin: str | None = None, fix: str | None = None, **values: object
    ):
        super().__init__(message, fix=fix, plugin=plugin, **values)
        self.plugin = plugin

    def render(self, language: str = "en") -> str:
        text = super().render(language)
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

    def render(self, language: str = "en") -> str:
        text = " ".join(problem.render(language) for problem in self._problems)
        if self.plugin is None:
            return text
        return translate(_('Plugin "{plugin}": {text}'), language, plugin=self.plugin, text=text)

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


# --- input and operations --------------------------------------------------------------------------------------------


class InvalidInput(CrmkitError):
    """An input was refused; ``problems`` has one entry for each thing that is wrong. Nothing was written."""

    code = "CK500"
    summary = _("The input is not valid.")

    def __init__(self, problems: Iterable[Problem] | str, *, fix: str | None = None, **values: object) -> None:
        if isinstance(problems, str):
            problems = [problem_of(self.code, problems, fix, values)]
        self._problems = tuple(problems)
        super().__init__(
            "; ".join(problem.render() for problem in self._problems).replace("{", "{{").replace("}", "}}")
        )

    def render(self, language: str = "en") -> str:
        return "; ".join(problem.render(language) for problem in self._problems)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._problems


class NotFound(CrmkitError):
    """There is no such record, or none that the actor may see: the two look alike."""

    code = "CK501"
    summary = _("There is no such record.")


class UnknownOperation(NotFound):
    """No operation of that name is registered."""

    code = "CK502"
    summary = _("There is no such operation.")


class RateMissing(NotFound):
    """Money cannot be converted as an exchange rate is not known for that day; the message names the rate."""

    code = "CK503"
    summary = _("An exchange rate is not known.")


class Conflict(CrmkitError):
    """The change contradicts the present state."""

    code = "CK510"
    summary = _("The change contradicts the present state.")


class StaleWrite(Conflict):
    """The record was changed by someone else since it was read. Nothing was written."""

    code = "CK511"
    summary = _("The record was changed by someone else in the meantime.")


class KeyReused(Conflict):
    """An idempotency key came again with another input."""

    code = "CK512"
    summary = _("This idempotency key was used before with another input.")


class AlreadyExists(Conflict):
    """A value that must be unique is taken."""

    code = "CK513"
    summary = _("This exists already.")


class Refused(CrmkitError):
    """The actor may not do this."""

    code = "CK520"
    summary = _("This is not permitted.")


class Veto(Refused):
    """A plugin's ``validate_change`` refused the change."""

    code = "CK521"
    summary = _("A plugin refused the change.")


class InvalidCredentials(Refused):
    """Nobody signs in with these: the login, the password, the code or the token is not right, no longer valid, or
    belongs to somebody who has left. Which of them it is, is not said."""

    code = "CK522"
    summary = _("These credentials do not open anything.")


class TooManyAttempts(Refused):
    """Too many wrong guesses came for this login or from this address; ``seconds`` says how long to wait. The login
    is not blocked for good, nor from everywhere."""

    code = "CK523"
    summary = _("Too many attempts.")

    def __init__(
        self, message: str | None = None, *, seconds: int = 0, fix: str | None = None, **values: object
    ) -> None:
        super().__init__(message, fix=fix, seconds=seconds, **values)
        self.seconds = seconds


class WriteOutsideOperation(CrmkitError):
    """A session tried to write outside an operation, or a reading session tried to write at all."""

    code = "CK530"
    summary = _("Changes are made by operations only.")


class NestingTooDeep(CrmkitError):
    """Operations, events or subscriptions call each other without end."""

    code = "CK531"
    summary = _("Operations nest too deeply.")


class GuardRefused(CrmkitError):
    """A statement would reach rows past the filter of what its reader may see, or a flush would write what its actor
    may not. The code that sent it has to be mended."""

    code = "CK532"
    summary = _("A statement would pass by the access rules.")


# --- store -----------------------------------------------------------------------------------------------------------


class StoreError(CrmkitError):
    """The database cannot be opened or used."""

    code = "CK600"
    summary = _("The database cannot be used.")


class NotInitialised(StoreError):
    """The database holds no crmkit tables yet."""

    code = "CK601"
    summary = _("The database has not been set up yet.")


class SchemaOutdated(StoreError):
    """The database's schema is older or newer than this kernel."""

    code = "CK602"
    summary = _("The database's schema does not fit this version.")


class DatabaseBusy(StoreError):
    """Another writer held the database for longer than the busy time-out."""

    code = "CK603"
    summary = _("The database is busy.")


class BackupError(StoreError):
    """A backup could not be made, or does not restore."""

    code = "CK610"
    summary = _("The backup is not usable.")


class FileRejected(InvalidInput):
    """An attachment's type or size is not allowed."""

    code = "CK620"
    summary = _("The file was refused.")


# --- protection ------------------------------------------------------------------------------------------------------


class VaultError(CrmkitError):
    """What is sealed, and the keys that it is sealed under, cannot be used."""

    code = "CK630"
    summary = _("The keys cannot be used.")


class KeyMissing(VaultError):
    """A key that the database names is not where it is kept."""

    code = "CK631"
    summary = _("A key is missing.")


class KeyUnsafe(VaultError):
    """A key is kept where others can read it, or where a backup of the data would take it along."""

    code = "CK632"
    summary = _("A key is not kept safely.")


class WrongKey(VaultError):
    """A key has the name of one that the database knows, and is another."""

    code = "CK633"
    summary = _("A key is not the one that this database was written with.")


class SealBroken(VaultError):
    """A sealed value was altered, cut off, or belongs to another place."""

    code = "CK634"
    summary = _("A sealed value was altered or belongs elsewhere.")


class Erased(VaultError):
    """A value was erased for good, by destroying the key it was sealed under."""

    code = "CK635"
    summary = _("This was erased.")


class KeyInUse(VaultError):
    """A key cannot be given up while something is kept under it, or while it is the one in use."""

    code = "CK636"
    summary = _("The key is in use.")


class KeyBackupError(VaultError):
    """A backup of keys was altered, is none, or was made with another passphrase."""

    code = "CK637"
    summary = _("The backup of the keys is not usable.")


class OnLegalHold(Refused):
    """Nothing of a customer may be removed while a legal hold is on it."""

    code = "CK650"
    summary = _("A legal hold since {since} forbids removing anything of this customer: {reason}.")


# --- import and export -----------------------------------------------------------------------------------------------


class ImportFailed(CrmkitError):
    """A file cannot be imported at all; nothing of it was written."""

    code = "CK700"
    summary = _("The file cannot be imported.")


class UnreadableFile(ImportFailed):
    """The file is missing, empty, a folder, binary, or in an encoding that cannot be told."""

    code = "CK701"
    summary = _("The file cannot be read.")


class MappingError(ImportFailed):
    """Columns cannot be matched to fields."""

    code = "CK702"
    summary = _("The columns cannot be matched to fields.")


class ImportConflict(ImportFailed):
    """An import of this file is running, was finished, or was begun from a file that has changed since."""

    code = "CK703"
    summary = _("This import cannot go on.")


# --- jobs ------------------------------------------------------------------------------------------------------------


class JobError(CrmkitError):
    """A job is unknown or cannot be carried out."""

    code = "CK800"
    summary = _("The job cannot be carried out.")


class LeaseLost(JobError):
    """A worker took longer than its lease and another worker has the job now; nothing was written."""

    code = "CK801"
    summary = _("Another worker has taken over the job.")


# --- command line ----------------------------------------------------------------------------------------------------


class UsageError(CrmkitError):
    """A command was called with an option, an argument or in a place that does not fit."""

    code = "CK900"
    summary = _("The command cannot be called like this.")


class InternalError(CrmkitError):
    """Something failed that should not have; a traceback was written to a file."""

    code = "CK999"
    summary = _("Something unexpected went wrong.")


def all_errors() -> list[type[CrmkitError]]:
    """Return every class of the tree in the order of their codes."""
    found: list[type[CrmkitError]] = []
    pending: list[type[CrmkitError]] = [CrmkitError]
    while pending:
        cls = pending.pop()
        if cls.__module__ == __name__:
            found.append(cls)
            pending.extend(cls.__subclasses__())
    return sorted(set(found), key=lambda cls: cls.code)
