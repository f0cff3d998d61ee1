"""Who else on the machine can read or change an installation's files. Must not open any of them, nor know the database.

A file is closed when it is closed itself or lies in a folder that is: its own, or the home.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from crmkit.hooks.contributions import Finding
from crmkit.i18n import texts
from crmkit.profile import holds_secrets, settings_file
from crmkit.settings import Settings

_ = texts("crmkit")

BACKUPS = "backups"
"""The folder of the home that backups are made in unless another one is named."""
BESIDE = ("", "-wal", "-shm", "-journal")
"""What the names of SQLite's files end with."""
_OTHERS = 0o077
_OTHERS_CHANGE = 0o022


def examine_files(settings: Settings) -> Iterator[Finding]:
    """Look at the home, the settings, the data, the database's files, the attachments, the backups and the keys."""
    home = settings.home
    if home is not None and home.is_dir():
        yield from _open(home)
    yield from _settings(settings)
    for path in (settings.data, settings.files, None if home is None else home / BACKUPS, *_database(settings)):
        if path is not None and path.exists() and not _is_shut(path, home):
            yield from _open(path)
    yield from _keys(settings)


def _settings(settings: Settings) -> Iterator[Finding]:
    path = settings_file(settings)
    if path is None or _is_shut(path, settings.home):
        return
    if holds_secrets(path):
        yield from _open(path)
    elif _mode(path) & _OTHERS_CHANGE:
        # Whoever can write the settings can name another database or another folder for the keys.
        yield from _open(path)


def _database(settings: Settings) -> list[Path]:
    file = settings.sqlite_file
    return [] if file is None else [file.with_name(file.name + end) for end in BESIDE]


def _keys(settings: Settings) -> Iterator[Finding]:
    keys = settings.with_keys(os.environ).keys
    if keys is None or not keys.is_dir():
        return
    # Keys are looked at one by one, wherever they are: the home may be shared some day, and then it is too late.
    for path in (keys, *sorted(keys.rglob("*"))):
        yield from _open(path)
    data = (settings.data, settings.files, None if settings.home is None else settings.home / BACKUPS)
    for folder in data:
        if folder is not None and keys.resolve().is_relative_to(folder.resolve()):
            yield Finding(
                level="error",
                code="keys.place",
                message=_("The keys in {keys} lie inside {folder}: whoever has a copy of that has the keys as well."),
                hint=_("Move them out, and set keys to where they are."),
                values={"keys": str(keys), "folder": str(folder)},
            )
            break


def _open(path: Path) -> Iterator[Finding]:
    mode = _mode(path)
    if mode & _OTHERS:
        yield Finding(
            level="error",
            code="files.mode",
            message=_("{path} can be read or changed by other users of this machine (mode {mode})."),
            hint=_("Run: chmod go= {path}"),
            values={"path": str(path), "mode": f"{mode:o}"},
        )


def _is_shut(path: Path, home: Path | None) -> bool:
    around = [path.parent]
    if home is not None and path != home and path.resolve().is_relative_to(home.resolve()):
        around.append(home)
    return any(not _mode(folder) & _OTHERS for folder in around)


def _mode(path: Path) -> int:
    # Elsewhere than on POSIX systems the bits say nothing of who may read.
    return stat.S_IMODE(path.stat().st_mode) if os.name == "posix" else 0
