"""The plugin's settings, from the table ``[options.feishu]`` of ``crmkit.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen
from crmkit import Settings


@frozen(kw_only=True)
class Robot:
    """A custom robot of a group: its address, which is a secret itself, and the secret that its messages are signed
    with, empty where the group asks for none."""

    url: str = field(repr=False)
    secret: str = field(default="", repr=False)


def _robots(value: Mapping[str, Mapping[str, Any]]) -> dict[str, Robot]:
    robots: dict[str, Robot] = {}
    for name, said in value.items():
        unknown = set(said) - {"url", "secret", "secret_file"}
        if unknown or not isinstance(said.get("url"), str):
            raise ValueError(f"robots.{name} has url, and secret or secret_file")
        secret = str(said.get("secret", ""))
        if "secret_file" in said:
            secret = Path(said["secret_file"]).read_text("utf-8").strip()
        robots[name] = Robot(url=said["url"], secret=secret)
    return robots


@frozen(kw_only=True)
class FeishuSettings:
    """What an admin can set."""

    robots: Mapping[str, Robot] = field(factory=dict, converter=_robots)
    """The robots by the names under which people choose them."""
    usual: str = ""
    """The robot of a message that names none."""
    private: bool = False
    """Whether robots may be in one's own network, behind a relay."""


def settings_of(settings: Settings) -> FeishuSettings:
    """Return the plugin's part of the settings. Raises ConfigurationError naming what is unknown or malformed."""
    return settings.part("feishu", FeishuSettings)
