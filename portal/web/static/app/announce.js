// The two ways a script speaks to the person. Other files send events, so none imports another and
// each keeps its own hashed name.
//   portal:announce  detail: text           spoken by screen readers, not shown
//   portal:problem   detail: {title, text, retry}  shown as a notice, and spoken because it is an alert;
//                    retry: the address to try again (optional)

document.addEventListener("portal:announce", ({ detail }) => {
  const live = document.getElementById("live");
  if (!live) return;
  live.textContent = "";
  setTimeout(() => { live.textContent = detail; }, 50); // the same words twice are spoken twice
});

document.addEventListener("portal:problem", ({ detail }) => {
  const template = document.getElementById("problem-template");
  const place = problemPlace();
  if (!template || !place) return;
  const notice = template.content.cloneNode(true);
  notice.querySelector(".notice-title").textContent = detail.title;
  notice.querySelector(".notice-text").textContent = detail.text;
  const again = notice.querySelector(".notice-actions");
  if (detail.retry) again.querySelector("a").href = detail.retry;
  else again.remove();
  place.replaceChildren(notice);
  place.scrollIntoView({ block: "nearest" });
});

// Behind a modal dialog the page is inert: a notice there would be neither seen nor spoken.
function problemPlace() {
  const body = document.querySelector("dialog[open] .sheet-body");
  if (!body) return document.getElementById("problems");
  let place = body.querySelector("[data-problems]");
  if (!place) {
    place = document.createElement("div");
    place.dataset.problems = "";
    place.setAttribute("role", "alert");
    body.prepend(place);
  }
  return place;
}
