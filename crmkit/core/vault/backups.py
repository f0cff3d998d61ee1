"""The form of a key backup: root keys in JSON, encrypted under a passphrase by scrypt and AES-256-GCM.

It opens without any database. Must not know where root keys are kept.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec
from attrs import field, frozen
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from crmkit.core.vault.envelope import KEY, NONCE, TAG
from crmkit.errors import KeyBackupError
from crmkit.i18n import texts

_ = texts("crmkit")

MAGIC = b"crmkit key backup 1\n"
COST = 17
"""Binary logarithm of scrypt's cost: 128 MiB and some tenths of a second for each guess."""
_SALT = 16
SHORTEST = 12
"""Characters of the shortest passphrase that is taken."""


@frozen(kw_only=True)
class SavedKey:
    """A root key in a backup: where it is kept, under which name, and the key itself."""

    kind: str
    name: str
    key: bytes = field(repr=False)


@frozen(kw_only=True)
class KeyBackup:
    """What a key backup holds: the root keys of one installation as of an instant (UTC)."""

    instance_id: UUID
    taken_at: datetime
    keys: tuple[SavedKey, ...]


def locked(backup: KeyBackup, passphrase: str, *, cost: int = COST) -> bytes:
    """Return a backup in its encrypted form. Raises KeyBackupError for a passphrase that is too short."""
    if len(passphrase) < SHORTEST:
        raise KeyBackupError(
            _("The passphrase is too short."),
            fix=_("Take at least {shortest} characters; several words are best."),
            shortest=SHORTEST,
        )
    content = msgspec.json.encode(
        {
            "instance": str(backup.instance_id),
            "taken_at": backup.taken_at.isoformat(),
            "keys": [
                {"kind": each.kind, "name": each.name, "key": base64.b64encode(each.key).decode()}
                for each in backup.keys
            ],
        }
    )
    front = MAGIC + bytes((cost,)) + os.urandom(_SALT)
    nonce = os.urandom(NONCE)
    return front + nonce + AESGCM(_key(passphrase, front)).encrypt(nonce, content, front)


def unlocked(data: bytes, passphrase: str) -> KeyBackup:
    """Return what an encrypted backup holds. Raises KeyBackupError for what is none, was altered, or was made with
    another passphrase."""
    length = len(MAGIC) + 1 + _SALT
    front, nonce, sealed = data[:length], data[length : length + NONCE], data[length + NONCE :]
    if not data.startswith(MAGIC) or len(sealed) < TAG:
        raise KeyBackupError(_("This is no key backup of crmkit."))
    if not 10 <= front[len(MAGIC)] <= 22:
        raise KeyBackupError(_("The key backup was altered."))
    try:
        content = AESGCM(_key(passphrase, front)).decrypt(nonce, sealed, front)
    except InvalidTag:
        raise KeyBackupError(_("The passphrase is another, or the key backup was altered.")) from None
    values = cast("dict[str, Any]", msgspec.json.decode(content))
    return KeyBackup(
        instance_id=UUID(values["instance"]),
        taken_at=datetime.fromisoformat(values["taken_at"]),
        keys=tuple(_saved(each) for each in cast("Sequence[dict[str, str]]", values["keys"])),
    )


def _saved(values: dict[str, str]) -> SavedKey:
    return SavedKey(kind=values["kind"], name=values["name"], key=base64.b64decode(values["key"]))


def _key(passphrase: str, front: bytes) -> bytes:
    salt, cost = front[-_SALT:], front[len(MAGIC)]
    return Scrypt(salt=salt, length=KEY, n=1 << cost, r=8, p=1).derive(passphrase.encode())
