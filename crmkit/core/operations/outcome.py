"""What became of one input among many."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from crmkit.errors import Problem


@frozen(kw_only=True)
class Outcome:
    """The result of one input, or the problems for which it was refused."""

    result: Any = None
    problems: tuple[Problem, ...] = field(default=(), converter=tuple)

    @property
    def ok(self) -> bool:
        """Say whether the input was accepted."""
        return not self.problems
