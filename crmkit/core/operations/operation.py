"""The decorator that makes a typed function an operation.

Declared once, an operation can be called from Python, from the command line, over REST, as a form, by a rule, a
journey or an assistant; all of them go through the gate. Must not know any particular operation.
"""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Generic, Literal, ParamSpec, TypeVar, cast

import attrs

from crmkit.core.operations.inputs import fields_of
from crmkit.core.store.model import Model
from crmkit.core.store.session import CrmSession
from crmkit.errors import ContributionError
from crmkit.i18n import texts

_ = texts("crmkit")

P = ParamSpec("P")
R = TypeVar("R")
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")

Effect = Literal["create", "update", "delete", "other"]


class Operation(Generic[P, R]):
    """A typed function behind the gate.

    ``name`` is ``<resource>.<verb>``, in a plugin ``<plugin>.<…>.<verb>``; ``target`` is the model of the record it
    acts on, if any; ``inputs`` the attrs class of its input; ``bulk`` the set-based writer, if any. Calling it with an
    open session runs it through the gate, nested in that session's transaction.

    The right that it needs is ``resource`` with one of ``actions``: what ``permission`` says, else its own resource
    with what it does (create, update, delete), or with its own verb.
    """

    def __init__(
        self,
        function: Callable[P, R],
        *,
        name: str,
        title: str,
        permission: str | None,
        effect: Effect,
        bulk: Callable[..., Any] | None,
        hidden: bool,
    ) -> None:
        self.function = function
        self.name = name
        self.title = title
        self.stated = permission
        self.effect: Effect = effect
        self.bulk = bulk
        self.hidden = hidden
        self.__doc__ = function.__doc__
        self.__module__ = function.__module__
        self.__name__ = getattr(function, "__name__", name)
        for stated in filter(None, (name, permission)):
            if not _NAME.fullmatch(stated):
                raise ContributionError(_('"{name}" is not the name of an operation.'), name=stated)

    def __call__(self, *args: P.args, **values: P.kwargs) -> R:
        session = args[0]
        if not isinstance(session, CrmSession):
            raise TypeError(f"{self.name} needs an open session as its first argument")
        rest = args[1:]
        target = rest[0] if self.target is not None else None
        inputs: Any = rest[-1] if self.whole else values
        return cast(R, session.gate.nested(session, self, inputs, target=target))

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    @cached_property
    def _signature(self) -> tuple[type[Any] | None, type[Any] | None, type[Any]]:
        """Return the target's model, the whole input's class where the function takes one, and the input's class."""
        function = self.function
        hints = typing.get_type_hints(function, include_extras=True)
        target: type[Any] | None = None
        whole: type[Any] | None = None
        keywords: dict[str, Any] = {}
        for position, parameter in enumerate(inspect.signature(function).parameters.values()):
            hint = hints.get(parameter.name, Any)
            if position == 0:
                continue
            if parameter.kind is parameter.KEYWORD_ONLY:
                default = attrs.NOTHING if parameter.default is parameter.empty else parameter.default
                keywords[parameter.name] = attrs.field(default=default, type=hint, kw_only=True)
            elif isinstance(hint, type) and attrs.has(hint) and whole is None:
                whole = hint
            elif isinstance(hint, type) and issubclass(hint, Model) and target is None and whole is None:
                target = hint
            else:
                raise ContributionError(
                    _("The parameter {parameter} of {name} is neither its target nor its input, nor keyword-only."),
                    name=self.name,
                    parameter=parameter.name,
                )
        if whole is not None and keywords:
            raise ContributionError(
                _("The operation {name} takes either a whole input or keywords, not both."), name=self.name
            )
        shape = whole or attrs.make_class(
            "".join(part.title() for part in re.split(r"[._]", self.name)) + "Input", keywords, frozen=True
        )
        return target, whole, shape

    @property
    def target(self) -> type[Any] | None:
        """Return the model of the record that the operation acts on, or None."""
        return self._signature[0]

    @cached_property
    def resource(self) -> str:
        """Return the resource that the operation needs a right on."""
        return (self.stated or self.name).rpartition(".")[0]

    @cached_property
    def actions(self) -> tuple[str, ...]:
        """Return the actions on that resource of which the right to one suffices, the usual one first."""
        verb = (self.stated or self.name).rpartition(".")[2]
        if self.stated is not None:
            return (verb,)
        usual = self.effect if self.effect != "other" else "update" if self.target is not None else verb
        return (usual,) if usual == verb else (usual, verb)

    @cached_property
    def permission(self) -> str:
        """Return the usual right that the operation needs, as ``<resource>.<action>``."""
        return f"{self.resource}.{self.actions[0]}"

    @property
    def whole(self) -> bool:
        """Say whether the function takes its input as one value."""
        return self._signature[1] is not None

    @property
    def inputs(self) -> type[Any]:
        """Return the attrs class of the input."""
        return self._signature[2]

    def call(self, session: CrmSession, target: Any, given: Any) -> R:
        """Call the function itself, without the gate; for the gate alone."""
        arguments: list[Any] = [session]
        if self.target is not None:
            arguments.append(target)
        function = cast("Callable[..., R]", self.function)
        if self.whole:
            return function(*arguments, given)
        return function(*arguments, **{item.name: getattr(given, item.name) for item in attrs.fields(self.inputs)})

    def describe(self) -> Sequence[tuple[str, Any, bool, str]]:
        """Return each input as (name, type, required, title)."""
        return [
            (attribute.name, hint, attribute.default is attrs.NOTHING, info.title)
            for attribute, hint, info in fields_of(self.inputs)
        ]


def operation(
    name: str,
    *,
    title: str,
    permission: str | None = None,
    effect: Effect = "other",
    bulk: Callable[..., Any] | None = None,
    hidden: bool = False,
) -> Callable[[Callable[P, R]], Operation[P, R]]:
    """Make a function an operation.

    The function takes the session; then, if it acts on a record, that record; then either keyword-only inputs or one
    attrs value. ``permission`` is the right it needs (``<resource>.<action>``; by default what it does to the resource
    in its name, or its own verb), ``effect`` what it does to its target,
    ``bulk`` a writer ``(session, inputs) -> results`` for many at once, ``hidden`` keeps it out of menus.

    Raises ContributionError for a name or a signature that does not fit.
    """

    def decorate(function: Callable[P, R]) -> Operation[P, R]:
        return Operation(
            function, name=name, title=title, permission=permission, effect=effect, bulk=bulk, hidden=hidden
        )

    return decorate
