"""The bytes of a file that is to be read, and their lines: from a path or standard input, unpacked and decoded.

Must not know cells or formats. A file is opened any number of times; standard input and pipes are copied first, to a
temporary file without a name, which nobody else can open and which is gone with the process, however that ends. Memory
stays flat: one block and one line, and a line has a bound.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import os
import re
import shutil
import stat
import sys
import tempfile
import weakref
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from crmkit.errors import UnreadableFile
from crmkit.exchange.encodings import Detected, TextDecoder, undecoded
from crmkit.i18n import texts

_ = texts("crmkit")

MAX_LINE = 4 << 20
"""Characters that a line may have; the rest of a longer one is passed over and its row refused."""

STANDARD_INPUT = "standard-input"
"""What standard input is called where a file's name is wanted."""

_BLOCK = 1 << 16
_CAREFUL = re.compile("['\0\udc00-\udcff]")


class Kept:
    """The bytes of a stream that can be read only once, to be read any number of times."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.name = name
        self._file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        shutil.copyfileobj(stream, self._file)
        self._file.flush()

    @classmethod
    def standard_input(cls) -> Kept:
        """Read standard input to its end."""
        return cls(sys.stdin.buffer, STANDARD_INPUT)

    @classmethod
    def pipe(cls, path: Path) -> Kept:
        """Read a named pipe to its end."""
        with path.open("rb") as stream:
            return cls(stream, path.name)

    def open(self) -> BinaryIO:
        """Return a new stream of the bytes. Streams may be read in turn, not by several threads."""
        return cast(BinaryIO, io.BufferedReader(_Shared(self._file), _BLOCK))

    def close(self) -> None:
        """Let go of the bytes."""
        self._file.close()


class Source:
    """A file's bytes: opened any number of times, unpacked on the way, with the position in the stored file."""

    def __init__(self, path: str | os.PathLike[str] | Kept) -> None:
        self._kept: Kept | None = path if isinstance(path, Kept) else None
        self._own: Kept | None = None
        self._raw: BinaryIO | None = None
        self._adopted: list[BinaryIO] = []
        if isinstance(path, Kept):
            self.name = path.name
        elif str(path) == "-":
            self.name = "-"
            self._own = self._kept = Kept.standard_input()
        else:
            self.name = Path(path).name or str(path)
            self._path = Path(path)
            self._inspect()
        with self._open_stored() as stored:
            magic = stored.read(6)
        self.compression = "gz" if magic[:2] == b"\x1f\x8b" else "xz" if magic == b"\xfd7zXZ\0" else ""

    def _inspect(self) -> None:
        try:
            mode = self._path.stat().st_mode
            if stat.S_ISDIR(mode):
                raise UnreadableFile(_('"{file}" is a folder.'), fix=_("Name a file in it."), file=self.name)
            if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
                self._own = self._kept = Kept.pipe(self._path)
            elif not stat.S_ISREG(mode):
                raise UnreadableFile(_('"{file}" is a device, not a file.'), fix=_("Name a file."), file=self.name)
            else:
                self._path.open("rb").close()
        except FileNotFoundError:
            raise UnreadableFile(
                _('There is no file "{file}".'), fix=_("Check its name and folder."), file=self.name
            ) from None
        except (OSError, ValueError) as error:
            raise UnreadableFile(
                _('"{file}" cannot be opened: {reason}.'),
                fix=_("Check its name and permissions."),
                file=self.name,
                reason=getattr(error, "strerror", None) or error,
            ) from None

    def _open_stored(self) -> BinaryIO:
        return self._path.open("rb") if self._kept is None else self._kept.open()

    @property
    def size(self) -> int:
        """Return the bytes of the stored file."""
        with self._open_stored() as stored:
            return stored.seek(0, io.SEEK_END)

    @property
    def position(self) -> int:
        """Return how far the stored file was read by the last stream that was opened; its size once that is closed."""
        if self._raw is None:
            return 0
        return self.size if self._raw.closed else self._raw.tell()

    def close(self) -> None:
        """Close what is open; a source that has copied standard input itself cannot be opened again."""
        for stream in (self._raw, self._own, *self._adopted):
            if stream is not None:
                stream.close()

    def adopt(self, stream: BinaryIO) -> None:
        """Have a stream closed together with this file."""
        self._adopted.append(stream)

    def digest(self) -> str:
        """Return the SHA-256 of the stored file, in hexadecimal."""
        with self._open_stored() as stored:
            return hashlib.file_digest(cast(Any, stored), "sha256").hexdigest()

    def open(self) -> BinaryIO:
        """Return a new stream of the unpacked bytes."""
        self._raw = self._open_stored()
        if not self.compression:
            return self._raw
        opened = gzip.GzipFile(fileobj=self._raw) if self.compression == "gz" else lzma.LZMAFile(self._raw)  # noqa: SIM115
        return cast(BinaryIO, _Unpacked(cast(BinaryIO, opened), self._raw, self.name))


