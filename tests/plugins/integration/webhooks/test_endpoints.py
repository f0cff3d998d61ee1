"""Endpoints: what may be set up by whom, which addresses are never called, and whose rights hold."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from attrs import evolve
from crmkit_integration.webhooks.checks import examine
from crmkit_integration.webhooks.models import Delivery, Endpoint, EndpointProgress
from crmkit_integration.webhooks.pages import troubled
from crmkit_integration.webhooks.reading import preview_of, standing_of
from sqlalchemy import select, update

from crmkit.app import CRM
from crmkit.core.store.actor import Actor
from crmkit.errors import Conflict, CrmkitError, InvalidInput, NotFound, Refused
from tests.plugins.integration.webhooks.conftest import (
    SYSTEM,
    Answers,
    Hands,
    add,
    attempts,
    deliver,
    deliveries,
    endpoint,
    grant,
    person,
    set_up,
)

URL = "https://hooks.example.com/in"


def problems(call: Any) -> list[str | None]:
    """Return the fields in which an input is wrong."""
    with pytest.raises(InvalidInput) as caught:
        call()
    return [each.field for each in caught.value.problems]


def test_what_is_given_is_checked(lite: CRM) -> None:
    """Name, address and events, each named."""
    ada = person(lite, "ada", "admin")
    set_up(lite, ada, URL)
    assert problems(lambda: set_up(lite, ada, URL)) == ["name"]
    assert problems(lambda: set_up(lite, ada, URL, name="a b")) == ["name"]
    assert problems(lambda: set_up(lite, ada, URL, "customer.vanished", "nothing.*", name="b")) == ["events", "events"]
    assert problems(lambda: set_up(lite, ada, URL, " ", name="b")) == ["events"]
    assert problems(lambda: set_up(lite, ada, "http://hooks.example.com/", name="b")) == ["url"]
    assert problems(lambda: set_up(lite, SYSTEM, URL, name="b")) == ["owner"]
    assert problems(lambda: set_up(lite, SYSTEM, URL, name="b", owner="nobody")) == ["owner"]
    set_up(lite, SYSTEM, URL, "*", name="b", owner="ada")


def test_only_who_may_sets_one_up(lite: CRM) -> None:
    """And the own network needs a right of its own."""
    with pytest.raises(Refused):
        set_up(lite, person(lite, "sue", "seller"), URL, private=False)
    grant(lite, "manager", "integration.endpoint", "create", "read")
    mia = person(lite, "mia", "manager")
    set_up(lite, mia, URL, private=False)
    with pytest.raises(Refused, match="reach_private"):
        set_up(lite, mia, "http://127.0.0.1:8/", name="inner")
    with pytest.raises(Refused, match="whoever sets it up"):
        set_up(lite, mia, URL, name="other", owner="sue", private=False)
    with pytest.raises(Refused, match="Only a user"):
        set_up(lite, Actor.host("x", roles=("admin",)), URL, name="other", private=False)


def test_who_turns_messages_becomes_the_owner(lite: CRM) -> None:
    """Otherwise somebody would be told what another one may know."""
    ada, eve = person(lite, "ada", "admin"), person(lite, "eve", "admin")
    identity = set_up(lite, ada, URL).endpoint_id
    lite.run(eve, "integration.endpoint.update", {"description": "x"}, target=identity)
    assert endpoint(lite).owner_id == ada.user_id
    lite.run(eve, "integration.endpoint.update", {"url": "https://eve.example.com/"}, target=identity)
    assert endpoint(lite).owner_id == eve.user_id
    lite.run(SYSTEM, "integration.endpoint.update", {"events": ["*"]}, target=identity)
    assert endpoint(lite).owner_id == eve.user_id


def test_a_token_hands_on_no_more_than_it_has(lite: CRM) -> None:
    """An endpoint that was set up by a token with scopes is told what these reach."""
    ada = person(lite, "ada", "admin")
    set_up(lite, evolve(ada, limits=("integration.endpoint.*",)), "http://127.0.0.1:1/", "*")
    assert endpoint(lite).limits == ["integration.endpoint.*"]
    add(lite, "Ada")
    answers = Answers()
    deliver(lite, send=answers, idle=0.0)
    assert answers.asked == []


class Canary(http.server.BaseHTTPRequestHandler):
    """Counts who comes."""

    came: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        """Note a visit."""
        self.came.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def canary() -> Iterator[int]:
    """The port of a server on this machine that nobody is to reach."""
    Canary.came = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Canary)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join(5)


HOSTS = (
    *("127.0.0.1", "localhost", "localhost.", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "0.0.0.0"),
    *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"),
    *("10.0.0.1", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "[fe80::1]", "[fd00::1]"),
    *("me@127.0.0.1", "example.com@127.0.0.1", "127.0.0.1#example.com", "①②⑦.⓪.⓪.①", "127。0。0。1"),
)


def test_no_address_of_the_own_network_is_reached(lite: CRM, canary: int) -> None:
    """However it is put: either it is refused at once, or never called."""
    ada = person(lite, "ada", "admin")
    kept = 0
    for number, host in enumerate(HOSTS):
        for scheme in ("http", "https"):
            try:
                set_up(lite, ada, f"{scheme}://{host}:{canary}/", name=f"{scheme}-{number}", private=False)
                kept += 1
            except InvalidInput:
                continue
    # Ports that are usual outside are taken by their form, and judged by where the name leads.
    for number, host in enumerate(HOSTS):
        try:
            set_up(lite, ada, f"https://{host}/", name=f"usual-{number}", private=False)
            kept += 1
        except InvalidInput:
            continue
    add(lite, "Ada")
    deliver(lite, answer=1.0)
    assert Canary.came == []
    assert kept > 5
    assert {each.outcome for each in attempts(lite)} <= {"address", "network"}
    assert "delivered" not in {each.state for each in deliveries(lite)}


def test_an_address_that_was_changed_past_the_operations_is_judged_again(lite: CRM, canary: int) -> None:
    """The guard is where the call is made."""
    set_up(lite, person(lite, "ada", "admin"), URL, private=False)
    with lite.engines.system_write.begin() as connection:
        connection.execute(update(Endpoint.__table__).values(url=f"http://127.0.0.1:{canary}/"))
    add(lite, "Ada")
    deliver(lite, idle=0.0)
    assert [each.outcome for each in attempts(lite)] == ["address"]
    assert Canary.came == []


def test_what_is_written_is_written_by_the_framework_alone(lite: CRM) -> None:
    """An administrator cannot pretend that something was delivered."""
    ada = person(lite, "ada", "admin")
    identity = set_up(lite, ada, URL).endpoint_id
    run = identity
    with pytest.raises(Refused):
        lite.run(ada, "integration.endpoint.take_up", {"endpoint_id": identity, "run": run, "hold": 1.0})
    with pytest.raises(Refused):
        lite.run(ada, "integration.delivery.note", {"endpoint_id": identity, "run": run, "hold": 1.0})
    with pytest.raises(Refused):
        lite.run(ada, "integration.endpoint.orphan", {}, target=identity)


def test_one_run_at_a_time_holds_an_endpoint(integration: CRM) -> None:
    """Another one gets it when the first lets go, or gives no sign of life; what the first writes then is refused."""
    hands = Hands(integration)
    identity = set_up(integration, person(integration, "ada", "admin"), URL).endpoint_id
    one, two = (add(integration, name) for name in "ab")

    def take_up(run: Any) -> bool:
        values = {"endpoint_id": identity, "run": run, "hold": 30.0}
        return bool(integration.run(SYSTEM, "integration.endpoint.take_up", values))

    assert [take_up(one), take_up(two), take_up(one)] == [True, False, True]
    hands.forward(seconds=31)
    assert take_up(two)
    with pytest.raises(Conflict):
        integration.run(SYSTEM, "integration.delivery.note", {"endpoint_id": identity, "run": one, "hold": 30.0})


def test_switching_off_and_on(lite: CRM) -> None:
    """What happens meanwhile waits, or is left out when that is wished."""
    ada = person(lite, "ada", "admin")
    identity = set_up(lite, ada, "http://127.0.0.1:1/").endpoint_id
    answers = Answers()
    lite.run(ada, "integration.endpoint.disable", {}, target=identity)
    add(lite, "Ada")
    assert deliver(lite, send=answers, idle=0.0) == 0
    with pytest.raises(Conflict):
        lite.run(ada, "integration.endpoint.disable", {}, target=identity)
    with pytest.raises(Conflict):
        lite.run(ada, "integration.endpoint.test", {}, target=identity)
    lite.run(ada, "integration.endpoint.enable", {}, target=identity)
    assert deliver(lite, send=answers, idle=0.0) == 1
    with pytest.raises(Conflict):
        lite.run(ada, "integration.endpoint.enable", {}, target=identity)
    lite.run(ada, "integration.endpoint.disable", {}, target=identity)
    add(lite, "Bob")
    lite.run(ada, "integration.endpoint.enable", {"skip": True}, target=identity)
    add(lite, "Cy")
    assert deliver(lite, send=answers, idle=0.0) == 1
    assert len(answers.asked) == 2


def test_from_the_oldest_event_on(lite: CRM) -> None:
    """Where that is wished, what has happened so far is told as well."""
    add(lite, "Before")
    set_up(lite, person(lite, "ada", "admin"), "http://127.0.0.1:1/", from_start=True)
    answers = Answers()
    deliver(lite, send=answers, idle=0.0)
    assert [each["type"] for each in answers.asked] == ["customer.created"]


def test_a_test_is_no_event(lite: CRM) -> None:
    """It is sent like one, in an order of its own."""
    ada = person(lite, "ada", "admin")
    identity = set_up(lite, ada, "http://127.0.0.1:1/").endpoint_id
    lite.run(ada, "integration.endpoint.test", {}, target=identity)
    answers = Answers()
    deliver(lite, send=answers, idle=0.0)
    assert [(each["type"], each["data"]) for each in answers.asked] == [("integration.test", {"endpoint": "erp"})]


def test_a_preview_shows_what_its_reader_may_know(lite: CRM) -> None:
    """The message as it is sent, and nothing to whom it is none of the business."""
    ada = person(lite, "ada", "admin")
    set_up(lite, ada, "http://127.0.0.1:1/")
    with lite.session(ada) as session:
        assert '"integration.test"' in preview_of(session, standing_of(session, "erp").endpoint)
    customer = add(lite, "Ada")
    deliver(lite, send=Answers(), idle=0.0)
    with lite.session(ada) as session:
        assert str(customer) in preview_of(session, standing_of(session, "erp").endpoint)
        with pytest.raises(NotFound):
            standing_of(session, "other")
    grant(lite, "seller", "integration.endpoint", "read")
    grant(lite, "seller", "integration.delivery", "read")
    sue = person(lite, "sue", "seller")
    with lite.session(sue) as session, pytest.raises(NotFound, match="may not know"):
        preview_of(session, standing_of(session, "erp").endpoint)


def test_a_customer_who_is_erased_is_no_longer_told_of(lite: CRM) -> None:
    """Messages that wait are gone, and what was sent is no longer in the log."""
    set_up(lite, person(lite, "ada", "admin"), "http://127.0.0.1:1/", "customer.created")
    customer = add(lite, "Ada")
    deliver(lite, send=Answers(500), idle=0.0)
    lite.run(SYSTEM, "privacy.erase", {"reason": "asked"}, target=customer)
    assert deliveries(lite) == []
    assert attempts(lite) == []


def test_removing_one_takes_everything_along(integration: CRM) -> None:
    """Secrets, messages and attempts."""
    ada = person(integration, "ada", "admin")
    identity = set_up(integration, ada, "http://127.0.0.1:1/").endpoint_id
    add(integration, "Ada")
    deliver(integration, send=Answers(500), idle=0.0)
    integration.run(ada, "integration.endpoint.delete", {}, target=identity)
    with integration.session(SYSTEM) as session:
        assert session.scalars(select(Delivery)).all() == []
        assert session.scalars(select(EndpointProgress)).all() == []


def test_the_doctor_and_the_first_page_name_what_needs_a_look(lite: CRM) -> None:
    """An endpoint that fails, one that was switched off, dead letters, and messages that nobody sends."""
    ada = person(lite, "ada", "admin")
    identity = set_up(lite, ada, "http://127.0.0.1:1/").endpoint_id

    def found() -> list[str]:
        with lite.session(SYSTEM) as session:
            return [each.code for each in examine(session)]

    def lines() -> list[str]:
        with lite.session(ada) as session:
            return [f"{each.title} {each.tone}" for each in troubled(session)]

    assert (found(), lines()) == (["INT100"], [])
    for number in range(6):
        add(lite, f"C{number}")
    deliver(lite, send=Answers(500), idle=0.0)
    hands = Hands(lite)
    for _round in range(3):
        hands.forward(minutes=10)
        deliver(lite, send=Answers(500), idle=0.0)
    assert (found(), lines()) == (["INT101"], ["erp warn"])
    hands.forward(hours=12)
    assert found() == ["INT101", "INT104"]
    lite.run(ada, "integration.delivery.drop", {}, target=deliveries(lite)[0].id)
    deliver(lite, send=Answers(410), idle=0.0)
    assert (found(), lines()) == (["INT102", "INT103"], ["erp bad"])
    lite.run(ada, "integration.endpoint.delete", {}, target=identity)
    assert found() == ["INT100"]


def test_every_input_that_is_wrong_is_an_error_with_a_code(lite: CRM) -> None:
    """Never a traceback."""
    ada = person(lite, "ada", "admin")
    for url in ("", " ", "x", "https://", "https://[", "https://a:b/", "https://a/\n", "https://" + "a" * 3000, "\x00"):
        with pytest.raises(CrmkitError):
            set_up(lite, ada, url, private=True)
