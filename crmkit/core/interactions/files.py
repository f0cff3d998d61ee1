"""Where the bytes of attachments are kept: a folder, or what a plugin offers in its place.

Names are made up here; nothing that a person typed is ever part of a path. Must not know sessions or tables.
"""

from __future__ import annotations

import os
import re
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable
from urllib.parse import quote

from crmkit.errors import ConfigurationError, NotFound, StoreError
from crmkit.i18n import texts
from crmkit.private import make_private_folder

if TYPE_CHECKING:
    from crmkit.hooks.dispatch import Dispatcher
    from crmkit.hooks.ports import FileStore
    from crmkit.settings import Settings

_ = texts("crmkit")

_KEY = re.compile(r"[A-Za-z0-9-]{1,100}(?:/[A-Za-z0-9-]{1,100}){0,4}")
_TEMPORARY = ".new-"
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)")
NAME = 180
"""Most bytes of a file name in UTF-8."""


@runtime_checkable
class Listing(Protocol):
    """A file store that can say what it holds, so that what nothing refers to can be found."""

    def stored(self) -> Iterator[tuple[str, datetime]]:
        """Return each key with the instant (UTC) at which its content was stored."""
        ...


def new_key() -> str:
    """Return a new key that cannot be guessed, spread over two levels of folders."""
    name = secrets.token_hex(20)
    return f"{name[:2]}/{name[2:4]}/{name}"


def open_store(dispatcher: Dispatcher, settings: Settings) -> FileStore:
    """Return the file store: the first that a plugin offers, or the folder of the settings.

    Raises ConfigurationError where there is neither.
    """
    answer = dispatcher.first("crmkit_file_store", settings=settings)
    if answer is not None:
        return cast("FileStore", answer.value)
    if settings.files is None:
        raise ConfigurationError(
            _("No folder is named in which files can be kept."), fix=_("Set files, or open an installation's folder.")
        )
    return FolderStore(settings.files)


class FolderStore:
    """Keeps files in a folder that belongs to crmkit alone.

    A file appears under its name only when it is complete and on the disk.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, content: bytes) -> None:
        """Store the content durably before returning. Raises StoreError when the disk refuses."""
        path = self._path(key)
        temporary = path.with_name(f"{_TEMPORARY}{secrets.token_hex(8)}")
        try:
            make_private_folder(path.parent)
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            _sync_folder(path.parent)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise StoreError(_("The file cannot be stored: {reason}."), reason=error.strerror or "") from error

    def get(self, key: str) -> bytes:
        """Return the content. Raises NotFound when there is none."""
        try:
            return self._path(key).read_bytes()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NotFound(_("The content of this file is missing.")) from error

    def delete(self, key: str) -> None:
        """Remove the content; nothing happens when there is none."""
        self._path(key).unlink(missing_ok=True)

    def stored(self) -> Iterator[tuple[str, datetime]]:
        """Return each key with the instant (UTC) at which its content was stored; unfinished files have one too."""
        for folder, _folders, names in os.walk(self._root):
            for name in sorted(names):
                path = Path(folder, name)
                try:
                    since = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                except FileNotFoundError:
                    continue
                if name.startswith(_TEMPORARY):
                    if (datetime.now(UTC) - since).days >= 1:
                        path.unlink(missing_ok=True)
                    continue
                yield path.relative_to(self._root).as_posix(), since

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise NotFound(_("The content of this file is missing."))
        return self._root.joinpath(*key.split("/"))


def _sync_folder(folder: Path) -> None:
    """Make a new name survive a power cut; systems that cannot open a folder do so by themselves."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def safe_filename(name: str) -> str:
    """Return a file name that is harmless in a header, on a disk and to the eye: the last part of a path, without
    control characters, marks that turn the direction of writing, and what systems reserve."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(char for char in plain if unicodedata.category(char)[0] != "C" and char not in '<>:"|?*;%')
    kept = " ".join(kept.split()).strip(". ")
    if plain.lstrip().startswith(".") and "." not in kept:
        kept = f"file.{kept}" if kept else "file"
    if not kept or _RESERVED.match(kept):
        kept = f"file-{kept}" if kept else "file"
    stem, dot, extension = kept.rpartition(".")
    if not dot:
        stem, extension = kept, ""
    room = NAME - len((dot + extension).encode())
    return stem.encode()[: max(room, 1)].decode(errors="ignore").rstrip() + dot + extension


def disposition(filename: str) -> str:
    """Return the ``Content-Disposition`` under which a browser saves a file and never shows it (RFC 6266)."""
    safe = safe_filename(filename)
    plain = "".join(char if " " <= char <= "~" and char not in '"\\' else "_" for char in safe)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"
