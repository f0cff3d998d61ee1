"""The secret of a second factor as a page shows it: a picture to scan, and a text to type."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from crmkit.security.sessions.factors import NewFactor


def drawn(factor: NewFactor) -> Mapping[str, str]:
    """Return the picture of a secret, and the secret in groups of four signs."""
    groups = [factor.secret[place : place + 4] for place in range(0, len(factor.secret), 4)]
    # The drawing is made here of squares alone: nothing that somebody typed is in it as text.
    return {"svg": Markup(factor.svg), "secret": " ".join(groups)}  # noqa: S704
