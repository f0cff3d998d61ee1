// Boards: cards that are dragged, or taken and moved by keys. The server answers every move with the board as it is
// then, so that a card which was refused stands where it was.
import { announce, toast } from "./app.js";

const csrf = () => document.querySelector('meta[name="csrf"]')?.content ?? "";
const board = () => document.getElementById("board");
let taken = null; // the card that the keyboard holds, where it came from, and the column that it is over

const say = (name, card, column) =>
  announce((board().dataset[name] ?? "").replace("%1", card?.dataset.title ?? "").replace("%2", column?.dataset.title ?? ""));

function replace(html, focus) {
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  board().replaceWith(holder.content.firstElementChild);
  ready();
  if (focus) board().querySelector(`[data-card="${CSS.escape(focus)}"]`)?.focus();
}

async function move(card, to, back) {
  const body = new URLSearchParams({ csrf: csrf(), id: card.dataset.card, version: card.dataset.version, to, key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` });
  if (board().hasAttribute("data-mine")) body.set("mine", "1");
  board().setAttribute("aria-busy", "true");
  let said;
  try {
    const answer = await fetch(board().dataset.board, { method: "POST", body, headers: { "X-Board": "1", "X-CSRF-Token": csrf() }, credentials: "same-origin" });
    if (!answer.ok || !answer.headers.get("content-type")?.includes("json")) return location.reload();
    said = await answer.json();
  } catch {
    back();
    return;
  } finally {
    board().removeAttribute("aria-busy");
  }
  if (said.go) return location.assign(said.go);
  replace(said.board, card.dataset.card);
  const place = document.getElementById("board-message");
  place.className = said.level === "danger" ? "problem" : "";
  place.textContent = said.level === "danger" ? said.said : "";
  refuse(said);
  announce(said.said);
  if (said.level !== "danger") toast(said.said);
}

// Why a card was refused stands on the card as well, until the board is shown anew.
function refuse(said) {
  const card = said.level === "danger" && said.card ? board().querySelector(`[data-card="${CSS.escape(said.card)}"]`) : null;
  if (!card) return;
  const note = document.createElement("p");
  note.className = "board-refused small";
  note.textContent = said.said;
  card.append(note);
}

function ready() {
  const place = board();
  if (!place || place.hasAttribute("data-fixed") || !window.Sortable) return;
  place.querySelectorAll("[data-column]").forEach((list) =>
    window.Sortable.create(list, {
      group: "board",
      animation: 120,
      delay: 120,
      delayOnTouchOnly: true,
      draggable: "[data-card]",
      filter: "summary, select, button",
      preventOnFilter: false,
      ghostClass: "board-ghost",
      onEnd: (event) => {
        if (event.from === event.to) return;
        const back = () => event.from.insertBefore(event.item, event.from.children[event.oldIndex] ?? null);
        move(event.item, event.to.dataset.column, back);
      },
    }),
  );
}

// --- by keys ------------------------------------------------------------------------------------------------------

const columns = () => [...board().querySelectorAll("[data-column]")];
const cards = (column) => [...column.querySelectorAll("[data-card]")];

function release() {
  taken?.card.classList.remove("board-taken");
  taken?.card.removeAttribute("aria-pressed");
  taken = null;
}

function carry(step) {
  const all = columns();
  const next = all[all.indexOf(taken.over) + step];
  if (!next) return;
  taken.over = next;
  next.prepend(taken.card);
  taken.card.focus();
  say("over", taken.card, next);
}

function walk(card, key) {
  const column = card.closest("[data-column]");
  const here = cards(column);
  const place = here.indexOf(card);
  if (key === "ArrowDown" || key === "ArrowUp") return here[place + (key === "ArrowDown" ? 1 : -1)]?.focus();
  const all = columns();
  const step = key === "ArrowRight" ? 1 : -1;
  for (let at = all.indexOf(column) + step; all[at]; at += step) {
    const there = cards(all[at]);
    if (there.length) return there[Math.min(place, there.length - 1)].focus();
  }
}

document.addEventListener("keydown", (event) => {
  const card = event.target.matches?.("[data-card]") ? event.target : null;
  if (!card || board().hasAttribute("data-fixed")) return;
  if (event.key === " ") {
    event.preventDefault();
    if (!taken) {
      taken = { card, from: card.parentElement, next: card.nextElementSibling, over: card.parentElement };
      card.classList.add("board-taken");
      card.setAttribute("aria-pressed", "true");
      say("taken", card, card.parentElement);
    } else {
      const { from, next, over } = taken;
      release();
      if (from !== over) move(card, over.dataset.column, () => from.insertBefore(card, next));
      else say("back", card);
    }
  } else if (event.key.startsWith("Arrow")) {
    event.preventDefault();
    if (!taken) walk(card, event.key);
    else if (event.key === "ArrowLeft" || event.key === "ArrowRight") carry(event.key === "ArrowRight" ? 1 : -1);
  } else if (event.key === "Escape" && taken) {
    event.preventDefault();
    const { from, next } = taken;
    release();
    from.insertBefore(card, next);
    card.focus();
    say("back", card);
  }
});

// The menu of a card moves it without leaving the page.
document.addEventListener("submit", (event) => {
  const form = event.target.closest?.(".board-move form");
  if (!form) return;
  event.preventDefault();
  move(form.closest("[data-card]"), form.elements.to.value, () => {});
});
ready();
