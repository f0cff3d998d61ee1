"""Where root keys are kept: files, the environment, the key ring of the system, and what a plugin offers."""

from __future__ import annotations

import base64
import os
import stat
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crmkit import CRM, Settings
from crmkit.core.vault.local_keys import FileKeys, LocalKeys, decoded
from crmkit.core.vault.providers import EnvironmentKeys, KeyringKeys, Providers
from crmkit.errors import (
    ConfigurationError,
    KeyMissing,
    KeyUnsafe,
    MissingExtra,
    VaultError,
    WrongKey,
)
from crmkit.hooks.dispatch import Dispatcher
from tests.security.sealing_support import SYSTEM, item, opened, seal

KEY = base64.b64encode(bytes(range(32))).decode()


Ring = dict[tuple[str, str], str]
"""What a key ring keeps, by service and name."""


@pytest.fixture
def ring() -> Iterator[Ring]:
    """The library with a key ring of this test as its back end."""
    import keyring
    from keyring.backend import KeyringBackend

    kept: Ring = {}

    class Backend(KeyringBackend):
        priority = 1  # type: ignore[assignment]

        def get_password(self, service: str, username: str) -> str | None:
            return kept.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            kept[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del kept[service, username]

    before = keyring.get_keyring()
    keyring.set_keyring(Backend())
    yield kept
    keyring.set_keyring(before)


def files(folder: Path) -> LocalKeys:
    """Return a keeper of files."""
    return FileKeys(folder / "keys")


def variables(folder: Path) -> LocalKeys:
    """Return a keeper in the environment."""
    return EnvironmentKeys()


def keyrings(folder: Path) -> LocalKeys:
    """Return a keeper in the key ring."""
    return KeyringKeys(Settings(database="sqlite:///shop.db", home=folder))


@pytest.mark.parametrize("make", [files, variables, keyrings])
def test_a_key_is_made_and_wraps(
    make: Callable[[Path], LocalKeys], tmp_path: Path, ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each keeper makes keys of different names; what is wrapped under one comes back in its context alone, also by
    another instance; a destroyed key is missing."""
    monkeypatch.setenv("CRMKIT_ROOT_KEY_1", KEY)
    monkeypatch.setenv("CRMKIT_ROOT_KEY_2", base64.b64encode(os.urandom(32)).decode())
    keeper = make(tmp_path)
    first = keeper.create(())  # type: ignore[attr-defined]
    second = keeper.create((first,))  # type: ignore[attr-defined]
    wrapped = keeper.wrap(first, [(b"a" * 32, b"one"), (b"b" * 32, b"two")])
    again = make(tmp_path)
    assert again.names() == [first, second]  # type: ignore[attr-defined]
    assert again.unwrap(first, list(zip(wrapped, (b"one", b"two"), strict=True))) == [b"a" * 32, b"b" * 32]
    for name, data, context in ((second, wrapped[0], b"one"), (first, wrapped[0], b"two"), (first, b"x", b"one")):
        with pytest.raises(WrongKey):
            again.unwrap(name, [(data, context)])
    monkeypatch.delenv("CRMKIT_ROOT_KEY_1")
    make(tmp_path).destroy(first)  # type: ignore[attr-defined]
    with pytest.raises(KeyMissing):
        make(tmp_path).unwrap(first, [(wrapped[0], b"one")])


def test_files_are_closed_to_others(tmp_path: Path) -> None:
    """The folder has mode 0700, each file 0600, and nothing else is left there."""
    keeper = FileKeys(tmp_path / "some" / "keys")
    keeper.create(())
    folder = tmp_path / "some" / "keys"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert (stat.S_IMODE(folder.stat().st_mode), modes) == (0o700, {"root-0001.key": 0o600})


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o700 | 0o007])
def test_a_file_that_others_could_read_is_refused(tmp_path: Path, mode: int) -> None:
    """Whoever may read or write it beside its owner: the message says how to close it."""
    keeper = FileKeys(tmp_path / "keys")
    name = keeper.create(())
    (tmp_path / "keys" / f"{name}.key").chmod(mode)
    with pytest.raises(KeyUnsafe, match="chmod 600"):
        keeper.export(name)


def test_a_folder_that_others_could_enter_is_refused(tmp_path: Path) -> None:
    """The message says how to close it."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys").chmod(0o750)
    with pytest.raises(KeyUnsafe, match="chmod 700"):
        FileKeys(tmp_path / "keys").names()


def test_a_folder_inside_the_data_is_refused(tmp_path: Path) -> None:
    """Also by way of a link: a backup of the data would take the keys along."""
    (tmp_path / "data" / "keys").mkdir(parents=True, mode=0o700)
    (tmp_path / "keys").symlink_to(tmp_path / "data" / "keys")
    for folder in (tmp_path / "data" / "keys", tmp_path / "keys"):
        with pytest.raises(KeyUnsafe):
            FileKeys(folder, data=tmp_path / "data").create(())


def test_a_link_is_no_key_file(tmp_path: Path) -> None:
    """A file that is elsewhere is not read."""
    keeper = FileKeys(tmp_path / "keys")
    name = keeper.create(())
    path = tmp_path / "keys" / f"{name}.key"
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyUnsafe):
        FileKeys(tmp_path / "keys").export(name)


