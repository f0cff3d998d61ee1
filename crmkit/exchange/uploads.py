"""Files that somebody sent to be imported, until they are: each in a private folder of its own, with what was chosen
for it, so that a reload or a restart of the server loses nothing.

Must not know HTTP, pages, or what a row means. Whatever a file is called, it is stored under a name that is harmless.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Literal, cast
from uuid import UUID

from attrs import asdict, define, evolve, field

from crmkit.core.store.clock import system_now
from crmkit.core.store.ids import new_id, parse_id
from crmkit.errors import NotFound, PayloadTooLarge, StoreError, UnreadableFile
from crmkit.exchange.options import ImportOptions
from crmkit.exchange.sources import Source
from crmkit.i18n import texts
from crmkit.private import make_private_folder

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession
    from crmkit.settings import Settings

_ = texts("crmkit")

MAX_BYTES = 64 << 20
"""Bytes of a file as it is sent."""
MAX_UNPACKED = 512 << 20
"""Bytes of a file once it is unpacked: a small file may hold very many."""
KEPT = timedelta(days=30)
"""How long rejected rows wait to be mended, and a file that was sent waits to be imported."""
PATIENCE = 0.3
"""Seconds that whoever wants to work on a file waits for others to let go of it."""
_STATE = "state.json"
_LOCK = "lock"
_REJECTED = "rejected"
_OUTCOMES = "outcomes.jsonl"
_BLOCK = 1 << 20
_UNFIT = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u202a-\u202e\u2066-\u2069]+")
_CHOICES = frozenset(
    ("resource", "mapping", "on_duplicate", "source", "encoding", "delimiter", "date_order", "decimal_mark", "zone",
     "currency", "kind", "region", "create_customers", "again", "fresh", "sheet",
     "saved", "keep_as", "bad_cells", "owner", "tags")
)  # fmt: skip


@define(kw_only=True)
class Work:
    """What is, or was, done with a file in the background: a rehearsal, or the import. Instants are in UTC.

    ``error`` is the code and the text of what ended it; ``counts`` and ``reasons`` are those of a rehearsal.
    """

    kind: Literal["rehearsal", "import"]
    started_at: str
    ended: bool = False
    rows: int = 0
    bytes: int = 0
    error: tuple[str, str] | None = None
    counts: dict[str, int] | None = None
    reasons: dict[str, int] = field(factory=dict)
    left_out: dict[str, int] = field(factory=dict)
    language: str = "en"


@define(kw_only=True)
class Upload:
    """One file that waits. ``owner`` is the id of the actor who sent it; ``choices`` are fields of `ImportOptions`;
    ``import_id`` is the import that was made of it."""

    id: UUID
    folder: Path
    owner: str
    file_name: str
    size: int
    sent_at: datetime
    choices: dict[str, Any] = field(factory=dict)
    work: Work | None = None
    import_id: str | None = None

    @property
    def path(self) -> Path:
        """Return the file itself; it is gone once it was imported."""
        return self.folder / self.file_name

    @property
    def reject_path(self) -> Path:
        """Return where its rejected rows go: a folder of its own, as the file itself may be one of rejected rows."""
        stem = Path(self.file_name.removesuffix(".gz").removesuffix(".xz")).stem.partition(".rejected")[0] or "import"
        ending = ".jsonl" if self.is_json else ".vcf" if self._plain_name.endswith((".vcf", ".vcard")) else ".csv"
        return self.folder / _REJECTED / f"{stem}.rejected{ending}"

    @property
    def is_json(self) -> bool:
        """Say whether its name is one of JSON lines."""
        return self._plain_name.endswith((".jsonl", ".ndjson", ".json"))

    @property
    def _plain_name(self) -> str:
        return self.file_name.lower().removesuffix(".gz").removesuffix(".xz")

    def options(self, language: str) -> ImportOptions:
        """Return how it is to be imported, as far as that was chosen."""
        chosen = {name: value for name, value in self.choices.items() if name in _CHOICES and value is not None}
        return ImportOptions(**chosen, reject_file=self.reject_path, language=language)

    def save(self) -> None:
        """Write down what was chosen and how far it is; all of it or nothing."""
        body = {
            "owner": self.owner,
            "file_name": self.file_name,
            "size": self.size,
            "sent_at": self.sent_at.isoformat(),
            "choices": self.choices,
            "work": asdict(self.work) if self.work is not None else None,
            "import_id": self.import_id,
        }
        _write(self.folder / _STATE, json.dumps(body, ensure_ascii=False).encode())

    def discard(self) -> None:
        """Remove the file and everything that belongs to it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def drop_file(self) -> None:
        """Remove the file itself, and what it was told to do with it, but keep its rejected rows."""
        self.path.unlink(missing_ok=True)
        self.outcomes_path.unlink(missing_ok=True)

    @property
    def outcomes_path(self) -> Path:
        """Return where it stands what would become of each row, as the last rehearsal found it."""
        return self.folder / _OUTCOMES

    @contextmanager
    def write_outcomes(self) -> Iterator[IO[str]]:
        """Give a file for what would become of each row; it is the file's once all of it is written."""
        temporary = self.folder / f".{_OUTCOMES}"
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            yield stream
        temporary.replace(self.outcomes_path)

    def claim(self, patience: float = PATIENCE) -> Claim | None:
        """Return the right to work on it, which nobody else has then on this machine; None where somebody works on it
        still after some patience (seconds). It ends with the process that has it, however that ends."""
        until = time.monotonic() + patience
        while True:
            handle = self._held(alone=True)
            if handle is not None:
                return Claim(handle=handle)
            if time.monotonic() >= until:
                return None
            # Whoever looks whether it is busy, and whoever is just ending, lets go of it in a moment.
            time.sleep(0.01)

    @property
    def busy(self) -> bool:
        """Say whether somebody works on it right now."""
        handle = self._held(alone=False)
        if handle is None:
            return True
        os.close(handle)
        return False

    def _held(self, *, alone: bool) -> int | None:
        handle = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        if _hold(handle, alone=alone):
            return handle
        os.close(handle)
        return None


