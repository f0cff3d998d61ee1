"""Folders and archives as names with contents, read with care. Must not know what is in the files.

An archive is never unpacked: its files are read one by one, so no name in it can lead anywhere, and none is read
further than is allowed. What is linked from a folder is left out.
"""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from crmkit import texts
from crmkit_knowledge.articles.errors import problem
from crmkit_knowledge.exchange.words import LARGEST

_ = texts("crmkit_knowledge")

MOST = 200_000
"""Files of an archive or folder."""
LARGEST_IN_ALL = 4 << 30
"""Bytes of all files of an archive."""
SWELLS = 200
"""How many times larger than packed a file of an archive may be, from a megabyte on."""


class Files(Protocol):
    """Names, by slashes, with contents."""

    def names(self) -> list[str]:
        """Return the names in their order."""
        ...

    def read(self, name: str) -> bytes:
        """Return a content. Raises InvalidInput for one that is too large or cannot be read."""
        ...


class Folder:
    """The files of a folder and of those below it, without hidden ones and links."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        """Return the names in their order. Raises InvalidInput for too many."""
        found: list[str] = []
        for where, folders, files in os.walk(self._path):
            folders[:] = sorted(each for each in folders if not each.startswith("."))
            for name in files:
                path = Path(where, name)
                if not name.startswith(".") and stat.S_ISREG(path.lstat().st_mode):
                    found.append(path.relative_to(self._path).as_posix())
            if len(found) > MOST:
                raise problem("file", _("There are more than {most} files."), most=MOST)
        return sorted(found)

    def read(self, name: str) -> bytes:
        """Return a content. Raises InvalidInput for one that is too large or cannot be read."""
        try:
            with (self._path / name).open("rb") as file:
                return _limited(file.read(LARGEST + 1))
        except OSError:
            raise problem("file", _("This file cannot be read.")) from None


class Archive:
    """The files of a ZIP archive. Raises InvalidInput for one that is none, or would be too much."""

    def __init__(self, zipped: zipfile.ZipFile) -> None:
        self._zip = zipped
        infos = [each for each in zipped.infolist() if not each.is_dir()]
        if len(infos) > MOST:
            raise problem("file", _("There are more than {most} files."), most=MOST)
        if sum(each.file_size for each in infos) > LARGEST_IN_ALL:
            raise problem("file", _("The archive would be larger than {most} GB."), most=LARGEST_IN_ALL >> 30)
        for each in infos:
            if each.file_size > 1 << 20 and each.file_size > SWELLS * max(each.compress_size, 1):
                raise problem(
                    "file", _('"{name}" in the archive is packed too tightly to be true.'), name=each.filename
                )
        self._infos = {each.filename: each for each in infos if _inside(each)}

    def names(self) -> list[str]:
        """Return the names in their order, without those that lead out of the archive, links and hidden ones."""
        return sorted(self._infos)

    def read(self, name: str) -> bytes:
        """Return a content. Raises InvalidInput for one that is too large or cannot be read."""
        try:
            with self._zip.open(self._infos[name]) as file:
                return _limited(file.read(LARGEST + 1))
        except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError):
            raise problem("file", _("This file cannot be read.")) from None


@contextmanager
def opened(path: Path) -> Iterator[Files]:
    """Open a folder or a ZIP archive. Raises InvalidInput for an archive that is none, or would be too much."""
    if path.is_dir():
        yield Folder(path)
        return
    try:
        zipped = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, NotImplementedError):
        raise problem("file", _("This is no ZIP archive.")) from None
    with zipped:
        yield Archive(zipped)


def _inside(info: zipfile.ZipInfo) -> bool:
    name = info.filename
    parts = name.split("/")
    linked = stat.S_ISLNK(info.external_attr >> 16)
    strange = name.startswith("/") or "\\" in name or ":" in parts[0] or any(each in ("..", ".", "") for each in parts)
    hidden = any(each.startswith(".") for each in parts) or parts[0] == "__MACOSX"
    return not (linked or strange or hidden)


def _limited(content: bytes) -> bytes:
    if len(content) > LARGEST:
        raise problem("file", _("A file has at most {limit} MB."), limit=LARGEST >> 20)
    return content
