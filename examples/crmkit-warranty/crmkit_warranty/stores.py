"""Parts of crmkit that the plugin replaces where an admin asks for it: attachments, root keys and jobs in folders.

Each is small and real; a vendor would put a cloud service here. None is used unless its folder is set.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from crmkit import CrmSession, NotFound, texts
from crmkit.errors import KeyMissing, WrongKey

_ = texts("crmkit_warranty")


class FolderFiles:
    """A file store: each key is a file below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, key: str, content: bytes) -> None:
        """Store the content durably."""
        _write(self._path(key), content)

    def get(self, key: str) -> bytes:
        """Return the content. Raises NotFound when there is none."""
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError as error:
            raise NotFound(_("There is no file {key}."), key=key) from error

    def delete(self, key: str) -> None:
        """Remove the content; nothing happens when there is none."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        path = (self.folder / key).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise NotFound(_("There is no file {key}."), key=key)
        return path


class FolderKeys:
    """A key provider: root keys of 32 bytes, each in a file that is named by a number."""

    kind = "warranty"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> Sequence[str]:
        """Return the numbers of the files, the oldest first."""
        return sorted(path.stem for path in self.folder.glob("*.key"))

    def create(self, used: Collection[str]) -> str:
        """Make a root key in a file of its own."""
        name = f"{1 + max((int(each) for each in (*self.names(), *used) if each.isdecimal()), default=0):04d}"
        _write(self.folder / f"{name}.key", os.urandom(32))
        return name

    def wrap(self, name: str, keys: Sequence[tuple[bytes, bytes]]) -> Sequence[bytes]:
        """Return keys, each given with its context, wrapped under a root key: a nonce, and the key (AES-256-GCM)."""
        cipher = self._cipher(name)
        nonces = [os.urandom(12) for _key in keys]
        return [nonce + cipher.encrypt(nonce, key, context) for nonce, (key, context) in zip(nonces, keys, strict=True)]

    def unwrap(self, name: str, wrapped: Sequence[tuple[bytes, bytes]]) -> Sequence[bytes]:
        """Return keys that were wrapped. Raises WrongKey when one was altered or wrapped under another root key."""
        from cryptography.exceptions import InvalidTag

        cipher = self._cipher(name)
        try:
            return [cipher.decrypt(each[:12], each[12:], context) for each, context in wrapped]
        except (InvalidTag, ValueError) as error:
            raise WrongKey(_("A data key cannot be unwrapped.")) from error

    def destroy(self, name: str) -> None:
        """Remove a root key for good."""
        self._path(name).unlink(missing_ok=True)

    def _cipher(self, name: str) -> Any:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            return AESGCM(self._path(name).read_bytes())
        except FileNotFoundError as error:
            raise KeyMissing() from error

    def _path(self, name: str) -> Path:
        if not name.isalnum():
            raise KeyMissing()
        return self.folder / f"{name}.key"


class FolderJobs:
    """A job backend: each job becomes a file that another system picks up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def defer(
        self, session: CrmSession, job: str, arguments: Mapping[str, Any], *, run_at: datetime | None, key: str | None
    ) -> None:
        """Write the job once the session's transaction has been committed; one whose ``key`` waits is left out."""
        name = f"{key or uuid4()}.json".replace("/", "_").replace(":", "_")
        content = {"job": job, "arguments": dict(arguments), "run_at": run_at.isoformat() if run_at else None}

        def write() -> None:
            target = self.folder / name
            if not target.exists():
                _write(target, json.dumps(content, default=str).encode())

        session.on_commit(write)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{uuid4().hex}")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
