// House rules for htmx requests: the CSRF header, short addresses, a dimmed target while waiting,
// and a plain sentence when the server refuses or cannot be reached.

const DIM_AFTER = 150; // milliseconds; a quicker answer would only flicker
const timers = new WeakMap();

const problem = (title, text, retry = "") =>
  document.dispatchEvent(new CustomEvent("portal:problem", { detail: { title, text, retry } }));

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const { request } = ctx;
  if (request.method === "GET") {
    for (const [name, value] of [...request.body.entries()])
      if (value === "") request.body.delete(name);
  } else {
    request.headers["X-CSRFToken"] = document.querySelector("meta[name=csrf-token]")?.content ?? "";
  }
});

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const target = ctx.target;
  if (!(target instanceof Element)) return;
  clearTimeout(timers.get(target));
  timers.set(target, setTimeout(() => target.setAttribute("aria-busy", "true"), DIM_AFTER));
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (!(ctx.target instanceof Element)) return;
  clearTimeout(timers.get(ctx.target));
  ctx.target.removeAttribute("aria-busy");
});

// A redirect that fetch followed by itself (an ended session goes to sign-in) is a page, not a fragment.
document.addEventListener("htmx:before:response", (event) => {
  const { ctx } = event.detail;
  if (!ctx.response.raw.redirected) return;
  event.preventDefault();
  location.assign(ctx.response.raw.url);
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const said = ctx.target instanceof Element && ctx.target.querySelector("[data-announce]");
  if (said) document.dispatchEvent(new CustomEvent("portal:announce", { detail: said.textContent.trim() }));
});

document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  if (ctx.response.status === 422) return; // the form comes back with its own errors
  problem(titleFor(ctx.response.status), explain(ctx), retryOf(ctx));
});

document.addEventListener("htmx:error", ({ detail: { ctx } }) =>
  problem("The portal could not be reached", "Nothing was changed as far as we know. Check your connection and try again.", retryOf(ctx)));

// Only asking is repeated by a link, and only where the answer is a page too: a list's own address.
function retryOf(ctx) {
  if (ctx?.request?.method !== "GET" || !(ctx.target instanceof Element)) return "";
  return ctx.target.id === "list-body" ? ctx.request.action : "";
}

function titleFor(status) {
  if (status === 403) return "You may not do this";
  if (status === 404) return "This is no longer here";
  if (status === 409) return "Somebody else was quicker, or something is missing";
  if (status === 429) return "Too many tries";
  return status >= 500 ? "The portal failed" : "This did not work";
}

function explain(ctx) {
  const sentence = sentenceOf(ctx) || "Reload the page and try again. If it happens again, tell your administrator.";
  const id = ctx.response.headers.get("X-Request-ID");
  return id ? `${sentence} Reference: ${id}` : sentence;
}

// An error page says its sentence in an element with data-problem; the API says it as "detail".
function sentenceOf(ctx) {
  if (!ctx.response.headers.get("Content-Type")?.includes("json")) {
    const page = new DOMParser().parseFromString(ctx.text, "text/html");
    return page.querySelector("[data-problem]")?.textContent.trim() ?? "";
  }
  try {
    return JSON.parse(ctx.text).detail ?? "";
  } catch {
    return "";
  }
}
