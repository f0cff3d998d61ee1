"""Texts that somebody types or imports, hostile ones: on every page they are letters and nothing else."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from crmkit.errors import CrmkitError
from tests.web.conftest import Web
from tests.web.test_every_page import paths_of

CODES = ("window.__pwned=1", "window['__pwned']=1", "top.__pwned=1")
SHAPES = (
    "<script>%s</script>",
    "</script><script>%s</script>",
    "<img src=x onerror=%s>",
    '"><img src=x onerror=%s>',
    "'><svg onload=%s>",
    "<svg><script>%s</script></svg>",
    '" onmouseover="%s',
    "' autofocus onfocus='%s",
    "javascript:%s",
    "java\tscript:%s",
    "JaVaScRiPt:%s//",
    "data:text/html,<script>%s</script>",
    "<iframe srcdoc='<script>%s</script>'>",
    "<a href=javascript:%s>x</a>",
    "<details open ontoggle=%s>",
    "<body onload=%s>",
    "<input autofocus onfocus=%s>",
    "</title><script>%s</script>",
    "</textarea><script>%s</script>",
    "</style><script>%s</script>",
    "--><script>%s</script>",
    "<math><mtext></mtext><mglyph><style><img src=x onerror=%s>",
    "{{ ''.__class__ }}<script>%s</script>",
    "${%s}",
    "{%% raw %%}<script>%s</script>",
    "<scr<script>ipt>%s</script>",
    "<ScRiPt x>%s</sCrIpT >",
    "<img/src='x'/onerror=%s>",
    "<object data=javascript:%s>",
    "<embed src=javascript:%s>",
    "<form action=javascript:%s><button>",
    "<button formaction=javascript:%s>x",
    "<base href=javascript:%s//>",
    "<meta http-equiv=refresh content='0;javascript:%s'>",
    "<link rel=import href=javascript:%s>",
    "<video><source onerror=%s>",
    "<marquee onstart=%s>",
    "<select onfocus=%s autofocus>",
    "<table background=javascript:%s>",
    "<a hx-get=/ hx-on:click=%s hx-trigger=load>x",
    "<div hx-get='/sign-out' hx-trigger=load>%s",
    "＜script＞%s＜/script＞",
    "&lt;script&gt;%s&lt;/script&gt;",
    "&#60;script&#62;%s&#60;/script&#62;",
    "\\x3cscript\\x3e%s",
    "\\u003cscript\\u003e%s",
    "%%3Cscript%%3E%s",
    "<%%= %s %%>",
    "<!--[if gte IE 4]><script>%s</script><![endif]-->",
    "<svg><a xlink:href=javascript:%s><text>x</text></a>",
    "<svg><animate onbegin=%s attributeName=x>",
)
PAYLOADS = tuple(shape % code for shape in SHAPES for code in CODES)


class Reader(HTMLParser):
    """Reads a page, and keeps what came alive on it."""

    def __init__(self) -> None:
        super().__init__()
        self.alive: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: (value or "").strip() for name, value in attrs}
        if tag in ("iframe", "object", "embed", "base", "marquee", "math", "video") or (
            tag == "script" and "src" not in given
        ):
            self.alive.append(f"<{tag}>")
        for name, value in given.items():
            plain = "".join(value.split()).lower()
            if name.startswith(("on", "hx-on")) or name in ("srcdoc", "style"):
                self.alive.append(f"{tag} {name}={value[:60]}")
            if name in ("href", "src", "action", "formaction", "data", "xlink:href", "hx-get", "hx-post") and (
                plain.startswith(("javascript:", "vbscript:", "data:")) or "__pwned" in plain.partition("?")[0]
            ):
                self.alive.append(f"{tag} {name}={value[:60]}")


def fill(web: Web) -> list[str]:
    """Put the payloads wherever somebody may type, and return the pages of what was made."""
    system = web.crm.system("hostile texts for a test")
    kept: dict[str, int] = {}
    pages: list[str] = []

    def put(operation: str, values: dict[str, Any], **more: Any) -> Any:
        try:
            made = web.crm.run(system, operation, values, **more)
        except CrmkitError:
            # What is refused is nowhere to be shown.
            return None
        kept[operation] = kept.get(operation, 0) + 1
        return made

    put("custom_field.create", {"resource": "customer", "name": "remark", "type": "text", "title": PAYLOADS[2]})
    put("business.configure", {"name": PAYLOADS[9]})
    for number, text in enumerate(PAYLOADS):
        other = PAYLOADS[-number]
        made = put("customer.create", {"name": text, "city": other, "custom": {"remark": other}, "tags": [text[:40]]})
        if made is not None:
            pages.append(f"/customers/{made.id}")
            put("interaction.record", {"customer_id": str(made.id), "kind": "note", "subject": other, "body": text})
            put("customer.tag", {"names": [other[:40]]}, target=made.id)
        if number % 5 == 0:
            put("team.create", {"name": text})
            put("view.save", {"resource": "customer", "title": text, "shared": True})
            put("role.create", {"name": f"role_{number}", "title": text})
            put("user.create", {"login": f"user{number}", "name": text})
            where = "purchase.count >= 1"
            put("segment.save", {"name": f"segment_{number}", "title": text, "where": where})
    assert kept["customer.create"] > 100
    assert min(kept[name] for name in ("team.create", "segment.save", "view.save", "customer.tag")) > 20
    assert kept["interaction.record"] > 100
    assert {"custom_field.create", "role.create", "user.create", "business.configure"} <= set(kept)
    return [*pages[::6], "/segments/segment_0", "/segments/segment_10", "/admin/roles/role_0", "/palette?q=script"]


def test_no_text_comes_alive_on_any_page(visit: Any, sqlite_web: Web) -> None:
    """Of 150 texts in names, tags, fields, titles, notes and teams, none becomes a script, an event or a link that
    runs, on any page of the menu or of a record; and none runs in a browser."""
    pages = fill(sqlite_web)
    client = sqlite_web.client("ada")
    alive: list[str] = []
    shown = 0
    for path in [*paths_of(sqlite_web, "ada"), *pages]:
        answer = client.get(path)
        assert answer.status_code == 200, path
        shown += "__pwned" in answer.text
        reader = Reader()
        reader.feed(answer.text)
        alive += [f"{path}: {each}" for each in reader.alive]
    assert [] == alive
    assert 30 < shown
    here = visit("ada")
    for path in ("/customers", pages[0], "/segments", "/admin/users"):
        here.go(path)
        assert here.page.evaluate("window.__pwned === undefined"), path
