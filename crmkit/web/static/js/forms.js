// Forms made from operations: search as one types for what a reference means, one more row, and no second press.
// Everything listens on the document, so that what comes later needs no wiring of its own.
import { announce } from "./app.js";

// --- references: a combobox with a list ---------------------------------------------------------------------------

const waiting = new WeakMap();
const parts = (box) => ({
  id: box.querySelector("[data-picker-id]"),
  text: box.querySelector('[role="combobox"]'),
  list: box.querySelector('[role="listbox"]'),
});

function close(box) {
  const { text, list } = parts(box);
  list.hidden = true;
  text.setAttribute("aria-expanded", "false");
  text.removeAttribute("aria-activedescendant");
}

async function look(box) {
  const { text, list } = parts(box);
  waiting.get(box)?.abort();
  const stop = new AbortController();
  waiting.set(box, stop);
  try {
    const address = `${box.dataset.source}?q=${encodeURIComponent(text.value.trim())}`;
    const answer = await fetch(address, { headers: { "HX-Request": "true" }, signal: stop.signal, credentials: "same-origin" });
    if (!answer.ok) return close(box);
    list.innerHTML = await answer.text();
  } catch {
    return;
  }
  list.querySelectorAll("[role=option]").forEach((item, place) => (item.id = `${list.id}-${place}`));
  list.hidden = false;
  text.setAttribute("aria-expanded", "true");
  announce(list.querySelector("[data-said]")?.textContent ?? "");
}

function mark(box, step) {
  const { text, list } = parts(box);
  const items = [...list.querySelectorAll("[data-id]")];
  if (!items.length) return;
  const here = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
  const next = (here + step + items.length + (here < 0 && step < 0 ? 1 : 0)) % items.length;
  items.forEach((item, place) => item.setAttribute("aria-selected", String(place === next)));
  text.setAttribute("aria-activedescendant", items[next].id);
  items[next].scrollIntoView({ block: "nearest" });
}

function take(box, item) {
  const { id, text } = parts(box);
  id.value = item.dataset.id;
  text.value = item.textContent.trim().split(" · ")[0];
  close(box);
  text.focus();
  id.dispatchEvent(new Event("change", { bubbles: true }));
}

let timer;
document.addEventListener("input", (event) => {
  const box = event.target.closest?.("[data-picker]");
  if (!box || event.target.getAttribute("role") !== "combobox") return;
  parts(box).id.value = "";
  clearTimeout(timer);
  timer = setTimeout(() => look(box), 150);
});
document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("[data-picker]");
  if (!box || event.target.getAttribute("role") !== "combobox") return;
  const { list } = parts(box);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (list.hidden) look(box);
    else mark(box, event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter" && !list.hidden) {
    const chosen = list.querySelector('[aria-selected="true"][data-id]');
    if (chosen) {
      event.preventDefault();
      take(box, chosen);
    }
  } else if (event.key === "Escape" && !list.hidden) {
    event.preventDefault();
    event.stopPropagation();
    close(box);
  }
});
document.addEventListener("click", (event) => {
  const item = event.target.closest?.("[data-picker] [data-id]");
  if (item) take(item.closest("[data-picker]"), item);
  document.querySelectorAll("[data-picker]").forEach((box) => box.contains(event.target) || close(box));
});
document.addEventListener("focusout", (event) => {
  const box = event.target.closest?.("[data-picker]");
  if (box && event.relatedTarget && !box.contains(event.relatedTarget)) close(box);
});

// --- rows: one more -----------------------------------------------------------------------------------------------

function ready(root) {
  root.querySelectorAll?.("[data-rows]").forEach((rows) => {
    const add = rows.querySelector("[data-row-add]");
    if (!add || !add.hidden) return;
    add.hidden = false;
    // With script one empty row is enough: the others come when they are asked for.
    const empty = [...rows.querySelectorAll(".form-row")].filter(
      (row) => ![...row.querySelectorAll("input, textarea")].some((item) => item.type !== "checkbox" && item.type !== "hidden" && item.value),
    );
    empty.slice(1).forEach((row) => row.remove());
  });
}
document.addEventListener("click", (event) => {
  const add = event.target.closest?.("[data-row-add]");
  if (!add) return;
  const rows = add.closest("[data-rows]");
  const number = Number(rows.dataset.rows);
  rows.dataset.rows = String(number + 1);
  const holder = document.createElement("template");
  const shown = rows.querySelectorAll(".form-row").length + 1;
  holder.innerHTML = rows
    .querySelector("template[data-row]")
    .innerHTML.replaceAll("__row__", String(number))
    .replaceAll("__number__", String(shown));
  const row = holder.content.firstElementChild;
  add.before(row);
  row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
});

// --- no second press ----------------------------------------------------------------------------------------------

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches?.("[data-once]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "true";
  setTimeout(() => delete form.dataset.sent, 4000);
});
window.addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent));
document.addEventListener("htmx:after:swap", (event) => ready(event.target instanceof Element ? event.target : document));
ready(document);
