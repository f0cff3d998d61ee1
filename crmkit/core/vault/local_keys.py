"""Root keys that are read into this process, and the usual way to keep them: files that are closed to everybody else.

Must not know the database, nor which other ways there are.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import re
import stat
import threading
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from crmkit.core.vault import envelope
from crmkit.errors import KeyMissing, KeyUnsafe, WrongKey
from crmkit.i18n import texts

_ = texts("crmkit")

_FILE = re.compile(r"root-(\d{4,})\.key")
_NUMBER = re.compile(r"root-(\d{4,})")
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


class LocalKeys:
    """Root keys that are read into this process, which wraps and unwraps under them by itself."""

    kind = ""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def read(self, name: str) -> bytes:
        """Read a root key from where it is kept. Raises KeyMissing and KeyUnsafe."""
        raise KeyMissing(name=name)

    def export(self, name: str) -> bytes:
        """Return a root key. Raises KeyMissing and KeyUnsafe."""
        with self._lock:
            key = self._known.get(name)
            if key is None:
                key = self._known[name] = self.read(name)
        return key

    def wrap(self, name: str, keys: Sequence[tuple[bytes, bytes]]) -> Sequence[bytes]:
        """Return keys, given as (key, context), wrapped under a root key. Raises KeyMissing and KeyUnsafe."""
        return envelope.wrap(self.export(name), keys)

    def unwrap(self, name: str, wrapped: Sequence[tuple[bytes, bytes]]) -> Sequence[bytes]:
        """Return keys that were wrapped, given as (wrapped, context). Raises KeyMissing, KeyUnsafe and WrongKey."""
        return envelope.unwrap(self.export(name), wrapped)

    def forget(self, name: str) -> None:
        """Drop a root key from memory."""
        with self._lock:
            self._known.pop(name, None)


class FileKeys(LocalKeys):
    """One file for each root key, 32 bytes in base64, in a folder that is closed to everybody else."""

    kind = "file"

    def __init__(self, folder: Path, *, data: Path | None = None) -> None:
        super().__init__()
        self._folder = folder
        self._data = data

    def names(self) -> Sequence[str]:
        """Return the names of the files. Raises KeyUnsafe when folder or files are not closed."""
        if not self._folder.is_dir():
            return []
        self._check_folder()
        with self._reading():
            found = sorted(
                (int(match[1]), path.stem) for path in self._folder.iterdir() if (match := _FILE.fullmatch(path.name))
            )
        return [name for _number, name in found]

    def create(self, used: Collection[str]) -> str:
        """Make a key in a file of its own, complete before it appears under its name."""
        self._make_folder()
        number = 1 + max((number_of(name) for name in (*self.names(), *used)), default=0)
        while True:
            name = f"root-{number:04d}"
            if self._write(name, envelope.new_key()):
                return name
            number += 1

    def restore(self, name: str, key: bytes) -> bool:
        """Write a key of a backup, unless it is there. Raises WrongKey when another one has its name."""
        if not _NUMBER.fullmatch(name):
            raise KeyMissing(_("{name} cannot be the name of a key file."), name=name)
        self._make_folder()
        if self._write(name, key):
            return True
        if self.export(name) != key:
            raise WrongKey(_("{path} holds another key."), path=self._path(name))
        return False

    def read(self, name: str) -> bytes:
        """Read a file. Raises KeyMissing when it is not there, KeyUnsafe when others could read it, WrongKey when it
        holds no key."""
        path = self._path(name)
        self._check_folder()
        try:
            with open(os.open(path, os.O_RDONLY | _NO_LINK), "rb") as file:
                status = os.fstat(file.fileno())
                if os.name == "posix" and (stat.S_IMODE(status.st_mode) & 0o077 or status.st_uid != os.geteuid()):
                    raise KeyUnsafe(
                        _("Others than its owner may read {path}, or it belongs to somebody else."),
                        fix=_("Close it: chmod 600 {path}. If others could have read it, run: crmkit key rotate"),
                        path=path,
                    )
                text = file.read(1000)
        except FileNotFoundError as error:
            raise KeyMissing(
                _("The key file {path} is missing."),
                fix=_("Put it back from your copy of the keys: crmkit key restore FILE. Without it, nothing can read"
                      " what is sealed under it."),
                path=path,
            ) from error  # fmt: skip
        except OSError as error:
            raise KeyUnsafe(_("{path} cannot be read: {reason}."), path=path, reason=error.strerror) from error
        return decoded(text, str(path))

    def destroy(self, name: str) -> None:
        """Overwrite and remove a file."""
        path = self._path(name)
        self.forget(name)
        with contextlib.suppress(FileNotFoundError), self._reading():
            with open(os.open(path, os.O_WRONLY | _NO_LINK), "wb", buffering=0) as file:
                file.write(b"\0" * max(1, path.stat().st_size))
                os.fsync(file.fileno())
            path.unlink()

    def _path(self, name: str) -> Path:
        if not _NUMBER.fullmatch(name):
            raise KeyMissing(_("{name} cannot be the name of a key file."), name=name)
        return self._folder / f"{name}.key"

    def _write(self, name: str, key: bytes) -> bool:
        path = self._path(name)
        temporary = path.with_name(f".{name}-{os.getpid()}-{threading.get_ident()}")
        with self._reading():
            try:
                with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(base64.b64encode(key) + b"\n")
                    file.flush()
                    os.fsync(file.fileno())
                try:
                    # A link appears whole, and never over a key that is there.
                    os.link(temporary, path)
                except FileExistsError:
                    return False
            finally:
                temporary.unlink(missing_ok=True)
            if os.name == "posix":
                handle = os.open(self._folder, os.O_RDONLY)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
        return True

    def _make_folder(self) -> None:
        with self._reading():
            if not self._folder.is_dir():
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._folder.chmod(0o700)
        self._check_folder()

    def _check_folder(self) -> None:
        folder = self._folder
        if self._data is not None and folder.resolve().is_relative_to(self._data.resolve()):
            raise KeyUnsafe(
                _("The folder of the keys, {folder}, is inside the data, and backups would take it along."),
                fix=_("Move it out, and set keys to where it is."),
                folder=folder,
            )
        if os.name == "posix" and folder.is_dir() and stat.S_IMODE(folder.stat().st_mode) & 0o077:
            raise KeyUnsafe(
                _("Others than its owner may look into the folder of the keys, {folder}."),
                fix=_("Close it: chmod 700 {folder}"),
                folder=folder,
            )

    @contextlib.contextmanager
    def _reading(self) -> Any:
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            raise KeyUnsafe(
                _("The folder of the keys, {folder}, cannot be used: {reason}."),
                folder=self._folder,
                reason=error.strerror,
            ) from error


def decoded(text: bytes, where: str) -> bytes:
    """Return the key that a text in base64 stands for. Raises WrongKey when it is none; the text is not repeated."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != envelope.KEY:
        raise WrongKey(_("{where} does not hold a key: 32 bytes in base64."), where=where)
    return key


def number_of(name: str) -> int:
    """Return the number in a name such as ``root-0002``, or 0 where there is none."""
    match = _NUMBER.fullmatch(name)
    return int(match[1]) if match else 0
