// Forms: an error summary takes the focus when it appears, and one press is one submission.

const ONE_PRESS = 5000; // milliseconds; a form answered with a download stays on the page

const focusSummary = (scope) => scope.querySelector("[data-focus]")?.focus();

focusSummary(document);
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.target instanceof Element) focusSummary(ctx.target);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent !== undefined) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "";
  setTimeout(() => delete form.dataset.sent, ONE_PRESS);
});

addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
