"""How a business looks on public pages: a colour that text on white stays readable in, and a small picture.

Must not touch the database.
"""

from __future__ import annotations

import base64
import binascii
import re

from crmkit.core.business import standards
from crmkit.i18n import texts

_ = texts("crmkit")

BYTES = 12_288
"""Bytes of a logo: a public page with it stays under 30 kB."""
LONGEST = BYTES * 4 // 3 + 40
CONTRAST = 4.5
"""Least contrast of the accent colour with white (WCAG 2.2, AA)."""

_COLOUR = re.compile(r"#[0-9a-f]{6}")
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,([A-Za-z0-9+/]+={0,2})")
_MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff", "gif": b"GIF8", "webp": b"RIFF"}


def colour(value: str) -> str:
    """Return a colour in small letters. Raises InvalidInput for what is none, and for one too light to be read."""
    found = value.strip().lower()
    if not _COLOUR.fullmatch(found):
        raise standards.refused(_("This is no colour."), hint=_("Write it as #1a5fb4."), value=value)
    if contrast(found) < CONTRAST:
        raise standards.refused(
            _("White text on this colour cannot be read."), hint=_("Choose a darker one."), value=value
        )
    return found


def contrast(found: str) -> float:
    """Return the contrast of a colour with white: 1 for white itself, 21 for black (WCAG 2.2)."""
    parts = [int(found[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def picture(value: str) -> str:
    """Return a picture as it came. Raises InvalidInput for what is no picture of a kind that holds no scripts, or for
    one that is too large."""
    match = _PICTURE.fullmatch(value.strip())
    try:
        content = base64.b64decode(match[2], validate=True) if match else b""
    except binascii.Error:
        content = b""
    if match is None or not content.startswith(_MAGIC[match[1]]):
        raise standards.refused(
            _("This is no picture."), hint=_("A PNG, JPEG, GIF or WebP, as data:image/png;base64,…"), value=value[:40]
        )
    if len(content) > BYTES:
        raise standards.refused(_("The picture is too large."), hint=_("At most 12 kB."), value=len(content))
    return value.strip()
