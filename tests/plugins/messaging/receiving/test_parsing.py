"""Reading mails: what stands in them is found, what is broken is saved, and nothing raises or takes long."""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime

import pytest
from crmkit_messaging.receiving.charsets import decode
from crmkit_messaging.receiving.headers import readable
from crmkit_messaging.receiving.parsing import parse_mail
from crmkit_messaging.receiving.values import LeftOut

from tests.plugins.messaging.receiving.samples import ENCODED, NESTED, SEEDS, mail, multipart

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MUTATED = 10_000
LONGEST = 5.0


def test_headers_are_decoded() -> None:
    """Names, subjects and dates come as they are meant, whatever their charset, also where a character is cut."""
    found = parse_mail(ENCODED, now=NOW)
    assert found.sender is not None
    assert (found.sender.name, found.sender.address) == ("王小明", "xiaoming@customer.example")
    assert found.to[0].name == "Verkäufe"
    assert found.sent_at == datetime(2026, 11, 2, 2, tzinfo=UTC)
    assert found.ancestors == ("b@x", "a@x")
    assert found.subject.endswith("报价")


def test_neighbouring_words_of_one_charset_are_decoded_together() -> None:
    """Some writers cut between the two bytes of a character."""
    assert readable("=?gbk?B?xA==?= =?gbk?B?47rD?=") == "你好"


@pytest.mark.parametrize(
    ("content", "declared", "expected"),
    [
        ("你好，世界".encode("gbk"), "gb2312", "你好，世界"),
        ("你好，世界".encode(), "gb2312", "你好，世界"),
        ("你好，世界".encode("gbk"), None, "你好，世界"),
        ("你好，世界".encode("gbk"), "no-such-charset", "你好，世界"),
        ("Grüße aus München".encode("latin-1"), None, "Grüße aus München"),
        ("Grüße".encode("latin-1"), "utf-8", "Grüße"),
        ("“quoted”".encode("cp1252"), "iso-8859-1", "“quoted”"),
        ("日本語".encode("iso-2022-jp"), "iso-2022-jp", "日本語"),
        ("日本語".encode("shift_jis"), "Shift_JIS", "日本語"),
        ("Grüße".encode(), "iso-8859-1", "Grüße"),
        ("联通".encode("gbk"), "GBK", "联通"),
        (b"plain", "base64", "plain"),
    ],
)
def test_text_is_read_whatever_it_says_it_is(content: bytes, declared: str | None, expected: str) -> None:
    """A charset that is wrong, unknown or missing costs nothing."""
    assert decode(content, declared) == expected


def test_parts_are_told_apart() -> None:
    """Text, HTML and files, with names in every way in which they are written; a mail in a mail is a file."""
    found = parse_mail(NESTED, now=NOW)
    assert (found.text, found.html) == ("plain", "<b>plain</b>")
    assert [(each.filename, each.media_type) for each in found.files] == [
        ("报价.pdf", "application/pdf"),
        ("inner.eml", "message/rfc822"),
        ("text-3.ics", "text/calendar"),
    ]
    assert found.files[0].content == b"%PDF-1.4\n%EOF\n"


def test_html_alone_gives_the_text() -> None:
    """And nothing of what it would load or run is left."""
    found = parse_mail(ENCODED, now=NOW)
    assert (found.text, found.html) == ("你好", "<p>你好</p>")


@pytest.mark.parametrize(
    "html",
    [
        '<img src="https://spy.example/pixel.gif">',
        '<p style="background:url(https://spy.example/x)">x</p>',
        '<a href="javascript:alert(1)">x</a>',
        '<iframe src="https://spy.example"></iframe>',
        '<svg onload="alert(1)"><script>alert(1)</script></svg>',
        '<form action="https://spy.example"><input name=a></form>',
        '<link rel=stylesheet href="https://spy.example/x.css">',
        '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
        '<meta http-equiv=refresh content="0;url=https://spy.example">',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    ],
)
def test_html_loads_and_runs_nothing(html: str) -> None:
    """No pictures, styles, frames, forms or scripts, and no addresses but those of links."""
    raw = mail(html).replace(b"text/plain", b"text/html")
    found = parse_mail(raw, now=NOW).html
    for bad in ("spy.example", "javascript", "<img", "onload", "onerror", "<script", "style", "data:"):
        assert bad not in found