class _Shared(io.RawIOBase):
    """One of several streams over the same open file, each with a place of its own."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._at = file, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at}.get(whence)
        self._at = offset + (self._file.seek(0, io.SEEK_END) if start is None else start)
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        self._file.seek(self._at)
        data = self._file.read(memoryview(buffer).nbytes)
        memoryview(buffer).cast("B")[: len(data)] = data
        self._at += len(data)
        return len(data)


class _Unpacked(io.BufferedIOBase):
    """An unpacking stream whose damage is an `UnreadableFile`."""

    def __init__(self, inner: BinaryIO, stored: BinaryIO, name: str) -> None:
        self._inner, self._stored, self._name = inner, stored, name

    def read(self, size: int | None = -1, /) -> bytes:
        return self._guard(lambda: self._inner.read(-1 if size is None else size))

    def readline(self, size: int | None = -1, /) -> bytes:
        return self._guard(lambda: self._inner.readline(-1 if size is None else size))

    def close(self) -> None:
        self._inner.close()
        self._stored.close()
        super().close()

    def _guard(self, read: Callable[[], bytes]) -> bytes:
        try:
            return read()
        except (OSError, EOFError, lzma.LZMAError, zlib.error):
            raise UnreadableFile(
                _('The compressed file "{file}" is damaged or was cut off.'),
                fix=_("Fetch it again."),
                file=self._name,
            ) from None


class Lines:
    """A file's lines with their ends, as text; ``careful`` is set by a line that holds something to look at."""

    def __init__(self, source: Source, encoding: Detected) -> None:
        self._source, self._encoding = source, encoding
        self.decoder = TextDecoder(encoding.encoding, start=encoding.mark)
        self.encoding = encoding.encoding
        self.careful = False
        self.cut = False

    def __iter__(self) -> Iterator[str]:
        with self._source.open() as stream:
            stream.read(self._encoding.mark)
            tail = ""
            passing = False
            while True:
                block = stream.read(_BLOCK)
                text = tail + self.decoder.decode(block, final=not block)
                lines = list(io.StringIO(text, newline=""))
                # A CR at the end may be half of CRLF.
                tail = lines.pop() if block and lines and not lines[-1].endswith("\n") else ""
                if passing and lines:
                    self.forget(lines.pop(0))
                    passing = False
                if _CAREFUL.search(text):
                    for line in lines:
                        self.careful = self.careful or _CAREFUL.search(line) is not None
                        yield line
                else:
                    yield from lines
                if passing:
                    self.forget(tail)
                    tail = "\r" if tail.endswith("\r") else ""
                elif len(tail) > MAX_LINE:
                    self.cut = self.careful = passing = True
                    yield tail + "\n"
                    tail = ""
                if not block:
                    return

    def forget(self, text: str) -> list[int]:
        """Return the file offsets of the undecodable bytes in a text that was read, and strike them off."""
        bad = self.decoder.bad
        return [bad.popleft() for _byte in undecoded(text)] if bad else []