@define(kw_only=True)
class Claim:
    """The right to work on a file."""

    handle: int

    def release(self) -> None:
        """Give it up."""
        if self.handle >= 0:
            os.close(self.handle)
            self.handle = -1


class Uploads:
    """The files that wait in an installation."""

    def __init__(self, settings: Settings) -> None:
        self.folder = _folder(settings)

    def add(self, owner: str, name: str, stream: BinaryIO) -> Upload:
        """Keep a file that was sent. What is no table of text is refused and leaves nothing behind.

        Raises PayloadTooLarge, UnreadableFile, StoreError.
        """
        identity = new_id()
        folder = self.folder / identity.hex
        stored = harmless_name(name)
        made = Upload(id=identity, folder=folder, owner=owner, file_name=stored, size=0, sent_at=system_now())
        try:
            make_private_folder(folder / _REJECTED)
            size = _copy(stream, folder / stored)
            _check_unpacked(folder / stored)
            made = evolve(made, size=size)
            made.save()
        except OSError as error:
            made.discard()
            raise StoreError(_("The file cannot be stored: {reason}."), reason=error.strerror or "") from error
        except BaseException:
            made.discard()
            raise
        return made

    def get(self, identity: UUID, owner: str) -> Upload:
        """Return a file of somebody's. Raises NotFound for one that there is not, and for somebody else's."""
        found = self._read(self.folder / identity.hex)
        if found is None or found.owner != owner:
            raise NotFound(_("There is no such file any more."), fix=_("Send it again."))
        return found

    def of(self, owner: str) -> list[Upload]:
        """Return the files of somebody that wait, the newest first."""
        found = [each for each in self._all() if each.owner == owner]
        return sorted(found, key=lambda each: each.sent_at, reverse=True)

    def with_rejects(self, path: str | None) -> Upload | None:
        """Return the file whose rejected rows are kept at a path, as an import notes it; None for one elsewhere."""
        if not path:
            return None
        kept = Path(path).parent
        if kept.name != _REJECTED or kept.parent.parent != self.folder.absolute():
            return None
        return self._read(kept.parent)

    def interrupted(self) -> list[Upload]:
        """Return the files whose import has begun and not ended, and on which nobody works."""
        return [
            each
            for each in self._all()
            if each.work is not None
            and each.work.kind == "import"
            and not each.work.ended
            and each.import_id is None
            and each.path.exists()
            and not each.busy
        ]

    def clear(self, now: datetime) -> int:
        """Remove what is older than it is kept for, unless somebody works on it, and return how much that was."""
        removed = 0
        for each in list(self._all()):
            if each.sent_at < now - KEPT and not each.busy:
                each.discard()
                removed += 1
        return removed

    def _all(self) -> Iterator[Upload]:
        if not self.folder.is_dir():
            return
        for folder in self.folder.iterdir():
            found = self._read(folder)
            if found is not None:
                yield found

    def _read(self, folder: Path) -> Upload | None:
        identity = parse_id(folder.name)
        if identity is None:
            return None
        try:
            body = json.loads((folder / _STATE).read_text("utf-8"))
            work = body["work"]
            if work is not None:
                work = Work(**{**work, "error": tuple(work["error"]) if work["error"] else None})
            return Upload(
                id=identity,
                folder=folder.absolute(),
                owner=body["owner"],
                file_name=body["file_name"],
                size=body["size"],
                sent_at=datetime.fromisoformat(body["sent_at"]),
                choices=body["choices"],
                work=work,
                import_id=body["import_id"],
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None


def harmless_name(name: str) -> str:
    """Return the name that a file is stored under: no folder, no control characters, no hidden file, not too long."""
    plain = _UNFIT.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip(" .") or "import.csv"
    if plain in (_STATE, _LOCK, _REJECTED, _OUTCOMES):
        plain = f"_{plain}"
    stem, dot, suffix = plain.rpartition(".")
    if not dot or len(suffix) > 8:
        stem, dot, suffix = plain, "", ""
    while len(f"{stem}{dot}{suffix}".encode(errors="replace")) > 150:
        stem = stem[:-1]
    return f"{stem}{dot}{suffix}".encode(errors="replace").decode()


def clear_uploads(session: CrmSession, *, tick: datetime) -> None:
    """Remove the files that were sent long ago and their rejected rows: the handler of a periodic job."""
    Uploads(session.crm.settings).clear(system_now())


def _folder(settings: Settings) -> Path:
    """Return the folder of the files that wait. It is no part of the data, so that no backup takes it along."""
    if settings.home is not None:
        return settings.home / "uploads"
    if settings.sqlite_file is not None:
        return settings.sqlite_file.with_name(f"{settings.sqlite_file.name}-uploads")
    if settings.files is not None:
        return settings.files.parent / "uploads"
    mark = hashlib.sha256(f"{settings.database} {settings.schema}".encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"crmkit-uploads-{os.getuid() if hasattr(os, 'getuid') else 0}-{mark}"


def _copy(stream: BinaryIO, path: Path) -> int:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    size = 0
    with os.fdopen(handle, "wb") as file:
        while block := stream.read(_BLOCK):
            size += len(block)
            if size > MAX_BYTES:
                raise PayloadTooLarge(_("At most {limit} bytes can be sent here."), limit=MAX_BYTES)
            file.write(block)
    return size


def _check_unpacked(path: Path) -> None:
    source = Source(path)
    try:
        if not source.compression:
            return
        seen = 0
        with source.open() as stream:
            while block := stream.read(_BLOCK):
                seen += len(block)
                if seen > MAX_UNPACKED:
                    raise UnreadableFile(
                        _('"{file}" holds more than {limit} bytes when it is unpacked.'),
                        fix=_("Send it in parts, or import it with the command line."),
                        file=path.name,
                        limit=MAX_UNPACKED,
                    )
    finally:
        source.close()


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{new_id().hex[-8:]}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def _hold(handle: int, *, alone: bool) -> bool:
    try:
        import fcntl
    except ImportError:
        # Elsewhere the position of the import itself keeps two from going on with it.
        return True
    try:
        cast(Any, fcntl).flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def choices_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of some values are choices for an import."""
    return {name: value for name, value in given.items() if name in _CHOICES}


def iso_now() -> str:
    """Return the present instant as text."""
    return system_now().astimezone(UTC).isoformat()