def test_nothing_of_a_header_begins_another_one() -> None:
    """Ends of lines that are hidden in encoded words are spaces."""
    raw = mail(
        subject="=?utf-8?Q?Hello=0D=0ABcc:_victim@x.example?=", sender='"a\\"b\r\n <x@y>" <ada@customer.example>'
    )
    found = parse_mail(raw, now=NOW)
    assert found.subject == "Hello Bcc: victim@x.example"
    assert found.sender is not None
    assert "\n" not in found.sender.name + found.sender.address


def test_a_name_does_not_become_an_address() -> None:
    """What is encoded is decoded after addresses were told apart."""
    raw = mail(sender="=?utf-8?Q?boss=40shop.example=3E_=3Cx?= <evil@bad.example>")
    found = parse_mail(raw, now=NOW)
    assert found.sender is not None
    assert found.sender.address == "evil@bad.example"


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Mon, 2 Nov 2026 10:00:00 +0000", datetime(2026, 11, 2, 10, tzinfo=UTC)),
        ("Mon, 2 Nov 2076 10:00:00 +0000", None),
        ("Thu, 1 Jan 1970 00:00:00 +0000", None),
        ("Mon, 99 Nov 2026 10:00:00 +9999999", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_that_cannot_be_are_none(date: str, expected: datetime | None) -> None:
    """The time at which it came in is used then."""
    assert parse_mail(mail(Date=date), now=NOW).sent_at == expected


def test_copies_of_one_mail_have_one_digest() -> None:
    """Whatever the servers on the way have written above it, and in which encoding it came."""
    first = mail("Grüße", Received="by mx1.example", Delivered_To="sales@shop.example")
    second = mail("Grüße".encode("latin-1"), charset="iso-8859-1", Received="by mx2.example")
    other = mail("Grüsse")
    digests = [parse_mail(each, now=NOW).digest for each in (first, second, other)]
    assert digests[0] == digests[1] != digests[2]


# --- what is made to do harm ------------------------------------------------------------------------------------------


def _deep(levels: int) -> bytes:
    head = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (each, each) for each in range(levels)
    )
    return b"From: a@x.example\r\nSubject: deep\r\n" + head + b"Content-Type: text/plain\r\n\r\nend"


