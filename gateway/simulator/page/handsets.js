// The handsets page: asks the carrier every second what is new, and shows it.

import { Feed, setClock, setFaults } from "./carrier.js";
import { Chooser } from "./chooser.js";
import { element } from "./elements.js";
import { Phone } from "./phone.js";
import { fullTime } from "./words.js";

const POLL_MILLISECONDS = 1000;
const POLL_IN_A_CALL_MILLISECONDS = 200;
const FIRST_SHOWN = 4;
const REMEMBERED = "paigham.handsets.shown";

const feed = new Feed();
const handsets = new Map();
const phones = new Map();
let lines = [];
let shown = remembered();
let clock = null;
let timer = 0;
let isAsking = false;
let isInACall = false;
// What is asked for before a change was made knows nothing of it, and must not undo it on the page.
let changes = 0;
let pendingChanges = 0;

const by = (id) => document.getElementById(id);
const chooser = new Chooser((id, isOn) => show(isOn ? [...shown, id] : shown.filter((other) => other !== id)));

/** One switch may stand for the same trouble with texts and with calls. */
const faultsOf = (box) => box.dataset.fault.split(" ");

function remembered() {
  try {
    const ids = JSON.parse(localStorage.getItem(REMEMBERED));
    return Array.isArray(ids) && ids.every(Number.isInteger) ? ids : null;
  } catch {
    return null;
  }
}

/** One of each language first, then those that come next. */
function firstChoice() {
  const all = [...handsets.values()];
  const languages = new Set();
  const different = all.filter(({ language }) => !languages.has(language) && languages.add(language));
  const rest = all.filter((handset) => !different.includes(handset));
  const chosen = [...different, ...rest].slice(0, FIRST_SHOWN);
  return chosen.map(({ id }) => id).sort((a, b) => a - b);
}

function show(ids) {
  shown = ids;
  try {
    localStorage.setItem(REMEMBERED, JSON.stringify(ids));
  } catch {
    // A browser that keeps nothing shows the first ones again next time.
  }
  feed.fromTheStart();
  poll();
}

/** Phones on the page as they were chosen, in that order; those that stay keep what is being written in them. */
function arrange() {
  const main = by("phones");
  for (const [id, phone] of phones) {
    if (!shown.includes(id)) {
      phone.node.remove();
      phones.delete(id);
    }
  }
  shown.forEach((id, place) => {
    if (!phones.has(id)) {
      const hide = () => show(shown.filter((other) => other !== id));
      phones.set(id, new Phone({ ...handsets.get(id), bubbles: [] }, lines, hide, poll));
    }
    const { node } = phones.get(id);
    if (main.children[place] !== node) main.insertBefore(node, main.children[place] ?? null);
  });
  main.querySelector(".none")?.remove();
  if (!shown.length) main.append(element("p", "none", "No handset is shown. Choose one with “Handset” above."));
  by("count").textContent = `${shown.length} of ${handsets.size} shown`;
}

function take(state, isCurrent) {
  if (state.lines) lines = state.lines;
  for (const handset of state.handsets) handsets.set(handset.id, { ...handset, bubbles: undefined });
  if (shown === null) {
    shown = firstChoice();
    feed.fromTheStart();
    state.handsets = [];
  }
  if (shown.some((id) => !handsets.has(id))) shown = shown.filter((id) => handsets.has(id));
  arrange();
  if (state.isWhole) phones.forEach((phone) => phone.forget());
  for (const handset of state.handsets) phones.get(handset.id)?.update(handset);
  phones.forEach((phone, id) => phone.showCall(state.calls.find((call) => call.handset === id) ?? null));
  isInACall = state.calls.length > 0;
  if (isCurrent) {
    takeClock(state.clock);
    for (const box of document.querySelectorAll("[data-fault]")) box.checked = faultsOf(box).some((name) => state.faults[name] > 0);
  }
  const link = by("console");
  link.hidden = !state.console_url;
  if (state.console_url) link.href = state.console_url;
}

function takeClock(told) {
  clock = { ...told, heardAt: performance.now() };
  for (const button of document.querySelectorAll("[data-speed]")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.speed) === told.speed));
  }
  by("jump").textContent = told.jump.label;
  tick();
}

function tick() {
  if (!clock) return;
  const now = clock.shown + ((performance.now() - clock.heardAt) / 1000) * clock.speed;
  by("shown").textContent = fullTime(now);
  phones.forEach((phone) => phone.showTime(now, clock.speed));
}

async function poll() {
  clearTimeout(timer);
  if (isAsking) return;
  isAsking = true;
  const asked = shown;
  const known = changes;
  const state = await feed.next(asked ?? []).catch(() => null);
  isAsking = false;
  by("away").hidden = state !== null;
  if (state !== null && asked === shown) take(state, known === changes && !pendingChanges);
  else feed.fromTheStart();
  const pause = isInACall ? POLL_IN_A_CALL_MILLISECONDS : POLL_MILLISECONDS;
  timer = setTimeout(poll, asked === shown ? pause : 0);
}

async function change(act) {
  changes += 1;
  pendingChanges += 1;
  try {
    await act();
  } finally {
    pendingChanges -= 1;
    poll();
  }
}

for (const button of document.querySelectorAll("[data-speed]")) {
  button.addEventListener("click", () => change(() => setClock({ speed: Number(button.dataset.speed) })));
}
by("jump").addEventListener("click", () => change(() => setClock({ to: clock.jump.to })));
for (const box of document.querySelectorAll("[data-fault]")) {
  box.addEventListener("change", () => change(() => setFaults(Object.fromEntries(faultsOf(box).map((name) => [name, box.checked ? 1 : 0])))));
}
by("choose").addEventListener("click", () => chooser.open([...handsets.values()], shown));
by("phones").addEventListener("submit", () => setTimeout(poll, 150));
setInterval(tick, 250);
poll();
