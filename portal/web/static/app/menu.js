// Menus are <details>, so they open without this file. It closes them, places those inside tables
// (which would cut them off), copies ids and takes notices away.

const EDGE = 8; // pixels kept free at the border of the window

document.addEventListener("toggle", ({ target }) => {
  if (!target.matches?.("details.menu") || !target.open) return;
  for (const other of document.querySelectorAll("details.menu[open]"))
    if (other !== target) other.open = false;
  if (target.matches(".row-menu")) place(target);
}, true);

document.addEventListener("click", (event) => {
  const { target } = event;
  for (const menu of document.querySelectorAll("details.menu[open]"))
    if (!menu.contains(target)) menu.open = false;
  const copier = target.closest("[data-copy]");
  if (copier) {
    event.preventDefault(); // in a form it would send it
    copy(copier);
  }
  target.closest("[data-dismiss]")?.closest(".notice")?.remove();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
  event.stopImmediatePropagation();
  event.preventDefault();
}, true);

for (const happening of ["scroll", "resize"])
  addEventListener(happening, () => {
    document.querySelectorAll("details.row-menu[open]").forEach(place);
  }, { capture: true, passive: true });

function place(menu) {
  const button = menu.querySelector("summary").getBoundingClientRect();
  const panel = menu.querySelector(".menu-panel");
  panel.style.position = "fixed";
  panel.style.inset = "auto";
  const { width, height } = panel.getBoundingClientRect();
  const below = button.bottom + 4;
  const fits = below + height < innerHeight - EDGE;
  panel.style.top = `${fits ? below : Math.max(EDGE, button.top - height - 4)}px`;
  panel.style.left = `${Math.max(EDGE, button.right - width)}px`;
}

// The value stands on the button, or is the whole of what is shown shortened before it.
async function copy(button) {
  const value = button.dataset.copy || button.previousElementSibling.title;
  try {
    await navigator.clipboard.writeText(value);
  } catch {
    announce(`Copying is blocked here. The value is ${value}`);
    return;
  }
  announce("Copied");
  button.classList.add("is-copied");
  setTimeout(() => button.classList.remove("is-copied"), 1500);
}

function announce(text) {
  document.dispatchEvent(new CustomEvent("portal:announce", { detail: text }));
}
