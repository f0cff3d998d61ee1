// The editor of the blocks that a message is made of. The text in the field is what the form sends, and what there is
// without a script; here it is made from the blocks as JSON. Everything shown is set as text. Blocks are moved by the
// mouse, by buttons, or taken with Space and moved with the arrow keys.
import { announce, toast } from "./app.js";

const FRESH = {
  heading: () => ({ kind: "heading", text: "", level: 2 }),
  text: () => ({ kind: "text", text: "" }),
  button: () => ({ kind: "button", text: "", url: "https://" }),
  image: () => ({ kind: "image", url: "https://", alt: "" }),
  divider: () => ({ kind: "divider" }),
  columns: () => ({ kind: "columns", columns: [[{ kind: "text", text: "" }], [{ kind: "text", text: "" }]] }),
  lines: () => ({ kind: "lines", each: "value.items", text: "{{ line.name }}" }),
  when: () => ({ kind: "when", condition: "", blocks: [], otherwise: [] }),
  footer: () => ({ kind: "footer", text: "", unsubscribe: true }),
};
const LONG = { text: new Set(["text"]), footer: new Set(["text"]) };
const ALIGNED = new Set(["heading", "text", "button", "image"]);
const FIELDS = {
  heading: ["text", "level"],
  text: ["text"],
  button: ["text", "url"],
  image: ["url", "alt", "width", "link"],
  lines: ["each", "text", "end", "empty"],
  when: ["condition"],
  footer: ["text", "unsubscribe", "label"],
};
const PLAIN = new Set(["condition", "each", "width"]);
const DEEPEST = 4;
const HISTORY = 50;

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);

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

// The drawings are in the page: the server has them.
const sign = (name) => document.querySelector(`[data-blocks-signs] [data-sign="${name}"]`)?.firstElementChild.cloneNode(true) ?? "";

let number = 0;

class Editor {
  constructor(root) {
    this.root = root;
    this.words = JSON.parse(root.dataset.words);
    this.blocks = JSON.parse(root.dataset.rows);
    this.area = root.querySelector("textarea");
    this.list = root.querySelector("[data-blocks-list]");
    this.form = root.closest("form");
    this.problems = this.form.querySelector("[data-blocks-problems]");
    this.state = this.form.querySelector("[data-blocks-state]");
    this.past = [];
    this.target = null; // the field into which a value is inserted
    this.taken = null;
    this.unsaved = false;
    this.mode = "blocks";
    root.querySelector("[data-blocks-modes]").hidden = false;
    root.querySelector("[data-blocks-insert]").hidden = false;
    this.listen();
    this.show("blocks");
    this.write();
  }

