"""The hook that this plugin offers to others. crmkit finds it in a module of this name beside the hook module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crmkit.hooks.markers import hookspec


@hookspec
def warranty_terms(skus: Sequence[str]) -> Mapping[str, str] | None:
    """Return the terms, by name, that products should have where nobody said which.

    When: warranties are registered; one call for all products among them.
    None: no opinion on any.
    """
