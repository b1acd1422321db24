// Progress that keeps itself fresh: an element with data-poll is replaced by what its address answers
// until the answer carries no data-poll any more. Nothing is asked while the page is hidden, and a
// server in trouble is asked ever less often.

const SLOWEST = 30; // seconds

document.addEventListener("DOMContentLoaded", watchAll);
document.addEventListener("htmx:after:swap", watchAll);
if (document.readyState !== "loading") watchAll();

function watchAll() {
  for (const element of document.querySelectorAll("[data-poll]:not([data-poll-watched])")) watch(element);
}

function watch(element, seconds = Number(element.dataset.pollSeconds) || 2) {
  element.dataset.pollWatched = "";
  setTimeout(async () => {
    if (!element.isConnected) return;
    if (document.hidden) await untilVisible();
    const html = await ask(element.dataset.poll);
    if (!element.isConnected) return;
    if (html === null) watch(element, Math.min(seconds * 2, SLOWEST));
    else replace(element, html);
  }, seconds * 1000);
}

function untilVisible() {
  return new Promise((resolve) => {
    const listen = () => {
      if (document.hidden) return;
      document.removeEventListener("visibilitychange", listen);
      resolve();
    };
    document.addEventListener("visibilitychange", listen);
  });
}

async function ask(url) {
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (answer.redirected) location.reload(); // the session ended
    return answer.ok && !answer.redirected ? await answer.text() : null;
  } catch {
    return null;
  }
}

function replace(element, html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const fresh = holder.content.firstElementChild;
  if (!fresh) return;
  const hadFocus = element.contains(document.activeElement);
  element.replaceWith(fresh);
  globalThis.htmx?.process(fresh);
  if (hadFocus) fresh.querySelector("a, button")?.focus();
  if (fresh.dataset.poll !== undefined) watch(fresh);
  else finish(fresh);
}

function finish(element) {
  const text = `${element.getAttribute("aria-label") ?? "Work"}: ${element.querySelector(".state")?.textContent ?? "finished"}`;
  document.dispatchEvent(new CustomEvent("portal:announce", { detail: text }));
  if (element.dataset.pollFinished === "reload") setTimeout(() => location.reload(), 800);
}
