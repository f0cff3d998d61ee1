"""The demonstration company: real purchases of a public data set under invented customers' names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmkit.cli.invocation import Invocation


def run(cli: Invocation, *, serve: bool) -> None:
    """Make the demonstration company, or go on with it, and take the tour. See `crmkit.demo.company`."""
    from crmkit.demo.company import make
    from crmkit.demo.decisions import decide
    from crmkit.demo.tour import show

    make(cli)
    decide(cli)
    show(cli)
