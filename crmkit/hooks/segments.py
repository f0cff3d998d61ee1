"""The segments that a plugin ships: named expressions about customers. Must not know sessions."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Segment:
    """Customers for whom an expression holds, under a name; an admin can change it.

    ``where`` may name other segments as ``segment.<name>``. Where it decides by attributes that people must not be
    treated differently for (sex, age, occupation …), ``justification`` says why it may: without one it is refused.
    """

    name: str
    title: str
    where: str
    doc: str = ""
    justification: str = ""
