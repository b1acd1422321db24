// Editable combobox (ARIA 1.2) over a listbox that the server renders: it scales to any number of
// rows because only what fits the typed words ever comes here. A late answer to older words is
// dropped by its number.

const WAIT = 180; // milliseconds of silence before asking
const NEW = "new";
const GAP = 4; // pixels between field and list

const states = new WeakMap();

document.addEventListener("input", ({ target }) => {
  const box = boxOf(target);
  if (!box) return;
  const state = stateOf(box);
  box.value.value = "";
  clearTimeout(state.timer);
  state.timer = setTimeout(() => load(box, state), WAIT);
});

document.addEventListener("keydown", (event) => {
  const box = boxOf(event.target);
  if (!box || event.isComposing || event.ctrlKey || event.metaKey) return;
  const state = stateOf(box);
  const open = !box.list.hidden;
  if (event.key === "ArrowDown") open ? activate(box, state, state.active + 1) : load(box, state);
  else if (event.key === "ArrowUp" && open) activate(box, state, state.active - 1);
  else if (event.key === "Enter" && open && state.active >= 0) pick(box, state, options(box)[state.active]);
  else if (event.key === "Escape" && open) { close(box, state); event.stopPropagation(); }
  else return;
  event.preventDefault();
}, true);

document.addEventListener("mousedown", (event) => {
  const option = event.target.closest(".combobox-list [role=option]");
  if (!option) return;
  event.preventDefault(); // keep the focus in the field
  const box = boxOf(option.closest("[data-combobox]").querySelector("[role=combobox]"));
  if (!option.hasAttribute("aria-disabled")) pick(box, stateOf(box), option);
});

document.addEventListener("focusout", ({ target }) => {
  const box = boxOf(target);
  if (box) close(box, stateOf(box));
});

for (const happening of ["scroll", "resize"])
  addEventListener(happening, () => {
    document.querySelectorAll("[data-combobox] [role=listbox]:not([hidden])").forEach(place);
  }, { capture: true, passive: true });

function boxOf(input) {
  if (!input.matches?.("[data-combobox] [role=combobox]")) return null;
  const root = input.closest("[data-combobox]");
  return { root, input, list: root.querySelector("[role=listbox]"), value: root.querySelector("[data-combobox-value]") };
}

function stateOf(box) {
  if (!states.has(box.root)) states.set(box.root, { active: -1, asked: 0, timer: 0 });
  return states.get(box.root);
}

function options(box) {
  return [...box.list.querySelectorAll("[role=option]:not([aria-disabled])")];
}

async function load(box, state) {
  const number = ++state.asked;
  const url = new URL(box.root.dataset.url, location.href);
  url.searchParams.set("q", box.input.value.trim());
  let answer;
  try {
    answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  } catch {
    answer = null;
  }
  const html = answer?.ok && !answer.redirected ? await answer.text() : null;
  if (number !== state.asked) return; // newer words have been asked for since
  if (html === null) {
    const detail = { title: "The list could not be loaded", text: "Try again, or reload the page." };
    document.dispatchEvent(new CustomEvent("portal:problem", { detail }));
    return;
  }
  box.list.innerHTML = html;
  addCreate(box);
  open(box, state);
}

function addCreate(box) {
  const words = box.input.value.trim();
  if (!box.root.dataset.create || !words) return;
  const option = document.createElement("li");
  option.className = "option-create";
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  option.dataset.value = NEW;
  option.dataset.label = words;
  option.textContent = `${box.root.dataset.create} “${words}”`;
  box.list.append(option);
}

function open(box, state) {
  options(box).forEach((option, index) => { option.id = `${box.list.id}-${index}`; });
  state.active = -1;
  box.input.removeAttribute("aria-activedescendant");
  box.list.hidden = false;
  place(box.list);
  box.input.setAttribute("aria-expanded", "true");
  if (box.root.dataset.eager !== undefined && options(box).length) activate(box, state, 0);
  const found = options(box).filter((option) => option.dataset.value !== NEW).length;
  const text = `${found} ${box.root.dataset.noun} found`;
  document.dispatchEvent(new CustomEvent("portal:announce", { detail: text }));
}

// Placed by hand, because a dialog or a table that scrolls would cut the list off.
function place(list) {
  const field = list.previousElementSibling.getBoundingClientRect();
  const below = innerHeight - field.bottom - GAP;
  const upwards = below < list.offsetHeight + GAP && field.top > below;
  list.style.left = `${field.left}px`;
  list.style.width = `${field.width}px`;
  list.style.top = upwards ? "auto" : `${field.bottom + GAP}px`;
  list.style.bottom = upwards ? `${innerHeight - field.top + GAP}px` : "auto";
}

function close(box, state) {
  state.asked++;
  clearTimeout(state.timer);
  state.active = -1;
  box.list.hidden = true;
  box.input.setAttribute("aria-expanded", "false");
  box.input.removeAttribute("aria-activedescendant");
}

function activate(box, state, wanted) {
  const all = options(box);
  if (!all.length) return;
  state.active = (wanted + all.length) % all.length;
  if (wanted < -1) state.active = all.length - 1;
  all.forEach((option, index) => option.setAttribute("aria-selected", String(index === state.active)));
  box.input.setAttribute("aria-activedescendant", all[state.active].id);
  all[state.active].scrollIntoView({ block: "nearest" });
}

function pick(box, state, option) {
  box.input.value = option.dataset.label;
  box.value.value = option.dataset.value;
  close(box, state);
  box.value.dispatchEvent(new Event("change", { bubbles: true }));
}
