// What the desk adds to plain forms and links: keys in the list, the preview, the composer, who else is here.
const find = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const csrf = () => find('meta[name="csrf"]')?.content ?? "";
document.documentElement.classList.add("scripted");

function send(address, values) {
  const body = new URLSearchParams({ csrf: csrf(), ...values });
  return fetch(address, { method: "POST", body, credentials: "same-origin", redirect: "manual", keepalive: true }).catch(() => null);
}

// --- the list -----------------------------------------------------------------------------------------------------

const rows = () => all(".case-row");
let here = null; // the id of the row that the keys are on
let wait;

function show(row) {
  const link = find("[data-preview]", row);
  const place = document.getElementById("preview");
  if (!link || !place || !place.offsetParent) return;
  clearTimeout(wait);
  wait = setTimeout(async () => {
    const answer = await fetch(link.dataset.preview, { headers: { "HX-Request": "true" }, credentials: "same-origin" }).catch(() => null);
    if (answer?.ok && here === row.dataset.row) place.innerHTML = await answer.text();
  }, 120);
}
function mark(row, scroll = true) {
  rows().forEach((each) => each.setAttribute("aria-selected", String(each === row)));
  here = row?.dataset.row ?? null;
  if (!row) return;
  if (scroll) row.scrollIntoView({ block: "nearest" });
  show(row);
}
const current = () => rows().find((row) => row.dataset.row === here);

function step(by) {
  const every = rows();
  if (!every.length) return;
  const place = every.indexOf(current());
  mark(every[Math.min(Math.max(place < 0 ? (by > 0 ? 0 : every.length - 1) : place + by, 0), every.length - 1)]);
}

function picked() {
  const bar = find("[data-bulk]");
  if (!bar) return;
  const boxes = all("[data-pick]");
  const count = boxes.filter((box) => box.checked).length;
  bar.classList.toggle("bulk-on", count > 0);
  find("[data-picked]", bar).textContent = count ? String(count) : "";
  const whole = find("[data-pick-all]", bar);
  whole.checked = count > 0 && count === boxes.length;
  whole.indeterminate = count > 0 && count < boxes.length;
}
document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-pick-all]")) all("[data-pick]").forEach((box) => (box.checked = event.target.checked));
  if (event.target.matches?.("[data-pick], [data-pick-all]")) picked();
});

// On a wide screen the first click looks, the second one opens; elsewhere a click opens.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".case-link");
  const pane = document.getElementById("preview");
  if (!link || !pane?.offsetParent || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const row = link.closest(".case-row");
  if (row.dataset.row === here) return;
  event.preventDefault();
  mark(row, false);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input:not([type=checkbox]), select, textarea, dialog")) return;
  if (!find("[data-desk]")) return;
  const key = event.key;
  if (key === "j" || key === "ArrowDown") step(1);
  else if (key === "k" || key === "ArrowUp") step(-1);
  else if ((key === "Enter" || key === "o") && current() && !event.target.closest("a, button, summary")) location.assign(find(".case-link", current()).href);
  else if (key === "x" && current()) find("[data-pick]", current())?.click();
  else if (key === "Escape") all("[data-pick]:checked").forEach((box) => box.click());
  else return;
  event.preventDefault();
});

// A list that is fetched anew keeps what was chosen, and is not fetched while somebody chooses from a menu.
let kept = [];
document.addEventListener("htmx:before:swap", () => {
  kept = all("[data-pick]:checked").map((box) => box.value);
});
document.addEventListener("htmx:after:swap", () => {
  all("[data-pick]").forEach((box) => (box.checked = kept.includes(box.value)));
  picked();
  if (here) rows().forEach((row) => row.setAttribute("aria-selected", String(row.dataset.row === here)));
});

// --- a case: who is here ------------------------------------------------------------------------------------------

const caseBox = find("[data-case]");
const composer = find("[data-composer]");
const body = composer && find("[data-body]", composer);
let doing = null;

