// The condition builder. The text of the expression is what counts and what the form sends; rows are made from it by the
// server and it is made from rows by the server, so that there is one grammar. Everything shown is set as text.
import { chooser } from "./chooser.js";

const WAIT = 220;
const vocabularies = new Map();
let count = 0;

const make = (tag, classes = "", values = {}, ...children) => {
  const node = document.createElement(tag);
  if (classes) node.className = classes;
  for (const [name, value] of Object.entries(values)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
};

class Builder {
  constructor(root) {
    this.root = root;
    this.words = JSON.parse(root.dataset.words);
    this.area = root.querySelector("textarea");
    this.rows = root.querySelector("[data-conditions-rows]");
    this.textBox = root.querySelector("[data-conditions-text]");
    this.said = root.querySelector("[data-conditions-said]");
    this.wrong = root.querySelector("[data-conditions-wrong]");
    this.group = { every: true, items: [] };
    this.facts = new Map();
    this.tests = new Map();
    this.mode = "text";
    root.querySelector("[data-conditions-modes]").hidden = false;
    root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-conditions-mode]");
      if (button) this.show(button.dataset.conditionsMode, true);
    });
    this.area.addEventListener("input", (event) => {
      if (!event.detail?.fromRows) this.later(() => this.readText());
    });
    const other = root.dataset.eventFrom && document.getElementById(root.dataset.eventFrom);
    other?.addEventListener("change", async () => {
      await this.learn();
      await this.readText();
    });
    this.start();
  }

  get event() {
    const field = this.root.dataset.eventFrom && document.getElementById(this.root.dataset.eventFrom);
    return field ? field.value : this.root.dataset.event;
  }

  async start() {
    try {
      await this.learn();
    } catch {
      return; // the text remains
    }
    this.heard = this.area.value;
    await this.readText(!this.wrong.childElementCount);
    if (this.readable) this.show("rows");
  }

  async learn() {
    const url = new URL(this.root.dataset.vocabulary, location.href);
    if (this.event) url.searchParams.set("event", this.event);
    if (this.root.dataset.resource) url.searchParams.set("resource", this.root.dataset.resource);
    if (!vocabularies.has(url.href)) {
      vocabularies.set(url.href, fetch(url, { credentials: "same-origin" }).then((answer) => {
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.json();
      }));
    }
    const known = await vocabularies.get(url.href);
    this.currency = known.currency;
    this.list = known.facts.filter((fact) => fact.listed);
    this.facts = new Map(known.facts.map((fact) => [fact.name, fact]));
    this.tests = new Map(known.tests.map((test) => [test.name, test]));
  }

  show(mode, focus = false) {
    if (mode === "rows" && !this.readable) return this.area.focus();
    this.mode = mode;
    this.rows.hidden = mode !== "rows";
    this.textBox.hidden = mode !== "text";
    for (const button of this.root.querySelectorAll("[data-conditions-mode]")) {
      button.setAttribute("aria-pressed", String(button.dataset.conditionsMode === mode));
    }
    if (mode === "rows") this.draw();
    if (focus) (mode === "text" ? this.area : this.rows.querySelector("input, select, button"))?.focus();
  }

  later(act) {
    clearTimeout(this.timer);
    this.timer = setTimeout(act, WAIT);
  }

  async ask(values) {
    this.asking?.abort();
    this.asking = new AbortController();
    const body = new URLSearchParams({ ...values, event: this.event ?? "", resource: this.root.dataset.resource ?? "" });
    try {
      const answer = await fetch(this.root.dataset.url, {
        method: "POST", body, signal: this.asking.signal, credentials: "same-origin",
        headers: { "X-CSRF-Token": document.querySelector('meta[name="csrf"]')?.content ?? "" },
      });
      if (!answer.ok) throw new Error(String(answer.status));
      return await answer.json();
    } catch (error) {
      if (error.name !== "AbortError") this.tell("", [{ message: this.words.offline }]);
      return null;
    }
  }

  // --- from the text ---

  async readText(tell = true) {
    const always = this.area.value.trim() === this.root.dataset.empty;
    const answer = await this.ask({ text: this.area.value });
    if (!answer) return;
    this.readable = answer.group !== null;
    if (answer.group) this.group = answer.group;
    if (tell || this.mode === "rows") this.tell(always ? "" : answer.words, answer.problems);
    if (this.readable) this.announce();
    if (this.mode === "rows") {
      if (this.readable) this.draw();
      else this.show("text");
    }
  }

  // --- from the rows ---

  changed(redraw = false) {
    if (redraw) this.draw();
    this.later(() => this.readRows());
  }

  async readRows() {
    const answer = await this.ask({ tree: JSON.stringify(this.group) });
    if (!answer) return;
    const ofRows = answer.problems.filter((problem) => problem.path);
    this.tell(answer.words, answer.problems.filter((problem) => !problem.path));
    this.mark(ofRows);
    if (answer.text === null) return;
    const text = answer.text || this.root.dataset.empty;
    if (text === this.area.value) return this.announce();
    this.area.value = text;
    this.area.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: { fromRows: true } }));
    this.announce();
  }

  // Tells what was understood once, when it is another condition than before.
  announce() {
    if (this.area.value === this.heard || this.wrong.childElementCount) return;
    this.heard = this.area.value;
    this.root.dispatchEvent(new CustomEvent("conditions:changed", { bubbles: true }));
  }

  mark(problems) {
    const known = new Map(problems.map((problem) => [problem.path.join("."), problem.message]));
    for (const item of this.rows.querySelectorAll("[data-path]")) {
      const message = known.get(item.dataset.path) ?? "";
      const place = item.querySelector(":scope > [data-problem]");
      if (!place) continue;
      place.textContent = message;
      place.hidden = !message;
      const field = [...item.querySelectorAll("input, select")].at(-1);
      for (const each of item.querySelectorAll("input, select")) each.setCustomValidity?.("");
      field?.setCustomValidity?.(message);
    }
  }

  tell(words, problems) {
    this.said.textContent = words;
    this.wrong.replaceChildren(...problems.map((problem) => {
      const shown = make("p", "field-problem");
      if (problem.column && this.mode === "text") {
        shown.append(make("button", "", { type: "button", onclick: () => this.point(problem) }, problem.message));
      } else shown.textContent = problem.message;
      if (problem.suggestion && this.mode === "text") {
        shown.append(make("button", "btn btn-sm conditions-use", { type: "button", onclick: () => this.use(problem) }, problem.use));
      }
      return shown;
    }));
    if (problems.length) this.area.setAttribute("aria-invalid", "true");
    else this.area.removeAttribute("aria-invalid");
  }

  point({ line, column }) {
    const before = this.area.value.split("\n").slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    this.area.focus();
    this.area.setSelectionRange(before + column - 1, before + column);
  }

  // Puts what was meant in the place of the word, or of the text in quotation marks, at which the mistake is.
  use({ line, column, suggestion }) {
    const lines = this.area.value.split("\n");
    const before = lines[line - 1].slice(0, column - 1);
    const after = lines[line - 1].slice(column - 1);
    const wrong = /^("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[\p{L}\p{N}_.]+)/u.exec(after)?.[0] ?? "";
    lines[line - 1] = before + suggestion + after.slice(wrong.length);
    this.area.value = lines.join("\n");
    this.area.focus();
    this.area.dispatchEvent(new CustomEvent("input", { bubbles: true }));
  }

  // --- drawing ---

  draw() {
    const held = this.rows.contains(document.activeElement) ? document.activeElement.dataset.field : null;
    this.rows.replaceChildren(this.drawGroup(this.group, []));
    if (held) this.rows.querySelector(`[data-field="${CSS.escape(held)}"]`)?.focus();
  }

  drawGroup(group, path) {
    const words = this.words;
    const items = make("div", "condition-items");
    group.items.forEach((item, place) => items.append(this.drawItem(group, item, [...path, place])));
    const together = make("select", "form-select", { "aria-label": words.together, "data-field": `${path.join(".")}:every`,
      onchange: (event) => { group.every = event.target.value === "all"; this.changed(); } });
    together.append(new Option(words.all, "all", false, group.every), new Option(words.any, "any", false, !group.every));
    const head = make("div", "condition-together", {}, together);
    if (path.length) head.append(this.remover(path, words.remove));
    const actions = make("div", "condition-actions", {},
      make("button", "btn btn-sm", { type: "button", "data-field": `${path.join(".")}:add`, onclick: () => this.add(group, path, this.emptyRow()) }, words.add));
    if (path.length < 2) actions.append(make("button", "btn btn-sm btn-quiet", { type: "button",
      onclick: () => this.add(group, path, { every: !group.every, items: [this.emptyRow()] }) }, words.add_group));
    const box = make("div", "condition-group", path.length ? { role: "group", "aria-label": words.together } : {});
    if (group.items.length > 1 || path.length) box.append(head);
    if (!group.items.length) box.append(make("p", "condition-empty", {}, words.start));
    box.append(items, actions);
    return box;
  }

  emptyRow() { return { fact: "", key: null, test: "", values: [] }; }

  add(group, path, item) {
    group.items.push(item);
    this.draw();
    const place = [...path, group.items.length - 1].join(".");
    this.rows.querySelector(`[data-path="${place}"] input, [data-path="${place}.0"] input`)?.focus();
  }

  remover(path, label) {
    return make("button", "iconbtn condition-remove", { type: "button", "aria-label": label, title: label, onclick: () => {
      const parent = path.slice(0, -1).reduce((group, place) => group.items[place], this.group);
      parent.items.splice(path.at(-1), 1);
      this.changed(true);
      this.rows.querySelector(`[data-field="${path.slice(0, -1).join(".")}:add"]`)?.focus();
    } }, "×");
  }

  drawItem(group, item, path) {
    const box = make("div", "condition-item", { "data-path": path.join(".") });
    if (item.items) box.append(this.drawGroup(item, path));
    else box.append("text" in item ? this.drawText(item, path) : this.drawRow(item, path));
    const fact = this.facts.get(item.fact);
    if (fact?.doc) box.append(make("p", "condition-doc", {}, fact.doc));
    box.append(make("p", "field-problem", { "data-problem": "", hidden: true }));
    return box;
  }

  drawText(item, path) {
    const field = make("input", "form-control conditions-input condition-raw", { type: "text", spellcheck: "false", autocomplete: "off",
      "aria-label": this.words.text, "data-field": `${path.join(".")}:text`,
      oninput: (event) => { item.text = event.target.value; this.changed(); } });
    field.value = item.text;
    return make("div", "condition-row", {}, field, this.remover(path, this.words.remove));
  }

  drawRow(item, path) {
    const at = path.join(".");
    const fact = this.facts.get(item.fact);
    const row = make("div", "condition-row");
    row.append(chooser({
      facts: this.list, chosen: fact, words: this.words, id: `cf${++count}`, field: `${at}:fact`,
      choose: (found) => {
        Object.assign(item, { fact: found.name, key: found.keyed ? found.keys[0] ?? "" : null, values: [], test: "" });
        item.test = [...this.tests.values()].find((test) => this.takes(test, found, item))?.name ?? "";
        this.changed(true);
        this.rows.querySelector(`[data-field="${CSS.escape(`${at}:test`)}"]`)?.focus();
      },
    }));
    if (fact?.keyed) row.append(...this.drawKey(item, fact, at));
    if (fact) {
      const tests = make("select", "form-select condition-test", { "aria-label": this.words.test, "data-field": `${at}:test`, onchange: (event) => {
        const before = this.tests.get(item.test);
        item.test = event.target.value;
        const now = this.tests.get(item.test);
        if (before?.values !== now.values || (before?.takes === "many") !== (now.takes === "many")) item.values = [];
        this.changed(true);
      } });
      for (const test of this.tests.values()) {
        if (this.takes(test, fact, item)) tests.append(new Option(test.title, test.name, false, test.name === item.test));
      }
      row.append(tests);
      const test = this.tests.get(item.test);
      if (test && test.takes !== "none") row.append(this.drawValue(item, fact, test, at));
    }
    row.append(this.remover(path, this.words.remove));
    return row;
  }

  takes(test, fact, item) {
    if (!test.kinds.includes(fact.kind) || (fact.whole && !test.whole) || (!test.offered && test.name !== item.test)) return false;
    // Of what is one of a few values no part is looked for.
    return !(fact.options.length && ["contains", "contains_not", "starts", "ends"].includes(test.name) && test.name !== item.test);
  }

  drawKey(item, fact, at) {
    const list = `ck${++count}`;
    const field = make("input", "form-control condition-key", { type: "text", list, autocomplete: "off", "aria-label": `${this.words.key}: ${fact.keyed}`,
      placeholder: fact.keyed, "data-field": `${at}:key`, oninput: (event) => { item.key = event.target.value; this.changed(); } });
    field.value = item.key ?? "";
    return [field, make("datalist", "", { id: list }, ...fact.keys.map((key) => new Option(key, key)))];
  }

  drawValue(item, fact, test, at) {
    const box = make("div", "condition-value");
    if (test.takes === "many") return this.drawMany(box, item, fact, at);
    const places = test.takes === "two" ? [0, 1] : [0];
    for (const place of places) {
      const label = test.takes === "two" ? [this.words.value_from, this.words.value_to][place] : this.words.value;
      box.append(...this.drawField(item, fact, test, place, label, at));
    }
    const unit = test.values === "days" ? this.words.days : fact.kind === "money" ? this.currency : fact.unit;
    if (unit) box.append(make("span", "condition-unit", {}, unit));
    return box;
  }

  drawField(item, fact, test, place, label, at) {
    const given = item.values[place] ?? "";
    const common = { "aria-label": label, "data-field": `${at}:value${place}` };
    const set = (event) => { item.values[place] = event.target.value; this.changed(); };
    if (fact.options.length && test.values === "fact") {
      const field = make("select", "form-select", { ...common, onchange: set });
      if (!given) field.append(new Option(this.words.pick, "", true, true));
      for (const [value, title] of fact.options) field.append(new Option(title, value, false, value === given));
      if (given && !fact.options.some(([value]) => value === given)) field.append(new Option(given, given, true, true));
      return [field];
    }
    const number = test.values === "days" || ["integer", "decimal", "number", "money"].includes(fact.kind);
    const field = make("input", "form-control", { ...common, type: test.values === "day" ? "date" : "text", autocomplete: "off",
      inputmode: test.values === "days" || fact.kind === "integer" ? "numeric" : number ? "decimal" : null, oninput: set });
    field.value = given;
    return [field, ...this.proposals(field, fact, test)];
  }

  proposals(field, fact, test) {
    if (!fact.suggests || test.values !== "fact") return [];
    const list = make("datalist", "", { id: `cv${++count}` });
    field.setAttribute("list", list.id);
    field.addEventListener("focus", async () => {
      if (list.childElementCount) return;
      const url = new URL(this.root.dataset.values, location.href);
      url.searchParams.set("fact", fact.name);
      fact.found ??= fetch(url, { credentials: "same-origin" }).then((answer) => (answer.ok ? answer.json() : []));
      for (const value of await fact.found) list.append(new Option(value, value));
    }, { once: true });
    return [list];
  }

  drawMany(box, item, fact, at) {
    const known = new Set(fact.options.map(([value]) => value));
    if (known.size && known.size <= 12 && item.values.every((value) => known.has(value))) {
      const picks = make("div", "condition-picks", { role: "group", "aria-label": this.words.values });
      for (const [value, title] of fact.options) {
        const tick = make("input", "", { type: "checkbox", "data-field": `${at}:pick:${value}`, onchange: (event) => {
          item.values = event.target.checked ? [...item.values, value] : item.values.filter((each) => each !== value);
          this.changed();
        } });
        tick.checked = item.values.includes(value);
        picks.append(make("label", "condition-pick", {}, tick, title));
      }
      box.append(picks);
      return box;
    }
    const titles = new Map(fact.options);
    const field = make("input", "form-control", { type: "text", autocomplete: "off", placeholder: this.words.add_value,
      "aria-label": this.words.add_value, "data-field": `${at}:more` });
    const take = () => {
      const typed = field.value.split(/[,，、;；]/).map((part) => part.trim()).filter(Boolean);
      const fresh = typed.filter((part) => !item.values.includes(part));
      if (typed.length) { item.values.push(...fresh); this.changed(true); }
    };
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); take(); }
    });
    field.addEventListener("change", take);
    const chips = make("ul", "condition-chips", { "aria-label": this.words.values });
    item.values.forEach((value, place) => chips.append(make("li", "condition-chip", {}, titles.get(value) ?? value,
      make("button", "", { type: "button", "aria-label": `${this.words.remove}: ${value}`, onclick: () => { item.values.splice(place, 1); this.changed(true); } }, "×"))));
    const list = fact.options.length ? make("datalist", "", { id: `cv${++count}` }, ...fact.options.map(([value, title]) => new Option(title, value))) : null;
    if (list) field.setAttribute("list", list.id);
    box.append(field, ...(list ? [list] : this.proposals(field, fact, { values: "fact" })), chips);
    return box;
  }
}

const bind = () => {
  for (const root of document.querySelectorAll("[data-conditions]:not([data-bound])")) {
    if (root.closest("[data-opens][hidden]")) continue;
    root.dataset.bound = "";
    new Builder(root);
  }
};
document.addEventListener("htmx:after:swap", bind);
document.addEventListener("panel:open", bind);
bind();
