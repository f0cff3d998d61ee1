"""Taking over what files hold: spaces, categories, articles and their files, in batches. Must not know formats.

Each article that is refused costs itself alone, and says why.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from attrs import define, field
from sqlalchemy import select

from crmkit import CRM, Actor, CrmkitError, Problem, texts
from crmkit_knowledge.articles.errors import problem
from crmkit_knowledge.articles.finding import in_work, revision_numbered, space_named
from crmkit_knowledge.articles.models import Article, Category, Space
from crmkit_knowledge.exchange.words import Found, Incoming, Unreadable, name_of
from crmkit_knowledge.files.models import ArticleFile

_ = texts("crmkit_knowledge")

IMPORT, ATTACH = "knowledge.article.import", "knowledge.article.attach"
BATCH = 200
BECAME = ("created", "updated", "unchanged", "in_work")
_NUMBERED = re.compile(r"(\]\(<?article:)(\d{1,9})\b")


@define(kw_only=True)
class Taking:
    """One import: who takes what from where into which space. What is refused says why in ``language``."""

    crm: CRM
    actor: Actor
    source: str
    space: str = ""
    publish: bool = True
    dry: bool = False
    language: str = "en"
    became: Counter[str] = field(factory=Counter)
    refused: list[dict[str, Any]] = field(factory=list)
    _moved: dict[str, str] = field(factory=dict)
    _categories: dict[tuple[str, tuple[str, ...]], str] = field(factory=dict)

    def prepare(self, base: bytes | None, found: Sequence[Found] = ()) -> None:
        """Add the spaces and categories that a folder names which there are not, and find the numbers of its articles
        which others have here: links to these are written anew."""
        if base is not None:
            self._spaces(base)
        numbers = {each.values["number"]: each for each in found if isinstance(each, Incoming) and _is_ours(each)}
        ordered = sorted(numbers)
        with self.crm.session(self.actor) as session:
            for start in range(0, len(ordered), 500):
                query = select(Article.number, Article.slug, Article.id)
                for number, slug, id_ in session.execute(query.where(Article.number.in_(ordered[start : start + 500]))):
                    values = numbers[number].values
                    if str(id_) != str(values.get("id")) and slug != values.get("slug"):
                        self._moved[str(number)] = str(values["slug"])

    def take(self, found: Iterable[Found], done: Callable[[int], None] = lambda number: None) -> None:
        """Take everything over; ``done`` is told how many were looked at."""
        batch: list[Incoming] = []
        seen = 0
        for each in found:
            seen += 1
            if isinstance(each, Unreadable):
                self._refuse(each.place, self._why(each.why))
                continue
            batch.append(each)
            if len(batch) >= BATCH:
                self._carry_out(batch)
                batch = []
                done(seen)
        self._carry_out(batch)
        done(seen)

    def _carry_out(self, batch: list[Incoming]) -> None:
        ready: list[tuple[Incoming, dict[str, Any]]] = []
        for each in batch:
            try:
                ready.append((each, self._inputs(each)))
            except CrmkitError as error:
                self._refuse(each.place, self._why(error))
        if not ready:
            return
        if self.dry:
            self._foresee(ready)
            return
        outcomes = self.crm.run_many(self.actor, IMPORT, [values for _each, values in ready])
        for (each, _values), outcome in zip(ready, outcomes, strict=True):
            if not outcome.ok:
                self._refuse(each.place, "; ".join(self._why(why) for why in outcome.problems))
                continue
            attached = self._attach(each, outcome.result.id) if outcome.result.became != "in_work" else False
            became = outcome.result.became
            self.became["updated" if attached and became == "unchanged" else became] += 1

    def _inputs(self, each: Incoming) -> dict[str, Any]:
        values = {"source": self.source, "publish": self.publish, **each.values}
        values["space"] = self.space or values.get("space", "")
        if self._moved:
            values["body"] = _NUMBERED.sub(
                lambda found: found[1] + self._moved.get(found[2], found[2]), str(values["body"])
            )
        if each.categories and not values.get("category"):
            values["category"] = self._category(values["space"], each.categories)
        return values

    def _category(self, space: str, path: tuple[str, ...]) -> str:
        """Return the name of the category at a path of names or titles; what there is not of it is added."""
        known = self._categories.get((space, path))
        if known is not None:
            return known
        above = self._category(space, path[:-1]) if len(path) > 1 else ""
        with self.crm.session(self.actor) as session:
            within = space_named(session, space)
            rows = session.scalars(select(Category).where(Category.space_id == within.id)).all()
            by_id = {each.id: each.name for each in rows}
            taken = {each.name for each in rows}
            name = next(
                (
                    each.name
                    for each in rows
                    if path[-1] in (each.name, each.title)
                    and (by_id.get(each.parent_id) if each.parent_id else "") == above
                ),
                "",
            )
            space = within.name
        if not name:
            name = name_of(path[-1])
            if name in taken or name in self._categories.values():
                name = name_of("/".join(path))[:40] + name_of("\0".join(path) + "一")[1:]
            if not self.dry:
                inputs = {"name": name, "title": path[-1][:200], "space": space, "parent": above}
                self.crm.run(self.actor, "knowledge.category.create", inputs)
        self._categories[(space, path)] = name
        return name

    def _spaces(self, base: bytes) -> None:
        try:
            document = json.loads(base)
            spaces, categories = list(document["spaces"]), list(document["categories"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise problem("file", _("The list of spaces and categories cannot be read.")) from None
        with self.crm.session(self.actor) as session:
            there = {each.id: each.name for each in session.scalars(select(Space))}
            held = {(there[each.space_id], each.name) for each in session.scalars(select(Category))}
        names = set(there.values())
        if self.dry:
            return
        for each in spaces:
            if isinstance(each, dict) and each.get("name") not in names and not self.space:
                self._add("knowledge.space.create", each)
        for each in categories:
            if isinstance(each, dict) and (self.space or each.get("space"), each.get("name")) not in held:
                self._add("knowledge.category.create", {**each, **({"space": self.space} if self.space else {})})

    def _add(self, operation: str, inputs: Mapping[str, Any]) -> None:
        try:
            self.crm.run(self.actor, operation, dict(inputs))
        except CrmkitError as error:
            self._refuse(str(inputs.get("name", "")), self._why(error))

    def _attach(self, each: Incoming, article: UUID) -> bool:
        """Put its files to an article; say whether any was another one than before."""
        changed = False
        for name, content in each.files.items():
            try:
                loaded = content()
                with self.crm.session(self.actor) as session:
                    query = select(ArticleFile.content).where(ArticleFile.article_id == article)
                    before = session.scalar(query.where(ArticleFile.name == name))
                if before == loaded:
                    continue
                file = {"filename": name, "content": loaded}
                self.crm.run(self.actor, ATTACH, {"file": file}, target=article)
                changed = True
            except CrmkitError as error:
                self._refuse(f"{each.place}: {name}", self._why(error))
        return changed

    def _foresee(self, ready: list[tuple[Incoming, dict[str, Any]]]) -> None:
        """Say what would become of each, and write nothing."""
        with self.crm.session(self.actor) as session:
            for each, values in ready:
                try:
                    if not str(values.get("title", "")).strip() and not str(values["body"]).strip():
                        raise problem("title", _("Say what it is about."))
                    article = session.get(Article, UUID(values["id"])) if values.get("id") else None
                    if article is None:
                        query = select(Article).where(Article.external_source == values["source"])
                        article = session.scalars(query.where(Article.external_id == values["external_id"])).first()
                    if article is None:
                        space_named(session, values["space"])
                        self.became["created"] += 1
                    elif in_work(session, article) is not None:
                        self.became["in_work"] += 1
                    else:
                        before = revision_numbered(session, article, article.newest)
                        same = (before.title, before.body) == (values.get("title", before.title), values["body"])
                        self.became["unchanged" if same else "updated"] += 1
                except CrmkitError as error:
                    self._refuse(each.place, self._why(error))

    def _why(self, error: CrmkitError | Problem) -> str:
        return error.render(self.language)

    def _refuse(self, place: str, why: str) -> None:
        self.refused.append({"line": int(place) if place.isdigit() else None, "place": place, "why": why})


def _is_ours(each: Incoming) -> bool:
    return "number" in each.values and "slug" in each.values