  listen() {
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-blocks-mode]");
      if (button) this.change(button.dataset.blocksMode);
    });
    this.area.addEventListener("input", () => this.touch());
    this.form.addEventListener("focusin", ({ target }) => {
      if (target.matches("[data-insertable], [data-blocks] textarea")) this.target = target;
    });
    this.form.addEventListener("input", ({ target }) => {
      if (target.id !== "f-insert") this.touch();
    });
    this.root.querySelector("#f-insert").addEventListener("change", (event) => this.insert(event.target));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.save();
    });
    document.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "s") {
        event.preventDefault();
        this.save();
      }
    });
    addEventListener("beforeunload", (event) => {
      if (this.unsaved) event.preventDefault();
    });
  }

  // --- what is written ---

  touch() {
    this.unsaved = true;
    this.state.textContent = this.words.unsaved;
  }

  write() {
    if (this.mode === "blocks") this.area.value = JSON.stringify(this.blocks, null, 1);
  }

  remember() {
    this.past.push(JSON.stringify(this.blocks));
    if (this.past.length > HISTORY) this.past.shift();
  }

  // Changes the blocks as a whole: what was there before can be had again.
  alter(act, focus) {
    this.remember();
    act();
    this.write();
    this.touch();
    this.draw();
    if (focus) this.list.querySelector(`[data-place="${focus}"] [data-handle]`)?.focus();
  }

  undo() {
    const before = this.past.pop();
    if (before === undefined) return;
    this.blocks = JSON.parse(before);
    this.write();
    this.touch();
    this.draw();
  }

  insert(select) {
    const name = select.value;
    select.value = "";
    const field = this.target?.isConnected ? this.target : this.list.querySelector("textarea, input");
    if (!name || !field) return;
    const option = [...select.querySelectorAll("option")].find((each) => each.value === name);
    const plain = field.dataset.plain;
    const text = plain ? name : option?.dataset.nullable ? `{{ ${name} | default("…") }}` : `{{ ${name} }}`;
    const start = field.selectionStart ?? field.value.length;
    field.setRangeText(text, start, field.selectionEnd ?? start, "end");
    const dots = field.value.indexOf("…", start);
    field.focus();
    if (!plain && option?.dataset.nullable && dots >= 0) field.setSelectionRange(dots, dots + 1);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // --- blocks and text ---

  change(mode) {
    if (mode === this.mode) return;
    if (mode === "blocks") {
      try {
        const found = JSON.parse(this.area.value || "[]");
        if (!Array.isArray(found)) throw new Error("[]");
        this.blocks = found;
      } catch (error) {
        this.tell([fill(this.words.bad_text, { reason: error.message })]);
        this.area.focus();
        return;
      }
    }
    this.show(mode);
    this.write();
    (mode === "text" ? this.area : this.list.querySelector("[data-handle], button"))?.focus();
  }

  show(mode) {
    this.mode = mode;
    this.tell([]);
    this.list.hidden = mode !== "blocks";
    this.area.hidden = mode !== "text";
    for (const button of this.root.querySelectorAll("[data-blocks-mode]")) {
      button.setAttribute("aria-pressed", String(button.dataset.blocksMode === mode));
    }
    if (mode === "blocks") this.draw();
  }

  // --- drawing ---

  draw() {
    this.sorts?.forEach((each) => each.destroy());
    this.sorts = [];
    this.list.replaceChildren(this.drawn(this.blocks, "", 1));
    if (!window.Sortable) return;
    for (const list of this.list.querySelectorAll("[data-list]")) {
      this.sorts.push(window.Sortable.create(list, {
        group: "blocks", handle: "[data-handle]", draggable: ".block", animation: 120, ghostClass: "block-ghost", forceFallback: true, fallbackTolerance: 4,
        onEnd: (event) => this.dropped(event),
      }));
    }
  }

  at(path) {
    return path === "" ? this.blocks : path.split("/").reduce((held, part) => held[part], this.blocks);
  }

  drawn(blocks, path, depth) {
    const list = make("ol", "block-list", { "data-list": path || "top" });
    blocks.forEach((block, index) => list.append(this.block(block, index, blocks.length, path, depth)));
    const box = make("div", "block-box", {}, list);
    if (!blocks.length) box.append(make("p", "muted block-none", {}, this.words.empty_list));
    box.append(this.adding(path, depth));
    return box;
  }

  adding(path, depth) {
    const id = `blocks-add-${++number}`;
    const kinds = Object.keys(FRESH).filter((kind) => depth < DEEPEST - 1 || !["columns", "when"].includes(kind));
    const select = make("select", "form-select", { id, "data-add": path || "top" }, ...kinds.map((kind) => make("option", "", { value: kind }, this.words.kinds[kind])));
    select.value = "text";
    const button = make("button", "btn", { type: "button", onclick: () => this.add(path, select.value) }, this.words.add);
    return make("div", "block-add", {}, make("label", "visually-hidden", { for: id }, this.words.add_here), select, button);
  }

  add(path, kind) {
    const place = this.at(path).length;
    this.alter(() => this.at(path).push(FRESH[kind]()));
    const made = this.list.querySelector(`[data-place="${path ? `${path}/` : ""}${place}"]`);
    (made?.querySelector(".block-body input, .block-body textarea") ?? made?.querySelector("[data-handle]"))?.focus();
  }

  block(block, index, count, path, depth) {
    const place = `${path ? `${path}/` : ""}${index}`;
    const title = this.words.kinds[block.kind] ?? block.kind;
    const act = (name, drawing, go, off = false) =>
      make("button", "block-act", { type: "button", title: this.words[name], "aria-label": `${title}: ${this.words[name]}`, disabled: off, onclick: go, "data-act": name }, drawing);
    const handle = make("button", "block-handle", {
      type: "button", "data-handle": true, "aria-label": `${title}. ${this.words.move}`, onkeydown: (event) => this.keys(event, path, index),
    }, sign("grip-vertical"), make("span", "block-title", {}, title));
    const head = make("div", "block-head", {}, handle, make("span", "block-acts", {},
      act("up", sign("arrow-up"), () => this.move(path, index, -1), index === 0),
      act("down", sign("arrow-down"), () => this.move(path, index, 1), index === count - 1),
      act("copy", sign("copy"), () => this.alter(() => this.at(path).splice(index + 1, 0, structuredClone(block)), `${path ? `${path}/` : ""}${index + 1}`)),
      act("remove", sign("trash"), () => this.remove(path, index, title)),
    ));
    const body = make("div", "block-body");
    for (const name of FIELDS[block.kind] ?? []) body.append(this.field(block, name));
    if (ALIGNED.has(block.kind)) body.append(this.aligned(block));
    if (block.kind === "columns") body.append(this.columns(block, place, depth));
    if (block.kind === "when") {
      block.blocks ??= [];
      block.otherwise ??= [];
      for (const [name, said] of [["blocks", "then"], ["otherwise", "otherwise"]]) {
        body.append(make("fieldset", "block-branch", {}, make("legend", "", {}, this.words[said]), this.drawn(block[name], `${place}/${name}`, depth + 1)));
      }
    }
    return make("li", `block block-${block.kind}`, { "data-place": place }, head, body);
  }

  columns(block, place, depth) {
    const box = make("div", "block-columns");
    block.columns.forEach((column, at) => {
      const legend = make("legend", "", {}, fill(this.words.column, { number: at + 1 }));
      box.append(make("fieldset", "block-branch", {}, legend, this.drawn(column, `${place}/columns/${at}`, depth + 1)));
    });
    const third = block.columns.length < 3;
    box.append(make("button", "btn btn-sm", { type: "button", onclick: () => this.alter(() => (third ? block.columns.push([]) : block.columns.pop()), place) }, third ? this.words.third : this.words.two));
    return box;
  }

  field(block, name) {
    const id = `block-field-${++number}`;
    const words = { button: { text: this.words.button_text }, lines: { text: this.words.line_text }, footer: { text: this.words.footer_text } };
    const title = words[block.kind]?.[name] ?? this.words.fields[name];
    const set = (value) => {
      if (value === "" && !(name in FRESH[block.kind]())) delete block[name];
      else block[name] = value;
      this.write();
    };
    if (name === "unsubscribe") {
      const box = make("input", "form-check-input", { type: "checkbox", id, onchange: (event) => set(event.target.checked) });
      box.checked = block.unsubscribe !== false;
      return make("label", "form-check", { for: id }, box, make("span", "form-check-label", {}, title));
    }
    let field;
    if (name === "level") {
      field = make("select", "form-select", { id, onchange: (event) => set(Number(event.target.value)) }, ...[1, 2, 3].map((level) => make("option", "", { value: level }, String(level))));
      field.value = String(block.level ?? 1);
    } else if (LONG[block.kind]?.has(name)) {
      field = make("textarea", "form-control", { id, rows: 3, oninput: (event) => { set(event.target.value); grow(event.target); } });
      field.value = block[name] ?? "";
      requestAnimationFrame(() => grow(field));
    } else {
      field = make("input", "form-control", { id, type: name === "width" ? "number" : "text", min: name === "width" ? 0 : null, max: name === "width" ? 1200 : null, autocomplete: "off", spellcheck: String(!PLAIN.has(name) && name !== "url") });
      field.value = block[name] ?? "";
      field.addEventListener("input", () => set(name === "width" ? Number(field.value || 0) : field.value));
    }
    if (name !== "level" && name !== "width") field.dataset.insertable = "1";
    if (PLAIN.has(name)) field.dataset.plain = "1";
    return make("div", `block-field block-field-${name}`, {}, make("label", "form-label", { for: id }, title), field);
  }

  aligned(block) {
    const id = `block-field-${++number}`;
    const set = (event) => {
      if (event.target.value === "start") delete block.align;
      else block.align = event.target.value;
      this.write();
    };
    const field = make("select", "form-select", { id, onchange: set }, ...Object.entries(this.words.aligns).map(([value, title]) => make("option", "", { value }, title)));
    field.value = block.align ?? "start";
    return make("div", "block-field block-field-align", {}, make("label", "form-label", { for: id }, this.words.fields.align), field);
  }

  // --- moving ---

  move(path, index, step) {
    const list = this.at(path);
    const to = index + step;
    if (to < 0 || to >= list.length) return;
    const title = this.words.kinds[list[index].kind];
    this.alter(() => list.splice(to, 0, ...list.splice(index, 1)), `${path ? `${path}/` : ""}${to}`);
    announce(fill(this.words.moved, { title, place: to + 1, count: list.length }));
  }

  keys(event, path, index) {
    const place = `${path ? `${path}/` : ""}${index}`;
    const title = this.words.kinds[this.at(path)[index].kind];
    if (event.key === " ") {
      event.preventDefault();
      this.taken = this.taken === place ? null : place;
      announce(fill(this.taken ? this.words.taken : this.words.put, { title }));
      this.mark();
    } else if (event.key === "Escape" && this.taken) {
      this.taken = null;
      this.mark();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      const step = event.key === "ArrowUp" ? -1 : 1;
      if (this.taken !== place && !event.altKey) {
        this.list.querySelector(`[data-place="${path ? `${path}/` : ""}${index + step}"] [data-handle]`)?.focus();
        return;
      }
      const held = this.taken === place;
      const to = index + step;
      if (to < 0 || to >= this.at(path).length) return;
      if (held) this.taken = `${path ? `${path}/` : ""}${to}`;
      this.move(path, index, step);
      this.mark();
    } else if (event.key === "Delete") {
      event.preventDefault();
      this.remove(path, index, title);
    }
  }

  mark() {
    for (const item of this.list.querySelectorAll(".block")) {
      const held = item.dataset.place === this.taken;
      item.classList.toggle("block-taken", held);
      item.querySelector("[data-handle]").setAttribute("aria-pressed", String(held));
    }
  }

  dropped({ item, from, to, oldDraggableIndex, newDraggableIndex }) {
    const path = (list) => (list.dataset.list === "top" ? "" : list.dataset.list);
    const source = this.at(path(from));
    const target = this.at(path(to));
    const moved = source[oldDraggableIndex];
    // Nothing is put into itself, nor deeper than it may be.
    const deep = ["columns", "when"].includes(moved.kind) && path(to) !== "";
    if (from === to && oldDraggableIndex === newDraggableIndex) return;
    if (to.closest(`[data-place="${item.dataset.place}"]`) || (deep && from !== to)) return this.draw();
    this.alter(() => {
      source.splice(oldDraggableIndex, 1);
      target.splice(newDraggableIndex, 0, moved);
    });
  }

  remove(path, index, title) {
    this.alter(() => this.at(path).splice(index, 1));
    announce(fill(this.words.removed, { title }));
    const near = this.list.querySelector(`[data-place="${path ? `${path}/` : ""}${Math.max(index - 1, 0)}"] [data-handle]`);
    (near ?? this.list.querySelector("button"))?.focus();
    const place = this.form.querySelector("[data-blocks-state]");
    place.replaceChildren(fill(this.words.removed, { title }), " ", make("button", "btn btn-sm", { type: "button", onclick: () => {
      this.undo();
      announce(fill(this.words.restored, { title }));
    } }, this.words.undo));
  }

  // --- saving ---

  tell(problems) {
    this.problems.hidden = !problems.length;
    const list = make("ul", "", {}, ...problems.map((text) => make("li", "", {}, text)));
    this.problems.replaceChildren(make("p", "", {}, make("strong", "", {}, this.words.failed)), list);
  }

  async save() {
    this.write();
    this.tell([]);
    this.state.textContent = this.words.saving;
    let answer, page;
    try {
      answer = await fetch(this.form.action, { method: "POST", body: new URLSearchParams(new FormData(this.form)), credentials: "same-origin" });
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      this.state.textContent = "";
      this.tell([this.words.offline]);
      return;
    }
    const side = page.getElementById("template-side");
    if (!answer.ok || !side) {
      const said = [...page.querySelectorAll(".problem li, .field-problem")].map((each) => each.textContent.trim());
      const whole = page.querySelector(".problem, .said-danger, main h1")?.textContent.trim() ?? this.words.offline;
      this.state.textContent = this.words.unsaved;
      this.tell([...new Set(said.length ? said : [whole])]);
      this.problems.scrollIntoView({ block: "nearest" });
      return;
    }
    this.unsaved = false;
    this.state.textContent = this.words.saved;
    for (const field of document.querySelectorAll('input[name="_version"]')) field.value = side.dataset.version;
    document.getElementById("template-side").replaceWith(document.adoptNode(side));
    toast(this.words.saved);
    announce(this.words.saved);
  }
}

function grow(field) {
  field.rows = Math.min(Math.max(field.value.split("\n").length + 1, 3), 16);
}

for (const root of document.querySelectorAll("[data-blocks]")) new Editor(root);
