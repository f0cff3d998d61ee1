"""Articles in files of other systems, and files that mean harm."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from crmkit_knowledge.exchange import folder
from crmkit_knowledge.exchange.frontmatter import split
from crmkit_knowledge.exchange.html import to_markdown
from crmkit_knowledge.exchange.reading import incoming
from crmkit_knowledge.exchange.words import Incoming, Unreadable, language_of
from crmkit_knowledge.rendering.markdown import render
from crmkit_knowledge.rendering.plain import plain_text
from hypothesis import given, strategies as st
from markupsafe import escape

from crmkit import InvalidInput
from tests.cli.conftest import Crmkit, crmkit as _crmkit, pristine as _pristine
from tests.plugins.knowledge.base import Base
from tests.plugins.knowledge.exchange.test_round_trip import PNG, everything, taken

crmkit, pristine = _crmkit, _pristine


def read(path: Path) -> list[Incoming]:
    """Return the articles of a file, all of which can be read."""
    found = list(incoming(path))
    assert [] == [each for each in found if isinstance(each, Unreadable)]
    return [each for each in found if isinstance(each, Incoming)]


def write(root: Path, **files: str | bytes) -> Path:
    """Write files; two underscores are a slash, and a name without an ending is Markdown."""
    for name, content in files.items():
        path = root / (name.replace("__", "/") + ("" if "." in name else ".md"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def test_a_folder_of_markdown_from_elsewhere(base: Base, tmp_path: Path) -> None:
    """Folders are categories, pictures come along, links between files are links between articles."""
    write(
        tmp_path / "docs",
        **{
            "Sending back__index.md": "# All about it\n\nSee [it](send-it-back.md).",
            "Sending back__send-it-back.md": "---\ntags:\n  - label\ndescription: Soon\n---\n![l](../img/a%20b.png)\n",
            "Sending back__Abroad__norway.zh-cn.md": "# 挪威\n\n好。",
            "img__a b.png": PNG,
            ".git__x.md": "hidden",
        },
    )
    assert [] == taken(base.crm, tmp_path / "docs").refused
    _spaces, categories, articles, files = everything(base.crm)
    assert [("Abroad", "sending-back"), ("Sending back", "")] == sorted((each[1], each[3]) for each in categories)
    by_title = {each[1]: each for each in articles}
    assert {"All about it", "Send it back", "挪威"} == set(by_title)
    assert ("![l](file:a-b.png)\n", "Soon", ["label"], "send-it-back") == tuple(
        by_title["Send it back"][at] for at in (4, 2, 11, 12)
    )
    assert ("zh_Hans", "abroad") == (by_title["挪威"][6], by_title["挪威"][8])
    assert ["a-b.png"] == [name for _number, name, _content in files]
    from crmkit_knowledge.rendering.references import broken_links

    with base.crm.session(base.actor()) as session:
        assert [] == broken_links(session)


def test_html_becomes_markdown() -> None:
    """What it says is kept; what it does is not."""
    html = (
        "<html><head><title>Hi &amp; you</title><style>x</style></head><body><nav>menu</nav><h1>Top</h1>"
        "<p>A <b>bold</b> <a href='x y.html'>link</a> 1*2.<br>next</p><ul><li>a<ul><li>b</li></ul><li>c</ul>"
        "<ol><li>one<li>two</ol><pre><code>x = 1\n  y</code></pre><p>use <code>a`b</code></p>"
        "<blockquote><p>q</p></blockquote><table><tr><th>a</th><th>b|c</th></tr><tr><td>1<td>2</table>"
        "<script>bad()</script><p># no head</p>"
    )
    text, title = to_markdown(html)
    assert "Hi & you" == title
    for part in (
        "# Top\n",
        "A **bold** [link](<x y.html>) 1\\*2.\\\nnext",
        "1. one\n2. two",
        "```\nx = 1\n  y\n```",
        "use ``a`b``",
        "> q",
        "| a | b\\|c |\n| --- | --- |\n| 1 | 2 |",
        "\\# no head",
    ):
        assert part in text, text
    assert ("menu" in text, "bad" in text) == (False, False)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_no_sign_of_a_text_in_html_becomes_a_mark(text: str) -> None:
    """What was words is words."""
    made = to_markdown(f"<p>x{escape(text)}x</p>")[0]
    assert "".join(f"x{text}x".split()) == "".join(plain_text(made).split())


def test_an_export_of_a_help_centre(tmp_path: Path) -> None:
    """Zendesk's: sections in categories, labels, locales, drafts."""
    document = {
        "categories": [{"id": 1, "name": "Orders"}],
        "sections": [{"id": 2, "name": "Returns", "category_id": 1}],
        "articles": [
            {"id": 7, "title": "A", "body": "<p>Hi <b>you</b></p>", "locale": "zh-cn", "section_id": 2, "draft": True,
             "label_names": ["x"]},
            {"title": "no id"},
            {"id": 8, "title": "B", "body": "plain"},
        ],
    }  # fmt: skip
    path = tmp_path / "articles.json"
    path.write_text(json.dumps(document), "utf-8")
    first, bad, second = incoming(path)
    assert isinstance(first, Incoming)
    assert isinstance(second, Incoming)
    assert isinstance(bad, Unreadable)
    assert {
        "external_id": "7", "title": "A", "body": "Hi **you**\n", "language": "zh_Hans", "tags": ("x",),
        "state": "draft",
    } == first.values  # fmt: skip
    assert (("Orders", "Returns"), "2", "plain") == (first.categories, bad.place, second.values["body"])


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_a_table(tmp_path: Path, sign: str) -> None:
    """With the columns in any order, and a row that cannot be taken."""
    path = tmp_path / "a.csv"
    path.write_text(f'Question{sign}Answer{sign}ID\nWhy?{sign}"So\nthat."{sign}1\n{sign}x{sign}2\n', "utf-8")
    found = list(incoming(path))
    assert isinstance(found[0], Incoming)
    assert {"title": "Why?", "body": "So\nthat.", "external_id": "1"} == found[0].values
    assert [("4", Unreadable)] == [(each.place, type(each)) for each in found[1:]]


