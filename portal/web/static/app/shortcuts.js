// One-key shortcuts. They rest while somebody types, composes a character, holds a modifier or has a
// dialog open. Moving through rows moves the real focus, so screen readers follow and Enter just works.

const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

const actions = {
  "/": () => focusSearch(),
  "?": () => document.getElementById("shortcuts")?.showModal(),
  j: () => step(1),
  k: () => step(-1),
  x: () => currentRow()?.querySelector("[name=selected]")?.click(),
  Enter: () => openRow(),
  Escape: () => document.dispatchEvent(new Event("portal:clear-selection")),
};

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.matches(TYPING) || document.querySelector("dialog[open]")) return;
  const action = actions[event.key];
  if (action && action() !== false) event.preventDefault();
});

document.addEventListener("focusin", ({ target }) => {
  const row = target.closest("tr[data-row]");
  for (const other of document.querySelectorAll("tr.is-current"))
    if (other !== row) other.classList.remove("is-current");
  row?.classList.add("is-current");
});

function focusSearch() {
  const search = document.getElementById("search");
  if (!search) return false;
  search.focus();
  search.select();
}

function currentRow() {
  return document.querySelector("tr.is-current");
}

function step(direction) {
  const rows = [...document.querySelectorAll("tr[data-row]")];
  if (!rows.length) return false;
  const here = rows.indexOf(currentRow());
  const next = here < 0 ? (direction > 0 ? 0 : rows.length - 1) : here + direction;
  const row = rows[Math.min(Math.max(next, 0), rows.length - 1)];
  (row.querySelector(".row-link") ?? row.querySelector("a, button"))?.focus();
  row.scrollIntoView({ block: "nearest" });
}

// With the focus on a link, button or box, Enter already means something.
function openRow() {
  if (document.activeElement !== document.body) return false;
  const link = currentRow()?.querySelector(".row-link");
  if (!link) return false;
  link.click();
}
