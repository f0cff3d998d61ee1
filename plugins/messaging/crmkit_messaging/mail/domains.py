"""Looking at the domain of a mailbox: whether SPF, DKIM and DMARC will let its mail be believed.

SPF (RFC 7208) has to be there once, to end in a refusal of others, and to name the server that mail leaves by; DKIM
(RFC 6376) needs the key of the selector; DMARC (RFC 7489) a policy of the domain or of one above it. Must not change
anything but what was found.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from attrs import asdict, frozen
from sqlalchemy import select

from crmkit import Actor, texts
from crmkit_messaging.mail.models import Mailbox
from crmkit_messaging.settings import settings_of

if TYPE_CHECKING:
    from crmkit import CRM

_ = texts("crmkit_messaging")

State = Literal["ok", "weak", "wrong", "missing", "unknown"]
STATES = {
    "ok": _("Right"),
    "weak": _("Weak"),
    "wrong": _("Wrong"),
    "missing": _("Missing"),
    "unknown": _("Not known"),
}
"""What a part of the check can be, with titles."""
TEXTS = {
    "spf_ok": _("The domain names the server that mail leaves by."),
    "spf_missing": _("The domain has no SPF record: a TXT record that begins with v=spf1."),
    "spf_several": _("The domain has several SPF records; there may be one only."),
    "spf_open": _("The SPF record does not refuse other servers: let it end in -all or ~all."),
    "spf_other": _("The SPF record does not name {host}. It is right only if mail leaves by other addresses."),
    "spf_lookups": _("The SPF record needs more than ten lookups, after which receivers give up."),
    "dkim_ok": _("The key of the selector is there ({bits} bits or more)."),
    "dkim_no_selector": _("Say the selector that the server signs with, so that its key can be looked at."),
    "dkim_missing": _("There is no key at {name}."),
    "dkim_wrong": _("The key at {name} cannot be read, or was revoked."),
    "dkim_short": _("The key at {name} is too short: 1024 bits at least, better 2048."),
    "dmarc_ok": _("The policy is {policy}."),
    "dmarc_missing": _("There is no DMARC policy: a TXT record at {name} that begins with v=DMARC1."),
    "dmarc_wrong": _("The DMARC record at {name} has no policy."),
    "dmarc_none": _("The policy is none: receivers tell, and let everything through."),
    "not_answered": _("The name servers have not answered."),
}
"""What was found, by code, in words."""
TOGETHER: dict[str, int] = {"ok": 0, "weak": 1, "unknown": 2, "missing": 3, "wrong": 4}
MOST_LOOKUPS = 10
FRESH = timedelta(days=7)
_SECONDS = 5.0


@frozen(kw_only=True)
class Part:
    """What was found about one of spf, dkim and dmarc: its state, and by ``code`` a text of `TEXTS` with values."""

    part: str
    state: State
    code: str
    values: dict[str, str]


class _NotAnswered(Exception):
    """The name servers did not answer: nothing is known."""


class Names:
    """Asks name servers: those of the machine, or the one that the settings name."""

    def __init__(self, server: str = "") -> None:
        import dns.resolver

        if server:
            host, _colon, port = server.rpartition(":")
            self._resolver = dns.resolver.Resolver(configure=False)
            self._resolver.nameservers = [host or server]
            self._resolver.port = int(port) if host else 53
        else:
            try:
                self._resolver = dns.resolver.Resolver()
            except dns.resolver.NoResolverConfiguration as error:
                raise _NotAnswered from error
        self._resolver.lifetime = _SECONDS

    def texts(self, name: str) -> list[str]:
        """Return the TXT records of a name. Raises `_NotAnswered`."""
        return [b"".join(each.strings).decode("utf-8", "replace") for each in self._ask(name, "TXT")]

    def addresses(self, name: str) -> list[str]:
        """Return the IPv4 and IPv6 addresses of a name; an address is its own."""
        try:
            return [str(ipaddress.ip_address(name))]
        except ValueError:
            return [each.address for kind in ("A", "AAAA") for each in self._ask(name, kind)]

    def exchangers(self, name: str) -> list[str]:
        """Return the names of a domain's mail servers."""
        return [str(each.exchange).rstrip(".") for each in self._ask(name, "MX")]

    def _ask(self, name: str, kind: str) -> list[Any]:
        import dns.exception
        import dns.resolver

        try:
            return list(self._resolver.resolve(name, kind, search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.resolver.YXDOMAIN, dns.name.EmptyLabel):
            return []
        except (dns.exception.DNSException, OSError) as error:
            raise _NotAnswered from error


def look(names: Names, domain: str, *, host: str | None, selector: str | None) -> tuple[Part, ...]:
    """Return what is found about a domain whose mail leaves by the server ``host``, signed with ``selector``."""
    ascii_domain = domain.encode("idna").decode() if not domain.isascii() else domain
    found: list[Part] = []
    for part, ask in (
        ("spf", lambda: _spf(names, ascii_domain, host)),
        ("dkim", lambda: _dkim(names, ascii_domain, selector)),
        ("dmarc", lambda: _dmarc(names, ascii_domain)),
    ):
        try:
            state, code, values = ask()
        except _NotAnswered:
            state, code, values = "unknown", "not_answered", {}
        found.append(Part(part=part, state=state, code=code, values=values))
    return tuple(found)


_Answer = tuple[State, str, dict[str, str]]


def _spf(names: Names, domain: str, host: str | None) -> _Answer:
    records = _spf_records(names, domain)
    if not records:
        return "missing", "spf_missing", {}
    if len(records) > 1:
        return "wrong", "spf_several", {}
    walk = _Walk(names, [] if host is None else names.addresses(host))
    walk.judge(records[0], domain)
    if walk.lookups > MOST_LOOKUPS:
        return "wrong", "spf_lookups", {}
    if walk.ending not in ("-", "~"):
        return "weak", "spf_open", {}
    if walk.wanted and not walk.named:
        return "weak", "spf_other", {"host": host or ""}
    return "ok", "spf_ok", {}


def _spf_records(names: Names, domain: str) -> list[str]:
    return [text for text in names.texts(domain) if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")]


class _Walk:
    """Follows an SPF record through what it includes, and notes whether it names some addresses."""

    def __init__(self, names: Names, wanted: list[str]) -> None:
        self.names = names
        self.wanted = [ipaddress.ip_address(each) for each in wanted]
        self.named = False
        self.ending = ""
        self.lookups = 0

    def judge(self, record: str, domain: str, *, outermost: bool = True) -> None:
        """Follow one record."""
        for term in record.split()[1:]:
            sign = term[0] if term[0] in "+-~?" else "+"
            name, _colon, rest = term.lstrip("+-~?").partition(":")
            kind, _slash, prefix = name.lower().partition("/")
            if kind == "all":
                self.ending = sign if outermost else self.ending
            elif kind in ("ip4", "ip6"):
                self._net(rest, sign)
            elif kind in ("a", "mx"):
                target, _slash, own_prefix = (rest or domain).partition("/")
                self._counted()
                hosts = [target] if kind == "a" else self.names.exchangers(target)
                for host in hosts[:MOST_LOOKUPS]:
                    for address in self.names.addresses(host):
                        self._net(f"{address}/{own_prefix or prefix}".rstrip("/"), sign)
            elif kind in ("include", "exists", "ptr") or kind.startswith("redirect="):
                target = rest if kind == "include" else term.partition("=")[2]
                self._counted()
                if target and self.lookups <= MOST_LOOKUPS and kind != "exists":
                    for inner in _spf_records(self.names, target)[:1]:
                        self.judge(inner, target, outermost=outermost and kind != "include")

    def _counted(self) -> None:
        self.lookups += 1

    def _net(self, text: str, sign: str) -> None:
        try:
            net = ipaddress.ip_network(text, strict=False)
        except ValueError:
            return
        if sign == "+" and any(each in net for each in self.wanted if each.version == net.version):
            self.named = True


def _dkim(names: Names, domain: str, selector: str | None) -> _Answer:
    if not selector:
        return "unknown", "dkim_no_selector", {}
    name = f"{selector}._domainkey.{domain}"
    records = names.texts(name)
    if not records:
        return "missing", "dkim_missing", {"name": name}
    tags = _tags(records[0])
    try:
        key = base64.b64decode("".join(tags.get("p", "").split()), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if not key or tags.get("v", "DKIM1") != "DKIM1":
        return "wrong", "dkim_wrong", {"name": name}
    if tags.get("k", "rsa") == "ed25519":
        return "ok", "dkim_ok", {"bits": "256"}
    # The encoding of an RSA key of 1024 bits takes 160 bytes or a few more, one of 2048 bits 290.
    bits = 1024 if len(key) < 290 else 2048
    return ("weak", "dkim_short", {"name": name}) if len(key) < 158 else ("ok", "dkim_ok", {"bits": str(bits)})


def _dmarc(names: Names, domain: str) -> _Answer:
    labels = domain.split(".")
    for start in range(max(len(labels) - 1, 1)):
        name = f"_dmarc.{'.'.join(labels[start:])}"
        records = [text for text in names.texts(name) if text.lower().replace(" ", "").startswith("v=dmarc1")]
        if not records:
            continue
        tags = _tags(records[0])
        policy = ((tags.get("sp") if start else None) or tags.get("p", "")).lower()
        if policy not in ("none", "quarantine", "reject"):
            return "wrong", "dmarc_wrong", {"name": name}
        return ("weak", "dmarc_none", {}) if policy == "none" else ("ok", "dmarc_ok", {"policy": policy})
    return "missing", "dmarc_missing", {"name": f"_dmarc.{domain}"}


def _tags(record: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip() for name, sign, value in pairs if sign}


# --- of a mailbox ----------------------------------------------------------------------------------------------------


def check_mailbox(crm: CRM, actor: Actor, mailbox: str) -> None:
    """Look at the domain of a mailbox and keep what was found: the handler of a job that runs apart."""
    with crm.session(actor) as session:
        found = session.get(Mailbox, UUID(mailbox))
        if found is None:
            return
        domain, host, selector = found.address.rpartition("@")[2], found.smtp_host, found.dkim_selector
    try:
        names = Names(settings_of(crm.settings).name_server)
    except _NotAnswered:
        parts = tuple(Part(part=part, state="unknown", code="not_answered", values={}) for part in _PARTS)
    else:
        parts = look(names, domain, host=host, selector=selector)
    kept = {each.part: asdict(each) for each in parts}
    crm.run(actor, "messaging.mailbox.keep_check", {"found": kept}, target=UUID(mailbox))


def check_all(crm: CRM, actor: Actor, tick: object) -> None:
    """Look at the domains of all mailboxes that send: the handler of a job that runs apart, once a day."""
    with crm.session(actor) as session:
        query = select(Mailbox.id).where(Mailbox.active, Mailbox.smtp_host.is_not(None)).order_by(Mailbox.id)
        ids = list(session.scalars(query))
    for each in ids:
        check_mailbox(crm, actor, str(each))


def why_refused(crm: CRM, mailbox: str) -> list[str]:
    """Return the parts of the check of a mailbox's domain that are missing or wrong; looks first where nobody has for a
    week. Only for who sends by it: it talks to name servers."""
    actor = Actor.system("whether a domain is ready to send")
    for attempt in range(2):
        with crm.session(actor) as session:
            found = session.scalars(select(Mailbox).where(Mailbox.name == mailbox)).one()
            identity, check, checked_at = found.id, dict(found.sender_check), found.checked_at
        if (checked_at is not None and crm.clock.now() - checked_at < FRESH) or attempt:
            break
        check_mailbox(crm, actor, str(identity))
    states = {part: check.get(part, {}).get("state", "unknown") for part in _PARTS}
    return [part for part, state in states.items() if state in ("missing", "wrong")]


def overall(check: dict[str, Any]) -> State:
    """Return the worst state of a check; ``unknown`` where nobody has looked."""
    states = [check.get(part, {}).get("state", "unknown") for part in _PARTS]
    worst: State = max(states, key=lambda state: TOGETHER.get(state, 2))
    return worst


_PARTS = ("spf", "dkim", "dmarc")
