"""What everybody may read as pages that need nothing but a web server."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

from crmkit_knowledge.exchange.site import write_site

from tests.plugins.knowledge.base import Base
from tests.plugins.knowledge.exchange.test_round_trip import PNG


def test_a_site_has_what_is_public_and_no_link_of_it_is_dead(base: Base, tmp_path: Path) -> None:
    """What is for fewer readers is neither on a page nor named by one."""
    base.run("knowledge.category.create", {"name": "returns", "title": "Returns <b>"})
    text = "[two](article:1002) [three](article:1003) ![l](file:label.png) <script>x</script>\n:::internal\nsecret\n:::"
    first = base.published("Send it back", text, category="returns", summary="How <it> goes")
    base.run("knowledge.article.attach", {"file": {"filename": "label.png", "content": PNG}}, target=first)
    base.run("knowledge.article.attach", {"file": {"filename": "other.png", "content": PNG}}, target=first)
    base.published("退款流程", "三天内退款。", language="zh_Hans")
    base.published("Inside", "Ours.", audience="internal")
    base.write("A draft")
    made = write_site(base.crm, tmp_path / "out", address="https://help.example/")
    root = tmp_path / "out"
    pages = list(root.rglob("*.html"))
    assert (len(pages), 1) == (made.pages, made.files)
    assert {"send-it-back.html", "1002.html"} == {each.name for each in (root / "a").iterdir()}
    for each in pages:
        html = each.read_text("utf-8")
        assert [] == [word for word in ("secret", "Inside", "A draft", "<script", "style=") if word in html]
        for address in re.findall(r'(?:href|src)="([^"#]+)"', html):
            assert (each.parent / unquote(address)).resolve().is_file(), (each, address)
    assert [PNG] == [each.read_bytes() for each in (root / "files").rglob("*.png")]
    assert 'lang="zh-Hans"' in (root / "a/1002.html").read_text("utf-8")
    assert "How &lt;it&gt; goes" in (root / "a/send-it-back.html").read_text("utf-8")
    assert "Returns &lt;b&gt; (1)" in (root / "en/index.html").read_text("utf-8")
    places = [each.text for each in ElementTree.parse(root / "sitemap.xml").iter() if (each.tag or "").endswith("loc")]
    assert [
        "https://help.example/",
        "https://help.example/a/send-it-back.html",
        "https://help.example/a/1002.html",
    ] == places
    assert "https://help.example/a/send-it-back.html" in (root / "feed.xml").read_text("utf-8")


def test_a_site_is_written_anew(base: Base, tmp_path: Path) -> None:
    """What is withdrawn is not in it any more."""
    article = base.published()
    write_site(base.crm, tmp_path / "out")
    base.run("knowledge.article.archive", target=article)
    write_site(base.crm, tmp_path / "out", replace=True)
    assert ([], False) == (list((tmp_path / "out").glob("a/*")), (tmp_path / "out/sitemap.xml").exists())
