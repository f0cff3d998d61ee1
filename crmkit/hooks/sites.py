"""What a public site declares: pages that anybody may open, without an account and without a link.

Frozen values; must not know the web or databases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from crmkit.hooks.pages import PageFile

if TYPE_CHECKING:
    from crmkit.core.store.session import CrmSession
    from crmkit.settings import Settings


@frozen(kw_only=True)
class SiteVisit:
    """What somebody asks a site for.

    ``path`` is what stands behind the site's own address, without a slash at its ends: "" is its first page. ``query``
    has at most twenty short texts. ``language`` is the one that the answer is in, ``chosen`` the same where it was
    chosen on a page. ``base`` is the address of the site, with the host where the settings name it, without a slash at
    its end. ``key`` is the same for the visits that come from one browser on one day; it leads to nobody, and is empty
    for a machine that says that it is one.
    """

    path: str = ""
    query: Mapping[str, tuple[str, ...]] = field(factory=dict[str, tuple[str, ...]], repr=False)
    language: str = "en"
    chosen: str | None = None
    base: str = ""
    key: str = field(default="", repr=False)


@frozen(kw_only=True)
class SitePage:
    """A page of a site: ``template`` with what it needs. ``canonical`` is the path that search engines are to keep, and
    ``others`` the paths of the same page by language; without ``indexed`` search engines are to leave the page out.
    ``language`` is that of the page where it is not the visitor's."""

    title: str
    template: str
    context: Mapping[str, Any] = field(factory=dict[str, Any])
    status: int = 200
    canonical: str | None = None
    others: Mapping[str, str] = field(factory=dict[str, str])
    indexed: bool = True
    language: str | None = None


@frozen(kw_only=True)
class SiteMove:
    """Another address of the same site, ``for_ever`` or for this once."""

    path: str
    for_ever: bool = False


SiteAnswer = SitePage | PageFile | SiteMove


@frozen(kw_only=True)
class PublicSite:
    """Pages that anybody may open: a help centre, a state of the service.

    ``name`` is ``<plugin>.<noun>``, ``path`` the part of the address that is the site's own. ``answer(session, visit)``
    returns what is answered, from a reading session, or None where there is nothing at the path; ``submit(session,
    visit, values)`` carries out what a form has sent, by operations in a writing session, and raises InvalidInput for
    what is wrong. ``rights`` (``resource.action``) are all that a visitor may do; no customer, and nothing of one, is
    ever seen. ``throttle`` is the number of submits per network address and hour. ``title`` is that of the site.
    ``embedders(settings)`` returns the origins (``https://www.shop.example``) whose pages may show the site in a frame
    and whose scripts may read its files; without it there are none.
    """

    name: str
    path: str
    title: str
    answer: Callable[[CrmSession, SiteVisit], SiteAnswer | None]
    submit: Callable[[CrmSession, SiteVisit, Mapping[str, tuple[str, ...]]], SiteAnswer] | None = None
    rights: tuple[str, ...] = field(default=(), converter=tuple)
    throttle: int = 60
    embedders: Callable[[Settings], Sequence[str]] | None = None
