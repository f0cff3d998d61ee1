"""Parts of crmkit that the plugin replaces where an admin asks for it: attachments, root keys and jobs in folders.

Each is small and real; a vendor would put a cloud service here. None is used unless its folder is set.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from crmkit import CrmSession, NotFound, texts
from crmkit.errors import StoreError

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
    """A key provider: root keys of 32 bytes in files, the newest by name being the current one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def current(self) -> str:
        """Return the id of the newest root key, making the first one."""
        known = sorted(path.stem for path in self.folder.glob("*.key"))
        if not known:
            _write(self.folder / "0001.key", os.urandom(32))
            return "0001"
        return known[-1]

    def wrap(self, key: bytes, *, context: bytes) -> bytes:
        """Return a data key wrapped under the current root key: its id, a nonce, and the sealed key (AES-256-GCM)."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        name, nonce = self.current(), os.urandom(12)
        return name.encode() + b"." + nonce + AESGCM(self._root(name)).encrypt(nonce, key, context)

    def unwrap(self, wrapped: bytes, *, context: bytes) -> bytes:
        """Return a data key. Raises StoreError when it was altered or its root key is gone."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        name, _dot, rest = wrapped.partition(b".")
        try:
            return AESGCM(self._root(name.decode("ascii"))).decrypt(rest[:12], rest[12:], context)
        except (InvalidTag, FileNotFoundError, ValueError) as error:
            raise StoreError(_("A data key cannot be unwrapped.")) from error

    def _root(self, name: str) -> bytes:
        if not name.isalnum():
            raise ValueError(name)
        return (self.folder / f"{name}.key").read_bytes()


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
