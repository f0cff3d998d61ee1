"""The demonstration company: real purchases of a public data set under invented customers' names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmkit.cli.invocation import Invocation


def run(cli: Invocation, *, serve: bool) -> None:
    """Make the demonstration company, or go on with it, take the tour, and serve its pages. See `crmkit.demo.company`.

    A script that asks for the figures as JSON is waiting for the end: then nothing is served.
    """
    from crmkit.demo.company import make
    from crmkit.demo.decisions import decide
    from crmkit.demo.foreseeing import foresee
    from crmkit.demo.hearing import hear
    from crmkit.demo.rewarding import reward
    from crmkit.demo.tour import show

    make(cli)
    decide(cli)
    foresee(cli)
    reward(cli)
    hear(cli)
    show(cli)
    if serve and not cli.json:
        from crmkit.demo.serving import serve as serve_pages

        serve_pages(cli)
