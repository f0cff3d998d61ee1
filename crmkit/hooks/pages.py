"""What a plugin declares for the pages of the staff beside its resources: boards, calendars and pages of its own.

Frozen values; must not know the web or databases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import attrs
from attrs import field, frozen

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession

Tone = Literal["", "good", "warn", "bad", "info", "accent"]


@frozen(kw_only=True)
class PageFile:
    """What a page answers with where it is a file, such as a feed or a picture: its content and media type. Pictures
    and what has no ``filename`` are shown by browsers, everything else is saved under its name."""

    content: bytes = field(repr=False)
    media_type: str
    filename: str | None = None


@frozen(kw_only=True)
class Page:
    """A page of a plugin's own, at ``/modules/<plugin>`` followed by ``path``, from a template of the plugin.

    ``context`` returns what the template needs. It is called with those of these that it takes by name: ``session``
    (to read, as whoever looks), ``query`` (the parameters of the address) and ``language``. ``permission`` is the right
    without which there is no such page; ``icon`` is the name of a drawing; ``menu`` says whether the menu names it.

    Where ``context`` returns a `PageFile`, that is handed out instead; a page that does nothing else has no template.

    ``badge(session)`` is a number that stands beside the entry of the menu where it is not 0; every page asks for it,
    so it has to be quick. With ``top`` the entry is a drawing in the bar at the top instead.

    With ``document`` there is no frame around it: what ``context`` has as ``document`` is shown as it is, such as a
    mail, in its own style but without any script, on its own or in a frame of another page of ours. No menu names it.
    """

    name: str
    title: str
    path: str
    template: str
    context: Callable[..., Mapping[str, Any] | PageFile]
    permission: str | None = None
    icon: str = "layout-dashboard"
    menu: bool = True
    order: int = 50
    badge: Callable[..., int] | None = None
    top: bool = False
    document: bool = False


@frozen(kw_only=True)
class BoardColumn:
    """One column of a board: the value of the field, and what stands above it.

    A card comes here by ``operation``, where that is another one than the board's: it is given nothing, or the value.
    With ``ask`` the form of that operation is shown first. ``tone`` colours the heading.
    """

    value: str
    title: str
    operation: str = ""
    ask: bool = False
    tone: Tone = ""


@frozen(kw_only=True)
class BoardChoice:
    """One of several sets of records of which a board shows one at a time, such as a pipeline."""

    value: str
    title: str


@frozen(kw_only=True)
class BoardMark:
    """What stands out about a card: a tone, and a few words, with ``values`` for their ``{name}`` fields."""

    tone: Tone
    text: str
    values: Mapping[str, object] = attrs.field(factory=dict[str, object])


@frozen(kw_only=True)
class Board:
    """A board of the records of a resource, a card for each, by what stands in one of its fields.

    ``name`` is ``<plugin>.<noun>``. ``field`` is a plain column; ``move`` is the operation on a record that gives it
    another value, by its input of that name, or ``argument``. ``card`` are the fields on a card, its title first;
    ``amount`` is one in minor units, which is added up for each column where the resource has a ``currency``; ``sort``
    is the order within a column. Sums are in the base currency; what cannot be converted is named beside them.

    Where columns are data, ``columns_of(session, choice)`` returns them. ``choices(session)`` are the sets of records
    of which one is shown, the usual one first; ``of(choice)`` is the condition that a record is in one. ``choice`` is
    the value of one of them, and an empty text where a board has none. ``marks(session, records)`` gives a mark to some
    of the records that are shown, by their ids.
    """

    name: str
    title: str
    resource: str
    columns: tuple[BoardColumn, ...] = attrs.field(default=(), converter=tuple)
    move: str
    field: str = "stage"
    argument: str = ""
    card: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    amount: str = ""
    sort: str = "-created_at"
    columns_of: Callable[[CrmSession, str], Sequence[BoardColumn]] | None = None
    choices: Callable[[CrmSession], Sequence[BoardChoice]] | None = None
    of: Callable[[str], Any] | None = None
    marks: Callable[[CrmSession, Sequence[Any]], Mapping[UUID, BoardMark]] | None = None
    icon: str = "layout-kanban"
    order: int = 50


@frozen(kw_only=True)
class Calendar:
    """A calendar of the records of a resource: a day or an instant of each, or a span of days.

    ``name`` is ``<plugin>.<noun>``. ``start`` and ``end`` are plain columns of days or instants, the end included;
    ``label`` are the fields that stand in an entry. ``states`` gives entries a tone by the value of the field
    ``state``, such as ``{"closed": "good"}``.
    """

    name: str
    title: str
    resource: str
    start: str
    end: str = ""
    label: tuple[str, ...] = attrs.field(default=(), converter=tuple)
    state: str = ""
    states: Mapping[str, Tone] = attrs.field(factory=dict[str, Tone])
    icon: str = "calendar"
    order: int = 50