HARMFUL = {
    "deep": (_deep(90), "nested"),
    "very deep": (_deep(30_000), "nested"),
    "mails in mails": (b"From: a@x.example\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 5000, "nested"),
    "many parts": (multipart(["Content-Type: text/plain\r\n\r\nx"] * 20_000), "parts"),
    "many files": (multipart(['Content-Type: image/png; name="x.png"\r\n\r\nx'] * 200), "files"),
    "long text": (mail("a" * 3_000_000), "text"),
    "long header": (b"Subject: " + b"=?utf-8?Q?a" * 300_000 + b"\r\n\r\nx", None),
    "many headers": (b"X: y\r\n" * 200_000 + b"\r\nx", None),
    "comments": (b"From: " + b"(" * 100_000 + b"\r\n\r\nx", None),
    "many addresses": (b"To: " + b"a@x.example, " * 100_000 + b"\r\n\r\nx", None),
    "references": (b"References: " + b"<a@x> " * 100_000 + b"\r\n\r\nx", None),
    "html depth": (mail("<div>" * 300_000).replace(b"text/plain", b"text/html"), None),
    "html below": (mail("<div><table><tr><td>" * 4_900).replace(b"text/plain", b"text/html"), None),
    "html attributes": (mail("<a " + "x='y' " * 100_000 + ">").replace(b"text/plain", b"text/html"), None),
    "quotes": (mail("> a\nb\n" * 100_000), None),
    "wrote": (mail(("On " + "a wrote " * 40 + "wrote:\n") * 2_000), None),
    "boundary lines": (multipart(["--=_b" + "\r\n--=_b" * 300_000]), None),
    "zip": (multipart([b"Content-Type: application/zip; name=a.zip\r\n\r\nPK\x03\x04" + b"\0" * 1_000_000]), None),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_nothing_takes_long(name: str) -> None:
    """In a thread, as workers read them; what is left out is said."""
    raw, code = HARMFUL[name]
    found: list[object] = []
    begun = time.perf_counter()
    thread = threading.Thread(target=lambda: found.append(parse_mail(raw, now=NOW)))
    thread.start()
    thread.join(30)
    assert found, name
    assert time.perf_counter() - begun < LONGEST
    if code is not None:
        left: tuple[LeftOut, ...] = found[0].left_out  # type: ignore[attr-defined]
        assert code in {each.code for each in left}


_PIECES = (
    b"\r\n", b"\n\n", b"\0", b"\xff\xfe", b"=?", b"?=", b"=?x?b?", b"--=_b1", b"--", b"<", b">", b'"', b"(", b";", b":",
    b"Content-Type: ", b"multipart/mixed; boundary=", b"message/rfc822", b"charset=\xe4", b"filename*0*=", b"utf-16",
    b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: x-uuencode\r\n", b"begin 644 x\r\n", b"\xa1",
    b"From: ", b"Date: Mon, 32 Foo 99999\r\n", b"Subject: =?gb2312?Q?=A1?=\r\n", b"&#xD800;", b"<!--", b"]]>", b"@",
    b"name*=utf-8''%ff%", b"report-type=delivery-status;", b"Status: 5.1.1\r\n", b"\xed\xa0\x80", b"=\r\n", b"=XY",
)  # fmt: skip


def mutated(source: random.Random) -> bytes:
    """Return a mail with some harm done to it: bytes turned, pieces cut out, doubled, put in, joined with another."""
    raw = bytearray(source.choice(SEEDS))
    for _change in range(source.choice((1, 1, 2, 3, 5, 8, 20))):
        place = source.randrange(len(raw) + 1)
        what = source.randrange(7)
        if what == 0 and raw:
            raw[place % len(raw)] = source.randrange(256)
        elif what == 1:
            del raw[place : place + source.randrange(1, 60)]
        elif what == 2:
            raw[place:place] = source.choice(_PIECES)
        elif what == 3:
            raw[place:place] = raw[source.randrange(len(raw) + 1) :][: source.randrange(200)]
        elif what == 4:
            raw[place:place] = source.randbytes(source.randrange(1, 30))
        elif what == 5:
            raw = raw[:place] + bytearray(source.choice(SEEDS)[source.randrange(50) :])
        else:
            line = raw.find(b"\n", place)
            raw[line + 1 : line + 1] = source.choice(_PIECES) * source.randrange(1, 4)
    return bytes(raw)


def test_ten_thousand_broken_mails_are_read() -> None:
    """None raises, none hangs, and of each a mail comes out whose texts have no control characters."""
    source = random.Random(20261122)
    slowest = 0.0
    for number in range(MUTATED):
        raw = mutated(source)
        begun = time.perf_counter()
        try:
            found = parse_mail(raw, now=NOW, ours=("sales@shop.example",))
        except Exception as error:
            raise AssertionError(f"mail {number}: {raw[:2000]!r}") from error
        slowest = max(slowest, time.perf_counter() - begun)
        assert "\x00" not in found.subject + found.text + found.html
        assert "\n" not in found.subject + found.message_id
        assert "<script" not in found.html.lower()
        (found.text + found.html + found.quoted + found.subject).encode("utf-8")
    assert slowest < LONGEST
