"""The settings of messaging, from the table ``[options.messaging]`` of ``crmkit.toml``."""

from __future__ import annotations

from typing import Any

from attrs import Attribute, field, frozen

from crmkit import Settings

_SENDER_CHECKS = ("off", "warn", "refuse")


def _sender_check(instance: object, attribute: Attribute[str], value: Any) -> None:
    if value not in _SENDER_CHECKS:
        raise ValueError(f"{attribute.name} is one of {', '.join(_SENDER_CHECKS)}")


def _positive(instance: object, attribute: Attribute[int], value: int) -> None:
    if value < 1:
        raise ValueError(f"{attribute.name} is a number from 1 on")


@frozen(kw_only=True)
class MessagingSettings:
    """What an admin can set."""

    message_domain: str = field(default="")
    """The domain in the Message-IDs of what is sent; by default that of the mailbox's address."""
    sending_lease: int = field(default=300, converter=int, validator=_positive)
    """Seconds after which a message that is still being handed over counts as uncertain."""
    sending_attempts: int = field(default=12, converter=int, validator=_positive)
    """So often a message is handed over at most while the other side asks to be tried again."""
    sending_backlog: int = field(default=30, converter=int, validator=_positive)
    """Minutes after which messages that are due and still wait are reported by crmkit doctor."""

    sender_check: str = field(default="warn", validator=_sender_check)
    """What becomes of mail of a domain whose SPF, DKIM or DMARC is missing or wrong: off, warn or refuse."""
    name_server: str = field(default="")
    """The name server that is asked about domains, as HOST or HOST:PORT; by default those of the machine."""

    auto_reply_days: int = field(default=4, converter=int, validator=_positive)
    """Days within which a sender gets one automatic answer of a mailbox."""


def settings_of(settings: Settings) -> MessagingSettings:
    """Return the plugin's part of the settings. Raises ConfigurationError naming what is unknown or malformed."""
    return settings.part("messaging", MessagingSettings)