def test_bad_files_cost_themselves_alone(base: Base, tmp_path: Path) -> None:
    """Each is told with its line, and the others are taken."""
    root = write(
        tmp_path / "docs",
        good="Good.",
        broken="---\ntitle: x\nnothing\n---\nx",
        open="---\ntitle: x\n",
        kind="---\nkind: novel\n---\nx",
        latin=b"a\nb\n\xff",
        audience="---\ntitle: x\naudience: role\naudience_of: [nobody]\n---\nx",
        **{"day.md": "---\nverify_on: soon\n---\nx"},
    )
    for dry in (True, False):
        made = taken(base.crm, root, dry=dry)
        told = {each["place"]: each["why"] for each in made.refused}
        assert {"broken.md", "open.md", "kind.md", "latin.md", "day.md"} <= set(told)
        assert ("Line 3" in told["broken.md"], "Line 3" in told["latin.md"]) == (True, True)
    assert (1, True) == (made.became["created"], "nobody" in told["audience.md"])


def test_a_number_that_another_article_has_is_not_taken(base: Base, tmp_path: Path) -> None:
    """Links by it are written anew."""
    base.published("Ours")
    root = write(
        tmp_path / "docs",
        a="---\nnumber: 1001\nslug: theirs\ntitle: Theirs\n---\n\nx\n",
        b="---\nnumber: 1002\nslug: more\ntitle: More\n---\n\n[a](article:1001)\n",
    )
    taken(base.crm, root)
    assert {"theirs": "x", "more": "[a](article:theirs)", "ours": "Use the **label**."} == {
        each[12]: each[4] for each in everything(base.crm)[2]
    }


