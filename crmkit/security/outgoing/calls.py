"""One call to another server: to an address that was judged, over TLS, without redirections, proxies or long answers.

The connection goes to the very address that was judged, so a name that changes its mind in between changes nothing.
Must not know what the answer means.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from attrs import field, frozen

from crmkit.errors import MissingExtra, Refused
from crmkit.i18n import texts
from crmkit.security.outgoing.addresses import addresses_of
from crmkit.security.outgoing.lines import tls_context

_ = texts("crmkit")

SECONDS = 10.0
"""Within which an answer has to be whole."""
LONGEST = 1 << 20
"""Bytes of an answer, 1 MiB."""
PORTS = frozenset((443, 8443))
"""Ports that are called outside of one's own network."""


@frozen(kw_only=True)
class Answer:
    """What another server has answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def call_address(
    url: str,
    *,
    form: Mapping[str, str] | None = None,
    content: bytes | None = None,
    method: str | None = None,
    headers: Mapping[str, str] | None = None,
    private: bool = False,
    seconds: float = SECONDS,
) -> Answer:
    """Fetch an address, or send a form or bytes to it, and return the answer whatever its status. ``method`` is POST
    where something is sent and GET otherwise, unless it is given. ``private`` allows addresses of one's own network,
    and plain HTTP to the machine itself; ``seconds`` is the time within which the answer has to be whole.

    Raises Refused for an address that may not be called and for a call that does not succeed; MissingExtra.
    """
    host, port = checked_address(url, private=private)
    core = _core()
    sent = {"Accept": "application/json", "User-Agent": "crmkit", **(headers or {})}
    if form is not None:
        content = urlencode(form).encode()
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    deadline = time.monotonic() + seconds
    addresses = addresses_of(host, port, private=private)
    limits = dict.fromkeys(("connect", "read", "write", "pool"), seconds)
    pool = core.ConnectionPool(network_backend=_backend(core, addresses), ssl_context=tls_context())
    try:
        with (
            pool,
            pool.stream(
                method or ("GET" if content is None else "POST"),
                url,
                headers=sent,
                content=content,
                extensions={"timeout": limits},
            ) as response,
        ):
            parts: list[bytes] = []
            for part in response.iter_stream():
                parts.append(part)
                if sum(map(len, parts)) > LONGEST or time.monotonic() > deadline:
                    raise Refused(_("The answer of {host} is too long or too slow."), host=host, reason="TooLong")
            found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            return Answer(status=int(response.status), headers=found, body=b"".join(parts))
    except (core.NetworkError, core.TimeoutException, core.ProtocolError, core.UnsupportedProtocol, OSError) as error:
        raise Refused(_("{host} does not answer ({reason})."), host=host, reason=type(error).__name__) from error


def checked_address(url: str, *, private: bool = False) -> tuple[str, int]:
    """Return host and port of an address that may be called by its form. Raises Refused for any other."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ""
    plain = parts.scheme == "http" and private and host in ("127.0.0.1", "::1", "localhost")
    wrong = (
        not (parts.scheme == "https" or plain)
        or not host
        or not host.isascii()
        or "@" in parts.netloc
        or parts.fragment
        or any(sign.isspace() or ord(sign) < 33 or ord(sign) > 126 for sign in url)
    )
    chosen = port if port is not None else 80 if plain else 443
    if wrong or not (private or chosen in PORTS):
        raise Refused(_("The address {url} cannot be called."), fix=_("Use https://host/path."), url=url[:200])
    return host, chosen


def _core() -> Any:
    try:
        import httpcore2
    except ImportError as error:
        raise MissingExtra(
            _("A library for calling other servers is not installed ({name})."),
            fix=_("Install crmkit[sso] or crmkit[integration]."),
            name=error.name,
        ) from error
    return httpcore2


def _backend(core: Any, addresses: list[str]) -> Any:
    """Return what connects to the addresses that were judged, whatever the name says by now."""
    plain = core.SyncBackend()

    class Pinned(core.NetworkBackend):  # type: ignore[misc]
        """Connects to one of the addresses, in their order."""

        def connect_tcp(self, host: str, port: int, **options: Any) -> Any:
            last: Exception = OSError("no address")
            for address in addresses:
                try:
                    return plain.connect_tcp(address, port, **options)
                except (core.ConnectError, core.ConnectTimeout, OSError) as error:
                    last = error
            raise last

    return Pinned()
