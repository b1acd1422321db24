// The field that finds anything: opened from everywhere by one key, it is a combobox whose lines are
// addresses. What cannot be found while typing, the form's own page finds.

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  if (event.isComposing || event.key.toLowerCase() !== "k") return;
  if (show()) event.preventDefault(); // the browser's own search field would open
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-palette]");
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return; // a new tab is the page
  opener.closest("[popover]:popover-open")?.hidePopover();
  if (show()) event.preventDefault();
});

document.addEventListener("change", ({ target }) => {
  if (!target.matches("#palette [data-combobox-value]") || !target.value) return;
  const place = new URL(target.value, location.href);
  if (place.origin === location.origin) location.assign(place);
});

function show() {
  const palette = document.getElementById("palette");
  if (!palette || document.querySelector("dialog[open]")) return false;
  palette.showModal();
  const words = palette.querySelector("[role=combobox]");
  words.focus();
  words.select();
  return true;
}