def test_an_archive_is_read_and_what_leads_out_of_it_is_not(tmp_path: Path) -> None:
    """Nothing of it is ever unpacked."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as made:
        for name in ("in/a.md", "../b.md", "/c.md", "d/../../e.md", "f\\..\\g.md", "C:/h.md", ".i.md", "__MACOSX/j.md"):
            made.writestr(name, "x")
        link = zipfile.ZipInfo("k.md")
        link.external_attr = 0o120777 << 16
        made.writestr(link, "/etc/passwd")
    # The library itself mends some names: what is left is inside.
    places = [each.place for each in read(path)]
    assert "in/a.md" in places
    assert [] == [each for each in places if ".." in each or each.startswith(("/", "C:", ".")) or "k.md" in each]


def test_an_archive_that_swells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what it says of itself, and by what comes out of it."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.md", b"\0" * (8 << 20))
    with pytest.raises(InvalidInput):
        list(incoming(path))
    monkeypatch.setattr(folder, "SWELLS", 10_000)
    monkeypatch.setattr(folder, "LARGEST", 1 << 20)
    assert [Unreadable] == [type(each) for each in incoming(path)]
    monkeypatch.setattr(folder, "MOST", 0)
    with pytest.raises(InvalidInput):
        list(incoming(path))
    path.write_bytes(b"PK no archive")
    with pytest.raises(InvalidInput):
        list(incoming(path))


def test_what_is_linked_from_a_folder_is_left_out(tmp_path: Path) -> None:
    """A link may lead anywhere."""
    (tmp_path / "secret.md").write_text("secret", "utf-8")
    root = write(tmp_path / "docs", a="[s](../secret.md) ![t](../secret.png)")
    os.symlink(tmp_path / "secret.md", root / "b.md")
    assert [("a.md", {})] == [(each.place, dict(each.files)) for each in read(root)]


@pytest.mark.parametrize(
    "text", ["a: &x [1]\nb: *x", "a: !!python/object:os.system x", "a: [b", 'a: "b', "a: {b: c}", "a b"]
)
def test_what_is_no_plain_value_is_refused(text: str) -> None:
    """References, types and objects are none."""
    with pytest.raises(InvalidInput):
        split(f"---\n{text}\n---\nx")


def test_values_as_people_write_them() -> None:
    """Lists below, quotes, texts over several lines, remarks."""
    head = "title: 'It''s'\ntags: [a, \"b,c\"]\ncategories:\n  - x\n  - y z\nsummary: >\n  one\n  two\n"
    head += "draft: true # yes\nempty:\n"
    values, body = split(f"---\n{head}---\n\nbody\n")
    assert body == "body\n"
    assert values == {
        "title": "It's", "tags": ["a", "b,c"], "categories": ["x", "y z"], "summary": "one two", "draft": "true",
    }  # fmt: skip


def test_languages_are_called_as_here() -> None:
    """However they are called elsewhere."""
    assert ["zh_Hans", "zh_Hant", "en_US", "de"] == [language_of(each) for each in ("zh-CN", "zh-tw", "en-US", "de")]


def test_html_that_was_taken_over_is_inert() -> None:
    """A text that looks like a tag stays a text."""
    made = to_markdown("<p>&lt;img src=x onerror=alert(1)&gt; <a href='javascript:alert(1)'>a</a></p>")[0]
    html = str(render(made).html)
    assert ("<img" in html, "javascript" in html) == (False, False)


def test_from_the_command_line(crmkit: Crmkit, tmp_path: Path) -> None:
    """A folder in, tried first; the whole base and a site out."""
    crmkit.has("knowledge")
    crmkit.ok("run", "knowledge.space.create", "name=help", "audience=public")
    root = write(tmp_path / "docs", a="One.", b="---\nkind: x\n---\nTwo.")

    def counted(*more: str) -> tuple[Any, ...]:
        found = crmkit.json("knowledge", "import", str(root), *more)
        return found["created"], found["unchanged"], [each["place"] for each in found["items"]]

    assert (1, 0, ["b.md"]) == counted("--dry-run") == counted()
    assert (0, 1, ["b.md"]) == counted()
    assert 1 == crmkit.json("knowledge", "export", str(tmp_path / "out"))["articles"]
    assert crmkit("knowledge", "export", str(tmp_path / "out")).code != 0
    again = crmkit.json("knowledge", "export", str(tmp_path / "out"), "--replace", "--revisions")
    assert (1, 1) == (again["articles"], again["revisions"])
    assert 0 < crmkit.json("knowledge", "site", str(tmp_path / "site"))["pages"]
