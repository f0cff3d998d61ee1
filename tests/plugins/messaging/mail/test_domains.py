"""SPF, DKIM and DMARC of a mailbox's domain, asked of a real name server."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path

import pytest
from crmkit_messaging.mail.domains import Names, look, overall
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from crmkit import Message, deliver
from crmkit.core.store.ids import new_id
from tests.conftest import Templates
from tests.plugins.messaging.mail.servers import mail_server, name_server
from tests.plugins.messaging.mail.test_carrier import SYSTEM, set_up


def key_record(bits: int) -> list[str]:
    """Return the TXT record of a new DKIM key, in strings of at most 255 letters as name servers keep them."""
    public = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
    text = (
        "v=DKIM1; k=rsa; p="
        + base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    )
    return [" ".join(f'"{text[start : start + 255]}"' for start in range(0, len(text), 255))]


GOOD: Mapping[tuple[str, str], list[str]] = {
    ("shop.example", "TXT"): ['"something else"', '"v=spf1 include:_spf.relay.example mx -all"'],
    ("shop.example", "MX"): ["10 in.shop.example."],
    ("in.shop.example", "A"): ["192.0.2.9"],
    ("_spf.relay.example", "TXT"): ['"v=spf1 ip4:198.51.100.0/24 ip6:2001:db8::/32 ~all"'],
    ("out.relay.example", "A"): ["198.51.100.7"],
    ("other.example", "A"): ["203.0.113.1"],
    ("m1._domainkey.shop.example", "TXT"): key_record(2048),
    ("_dmarc.shop.example", "TXT"): ['"v=DMARC1; p=quarantine; sp=reject; rua=mailto:d@shop.example"'],
}


def states(
    changes: Mapping[tuple[str, str], list[str]],
    domain: str = "shop.example",
    host: str = "out.relay.example",
    selector: str | None = "m1",
) -> dict[str, tuple[str, str]]:
    """Return what is found about a domain whose records differ from the good ones."""
    zone = {place: records for place, records in {**GOOD, **changes}.items() if records}
    with name_server(zone) as address:
        return {
            each.part: (each.state, each.code) for each in look(Names(address), domain, host=host, selector=selector)
        }


def test_a_domain_that_is_right() -> None:
    """The relay is named through an include, the key is long enough, the policy refuses."""
    assert states({}) == {"spf": ("ok", "spf_ok"), "dkim": ("ok", "dkim_ok"), "dmarc": ("ok", "dmarc_ok")}


@pytest.mark.parametrize(
    ("record", "found"),
    [
        ([], ("missing", "spf_missing")),
        (['"v=spf1 -all"', '"v=spf1 mx -all"'], ("wrong", "spf_several")),
        (['"v=spf1 include:_spf.relay.example ?all"'], ("weak", "spf_open")),
        (['"v=spf1 include:_spf.relay.example"'], ("weak", "spf_open")),
        (['"v=spf1 mx -all"'], ("weak", "spf_other")),
        (['"v=spf1 ip4:198.51.100.7 -all"'], ("ok", "spf_ok")),
        (['"v=spf1 a:out.relay.example/24 -all"'], ("ok", "spf_ok")),
        (['"v=spf1 redirect=_spf.relay.example"'], ("ok", "spf_ok")),
        (['"v=spf1 include:shop.example -all"'], ("wrong", "spf_lookups")),
        (['"v=spf10 -all"'], ("missing", "spf_missing")),
    ],
)
def test_spf(record: list[str], found: tuple[str, str]) -> None:
    """One record, that names the server mail leaves by and refuses others, within ten lookups."""
    assert states({("shop.example", "TXT"): record})["spf"] == found


@pytest.mark.parametrize(
    ("record", "selector", "found"),
    [
        ([], "m1", ("missing", "dkim_missing")),
        (['"v=DKIM1; p="'], "m1", ("wrong", "dkim_wrong")),
        (['"v=DKIM1; p=no base64!"'], "m1", ("wrong", "dkim_wrong")),
        (['"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="'], "m1", ("ok", "dkim_ok")),
        (key_record(1024), "m1", ("ok", "dkim_ok")),
        (['"v=DKIM1; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKZ"'], "m1", ("wrong", "dkim_wrong")),
        (key_record(2048), None, ("unknown", "dkim_no_selector")),
    ],
)
def test_dkim(record: list[str], selector: str | None, found: tuple[str, str]) -> None:
    """The key of the selector that the server signs with."""
    assert states({("m1._domainkey.shop.example", "TXT"): record}, selector=selector)["dkim"] == found


@pytest.mark.parametrize(
    ("record", "domain", "found"),
    [
        ([], "shop.example", ("missing", "dmarc_missing")),
        (['"v=DMARC1; p=none"'], "shop.example", ("weak", "dmarc_none")),
        (['"v=DMARC1; rua=mailto:d@shop.example"'], "shop.example", ("wrong", "dmarc_wrong")),
        (['"v=DMARC1; p=none; sp=reject"'], "mail.shop.example", ("ok", "dmarc_ok")),
    ],
)
def test_dmarc(record: list[str], domain: str, found: tuple[str, str]) -> None:
    """The policy of the domain, or of one above it, whose word for domains below it counts then."""
    assert states({("_dmarc.shop.example", "TXT"): record}, domain=domain)["dmarc"] == found


def test_a_name_server_that_is_silent_means_that_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer is no fault of the domain."""
    monkeypatch.setattr("crmkit_messaging.mail.domains._SECONDS", 0.2)
    parts = look(Names("127.0.0.1:9"), "shop.example", host="out.relay.example", selector="m1")
    assert {each.state for each in parts} == {"unknown"}


def test_a_domain_is_looked_at_before_its_first_mail(templates: Templates, tmp_path: Path) -> None:
    """Where mail of unready domains is refused, it waits until the domain is right, and leaves by itself then."""
    zone = dict(GOOD)
    del zone["_dmarc.shop.example", "TXT"]
    with name_server(zone) as address, mail_server() as server:
        options = {"messaging": {"sender_check": "refuse", "name_server": address}}
        with templates.opened("sqlite", tmp_path, "messaging", options=options) as crm:
            box = set_up(crm, server.port, dkim_selector="m1", smtp_host="127.0.0.1")
            mail = Message(id=new_id(), channel="email", address="ada@example.com", body="Tea")
            waits = deliver(crm, mail)
            assert (waits.outcome, waits.reason) == ("later", "the domain is not ready: dmarc")
            assert server.mails == []
            zone["_dmarc.shop.example", "TXT"] = GOOD["_dmarc.shop.example", "TXT"]
            crm.run(SYSTEM, "messaging.mailbox.check", target=box)
            crm.worker().run_until_idle()
            assert deliver(crm, mail).outcome == "accepted"


def test_the_worst_part_says_how_it_is() -> None:
    """A check is as good as its worst part; one that nobody made is not known."""
    assert overall({}) == "unknown"
    good = {part: {"state": "ok"} for part in ("spf", "dkim", "dmarc")}
    assert overall(good) == "ok"
    assert overall({**good, "dkim": {"state": "missing"}}) == "missing"
