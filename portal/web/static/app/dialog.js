// Native dialogs. htmx fills #dialog; here it opens, takes the focus and is emptied when closed.
// A link with data-dialog opens there what it leads to: rows have many, so it says its address once.
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
  const link = event.target.closest("a[data-dialog]");
  if (link && globalThis.htmx && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
    event.preventDefault();
    htmx.ajax("GET", link.href, { target: "#dialog", source: link });
  }
  const opener = event.target.closest("[data-open]");
  if (opener) document.getElementById(opener.dataset.open)?.showModal();
});

document.addEventListener("close", ({ target }) => {
  if (target.id === "dialog") target.replaceChildren();
}, true);
