"""Cryptography is used in one place, and no nonce is used twice."""

from __future__ import annotations

import os
import random
import threading
from pathlib import Path
from uuid import uuid4

import pytest

from crmkit import CRM
from crmkit.core.vault import envelope
from tests.conftest import Scale
from tests.imports import imports_of, modules_of
from tests.security.sealing_support import SYSTEM, item

ROOT = Path(__file__).resolve().parents[2]
PRIMITIVES = ("cryptography", "hmac", "secrets", "hashlib", "ssl", "Crypto", "nacl", "argon2", "keyring", "jwt")
"""Libraries of which something is a primitive of cryptography, or keeps secrets."""

ELSEWHERE = {
    "hashlib": "fingerprints that keep nothing secret: of files, records, inputs and names",
}
"""What may be used outside the vault, and for what."""

ENCRYPTED = {"crmkit.security.outgoing.lines"}
"""Modules that may open encrypted connections, with what the system trusts."""

UNGUESSABLE = {"crmkit.core.interactions.files", "crmkit_knowledge.asked.visits"}
"""Modules that may make names, or salts, that cannot be guessed."""


def uses() -> list[str]:
    """Return the imports of primitives outside the vault, in crmkit and its plugins."""
    found: list[str] = []
    for package in (ROOT / "crmkit", *sorted(ROOT.glob("plugins/*/crmkit_*"))):
        for name, path in modules_of(package).items():
            if name.startswith("crmkit.core.vault.") or "templates" in path.parts:
                continue
            for each in imports_of(name, path):
                top = each.target.partition(".")[0]
                allowed = top in ELSEWHERE or (top == "secrets" and name in UNGUESSABLE)
                allowed = allowed or (top == "ssl" and name in ENCRYPTED)
                if top in PRIMITIVES and not allowed and not each.typing_only:
                    found.append(str(each))
    return found


def test_primitives_are_used_in_the_vault_alone() -> None:
    """No module but those of the vault imports a primitive; hashes that keep no secret are the one exception."""
    assert uses() == []


def test_keyed_hashes_are_made_in_the_vault_alone() -> None:
    """No module elsewhere makes a keyed hash, or a slow one, with what it may import."""
    keyed = ("hashlib.scrypt", "hashlib.pbkdf2_hmac", "key=key", "blake2b(key", "blake2s(key")
    found = [
        f"{name}: {each}"
        for name, path in modules_of(ROOT / "crmkit").items()
        if not name.startswith("crmkit.core.vault.")
        for each in keyed
        if "hashlib" in (text := path.read_text("utf-8")) and each in text
    ]
    assert found == []


def test_random_numbers_of_the_vault_come_from_the_system() -> None:
    """The vault imports no generator whose numbers can be foretold."""
    vault = {name: path for name, path in modules_of(ROOT / "crmkit").items() if name.startswith("crmkit.core.vault")}
    assert [
        str(each) for name, path in vault.items() for each in imports_of(name, path) if each.target == "random"
    ] == []


def test_nonces_are_never_repeated(crm: CRM, scale: Scale) -> None:
    """Over many values under one key, sealed by several threads, no nonce comes twice."""
    subject = uuid4()
    batches = scale(small=10, full=500)
    found: list[list[bytes]] = []

    def work() -> None:
        with crm.transaction(SYSTEM) as session:
            for _ in range(batches):
                sealed = crm.vault.seal_many(session, [item(b"x", subject=subject)] * 1_000)
                found.append([each[18:30] for each in sealed])

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = [nonce for part in found for nonce in part]
    assert (len(made), len(set(made))) == (batches * 2_000, batches * 2_000)


def test_a_forked_process_makes_other_nonces() -> None:
    """A process that was forked does not go on with the random numbers of its parent."""
    envelope.nonces(1)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, b"".join(envelope.nonces(100)))
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(read, 1_200)
    os.close(read)
    os.close(write)
    ours = b"".join(envelope.nonces(100))
    parts = [whole[start : start + 12] for whole in (theirs, ours) for start in range(0, 1_200, 12)]
    assert len(set(parts)) == 200


def test_what_is_shown_of_keys_says_nothing(crm: CRM, caplog: pytest.LogCaptureFixture) -> None:
    """The forms of keys that logs and tracebacks show hold no key."""
    state = crm.vault.state()
    shown = repr(state) + repr(crm.vault) + caplog.text
    secrets = [purpose.key for versions in state.purposes.values() for purpose in versions]
    assert [key for key in secrets if repr(key) in shown or key.hex() in shown] == []
    assert random.choice(secrets)