function tell(what) {
  if (!caseBox || (what === doing && what !== "viewing" && what !== "writing")) return;
  doing = what;
  return send(caseBox.dataset.presence, { doing: what });
}
if (caseBox) {
  const now = () => (body && body.value.trim() && body.value !== body.defaultValue.trim() ? "writing" : "viewing");
  tell(now());
  setInterval(() => document.visibilityState === "visible" && tell(now()), 45000);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && tell(now()));
  window.addEventListener("pagehide", () => tell("gone"));
}

// --- writing ------------------------------------------------------------------------------------------------------

if (composer) {
  const state = find("[data-draft-state]", composer);
  const words = find("[data-send-text]", composer);
  const plain = words.dataset.plain ?? words.textContent;
  let timer;
  let last = body.value;
  const kind = () => find("[data-kind]:checked", composer)?.value ?? "note";

  const dress = () => {
    const note = kind() === "note";
    composer.classList.toggle("composer-note", note);
    words.textContent = note ? words.dataset.note : words.dataset.reply;
    body.placeholder = note ? body.dataset.note : body.dataset.reply;
  };
  words.dataset.reply ??= plain;
  body.dataset.reply ??= body.placeholder;
  all("[data-kind]", composer).forEach((radio) => radio.addEventListener("change", dress));
  dress();

  const keep = async () => {
    if (body.value === last) return;
    last = body.value;
    const seen = find('[name="seen"]', composer).value;
    const answer = await send(caseBox.dataset.keep, { body: body.value, kind: kind(), ...(seen ? { seen } : {}) });
    if (answer && (answer.ok || answer.type === "opaqueredirect") && state) state.textContent = "✓";
  };
  body.addEventListener("input", () => {
    if (doing !== "writing") tell("writing");
    if (state) state.textContent = "";
    clearTimeout(timer);
    timer = setTimeout(keep, 1500);
  });
  body.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      find("[data-send]", composer).click();
    }
    if (event.key === "Escape") body.blur();
  });
  composer.addEventListener("submit", () => {
    clearTimeout(timer);
    last = body.value;
  });
  window.addEventListener("pagehide", () => {
    if (!composer.dataset.sent) keep();
  });

  const put = (text) => {
    const from = body.selectionStart ?? body.value.length;
    const before = body.value.slice(0, from);
    const gap = before && !before.endsWith("\n") ? "\n\n" : "";
    body.setRangeText(gap + text, from, body.selectionEnd ?? from, "end");
    body.focus();
    body.dispatchEvent(new Event("input", { bubbles: true }));
  };
  document.addEventListener("click", (event) => {
    const choice = event.target.closest?.("[data-insert]");
    if (!choice || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    put(choice.dataset.insert);
    find("[data-used-from]", composer).value = choice.dataset.from;
    find("[data-used-id]", composer).value = choice.dataset.id;
    choice.closest("details")?.removeAttribute("open");
  });
  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("[data-narrow]")) return;
    const wanted = event.target.value.trim().toLocaleLowerCase();
    all(".reply-choice", event.target.closest(".menu-list")).forEach((choice) => (choice.hidden = !choice.textContent.toLocaleLowerCase().includes(wanted)));
  });
  find("[data-file]", composer)?.addEventListener("change", (event) => {
    const name = event.target.files[0]?.name;
    if (name) find("[data-file-name]", composer).textContent = name;
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, select, textarea, dialog")) return;
    const radio = { r: "reply", n: "note" }[event.key];
    if (!radio) return;
    const choice = find(`[data-kind][value="${radio}"]`, composer);
    if (choice) choice.checked = true;
    dress();
    body.focus();
    event.preventDefault();
  });
}
// The last that was said is in sight; what was held back, or a macro that is looked at, before that.
const held = find(".held");
const final = all(".thread > li").at(-1);
if (held) held.scrollIntoView({ block: "center" });
else if (final && location.hash !== "#macro" && final.getBoundingClientRect().bottom > innerHeight - (composer?.offsetHeight ?? 0)) {
  final.scrollIntoView({ block: "center" });
}
