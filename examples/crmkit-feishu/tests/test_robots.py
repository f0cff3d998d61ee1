"""Messages reach a robot that checks their signatures, and its answers are understood."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from attrs import evolve
from crmkit import CRM, Delivery, Message, Refused, Settings, deliver
from crmkit.errors import ConfigurationError

from crmkit_feishu.carrier import CHANNEL
from crmkit_feishu.checks import robots
from crmkit_feishu.robots import sign
from crmkit_feishu.settings import settings_of


@pytest.fixture
def send(crm: CRM, group: Any) -> Iterator[Callable[..., Delivery]]:
    """Return what sends a message by way of crmkit itself, to the robot ``sales`` of the group."""
    before = crm.settings
    said = {
        "sales": {"url": group.url, "secret": group.secret},
        "else": {"url": group.url + "x", "secret": group.secret},
    }
    crm.settings = evolve(before, options={"feishu": {"robots": said, "usual": "sales", "private": True}})

    def sent(body: str = "text", **values: Any) -> Delivery:
        return deliver(crm, Message(**{"id": uuid4(), "channel": CHANNEL, "address": "sales", "body": body, **values}))

    yield sent
    crm.settings = before


def test_the_signature_is_the_documented_one() -> None:
    """A vector that was computed by hand: HMAC-SHA-256 of nothing under "time, line feed, secret", in Base64."""
    key = b"1599360473\nkT7mV2sQ9".hex()
    command = ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key}", "-binary"]
    digest = subprocess.run(command, input=b"", capture_output=True, check=True).stdout
    assert sign(1599360473, "kT7mV2sQ9") == base64.b64encode(digest).decode()


def test_a_message_reaches_the_group(send: Callable[..., Delivery], group: Any) -> None:
    """With its subject as the title, each line, and addresses as links."""
    said = "任务 1042 到期\nhttps://crm.example.com/tasks/1042 开始处理"
    assert send(said, subject="到期提醒") == Delivery(outcome="accepted")
    link = "https://crm.example.com/tasks/1042"
    assert group.posts == [
        {
            "title": "到期提醒",
            "content": [
                [{"tag": "text", "text": "任务 1042 到期"}],
                [{"tag": "a", "text": link, "href": link}, {"tag": "text", "text": " 开始处理"}],
            ],
        }
    ]


def test_the_usual_robot_takes_what_names_none(send: Callable[..., Delivery], group: Any) -> None:
    """And a name that no robot has is refused."""
    assert send(address="").outcome == "accepted"
    assert send(address="nobody").outcome == "refused"
    assert len(group.posts) == 1


def test_a_long_message_is_cut(send: Callable[..., Delivery], group: Any) -> None:
    """The robot takes 20 KB; no sign is torn."""
    assert send("很长" * 9000).outcome == "accepted"
    assert group.posts[0]["content"][0][0]["text"].endswith("很 …") or group.posts[0]["content"][0][0]["text"].endswith(
        "长 …"
    )


def test_a_wrong_secret_is_refused_for_good(crm: CRM, send: Callable[..., Delivery], group: Any) -> None:
    """With what the robot says."""
    robots_ = {"sales": {"url": group.url, "secret": "other"}}
    crm.settings = evolve(crm.settings, options={"feishu": {"robots": robots_, "private": True}})
    found = send()
    assert (found.outcome, found.reason.partition(":")[0]) == ("refused", "19021")
    assert group.posts == []


def test_a_robot_that_does_not_exist_is_refused(send: Callable[..., Delivery]) -> None:
    """Another path is another robot."""
    assert send(address="else").reason.startswith("19001")


@pytest.mark.parametrize("answer", [(200, {"code": 11232, "msg": "frequency limited"}), (429, {})])
def test_a_busy_robot_is_asked_later(send: Callable[..., Delivery], group: Any, answer: tuple[int, Any]) -> None:
    """A minute later it takes messages again."""
    group.answers.append(answer)
    found = send()
    assert found.outcome == "later"
    assert found.retry_at is not None
    assert send().outcome == "accepted"


@pytest.mark.parametrize("answer", [(200, b"<html>"), (502, {}), (200, [])])
def test_an_answer_that_says_nothing_leaves_it_open(
    send: Callable[..., Delivery], group: Any, answer: tuple[int, Any]
) -> None:
    """Nobody knows whether the message is in the group, and nothing is claimed."""
    group.answers.append(answer)
    with pytest.raises(Exception, match=r".*"):
        send()


def test_a_robot_that_is_not_there_leaves_it_open(crm: CRM, send: Callable[..., Delivery], group: Any) -> None:
    """Nobody listens on the port."""
    robots_ = {"sales": {"url": "http://127.0.0.1:9/x", "secret": group.secret}}
    crm.settings = evolve(crm.settings, options={"feishu": {"robots": robots_, "private": True}})
    with pytest.raises(Exception, match=r"127\.0\.0\.1") as raised:
        send()
    assert isinstance(raised.value, Refused) or isinstance(raised.value.__cause__, Refused)


def test_an_address_in_the_own_network_is_not_called(crm: CRM, send: Callable[..., Delivery], group: Any) -> None:
    """Unless an admin has said that robots are there."""
    robots_ = {"sales": {"url": group.url, "secret": group.secret}}
    crm.settings = evolve(crm.settings, options={"feishu": {"robots": robots_}})
    assert send().outcome == "refused"
    assert group.posts == []


def test_other_channels_are_left_to_others(crm: CRM, send: Callable[..., Delivery]) -> None:
    """A message of theirs is not ours to refuse."""
    assert send(channel="email").reason == "no carrier"


def test_a_secret_can_stand_in_a_file(tmp_path: Any) -> None:
    """So that it stands in no configuration; what is malformed is said."""
    file = tmp_path / "secret"
    file.write_text("abc\n", "utf-8")
    said = {"robots": {"sales": {"url": "https://open.feishu.cn/x", "secret_file": str(file)}}}
    assert settings_of(Settings(database="sqlite://", options={"feishu": said})).robots["sales"].secret == "abc"
    for wrong in ({"secret": "a"}, {"url": "https://x", "sekret": "a"}):
        with pytest.raises(ConfigurationError):
            settings_of(Settings(database="sqlite://", options={"feishu": {"robots": {"sales": wrong}}}))


def test_doctor_names_what_is_wrong_with_a_robot(crm: CRM) -> None:
    """An address that cannot be called, messages that are not signed, a usual robot that is none."""
    said = {"robots": {"sales": {"url": "http://example.com/x"}}, "usual": "nobody"}
    crm.settings = evolve(crm.settings, options={"feishu": said})
    with crm.session(crm.system("a test")) as session:
        assert [each.code for each in robots(session)] == ["feishu.address", "feishu.unsigned", "feishu.usual"]
