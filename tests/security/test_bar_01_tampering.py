"""Whatever is done to a sealed value, it opens to nothing: flipped bits, cut off ends, and values put elsewhere."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from attrs import evolve
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import insert, select

from crmkit import CRM, Settings
from crmkit.core.store.sealed import OpenItem
from crmkit.core.vault import envelope
from crmkit.core.vault.rows import data_keys
from crmkit.core.vault.state import root_keys
from crmkit.errors import Erased, SealBroken, WrongKey
from tests.conftest import Scale
from tests.security.sealing_support import item, opened, seal

VECTORS = Path(__file__).resolve().parents[1] / "data" / "crypto-vectors"
SIZES = (0, 1, 15, 16, 64, 500)
DETECTED = {SealBroken, Erased}


def vectors(name: str) -> Iterator[dict[str, Any]]:
    """Return the cases of a file of vectors."""
    for group in json.loads((VECTORS / name).read_text())["groups"]:
        yield from group["tests"]


def test_the_cipher_agrees_with_the_vectors() -> None:
    """Valid vectors of AES-256-GCM open to their message and seal to their ciphertext; invalid ones do not open."""
    wrong = []
    for case in vectors("aes_256_gcm.json"):
        key, nonce, front, message, sealed = (bytes.fromhex(case[name]) for name in ("key", "iv", "aad", "msg", "ct"))
        sealed += bytes.fromhex(case["tag"])
        # An envelope authenticates its first 18 bytes with the place; the vectors have no such bytes of their own.
        try:
            right = AESGCM(key).decrypt(nonce, sealed, front) == message
            right = right and AESGCM(key).encrypt(nonce, message, front) == sealed
        except (InvalidTag, ValueError):
            right = False
        if right != (case["result"] == "valid"):
            wrong.append(case["tcId"])
    assert wrong == []


def test_derived_keys_agree_with_the_vectors() -> None:
    """What `expand` makes is the first block of HKDF-SHA256, for every vector."""
    import hmac

    wrong = []
    for case in vectors("hkdf_sha256.json"):
        material, salt, info, expected = (bytes.fromhex(case[name]) for name in ("ikm", "salt", "info", "okm"))
        extracted = hmac.digest(salt or bytes(32), material, "sha256")
        if envelope.expand(extracted, info)[: len(expected)] != expected[:32]:
            wrong.append(case["tcId"])
    assert wrong == []


def test_a_value_opens_where_it_was_sealed(crm: CRM) -> None:
    """It comes back as it was, 46 bytes longer meanwhile, and is sealed differently each time."""
    subject = uuid4()
    given = [item(random.randbytes(size), subject=subject) for size in SIZES]
    first, second = seal(crm, given), seal(crm, given)
    assert opened(crm, first) == [each.value for each in given]
    assert [len(each.sealed) - size for each, size in zip(first, SIZES, strict=True)] == [46] * len(SIZES)
    assert all(one.sealed != other.sealed for one, other in zip(first, second, strict=True))


def test_flipped_bits_are_found(crm: CRM, scale: Scale) -> None:
    """No single bit of an envelope, wherever it is, can be flipped unseen."""
    chance = random.Random(1)
    sealed = seal(crm, [item(chance.randbytes(size)) for size in SIZES])
    altered: list[OpenItem] = []
    for _ in range(scale(small=400, full=10_000)):
        each = chance.choice(sealed)
        bits = bytearray(each.sealed)
        place = chance.randrange(len(bits) * 8)
        bits[place // 8] ^= 1 << place % 8
        altered.append(evolve(each, sealed=bytes(bits)))
    assert set(opened(crm, altered)) <= DETECTED


def test_truncated_envelopes_are_found(crm: CRM) -> None:
    """Every beginning of an envelope is told from a whole one, and so is one with something behind it."""
    for each in seal(crm, [item(random.randbytes(size)) for size in SIZES[:5]]):
        cut = [evolve(each, sealed=each.sealed[:length]) for length in range(len(each.sealed))]
        assert set(opened(crm, [*cut, evolve(each, sealed=each.sealed + b"\0")])) <= DETECTED


def test_a_value_opens_nowhere_else(crm: CRM, scale: Scale) -> None:
    """Put into another row, field or table, or where two names joined would read the same, it does not open."""
    chance = random.Random(2)
    subject = uuid4()
    sealed = seal(
        crm,
        [
            item(b"value", subject=subject, table=table, field=field)
            for table in ("crm_a", "crm_ab")
            for field in ("bphone", "phone", "p")
            for _ in range(5)
        ],
    )
    moved: list[OpenItem] = []
    while len(moved) < scale(small=400, full=4_000):
        one, other = chance.sample(sealed, 2)
        moved.append(evolve(other, sealed=one.sealed))
        moved.append(evolve(one, record=uuid4()))
        if (one.table, one.field) == ("crm_a", "bphone"):
            moved.append(evolve(one, table="crm_ab", field="phone"))
    assert set(opened(crm, moved)) == {SealBroken}


def test_a_value_opens_in_no_other_installation(crm: CRM, shared_keys: Path, tmp_path: Path) -> None:
    """Copied into another database together with its key, under the same root key, it does not open."""
    (sealed,) = seal(crm, [item(b"value")])
    with crm.engines.system_read.connect() as connection:
        key = dict(connection.execute(select(data_keys)).mappings().one())
        root = connection.scalar(select(root_keys.c.name).where(root_keys.c.id == key["root_id"]))
    # The other one takes the newest key of its folder: here only the one that the value's key is wrapped under.
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    shutil.copy2(shared_keys / f"{root}.key", keys)
    with CRM.init(Settings(database=f"sqlite:///{tmp_path / 'other.db'}", keys=keys)) as other:
        with other.engines.system_write.begin() as connection:
            connection.execute(insert(data_keys).values(key))
        assert other.vault.instance_id != crm.vault.instance_id
        assert opened(other, [sealed]) == [SealBroken]
        assert opened(crm, [sealed]) == [b"value"]


def test_a_file_opens_under_its_own_label(crm: CRM) -> None:
    """The content of a file opens for its label alone, and not as a field's value; altered it does not open."""
    subject = uuid4()
    with crm.transaction(crm.system("tests")) as session:
        sealed = crm.vault.encrypt_bytes(session, subject, "one", b"content")
    with crm.session(crm.system("tests")) as session:
        assert crm.vault.decrypt_bytes(session, subject, "one", sealed) == b"content"
        for label, data in (("two", sealed), ("one", sealed[:-1] + bytes([sealed[-1] ^ 1])), ("one", b"")):
            with pytest.raises(SealBroken):
                crm.vault.decrypt_bytes(session, subject, label, data)
    as_field = OpenItem(table="one", field="", record=UUID(int=0), sealed=sealed)
    assert opened(crm, [as_field]) == [SealBroken]


def test_a_wrapped_key_unwraps_in_its_own_row_alone(crm: CRM) -> None:
    """A wrapped data key that was put into another row, or altered, is refused."""
    one, other = (seal(crm, [item(b"value")])[0] for _ in range(2))
    ids = [UUID(bytes=each.sealed[2:18]) for each in (one, other)]
    with crm.engines.system_write.begin() as connection:
        wrapped = connection.execute(select(data_keys.c.wrapped).where(data_keys.c.id == ids[0])).scalar_one()
        connection.execute(data_keys.update().where(data_keys.c.id == ids[1]).values(wrapped=wrapped))
    crm.vault.forget()
    with crm.session(crm.system("tests")) as session, pytest.raises(WrongKey):
        crm.vault.open_many(session, [other])
    assert opened(crm, [one]) == [b"value"]
