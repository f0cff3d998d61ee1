"""How an endpoint of the API is declared: so that it is routed, checked and documented from one value.

Must not know how it is served.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from attrs import field, frozen

from crmkit.engines.expressions.tree import MAX_LENGTH
from crmkit.i18n import texts
from crmkit.resources.query import LIMIT as USUAL, MOST

if TYPE_CHECKING:
    from crmkit.web.rest.calls import RestCall

_ = texts("crmkit")

Method = Literal["GET", "POST", "PATCH", "PUT", "DELETE"]
JSON = "application/json"
NDJSON = "application/x-ndjson"
PROBLEM = "application/problem+json"


@frozen(kw_only=True)
class Parameter:
    """A parameter of the query, or a header. ``type`` is a Python type; ``tuple[str, ...]`` is written with commas."""

    name: str
    type: Any = str
    title: str
    where: Literal["query", "header"] = "query"
    required: bool = False
    default: Any = None
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    example: Any = None


@frozen(kw_only=True)
class Answer:
    """An answer of an endpoint: an attrs class, a Python type or a JSON schema as its ``body``, None for none."""

    status: int = 200
    title: str
    body: Any = None
    media: tuple[str, ...] = (JSON,)
    headers: Mapping[str, str] = field(factory=dict[str, str])
    example: Any = None


@frozen(kw_only=True, eq=False)
class Endpoint:
    """One method of one address below ``/api/v1``.

    ``path`` has literal segments and ``{parameter}``; ``path_types`` says which of these are no texts: what does not
    fit is not found. ``body`` is an attrs class that the JSON of the body is structured into, ``dict`` for any object,
    ``bytes`` for what it is, None for none; ``limit`` the bytes that it may have beyond what is usual. ``refusals`` are
    the statuses of problems beyond those that go without saying. ``right`` and ``marked`` (internal) are for the
    documentation alone; ``public`` endpoints are there for who is not signed in.
    """

    method: Method
    path: str
    name: str
    title: str
    group: str
    serve: Callable[[RestCall], Any]
    description: str = ""
    parameters: tuple[Parameter, ...] = field(default=(), converter=tuple)
    path_types: Mapping[str, Any] = field(factory=dict[str, Any])
    body: Any = None
    media: tuple[str, ...] = (JSON,)
    limit: int | None = None
    example: Any = None
    answers: tuple[Answer, ...] = field(converter=tuple)
    refusals: tuple[int, ...] = ()
    public: bool = False
    right: str | None = None
    marked: bool = False


FILTER = Parameter(
    name="filter",
    title=_("A condition, in the expression language: over the fields, and over facts of customers."),
    max_length=MAX_LENGTH,
    example='city == "Rome"',
)
SEARCH = Parameter(name="q", title=_("Words that are looked for."), max_length=200)
SORT = Parameter(
    name="sort",
    title=_("Fields to sort by, separated by commas; with - before it, descending."),
    max_length=400,
    example="-created_at",
)
LIMIT = Parameter(name="limit", type=int, title=_("Most records of the page."), default=USUAL, minimum=1, maximum=MOST)
AFTER = Parameter(name="after", title=_("The next of the page before."), max_length=4000)
FIELDS = Parameter(
    name="fields",
    type=tuple[str, ...],
    title=_("Names of the fields that are wanted, separated by commas; * for all."),
    max_length=4000,
    example="name,city",
)
EXPAND = Parameter(
    name="expand",
    type=tuple[str, ...],
    title=_("References whose records are wanted too, separated by commas."),
    max_length=400,
)
COUNT = Parameter(name="count", type=bool, title=_("Whether to count all records that are found."), default=False)
DELETED = Parameter(name="deleted", type=bool, title=_("Whether deleted records are meant as well."), default=False)
IF_MATCH = Parameter(
    name="If-Match", where="header", title=_("The ETag of the record that was read."), max_length=1000, example='"v1-0"'
)
IF_NONE_MATCH = Parameter(
    name="If-None-Match", where="header", title=_("ETags that the caller has already."), max_length=1000
)
