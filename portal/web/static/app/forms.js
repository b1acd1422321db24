// Forms: an error summary takes the focus when it appears, and one press is one submission.

const ONE_PRESS = 5000; // milliseconds; a form answered with a download stays on the page

const focusSummary = (scope) => scope.querySelector("[data-focus]")?.focus();

focusSummary(document);
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.target instanceof Element) focusSummary(ctx.target);
});

// A dialog's form on a page of its own is sent as any form: its answer is a page again, and in a dialog
// over that page it would be there twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("hx-target") !== "#dialog" || form.closest("dialog")) return;
  event.stopPropagation(); // before htmx hears of it
  sendOnce(event);
}, true);

document.addEventListener("submit", sendOnce);

function sendOnce(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent !== undefined) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "";
  setTimeout(() => delete form.dataset.sent, ONE_PRESS);
}

addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
