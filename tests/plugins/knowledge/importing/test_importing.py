"""Articles are taken over once, whatever their file holds, and are found as well as was published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Crmkit, crmkit as _crmkit, pristine as _pristine
from tests.plugins.knowledge.base import Base

crmkit, pristine = _crmkit, _pristine


def taken(base: Base, title: str = "Send it back", body: str = "Use the label.", **more: object) -> str:
    """Take an article over and return what became of it."""
    values = {"source": "old", "external_id": "a1", "title": title, "body": body, **more}
    return str(base.run("knowledge.article.import", values).became)


def test_an_article_comes_once_and_is_found(both: Base) -> None:
    assert ["created", "unchanged", "updated"] == [taken(both), taken(both), taken(both, body="Use the sticker.")]
    assert (["Send it back"], []) == (both.found("sticker"), both.found("label"))


def test_what_is_being_worked_on_is_left_alone(base: Base) -> None:
    taken(base)
    with base.crm.session(base.actor()) as session:
        from crmkit_knowledge.articles.finding import article_numbered

        article = article_numbered(session, 1001).id
    base.run("knowledge.article.revise", {"body": "Ours."}, target=article)
    assert "in_work" == taken(base, body="Theirs.")


def test_a_draft_is_not_published(base: Base) -> None:
    taken(base, publish=False)
    assert [] == base.found("label")


def test_a_file_of_lines_and_a_guard_over_the_search(crmkit: Crmkit, tmp_path: Path) -> None:
    crmkit.has("knowledge")
    crmkit.ok("run", "knowledge.space.create", "name=help")
    lines = [
        json.dumps({"id": "a", "title": "Send it back", "body": "Use the label."}),
        "not json",
        json.dumps({"id": "b", "title": "退款流程", "body": "三天内退款。", "language": "zh_Hans"}),
        json.dumps({"id": "c", "title": " ", "body": " "}),
        "",
    ]
    file = tmp_path / "articles.jsonl"
    file.write_text("\n".join(lines), "utf-8")
    found = crmkit.json("knowledge", "import", str(file))
    assert (2, [2, 4]) == (found["created"], [each["line"] for each in found["items"]])
    assert 2 == crmkit.json("knowledge", "import", str(file))["unchanged"]
    assert "Send it back" == crmkit.json("knowledge", "search", "labels")["items"][0]["title"]
    assert "退款流程" == crmkit.json("knowledge", "search", "退款")["items"][0]["title"]
    queries, qrels = tmp_path / "q.tsv", tmp_path / "r.tsv"
    queries.write_text('query_id\ttext\n1\tlabel "of\n2\t退款\n3\tzzz\n', "utf-8")
    qrels.write_text("query_id\tarticle_id\trelevance\n1\ta\t1\n2\tb\t1\n3\ta\t1\n", "utf-8")
    options = ["--queries", str(queries), "--qrels", str(qrels)]
    figures = crmkit.json("knowledge", "evaluate", *options)
    assert (3, pytest.approx(2 / 3, abs=1e-4)) == (figures["questions"], figures["ndcg10"])
    assert [("zzz", None)] == [(each["question"], each["rank"]) for each in figures["items"]]
    assert 3 == crmkit("knowledge", "evaluate", *options, "--least", "0.9").code
    qrels.write_text("query_id\tarticle_id\trelevance\n9\ta\t1\n", "utf-8")
    failed = crmkit("knowledge", "evaluate", *options)
    assert failed.code != 0
    assert "line 2" in failed.err
