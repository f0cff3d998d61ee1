"""How the pages of a static site look: one frame, one style sheet, no scripts. Must not know the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen
from markupsafe import Markup

from crmkit import texts
from crmkit.i18n import translate

_ = texts("crmkit_knowledge")

_WORDS = {"Help": _("Help"), "Updated": _("Updated"), "Languages": _("Languages"), "Where you are": _("Where you are")}
_NAMES = {"en": "English", "zh_Hans": "简体中文", "zh_Hant": "繁體中文", "de": "Deutsch", "fr": "Français"}
_POLICY = Markup("default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'")

STYLE = """\
:root { color-scheme: light dark; --line: #8884; --link: light-dark(#1257a8, #8ab8ff); }
* { box-sizing: border-box; }
body { font: 1rem/1.6 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; margin: 0; overflow-wrap: break-word; }
header, main, footer { max-width: 46rem; margin: 0 auto; padding: .75rem 1rem; }
header { border-bottom: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; }
header strong { margin-right: auto; }
a { color: var(--link); }
nav ol { list-style: none; padding: 0; margin: 0 0 1rem; display: flex; flex-wrap: wrap; gap: .25rem .75rem; }
h1 { line-height: 1.25; margin: .5rem 0; }
img { max-width: 100%; height: auto; }
pre { overflow-x: auto; border: 1px solid var(--line); padding: .75rem; border-radius: .25rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid var(--line); padding: .25rem .6rem; }
blockquote, [class^="callout-"] { border-inline-start: .25rem solid var(--line); margin: 1rem 0; padding: .1rem 1rem; }
.text-start { text-align: start; } .text-center { text-align: center; } .text-end { text-align: end; }
footer { border-top: 1px solid var(--line); font-size: .875rem; }
"""


@frozen(kw_only=True)
class Frame:
    """What stands around a page: the business, the language that the frame speaks, the languages that there are lists
    in, and the language of the text where that is another one."""

    business: str
    language: str
    languages: Sequence[str] = ()
    spoken: str = ""

    def text(self, message: str) -> str:
        """Return a word of the frame in its language."""
        return translate(_WORDS[message], self.language)


def linked(address: str, title: str) -> Markup:
    """Return a link within the site."""
    return Markup('<a href="{}">{}</a>').format(address, title)


def listed(links: Sequence[tuple[str, str]]) -> Markup:
    """Return a list of links, or nothing."""
    items = Markup("").join(Markup("<li>{}</li>\n").format(linked(*each)) for each in links)
    return Markup("<ul>\n{}</ul>\n").format(items) if links else Markup("")


def section(title: str | Markup, *parts: str | Markup) -> Markup:
    """Return parts below a title, which may be empty."""
    head = Markup("<h2>{}</h2>\n").format(title) if title else Markup("")
    return Markup("<section>\n{}{}</section>\n").format(head, Markup("").join(parts))


def page(
    frame: Frame,
    title: str,
    body: str | Markup,
    *,
    up: str,
    way: Sequence[tuple[str, str]],
    summary: str = "",
    others: Sequence[tuple[str, str]] = (),
    at: datetime | None = None,
) -> str:
    """Return a page. ``up`` leads to the top of the site, ``way`` is what is above the page, ``others`` are the page in
    other languages; ``at`` is when the text was released."""
    lists = [(f"{up}{language}/index.html", language) for language in frame.languages if language != frame.language]
    switch = Markup(" ").join(
        Markup('<a href="{}" lang="{}" hreflang="{}">{}</a>').format(
            address, _tag(language), _tag(language), _NAMES.get(language, language)
        )
        for address, language in (*others, *lists)
    )
    crumbs = Markup("").join(Markup("<li>{}</li>").format(linked(*each)) for each in way)
    above = (
        Markup('<nav aria-label="{}"><ol>{}</ol></nav>\n').format(frame.text("Where you are"), crumbs) if way else ""
    )
    changed = Markup('<p><small>{}: <time datetime="{}">{}</time></small></p>\n').format(
        frame.text("Updated"), at.isoformat(), at.date().isoformat()
    ) if at is not None else ""  # fmt: skip
    return str(
        Markup(
            '<!doctype html>\n<html lang="{}">\n<head>\n<meta charset="utf-8">\n'
            '<meta http-equiv="Content-Security-Policy" content="{}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{} · {}</title>\n{}'
            '<link rel="stylesheet" href="{}style.css">\n</head>\n<body>\n<header><strong>{}</strong> {}</header>\n'
            "<main>\n{}<h1>{}</h1>\n{}{}{}</main>\n<footer>{}</footer>\n</body>\n</html>\n"
        ).format(
            _tag(frame.spoken or frame.language),
            _POLICY,
            title,
            frame.business,
            Markup('<meta name="description" content="{}">\n').format(summary[:300]) if summary else "",
            up,
            linked(f"{up}index.html", frame.business),
            switch,
            above,
            title,
            Markup("<p>{}</p>\n").format(summary) if summary else "",
            body,
            changed,
            frame.business,
        )
    )


def _tag(language: str) -> str:
    return language.replace("_", "-")
