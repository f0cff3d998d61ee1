// The editor of rules shows only what its kind of occasion needs.
const box = document.querySelector("[data-rule-when]");
const kind = document.getElementById("f-kind");

function fit() {
  for (const part of box.querySelectorAll("[data-kind]")) part.hidden = part.dataset.kind !== kind.value;
}

if (box && kind) {
  kind.addEventListener("change", fit);
  fit();
}
