"""What operations on points take."""

from __future__ import annotations

from typing import Annotated

from crmkit import Input, texts

_ = texts("crmkit_loyalty")

MOST = 1_000_000_000_000
"""Points at once."""
Points = Annotated[int, Input(title=_("Points"), minimum=1, maximum=MOST, classified="internal")]
Change = Annotated[
    int,
    Input(
        title=_("Points"),
        help=_("Below nought they are taken."),
        minimum=-MOST,
        maximum=MOST,
        classified="internal",
    ),
]
Key = Annotated[
    str,
    Input(
        title=_("Key"),
        help=_("The same command with the same key happens once. Empty: each happens."),
        max_length=150,
        classified="internal",
    ),
]
Reason = Annotated[str, Input(title=_("Reason"), max_length=500, classified="internal")]
Ref = Annotated[str, Input(title=_("For"), help=_("As resource:id."), max_length=160, classified="internal")]
