"""What the hook API has got, and when: shown in ``docs/hooks.md``, and held against the code by a test.

``docs/deprecation.md`` says which change raises which number. Values only: must not import what it is about.
"""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from crmkit.i18n import Text, texts

_ = texts("crmkit")


@frozen(kw_only=True)
class ApiChange:
    """One change of the hook API: in which version, of what, and what sort of change it is."""

    api: str
    kind: Literal["added", "argument", "changed", "removed"]
    what: str
    text: Text


CHANGES: tuple[ApiChange, ...] = (
    ApiChange(api="1.0", kind="added", what="*", text=_("The first hook API: every hook that says “Since 1.0”.")),
)
"""Every change, oldest first; ``what`` is a hook, an argument as ``crmkit_search.limit``, a field as ``Report.rows``, a
public name, or * for all."""

RELEASED: tuple[int, int] | None = None
"""The newest hook API that a release of crmkit has offered, None before the first. What it has stays as it is for as
long as the major version does."""
