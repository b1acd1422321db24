// Choosing rows: one, a range with shift, or the page; the header box shows "some" as indeterminate.
// The bar with what can be done is there only while something is chosen. Once the whole page is, it offers
// everything that matches: a box of the form, which stands for the list's query and its count.

let last = null; // the box clicked before, where a range with shift begins

const area = (element) => element.closest("[data-selection]");
const BOX = "[name=selected]";
const boxes = (scope) => [...scope.querySelectorAll(BOX)];

document.addEventListener("click", (event) => {
  const scope = area(event.target);
  if (!scope) return;
  if (event.target.matches(BOX)) {
    if (event.shiftKey && last && scope.contains(last)) chooseRange(boxes(scope), last, event.target);
    last = event.target;
  } else if (event.target.matches("[data-all-rows]")) {
    chooseAll(scope, event.target.checked);
  } else if (event.target.matches("[data-all-box]")) {
    // it says by itself what it stands for
  } else if (event.target.closest("[data-selection-clear]")) {
    chooseAll(scope, false);
  } else return;
  show(scope);
});

document.addEventListener("change", ({ target }) => {
  if (target.matches?.(BOX) && area(target)) show(area(target));
});

document.addEventListener("portal:clear-selection", () => {
  for (const scope of document.querySelectorAll("[data-selection]")) {
    chooseAll(scope, false);
    show(scope);
  }
});

document.addEventListener("htmx:after:swap", showAll);
addEventListener("pageshow", showAll); // going back may restore ticked boxes

function chooseRange(all, from, to) {
  const [start, end] = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b);
  for (const box of all.slice(start, end + 1)) box.checked = to.checked;
}

function chooseAll(scope, chosen) {
  for (const box of boxes(scope)) box.checked = chosen;
}

function showAll() {
  document.querySelectorAll("[data-selection]").forEach(show);
}

function show(scope) {
  const all = boxes(scope);
  const count = all.filter((box) => box.checked).length;
  for (const box of all) box.closest("tr")?.classList.toggle("is-selected", box.checked);
  const head = scope.querySelector("[data-all-rows]");
  if (head) {
    head.checked = count > 0 && count === all.length;
    head.indeterminate = count > 0 && count < all.length;
  }
  const bar = scope.querySelector("[data-selection-bar]");
  if (!bar) return;
  const number = bar.querySelector("[data-selection-count]");
  const said = everything(bar, count > 0 && count === all.length) ?? String(count);
  if (number.textContent !== said)
    document.dispatchEvent(new CustomEvent("portal:announce", { detail: `${said} selected` }));
  number.textContent = said;
  bar.hidden = count === 0;
}

// Offers all that match while the whole page is chosen; returns their number where that was taken.
function everything(bar, wholePage) {
  const offer = bar.querySelector("[data-all-matching]");
  if (!offer) return null;
  offer.hidden = !wholePage;
  const box = offer.querySelector("[data-all-box]");
  if (!box) return null;
  if (!wholePage) box.checked = false;
  return box.checked ? box.dataset.count : null;
}
