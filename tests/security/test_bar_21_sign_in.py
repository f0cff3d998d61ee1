"""Bar 21: guessing a password gets nowhere, shuts nobody out, and tells nothing of who is there."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from crmkit.errors import CrmkitError, InvalidCredentials, TooManyAttempts
from crmkit.security.credentials import signing_in
from tests.conftest import Scale
from tests.security.credential_support import GOOD, HOME, SYSTEM, Desk, Hasher, desk_at


@pytest.fixture
def desk(crm_url: str) -> Iterator[Desk]:
    """A customer base whose clock the test sets."""
    with desk_at(crm_url) as made:
        yield made


@pytest.fixture
def hasher(monkeypatch: pytest.MonkeyPatch) -> Hasher:
    """What the hasher is asked to verify."""
    made = Hasher()
    monkeypatch.setattr(signing_in, "verify_password", made.verify)
    return made


def guess(desk: Desk, login: str, address: str | None, password: str = "wrong guess") -> CrmkitError:
    """Guess, and return how it was refused."""
    with pytest.raises((InvalidCredentials, TooManyAttempts)) as refused:
        desk.crm.sign_in(login, password, address)
    return refused.value


def test_a_hundred_guesses_an_hour_are_looked_at(desk: Desk, hasher: Hasher, scale: Scale) -> None:
    """However many guesses come from however many addresses, known ones among them, in no hour are more than 100 at
    one login evaluated; and an hour later its user signs in from anywhere."""
    desk.user("anna", password=GOOD, address=HOME)
    guesses, hours = scale(small=240, full=10_000), scale(small=1, full=3)
    hasher.quick = True
    evaluated: list[float] = []
    begun = desk.now
    for number in range(guesses):
        before = len(hasher.calls)
        address = HOME if number % 4 == 0 else f"203.0.{number % 100}.{number % 7}"
        guess(desk, "anna", address)
        evaluated += [(desk.now - begun).total_seconds()] * (len(hasher.calls) - before)
        desk.later(seconds=hours * 3600 / guesses)
    busiest = max(sum(1 for at in evaluated if start <= at < start + 3600) for start in evaluated)
    assert 20 <= busiest <= 100
    hasher.quick = False
    desk.later(hours=1)
    assert desk.crm.sign_in("anna", GOOD, "192.0.2.1").name == "Anna"


def test_five_guesses_and_then_a_wait_that_grows(desk: Desk, hasher: Hasher) -> None:
    """From one address five guesses are looked at, then none for 15, 30 and 60 minutes, and never for longer."""
    desk.user("anna", password=GOOD)
    hasher.quick = True
    waits: list[int] = []
    for _round in range(4):
        for _number in range(5):
            assert isinstance(guess(desk, "anna", HOME), InvalidCredentials)
        refused = guess(desk, "anna", HOME)
        assert isinstance(refused, TooManyAttempts)
        waits.append(refused.seconds // 60)
        desk.later(seconds=refused.seconds - 1)
        assert isinstance(guess(desk, "anna", HOME), TooManyAttempts)
        desk.later(seconds=1)
    assert waits == [15, 30, 60, 60]
    assert len(hasher.calls) == 20


def test_no_quarter_of_an_hour_has_more_than_five_guesses(desk: Desk, hasher: Hasher) -> None:
    """Whoever guesses slowly, to stay below the limit, has no more of them."""
    desk.user("anna", password=GOOD)
    hasher.quick = True
    looked: list[float] = []
    begun = desk.now
    for _number in range(60):
        before = len(hasher.calls)
        guess(desk, "anna", HOME)
        looked += [(desk.now - begun).total_seconds()] * (len(hasher.calls) - before)
        desk.later(minutes=2)
    assert max(sum(1 for at in looked if start <= at < start + 900) for start in looked) == 5


def test_an_attacker_elsewhere_shuts_no_owner_out(desk: Desk, hasher: Hasher, scale: Scale) -> None:
    """While somebody guesses from a thousand addresses, the user signs in from the usual place, wrong once in a
    while."""
    desk.user("anna", password=GOOD, address=HOME)
    for number in range(scale(small=4, full=60)):
        hasher.quick = True
        for each in range(10):
            guess(desk, "anna", f"203.0.{number}.{each}")
        if number % 3 == 0:
            guess(desk, "anna", HOME)
        hasher.quick = False
        assert desk.crm.sign_in("anna", GOOD, HOME).user_id is not None
        desk.later(minutes=7)


def test_a_code_opens_what_guessing_has_closed(desk: Desk, hasher: Hasher) -> None:
    """A user who is somewhere new while somebody guesses gets in by a one-time code."""
    from crmkit.security.credentials.passwords import redeem

    user = desk.user("anna", password=GOOD, address=HOME)
    hasher.quick = True
    for number in range(40):
        guess(desk, "anna", f"203.0.113.{number}")
    hasher.quick = False
    assert isinstance(guess(desk, "anna", "192.0.2.77", GOOD), TooManyAttempts)
    code = desk.crm.run(SYSTEM, "user.invite", target=user.id).code
    assert redeem(desk.crm, "anna", code, "lanterns over quiet harbours", "192.0.2.77").user_id == user.id
    assert desk.crm.sign_in("anna", "lanterns over quiet harbours", "192.0.2.77").user_id == user.id


def test_success_takes_nothing_away(desk: Desk) -> None:
    """Who signs in rightly is never slowed down, however often."""
    desk.user("anna", password=GOOD, address=HOME)
    for _number in range(11):
        assert desk.crm.sign_in("anna", GOOD, HOME).method == "password"
    assert desk.crm.sign_in("anna", GOOD).address is None


def test_who_is_not_there_is_refused_alike(desk: Desk, hasher: Hasher) -> None:
    """An unknown login, a wrong password, a user without one and one who has left give the same error after the same
    work: one password verified, at the same cost."""
    left = desk.user("left", password=GOOD)
    desk.user("anna", password=GOOD)
    desk.user("fresh")
    desk.crm.run(SYSTEM, "user.deactivate", target=left.id)
    seen = []
    for number, login in enumerate(("nobody", "anna", "fresh", "left", "x" * 5000, "")):
        before = len(hasher.calls)
        refused = guess(desk, login, f"203.0.113.{number}", GOOD if login == "left" else "wrong guess")
        costs = [hashed.rpartition("$")[0].rpartition("$")[0] for hashed in hasher.calls[before:]]
        seen.append((type(refused), refused.code, refused.render("en"), refused.render("zh_Hans"), costs))
    assert all(item == seen[0] for item in seen)
    assert seen[0][-1] == ["$argon2id$v=19$m=47104,t=1,p=1"]


@pytest.mark.parametrize("login", ["a\0b", "\ud800", "' OR 1=1 --", "\u202eanna", "%", "x" * 100_000])
def test_nothing_that_is_typed_fails_otherwise(desk: Desk, login: str) -> None:
    """Whatever a login, a password, a token or an address hold, it is refused like any wrong one."""
    from crmkit.security.credentials.passwords import redeem

    assert isinstance(guess(desk, login, login, login), InvalidCredentials)
    with pytest.raises(InvalidCredentials):
        desk.crm.actor_of_token(login, login)
    with pytest.raises(InvalidCredentials):
        redeem(desk.crm, login, login, GOOD, login)


def test_who_is_not_there_is_throttled_alike(desk: Desk, hasher: Hasher) -> None:
    """The limits of a login that nobody has are those of one that somebody has."""
    desk.user("anna", password=GOOD)
    hasher.quick = True
    ends = {
        login: [(type(item), getattr(item, "seconds", None)) for item in (guess(desk, login, HOME) for _n in range(7))]
        for login in ("anna", "nobody")
    }
    assert ends["anna"] == ends["nobody"]
    assert [kind for kind, _seconds in ends["anna"]] == [InvalidCredentials] * 5 + [TooManyAttempts] * 2


def test_letters_and_addresses_written_otherwise_are_the_same(desk: Desk, hasher: Hasher) -> None:
    """Capitals in a login, the long form of an address and its neighbours in IPv6 give no further guesses."""
    desk.user("anna", password=GOOD)
    hasher.quick = True
    for address in ("2001:db8::1", "2001:0db8::2", "2001:db8:0:0:f::3"):
        guess(desk, "Anna", address)
        guess(desk, "anna ", address)
    assert isinstance(guess(desk, "ANNA", "2001:db8::99"), TooManyAttempts)
    assert isinstance(guess(desk, "anna", "2001:db8:0:1::1"), InvalidCredentials)
    for _number in range(5):
        guess(desk, "bob", "::ffff:198.51.100.9")
    assert isinstance(guess(desk, "bob", "198.51.100.9"), TooManyAttempts)


def test_limits_hold_over_processes(desk: Desk, hasher: Hasher) -> None:
    """Several that guess at the same time, each with a connection of its own, have five guesses together."""
    desk.user("anna", password=GOOD)
    hasher.quick = True
    others = [desk.open() for _number in range(3)]
    ended: list[type[Exception]] = []

    def attack(crm: object) -> None:
        for _number in range(4):
            try:
                crm.sign_in("anna", "wrong guess", HOME)  # type: ignore[attr-defined]
            except CrmkitError as error:
                ended.append(type(error))

    threads = [threading.Thread(target=attack, args=(crm,)) for crm in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for crm in others:
        crm.close()
    assert (ended.count(InvalidCredentials), ended.count(TooManyAttempts)) == (5, 7)
    assert len(hasher.calls) == 5


def test_one_address_has_its_limit_over_all_logins(desk: Desk, hasher: Hasher) -> None:
    """Whoever tries one password at many logins is slowed down as well."""
    hasher.quick = True
    for number in range(100):
        assert isinstance(guess(desk, f"user{number}", HOME), InvalidCredentials)
    assert isinstance(guess(desk, "user100", HOME), TooManyAttempts)
    assert isinstance(guess(desk, "user100", "203.0.113.1"), InvalidCredentials)


def test_without_an_address_only_the_login_is_limited(desk: Desk, hasher: Hasher) -> None:
    """A caller that gives no address has 20 guesses at once, and one more every minute and a half."""
    desk.user("anna", password=GOOD)
    hasher.quick = True
    for _number in range(20):
        assert isinstance(guess(desk, "anna", None), InvalidCredentials)
    refused = guess(desk, "anna", None)
    assert isinstance(refused, TooManyAttempts)
    assert refused.seconds == 90
    desk.later(seconds=90)
    assert isinstance(guess(desk, "anna", None), InvalidCredentials)


def test_every_outcome_is_audited(desk: Desk, hasher: Hasher) -> None:
    """What was refused is in the log with its reason, in plain neither login nor password; what was turned away, with
    its number."""
    user = desk.user("anna", password=GOOD, address=HOME)
    desk.crm.sign_in("anna", GOOD, HOME)
    guess(desk, "nobody-here", "203.0.113.1")
    hasher.quick = True
    for _number in range(8):
        guess(desk, "anna", "203.0.113.2")
    ended = desk.attempts()
    assert ended == [
        ("done", None),
        ("refused", "unknown_login"),
        *[("refused", "wrong_password")] * 5,
        *[("refused", "throttled")] * 2,
    ]
    rows = desk.rows("SELECT actor_id, address, method, details FROM crm_audit WHERE operation = 'sign_in'")
    assert {(row.actor_id, row.method) for row in rows} == {(f"user:{user.id}", "password"), ("public", "password")}
    assert {row.address for row in rows} == {HOME, "203.0.113.1", "203.0.113.2"}
    written = " ".join(str(tuple(row)) for row in desk.rows("SELECT * FROM crm_audit"))
    written += " ".join(str(tuple(row)) for row in desk.rows("SELECT * FROM crm_throttle"))
    assert "nobody-here" not in written
    assert "wrong guess" not in written


def test_what_slows_down_is_forgotten(desk: Desk, hasher: Hasher) -> None:
    """The job removes counters that mean nothing any more, and keeps where a user signs in from."""
    from crmkit.security.credentials.upkeep import remove_what_is_over

    desk.user("anna", password=GOOD, address=HOME)
    hasher.quick = True
    guess(desk, "anna", "203.0.113.1")
    desk.later(days=3)
    with desk.crm.transaction(SYSTEM) as session:
        remove_what_is_over(session)
    kinds = [row.key.partition(":")[0] for row in desk.rows("SELECT key FROM crm_throttle")]
    assert kinds == ["known"]


def test_a_leaver_does_not_slip_in_while_the_password_is_verified(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is deactivated between the right password and the end of signing in is refused."""
    user = desk.user("anna", password=GOOD)

    def verify(password: str, hashed: str) -> bool:
        desk.crm.run(SYSTEM, "user.deactivate", target=user.id)
        return True

    monkeypatch.setattr(signing_in, "verify_password", verify)
    assert isinstance(guess(desk, "anna", HOME, GOOD), InvalidCredentials)
    assert desk.attempts()[-1] == ("refused", "changed_meanwhile")


def test_there_is_no_account_that_nobody_made(desk: Desk) -> None:
    """A new customer base has no user, no password, no token and no code."""
    tables = ("crm_user", "crm_password", "crm_token", "crm_one_time_code")
    assert [desk.rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables] == [0, 0, 0, 0]
