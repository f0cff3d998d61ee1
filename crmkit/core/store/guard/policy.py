"""Access policies: what a model says of itself about who may see its rows.

Frozen values on the class, read when the application starts. Must not know rights, sessions or SQL.
"""

from __future__ import annotations

from typing import Any, Literal

from attrs import evolve, field, frozen

Kind = Literal["owned", "via", "open", "system"]


@frozen(kw_only=True)
class Reference:
    """A column that names another record; ``model`` says of which model, where the column is no foreign key."""

    column: str
    model: type[Any] | None = None


@frozen(kw_only=True)
class Access:
    """How the rows of a model are protected. A model says it as ``__access__ = Access.owned()``.

    ``resource`` names the resource whose rights apply; without it, it is the one that is registered for the model.
    """

    kind: Kind
    owner: str | None = None
    """The column that names the owner, of a model whose rows have one."""
    team: str | None = None
    """The column that names the team."""
    references: tuple[Reference, ...] = field(default=(), converter=tuple)
    """The records that have to be readable for the row to be."""
    author: str | None = None
    """The column that names the actor who recorded the row: who sees it while it refers to nothing."""
    resource: str | None = None

    @classmethod
    def owned(
        cls,
        *,
        owner: str = "owner_id",
        team: str = "team_id",
        via: str | None = None,
        model: type[Any] | None = None,
        resource: str | None = None,
    ) -> Access:
        """Rows have an owner and a team of their own.

        With ``via`` the record that this column names has to be readable as well, unless the row is one's own.
        """
        references = (Reference(column=via, model=model),) if via else ()
        return cls(kind="owned", owner=owner, team=team, references=references, resource=resource)

    @classmethod
    def via(
        cls, column: str, model: type[Any] | None = None, *, author: str | None = None, resource: str | None = None
    ) -> Access:
        """Rows are visible when the record that ``column`` names is; ``model`` where the column is no foreign key.

        A row that refers to nothing is visible to who recorded it (``author``: the column that names the actor) and to
        scope "all".
        """
        return cls(kind="via", references=(Reference(column=column, model=model),), author=author, resource=resource)

    def and_via(self, column: str, model: type[Any] | None = None) -> Access:
        """Return the same policy with one more record that has to be visible where ``column`` names one."""
        return evolve(self, references=(*self.references, Reference(column=column, model=model)))

    @classmethod
    def open(cls, *, resource: str | None = None) -> Access:
        """Return the policy of what everybody who is signed in may read; writing goes by right."""
        return cls(kind="open", resource=resource)

    @classmethod
    def system(cls) -> Access:
        """Return the policy of what the framework alone reads and writes."""
        return cls(kind="system")
