// Native dialogs. htmx fills #dialog; here it opens, takes the focus and is emptied when closed.
// Trapping the focus, Esc and giving the focus back are the browser's own work.

document.addEventListener("htmx:after:swap", () => {
  const dialog = document.getElementById("dialog");
  if (!dialog?.firstElementChild || dialog.open) return;
  dialog.showModal();
  const first = dialog.querySelector("[autofocus]") ??
    dialog.querySelector(".sheet-body :is(input:not([type=hidden]), select, textarea):not(:disabled)");
  first?.focus();
});

document.addEventListener("click", (event) => {
  const closer = event.target.closest("[data-close]");
  const dialog = closer?.closest("dialog");
  if (dialog) {
    event.preventDefault(); // the same link leads back where there is no dialog
    dialog.close();
  }
  const opener = event.target.closest("[data-open]");
  if (opener) document.getElementById(opener.dataset.open)?.showModal();
});

document.addEventListener("close", ({ target }) => {
  if (target.id === "dialog") target.replaceChildren();
}, true);
