"""What serves the whole installation: signatures, codes, keys for purposes; and noticing that keys have changed."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from crmkit import CRM
from crmkit.core.vault import known
from crmkit.core.vault.state import installations, purpose_keys
from crmkit.errors import NotInitialised, SealBroken, WrongKey
from crmkit.security.keys.rotating import rotate_root
from tests.security.sealing_support import SYSTEM, item, opened, seal


def test_a_signature_holds_for_what_was_signed(crm: CRM, crm_url: str) -> None:
    """It is verified for just that, also by another process, and after the root key has changed."""
    signature = crm.vault.sign(b"what was said")
    rotate_root(crm, SYSTEM)
    crm.vault.forget()
    with CRM.open(crm_url) as other:
        assert other.vault.verify(b"what was said", signature)
        assert not other.vault.verify(b"what was not said", signature)
        assert not other.vault.verify(b"what was said", signature[:-1] + bytes([signature[-1] ^ 1]))
        assert not other.vault.verify(b"what was said", b"")


def test_others_can_check_signatures(crm: CRM) -> None:
    """The public key verifies by Ed25519 what the vault signed."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    Ed25519PublicKey.from_public_bytes(crm.vault.public_key).verify(crm.vault.sign(b"data"), b"data")


def test_keys_for_purposes_differ_and_stay(crm: CRM) -> None:
    """Each name has a key of its own, the same after everything was read anew and after the root key has changed."""
    names = ("mail", "web-hooks", "mail ", "index")
    before = [crm.vault.purpose_key(name) for name in names]
    codes = [crm.vault.mac("audit", b"x"), crm.vault.mac("throttle", b"x"), crm.vault.fingerprint("x").encode()]
    rotate_root(crm, SYSTEM)
    crm.vault.forget()
    assert [crm.vault.purpose_key(name) for name in names] == before
    assert [crm.vault.mac("audit", b"x"), crm.vault.mac("throttle", b"x"), crm.vault.fingerprint("x").encode()] == codes
    assert (len({*before, *codes}), {len(key) for key in before}) == (7, {32})


def test_codes_in_numbers_are_those_of_one(crm: CRM) -> None:
    """The maker of many codes gives the same as `mac`."""
    codes = crm.vault.codes("audit")
    assert codes.versions[codes.version](b"data") == crm.vault.mac("audit", b"data")


def test_two_installations_have_different_keys(crm: CRM, tmp_path: object) -> None:
    """Under the same root key nothing else is the same."""
    with CRM.init(f"sqlite:///{tmp_path}/other.db") as other:
        assert crm.vault.purpose_key("x") != other.vault.purpose_key("x")
        assert crm.vault.token("a.b", "x") != other.vault.token("a.b", "x")
        assert crm.vault.public_key != other.vault.public_key


def test_a_wrapped_purpose_key_that_was_altered_is_refused(crm: CRM) -> None:
    """So is one that was taken from another name."""
    with crm.engines.system_write.begin() as connection:
        wrapped = connection.execute(select(purpose_keys.c.wrapped).where(purpose_keys.c.name == "sign")).scalar_one()
        connection.execute(update(purpose_keys).where(purpose_keys.c.name == "general").values(wrapped=wrapped))
    crm.vault.forget()
    with pytest.raises(WrongKey):
        crm.vault.purpose_key("x")


def test_a_database_without_keys_says_what_to_do(crm: CRM) -> None:
    """Before it was established the message names the command."""
    with crm.engines.system_write.begin() as connection:
        connection.execute(installations.delete())
    crm.vault.forget()
    with pytest.raises(NotInitialised, match="db upgrade"):
        crm.vault.token("a.b", "x")


def test_a_change_of_another_process_is_noticed_without_a_session(
    crm: CRM, crm_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After at most a moment, tokens of a version that another process has added are looked for."""
    monkeypatch.setattr(known, "REFRESH", 0.0)
    assert len(crm.vault.tokens("a.b", "x")) == 1
    with CRM.open(crm_url) as other:
        other.run(SYSTEM, "key.prepare_index")
    assert len(crm.vault.tokens("a.b", "x")) == 2


def test_a_change_that_was_undone_is_not_kept(crm: CRM) -> None:
    """What a transaction that failed had done to the keys is not in memory afterwards."""
    before = crm.vault.tokens("a.b", "x")

    def fail() -> None:
        with crm.transaction(SYSTEM) as session:
            session.run("key.prepare_index")
            session.run("key.promote_index")
            crm.vault.seal_many(session, [item(b"x")])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert crm.vault.tokens("a.b", "x") == before
    (sealed,) = seal(crm, [item(b"x")])
    assert opened(crm, [sealed]) == [b"x"]


def test_threads_share_one_vault(crm: CRM) -> None:
    """Many threads that seal, open and make tokens at once get what each would get alone."""
    expected = crm.vault.token("a.b", "x")
    wrong: list[object] = []

    def work() -> None:
        try:
            for number in range(5):
                given = [item(b"%d" % number) for _ in range(3)]
                if opened(crm, seal(crm, given)) != [each.value for each in given]:
                    wrong.append(given)
                if crm.vault.token("a.b", "x") != expected:
                    wrong.append("token")
                if number == 2:
                    crm.vault.forget()
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_one_broken_value_spares_the_others(crm: CRM) -> None:
    """Each of many values is opened or refused by itself; all at once the error names the value and not its content."""
    from attrs import evolve

    good, bad = seal(crm, [item(b"good"), item(b"secret")])
    bad = evolve(bad, sealed=bad.sealed[:-1] + bytes([bad.sealed[-1] ^ 1]))
    assert opened(crm, [good, bad]) == [b"good", SealBroken]
    with crm.session(SYSTEM) as session, pytest.raises(SealBroken) as caught:
        crm.vault.open_many(session, [good, bad])
    assert (str(bad.record) in str(caught.value), "secret" in str(caught.value)) == (True, False)


def test_merged_subjects_keep_their_values(crm: CRM) -> None:
    """After the keys of one subject were given to another, everything opens as it is, and one erasure takes it all."""
    from crmkit.errors import Erased

    loser, winner = uuid4(), uuid4()
    values = seal(crm, [item(b"loser's", subject=loser), item(b"winner's", subject=winner)])
    with crm.transaction(SYSTEM) as session:
        assert crm.vault.move(session, loser, winner) == 1
    crm.vault.forget()
    assert opened(crm, values) == [b"loser's", b"winner's"]
    with crm.transaction(SYSTEM) as session:
        assert crm.vault.destroy(session, [winner]) == 2
    assert opened(crm, values) == [Erased, Erased]
