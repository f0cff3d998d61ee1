// What the administration's pages do beyond forms: copying a link that is shown once.
document.addEventListener("click", async (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    return; // without the right to the clipboard the text is selected at least
  }
  const live = document.getElementById("live");
  if (live) live.textContent = button.dataset.copied;
});
