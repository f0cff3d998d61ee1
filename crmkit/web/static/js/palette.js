// The command palette: Ctrl+K or "/" opens it, arrows choose, Enter goes there.
const palette = document.querySelector("[data-palette]");
const input = palette?.querySelector("input");
const options = () => [...palette.querySelectorAll('[role="option"]')];

function choose(place) {
  const all = options();
  if (!all.length) return;
  const next = (place + all.length) % all.length;
  all.forEach((item, index) => item.setAttribute("aria-selected", String(index === next)));
  input.setAttribute("aria-activedescendant", all[next].id);
  all[next].scrollIntoView({ block: "nearest" });
}

function open() {
  if (!palette || palette.open) return;
  palette.showModal();
  input.value = "";
  input.focus();
  input.dispatchEvent(new CustomEvent("palette:open", { bubbles: true }));
}

if (palette) {
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-palette-open]")) open();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
    if ((event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !typing)) {
      event.preventDefault();
      open();
    }
  });
  palette.addEventListener("keydown", (event) => {
    const all = options();
    const here = all.findIndex((item) => item.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") choose(here + 1);
    else if (event.key === "ArrowUp") choose(here - 1);
    else if (event.key === "Enter") (all[here] ?? all[0])?.click();
    else if (event.key === "Escape") palette.close(); // a search box would only be emptied
    else return;
    event.preventDefault();
  });
  palette.addEventListener("htmx:after:swap", () => choose(0));
}