def test_a_name_cannot_lead_elsewhere(tmp_path: Path) -> None:
    """Names that no key file has are missing keys."""
    for name in ("../root-0001", "root-0001.key", "", "root-1/2"):
        with pytest.raises(KeyMissing):
            FileKeys(tmp_path).export(name)


@pytest.mark.parametrize("text", ["", "no base64!", base64.b64encode(b"short").decode(), KEY + KEY])
def test_what_is_no_key_is_refused_without_being_shown(text: str) -> None:
    """The message names the place and not the text."""
    with pytest.raises(WrongKey) as caught:
        decoded(text.encode(), "the place")
    assert ("the place" in str(caught.value), bool(text) and text in str(caught.value)) == (True, False)


def test_a_key_of_the_environment_has_to_be_put_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the variable the message says which one to set, and how to make its value."""
    monkeypatch.setenv("CRMKIT_ROOT_KEY_1", KEY)
    with pytest.raises(KeyMissing, match=r"CRMKIT_ROOT_KEY_2.*openssl"):
        EnvironmentKeys().create(("1",))
    with pytest.raises(VaultError, match="CRMKIT_ROOT_KEY_1"):
        EnvironmentKeys().destroy("1")


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the library for key rings the message says what to install."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(MissingExtra, match=r"crmkit\[keyring\]"):
        keyrings(tmp_path)


def test_a_key_ring_that_is_locked_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the library raises becomes an error that says what to do."""
    import keyring

    def locked(*_arguments: object) -> str:
        raise keyring.errors.KeyringLocked("locked")

    monkeypatch.setattr(keyring, "get_password", locked)
    with pytest.raises(VaultError, match="Unlock"):
        keyrings(tmp_path).names()  # type: ignore[attr-defined]


def test_a_database_without_a_place_for_keys_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """For PostgreSQL without a home the message says what to set; an SQLite file has a folder beside it."""
    monkeypatch.delenv("CRMKIT_KEYS")
    with pytest.raises(ConfigurationError, match="CRMKIT_KEYS"):
        Providers(Dispatcher(), Settings(database="postgresql://somewhere/x")).of("file")
    assert str(Settings.from_mapping({"database": "sqlite:////srv/shop.db"}).keys) == "/srv/shop.db-keys"


# --- a database and its keys ------------------------------------------------------------------------------------------


