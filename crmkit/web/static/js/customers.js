// What the pages of customers add to plain forms: panels, selecting rows, keys, inline edits.
const find = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

document.documentElement.classList.add("scripted");

// Panels of the list: a button shows one, and what is in it is asked for when it is opened first.
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-panel]");
  if (!opener) return;
  const panel = document.getElementById(opener.dataset.panel);
  panel.hidden = !panel.hidden;
  opener.setAttribute("aria-expanded", String(!panel.hidden));
  if (!panel.hidden) panel.firstElementChild?.dispatchEvent(new CustomEvent("panel:open", { bubbles: true }));
});

// Buttons that go to an address of their own send the form plainly.
document.addEventListener(
  "click",
  (event) => {
    const plain = event.target.closest?.("[data-plain]");
    if (!plain) return;
    const form = plain.form;
    if (plain.hasAttribute("data-with-list")) carry(form);
    form.addEventListener("submit", (sent) => sent.stopImmediatePropagation(), { capture: true, once: true });
  },
  true,
);
function carry(form) {
  // The state of the list goes along with a form beside it.
  all("input[data-carried]", form).forEach((field) => field.remove());
  for (const [name, value] of new FormData(document.getElementById("list"))) {
    if (["csrf", "title", "shared", "segment_title", "freeze"].includes(name)) continue;
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
    field.dataset.carried = "";
    form.append(field);
  }
}
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-dialog-done]")) queueMicrotask(() => event.target.closest("dialog")?.close());
  const remove = event.target.closest?.("[data-remove]");
  if (remove) remove.closest(remove.dataset.remove)?.remove();
});

// A form that was refused opens again, with what was typed.
const refused = find("[data-dialog-now]");
if (refused) document.getElementById(refused.dataset.dialogNow)?.showModal();

// Selecting rows.
function counted() {
  const picked = all("[data-pick]:checked").length;
  const bar = document.getElementById("bulk");
  if (!bar) return;
  bar.classList.toggle("bulk-open", picked > 0);
  const label = find("[data-selected-count]", bar);
  if (label) label.textContent = picked ? String(picked) : "";
}
document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-pick-all]")) {
    all("[data-pick]").forEach((box) => (box.checked = event.target.checked));
  }
  if (event.target.matches?.("[data-pick], [data-pick-all]")) counted();
});
document.addEventListener("htmx:after:swap", counted);

// Keys: j and k go down and up the list, x selects, Enter opens; Escape leaves a field that is being changed.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") event.target.closest?.("[data-inline]")?.querySelector("[data-inline-cancel]")?.click();
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog, [contenteditable]")) return;
  const links = all("[data-row-link]");
  if (links.length && (event.key === "j" || event.key === "k")) {
    const here = links.indexOf(document.activeElement?.closest?.("tr")?.querySelector("[data-row-link]"));
    const next = Math.min(Math.max(here + (event.key === "j" ? 1 : -1), 0), links.length - 1);
    links[next].focus();
    event.preventDefault();
  } else if (event.key === "x") {
    const box = document.activeElement?.closest?.("tr")?.querySelector("[data-pick]");
    if (box) {
      box.checked = !box.checked;
      counted();
      event.preventDefault();
    }
  } else if (event.key === "c") {
    const call = find('[data-dialog-open="log-call"]');
    if (call) {
      call.click();
      event.preventDefault();
    }
  }
});

// Without a connection nothing that was typed is lost: the form stays, and is sent when there is one. It carries a key,
// so that what is sent twice is kept once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches?.("[data-offline]") || navigator.onLine) return;
  event.preventDefault();
  find("[data-offline-note]", form)?.removeAttribute("hidden");
  window.addEventListener("online", () => form.requestSubmit(event.submitter), { once: true });
});
