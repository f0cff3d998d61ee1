"""What a public page declares: a page for people without an account, opened by a signed link that expires.

Frozen values; must not know the web or databases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import field, frozen

if TYPE_CHECKING:
    from crmkit.app import CRM
    from crmkit.core.store.session import CrmSession


@frozen(kw_only=True)
class SentFile:
    """A file that a visitor has sent with a form. Its name is what the visitor says, its content is not looked at."""

    filename: str = field(repr=False)
    content: bytes = field(repr=False)


@frozen(kw_only=True)
class Visit:
    """A link that was followed: what a public page may know of who opens it.

    ``customer_id`` is the customer whose link it is, whoever holds it now; None for a link about nobody. ``ref`` is the
    record that the link is about, ``<resource>:<id>``, where it is about one. ``language`` is the one that the page is
    shown in. ``files`` came with the form that is being submitted, in a page that takes files. ``query`` is what stands
    behind the link's address, as whoever sent it has written: at most twenty short texts, to be taken for a guess.
    """

    link_id: UUID
    page: str
    customer_id: UUID | None = None
    ref: str | None = None
    language: str = "en"
    files: tuple[SentFile, ...] = field(default=(), converter=tuple, repr=False)
    query: Mapping[str, tuple[str, ...]] = field(factory=dict[str, tuple[str, ...]], repr=False)


@frozen(kw_only=True)
class Received:
    """What another machine has sent to a public page. The names of ``headers`` are in lower case; ``body`` is what has
    come, byte by byte, at most 1 MiB."""

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    address: str | None = field(default=None, repr=False)

    @property
    def content_type(self) -> str:
        """Return the media type of the body, without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@frozen(kw_only=True)
class Reply:
    """What a machine is answered: a status of HTTP, and a document that is sent as JSON, if any."""

    status: int = 204
    document: Any = None


@frozen(kw_only=True)
class PublicPage:
    """A page that somebody without an account opens by a signed link: a survey, a form, a centre of preferences.

    ``name`` is ``<plugin>.<noun>``. ``show(session, visit)`` returns what the ``template`` needs, from a reading
    session; ``submit(session, visit, values)`` carries out what was sent, by operations in a writing session, and
    raises InvalidInput for what is wrong; without it the page takes nothing. ``values`` has every field of the form
    with all of its values as text. An InvalidInput without any problem shows the page again with what was given: the
    next step of a form that is kept at its end.

    ``rights`` (``resource.action``) are all that the visitor may do; of customers, and of what belongs to one, only the
    link's own is seen. A link holds for ``expires`` days; one of a page that is for ``once`` can be sent only one time.
    ``throttle`` is the number of submits per link and hour.

    ``receive(crm, visit, received)`` takes what other machines send to the link, which is everything that is no form of
    the page itself. No transaction is open then, and the visitor's rights do not matter: it opens its own, as whom it
    holds responsible. The link of a page that does nothing else may hold for ten years.

    With ``files`` a form of the page (``enctype="multipart/form-data"``) may send so many files, together with the form
    at most 10 MiB; ``submit`` finds them in ``visit.files``.

    ``embeds(session, visit)`` returns the origins, such as ``https://www.example.com``, whose pages may show it in a
    frame; without it none may.
    """

    name: str
    title: str
    template: str
    show: Callable[[CrmSession, Visit], Mapping[str, Any]]
    submit: Callable[[CrmSession, Visit, Mapping[str, tuple[str, ...]]], None] | None = None
    rights: tuple[str, ...] = field(default=("customer.read",), converter=tuple)
    expires: int = 30
    once: bool = False
    throttle: int = 20
    receive: Callable[[CRM, Visit, Received], Reply] | None = None
    embeds: Callable[[CrmSession, Visit], Sequence[str]] | None = None
    files: int = 0
