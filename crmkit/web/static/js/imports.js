// The mapping of columns: what was chosen by hand is certain; and a button that starts something is pressed only once.
document.addEventListener("change", (event) => {
  const select = event.target instanceof Element ? event.target.closest("table.mapping select") : null;
  const cell = select?.closest("tr")?.querySelector("[data-sure]");
  const tag = cell?.querySelector(".tag");
  if (!tag) return;
  tag.className = select.value ? "tag tag-accent" : "tag";
  tag.textContent = select.value ? cell.dataset.sure : cell.dataset.out;
});

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button instanceof HTMLButtonElement && "once" in button.dataset) {
    if (button.dataset.once === "pressed") event.preventDefault();
    button.dataset.once = "pressed";
  }
});
