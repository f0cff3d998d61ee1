"""The carrier of warranty cards: each is written as a file into a folder that a printer watches."""

from __future__ import annotations

import os
from pathlib import Path

from crmkit import CRM, Settings
from crmkit.hooks.ports import Delivery, Message

from crmkit_warranty.settings import settings_of

CHANNEL = "warranty.card"


def deliver(crm: CRM, message: Message) -> Delivery | None:
    """Write a card, whole or not at all, and return that it was accepted; None for what is no card of ours.

    A card that comes again is written again under the same name.
    """
    folder = settings_of(crm.settings).cards
    if message.channel != CHANNEL or folder is None:
        return None
    target = folder / f"{message.id}.txt"
    part = folder / f"{message.id}.part"
    part.write_text(f"{message.subject}\n{message.body}", "utf-8")
    os.replace(part, target)
    return Delivery(outcome="accepted", carrier_id=target.name)


def tidy(settings: Settings) -> int:
    """Remove cards that were begun and never finished, and return their number."""
    folder = settings_of(settings).cards
    parts = list(folder.glob("*.part")) if folder is not None else []
    for part in parts:
        part.unlink(missing_ok=True)
    return len(parts)


def remove_all(folder: Path | None) -> int:
    """Remove every card and return their number."""
    found = [*folder.glob("*.txt"), *folder.glob("*.part")] if folder is not None else []
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)
