"""Where root keys are kept: files of the owner's alone, the environment, or the operating system's key ring.

A plugin can offer another keeper by ``crmkit_key_provider``. Must not know the database.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from crmkit.core.vault import envelope
from crmkit.core.vault.local_keys import FileKeys, LocalKeys, decoded, number_of
from crmkit.errors import ConfigurationError, KeyMissing, MissingExtra, VaultError, WrongKey
from crmkit.i18n import texts

if TYPE_CHECKING:
    from crmkit.hooks.dispatch import Dispatcher
    from crmkit.hooks.ports import KeyProvider
    from crmkit.settings import Settings

_ = texts("crmkit")

KINDS = ("file", "environment", "keyring")
VARIABLE = "CRMKIT_ROOT_KEY_"


class Providers:
    """What keeps the root keys of one CRM: one that makes new keys, and those that keep the earlier ones."""

    def __init__(
        self, dispatcher: Dispatcher, settings: Settings, later: Callable[[], Iterable[KeyProvider]] = tuple
    ) -> None:
        self._dispatcher = dispatcher
        self._settings = settings
        self._later = later
        self._known: dict[str, KeyProvider] = {}

    @property
    def current(self) -> KeyProvider:
        """Return what new root keys are made in: what a plugin offers, or what the settings name."""
        answer = self._dispatcher.first("crmkit_key_provider", settings=self._settings)
        if answer is None:
            return self._own(self._settings.key_provider)
        offered: KeyProvider = answer.value
        return self._known.setdefault(offered.kind, offered)

    def of(self, kind: str) -> KeyProvider:
        """Return what keeps root keys of a kind. Raises KeyMissing when nothing does.

        Keys are needed before plugins are loaded, as when a database is upgraded: ``later`` gives what the enabled
        plugins offer that are not loaded yet.
        """
        known = self._known.get(kind)
        if known is not None:
            return known
        if kind in KINDS:
            return self._own(kind)
        for offered in (self.current, *self._later()):
            if offered.kind == kind:
                return self._known.setdefault(kind, offered)
        raise KeyMissing(
            _('Keys of this database are kept in "{kind}", which no enabled plugin knows.'),
            fix=_("Enable the plugin that keeps them."),
            kind=kind,
        )

    def _own(self, kind: str) -> KeyProvider:
        known = self._known.get(kind)
        return known if known is not None else self._known.setdefault(kind, open_keys(self._settings, kind))


def open_keys(settings: Settings, kind: str) -> KeyProvider:
    """Return what keeps root keys of one of crmkit's own kinds.

    Raises ConfigurationError when no place is named, MissingExtra when the library for it is not installed.
    """
    if kind == "environment":
        return EnvironmentKeys()
    if kind == "keyring":
        return KeyringKeys(settings)
    folder = settings.with_keys(os.environ).keys
    if folder is None:
        raise ConfigurationError(
            _("No folder is named in which the keys can be kept."),
            fix=_("Set keys (CRMKIT_KEYS) to a folder outside the data, or key_provider to environment."),
        )
    return FileKeys(folder, data=settings.data)


class EnvironmentKeys(LocalKeys):
    """Root keys in the variables ``CRMKIT_ROOT_KEY_1``, ``CRMKIT_ROOT_KEY_2`` …: 32 bytes in base64."""

    kind = "environment"

    def names(self) -> Sequence[str]:
        """Return the numbers of the variables that are set."""
        numbers = [name.removeprefix(VARIABLE) for name in os.environ if name.startswith(VARIABLE)]
        return sorted((number for number in numbers if number.isdecimal()), key=int)

    def create(self, used: Collection[str]) -> str:
        """Return the first variable that is set and not used yet. Raises KeyMissing when there is none."""
        highest = max((int(name) for name in used if name.isdecimal()), default=0)
        for name in self.names():
            if int(name) > highest:
                self.read(name)
                return name
        raise KeyMissing(
            _("The variable {variable} is not set."),
            fix=_("Set it, for every process, to what this prints: openssl rand -base64 32"),
            variable=f"{VARIABLE}{highest + 1}",
        )

    def read(self, name: str) -> bytes:
        """Read a variable. Raises KeyMissing when it is not set, WrongKey when it holds no key."""
        text = os.environ.get(f"{VARIABLE}{name}")
        if not text:
            raise KeyMissing(
                _("The variable {variable} is not set."),
                fix=_("Set it to the key that this database was written with."),
                variable=f"{VARIABLE}{name}",
            )
        return decoded(text.encode(), f"{VARIABLE}{name}")

    def restore(self, name: str, key: bytes) -> bool:
        """Compare a key of a backup with the variable. Raises KeyMissing, as nothing can be set from here, and
        WrongKey when it is another."""
        if self.read(name) != key:
            raise WrongKey(_("{path} holds another key."), path=f"{VARIABLE}{name}")
        return False

    def destroy(self, name: str) -> None:
        """Raise VaultError while the variable is set: only whoever sets it can remove it."""
        if os.environ.get(f"{VARIABLE}{name}"):
            raise VaultError(
                _("The variable {variable} cannot be removed from here."),
                fix=_("Remove it where it is set, for every process."),
                variable=f"{VARIABLE}{name}",
            )


class KeyringKeys(LocalKeys):
    """Root keys in the key ring of the operating system, by the library ``keyring``."""

    kind = "keyring"

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        try:
            self._library: Any = import_module("keyring")
        except ImportError as error:
            raise MissingExtra(
                _("The library for the key ring of the operating system is not installed."),
                fix=_("Install crmkit[keyring]."),
            ) from error
        place = settings.home or settings.sqlite_file
        self._service = f"crmkit {place or settings.database.rpartition('@')[2]}"

    def names(self) -> Sequence[str]:
        """Return the names of the root keys; a key ring cannot be listed, so they are asked for one by one."""
        found: list[str] = []
        number = missing = 0
        while missing < 3:
            number += 1
            name = f"root-{number:04d}"
            if self._get(name) is None:
                missing += 1
            else:
                found.append(name)
                missing = 0
        return found

    def create(self, used: Collection[str]) -> str:
        """Make a key in the key ring."""
        name = f"root-{1 + max((number_of(name) for name in (*self.names(), *used)), default=0):04d}"
        self._set(name, envelope.new_key())
        return name

    def read(self, name: str) -> bytes:
        """Read a key from the key ring. Raises KeyMissing and WrongKey."""
        text = self._get(name)
        if text is None:
            raise KeyMissing(
                _("The key {name} is not in the key ring of the operating system."),
                fix=_("Put it back from your copy of the keys: crmkit key restore FILE"),
                name=name,
            )
        return decoded(text.encode(), name)

    def restore(self, name: str, key: bytes) -> bool:
        """Keep a key of a backup, unless it is there. Raises WrongKey when another one has its name."""
        if self._get(name) is None:
            self._set(name, key)
            return True
        if self.export(name) != key:
            raise WrongKey(_("{path} holds another key."), path=name)
        return False

    def destroy(self, name: str) -> None:
        """Remove a key from the key ring."""
        self.forget(name)
        if self._get(name) is not None:
            self._ask(lambda: self._library.delete_password(self._service, name))

    def _get(self, name: str) -> str | None:
        return cast("str | None", self._ask(lambda: self._library.get_password(self._service, name)))

    def _set(self, name: str, key: bytes) -> None:
        self._ask(lambda: self._library.set_password(self._service, name, base64.b64encode(key).decode()))

    def _ask(self, call: Any) -> Any:
        try:
            return call()
        except self._library.errors.KeyringError as error:
            raise VaultError(
                _("The key ring of the operating system cannot be used: {reason}."),
                fix=_("Unlock it, or set key_provider to file."),
                reason=error,
            ) from error
