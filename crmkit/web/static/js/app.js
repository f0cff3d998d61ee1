// What every page needs: menus, dialogs, the palette, messages. All of it listens on the document, so that parts which
// htmx puts in place later need no wiring of their own.
import "./palette.js";

const csrf = () => document.querySelector('meta[name="csrf"]')?.content ?? "";

// htmx sends the token of the session with every change.
document.addEventListener("htmx:config:request", (event) => {
  const request = event.detail?.ctx?.request;
  if (request?.headers) request.headers["X-CSRF-Token"] = csrf();
});

export function announce(text) {
  const live = document.getElementById("live");
  if (live) live.textContent = text;
}

export function toast(text, level = "success") {
  const box = document.getElementById("toasts");
  if (!box) return;
  const note = document.createElement("div");
  note.className = `toast-note toast-${level}`;
  note.textContent = text;
  box.append(note);
  setTimeout(() => note.remove(), 6000);
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return;

  const opener = target.closest("[data-dialog-open]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.dialogOpen)?.showModal();
    return;
  }
  const closer = target.closest("[data-dialog-close]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog")?.close();
    return;
  }
  if (target instanceof HTMLDialogElement && target.open) target.close(); // a click beside it

  const drawer = target.closest("[data-drawer]");
  if (drawer) {
    const open = document.body.classList.toggle("drawer-open");
    document.querySelectorAll("[data-drawer]").forEach((item) => item.setAttribute("aria-expanded", String(open)));
    if (open) document.querySelector("#menu a")?.focus();
    return;
  }
  if (document.body.classList.contains("drawer-open") && !target.closest("#menu")) {
    document.body.classList.remove("drawer-open");
  }
  document.querySelectorAll("details[data-menu][open]").forEach((box) => {
    if (!box.contains(target)) box.removeAttribute("open");
  });
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.body.classList.remove("drawer-open");
  for (const box of document.querySelectorAll("details[data-menu][open]")) {
    box.removeAttribute("open");
    box.querySelector("summary")?.focus();
  }
});

// A button or link marked with a key is pressed by it, where nothing is being typed.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input:not([type=radio]), select, textarea, dialog")) return;
  for (const act of document.querySelectorAll("[data-key]")) {
    if (act.dataset.key === event.key.toLowerCase() && !act.disabled) {
      event.preventDefault();
      act.click();
      return;
    }
  }
});

// A form marked so is sent as soon as one of its fields is changed.
document.addEventListener("change", (event) => {
  const form = event.target instanceof Element ? event.target.closest("form[data-submit-on-change]") : null;
  form?.requestSubmit();
});

// Whole rows lead somewhere, with their link as the thing that keyboards and readers see.
document.addEventListener("click", (event) => {
  const row = event.target instanceof Element ? event.target.closest("tr[data-href]") : null;
  if (!row || event.target.closest("a, button, input, select, textarea, label, summary")) return;
  if (String(getSelection())) return;
  location.assign(row.dataset.href);
});

function settle(root) {
  root.querySelector("[data-focus]")?.focus();
  const said = root.querySelector("[data-announce]");
  if (said) announce(said.dataset.announce || said.textContent.trim());
}
document.addEventListener("htmx:after:swap", (event) => {
  const place = event.detail?.ctx?.target;
  settle(place instanceof Element && place.isConnected ? place : document);
});
settle(document);

// An address that ends with the name of a dialog opens it.
const named = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
if (named instanceof HTMLDialogElement) named.showModal();