@pytest.fixture
def alone(tmp_path: Path) -> Settings:
    """An initialised database with keys of its own."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'own.db'}", keys=tmp_path / "own-keys")
    CRM.init(settings).close()
    return settings


def test_lost_keys_are_not_made_anew(alone: Settings) -> None:
    """Without its key folder a database says what to restore; opening or setting it up again makes no key."""
    assert alone.keys is not None
    alone.keys.rename(alone.keys.with_name("away"))
    for opening in (CRM.open, CRM.init):
        with pytest.raises(KeyMissing, match="key restore"), opening(alone) as crm:
            crm.run(SYSTEM, "customer.create", {"name": "Ann", "email": "ann@example.com"})
    assert not alone.keys.exists() or list(alone.keys.iterdir()) == []


def test_another_key_of_the_same_name_is_told(alone: Settings, tmp_path: Path) -> None:
    """A database with the keys of another one says so, instead of that something was altered."""
    assert alone.keys is not None
    other = FileKeys(tmp_path / "other")
    other.create(())
    (tmp_path / "other" / "root-0001.key").replace(alone.keys / "root-0001.key")
    with pytest.raises(WrongKey, match="root-0001"), CRM.open(alone) as crm:
        seal(crm, [item(b"x")])


def test_two_that_set_up_at_once_make_one_key(tmp_path: Path) -> None:
    """Establishing again changes nothing: neither the installation's id nor its keys."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'own.db'}", keys=tmp_path / "own-keys")
    with CRM.init(settings) as crm:
        before = crm.vault.instance_id
        crm.vault.establish()
        assert crm.vault.instance_id == before
    assert settings.keys is not None
    assert [path.name for path in settings.keys.iterdir()] == ["root-0001.key"]


def test_keys_move_to_another_keeper_by_a_rotation(
    alone: Settings, ring: Ring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With another key_provider earlier keys are still found where they are, and the next root key is made there."""
    from attrs import evolve

    from crmkit.security.keys.rotating import rotate_root

    with CRM.open(alone) as crm:
        (before,) = seal(crm, [item(b"before")])
    with CRM.open(evolve(alone, key_provider="keyring")) as crm:
        assert opened(crm, [before]) == [b"before"]
        rotate_root(crm, SYSTEM)
        assert [kept.partition(" ")[0] for kept, _name in ring] == ["crmkit"]
        crm.run(SYSTEM, "key.retire", {"number": 1, "destroy": True})
    assert alone.keys is not None
    assert list(alone.keys.iterdir()) == []
    with CRM.open(evolve(alone, key_provider="keyring")) as crm:
        assert opened(crm, [before]) == [b"before"]


def test_a_plugin_keeps_the_keys(alone: Settings) -> None:
    """What a plugin offers makes the next root key; without the plugin the message says that it is needed."""

    class Kept(FileKeys):
        kind = "elsewhere"

    assert alone.keys is not None
    keeper = Kept(alone.keys.with_name("elsewhere"))
    plugin = types.ModuleType("keeping")

    from crmkit.hooks import hookimpl

    def crmkit_key_provider(settings: Settings) -> Kept:
        return keeper

    plugin.crmkit_key_provider = hookimpl(crmkit_key_provider)  # type: ignore[attr-defined]
    from crmkit.security.keys.rotating import rotate_root

    with CRM.open(alone) as crm:
        crm.dispatcher.add_plugin("keeping", plugin)
        rotate_root(crm, SYSTEM)
        (sealed,) = seal(crm, [item(b"value")])
        assert opened(crm, [sealed]) == [b"value"]
    with CRM.open(alone) as crm, pytest.raises(KeyMissing, match="elsewhere"):
        seal(crm, [item(b"x")])


def test_keys_of_a_plugin_are_found_before_plugins_are_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database whose keys a plugin keeps is opened and upgraded: both write before plugins are loaded."""
    monkeypatch.syspath_prepend(Path(__file__).resolve().parents[3] / "examples" / "crmkit-warranty")
    from crmkit_warranty.manifest import MANIFEST

    from crmkit.security.keys.rotating import rotate_root

    settings = Settings(
        database=f"sqlite:///{tmp_path / 'own.db'}",
        keys=tmp_path / "own-keys",
        options={"warranty": {"keys": str(tmp_path / "kept")}},
    )
    with CRM.init(settings, plugins=[MANIFEST]) as crm:
        crm.enable("warranty")
        rotate_root(crm, SYSTEM)
        crm.run(SYSTEM, "key.retire", {"number": 1, "destroy": True})
        (sealed,) = seal(crm, [item(b"value")])
    assert CRM.upgrade(settings, plugins=[MANIFEST]).plugins == ()
    with CRM.open(settings, plugins=[MANIFEST]) as crm:
        assert opened(crm, [sealed]) == [b"value"]
    assert [path.suffix for path in (tmp_path / "kept").iterdir()] == [".key"]
