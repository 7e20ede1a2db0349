import { canRedo, canUndo, fields, onMove, undo, write } from "./address.js";
import { localize } from "./format.js";
import { prepareImport } from "./import.js";
import { PANEL, loadPanels, preparePanels, withPanels } from "./panels.js";
import { SCHEDULE, clearWindows, offerZones, ownZone, windowsText } from "./schedule.js";

const $ = (id) => document.getElementById(id);
const place = $("form-place");
const results = $("results");
const shown = new Map();
let request = null;
let choice = {};
let announced = null;

function shownId(path) { return path.replace(/[.[\]]/g, "-"); }

async function refresh(asked = {}) {
  request?.abort();
  const mine = request = new AbortController();
  try {
    const answer = await fetch(`/calculator/update?${new URLSearchParams(asked)}`, { method: "POST", body: fields().toString(), signal: mine.signal });
    if (!answer.ok) throw new Error(await answer.text());
    const update = await answer.json();
    if (mine !== request) return null;
    show(update);
    return update;
  } catch (error) {
    if (error.name !== "AbortError") showProblems({}, ["The server cannot be reached or refused this; the figures are the last good ones."]);
    return null;
  }
}

function show(update) {
  if (update.form !== undefined) {
    const { id, selectionStart, selectionEnd } = document.activeElement;
    const open = new Map([...place.querySelectorAll(".group")].map((group) => [group.id, group.open]));
    place.innerHTML = update.form;
    prepare(place);
    for (const group of place.querySelectorAll(".group")) group.open = open.get(group.id) || "stated" in group.dataset;
    const again = id ? $(id) : null;
    again?.focus();
    if (again?.type === "text" && selectionStart !== null) again.setSelectionRange(selectionStart, selectionEnd);
  }
  for (const [name, html] of Object.entries(update.fragments ?? {})) {
    const element = $(name);
    if (shown.get(name) !== html) {
      const open = [...element.querySelectorAll("details")].map((each) => each.open);
      const focused = element.contains(document.activeElement) ? document.activeElement.id : null;
      element.innerHTML = html;
      shown.set(name, html);
      // What was used may be gone with what it did; its heading says where the reader is.
      if (focused !== null) ($(focused) ?? element.querySelector("h2[tabindex]"))?.focus();
      element.querySelectorAll("details").forEach((each, index) => { each.open = open[index] ?? each.open; });
      localize(element);
    }
  }
  showProblems(update.problems, update.elsewhere);
  if (update.values) {
    showValues(update.values);
    $("stand-in").textContent = "these are the last good figures";
  }
  if (update.announcement) announce(update.announcement);
  if (!bad(update)) loadPanels();
}

function showHistory() {
  $("undo").disabled = !canUndo();
  $("redo").disabled = !canRedo();
}

const bad = (update) => update.elsewhere.length > 0 || Object.keys(update.problems).length > 0;

function showProblems(problems, elsewhere) {
  for (const { dataset: { path } } of place.querySelectorAll("[data-path]")) {
    const input = $(shownId(path));
    const words = problems[path] ?? "";
    const message = $(`problem-${input.id}`);
    if (message.textContent !== words) message.textContent = words;
    if (words && "value" in input && input.tagName !== "LI") input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }
  const isStale = bad({ problems, elsewhere });
  $("stale").hidden = !isStale;
  for (const each of [results, $("headline")]) each.classList.toggle("stale", isStale);
  $("elsewhere").replaceChildren(...elsewhere.map((words) => Object.assign(document.createElement("li"), { textContent: words })));
}

function showValues(values) {
  const stated = fields();
  for (const field of place.querySelectorAll(".field[data-path]")) {
    const path = field.dataset.path;
    const input = $(shownId(path));
    const isStated = stated.has(path);
    const value = isStated ? stated.get(path) : values[path] ?? "";
    field.classList.toggle("stated", isStated);
    showOnPaper(field, value);
    field.querySelector(".reset").hidden = !isStated;
    if (input.value !== value && input !== document.activeElement) input.value = value;
    const slider = field.querySelector(".slider");
    if (slider && slider !== document.activeElement) slider.value = value || slider.min;
  }
  const name = $("scenario-name");
  if (name !== document.activeElement) name.value = stated.get("name") ?? "";
  showOnPaper(name.closest(".field"), stated.get("name") ?? "");
}

// An input cannot wrap what is long.
function showOnPaper(field, value) {
  field.classList.toggle("empty", !value);
  const typed = field.querySelector(".typed");
  if (typed) typed.textContent = value;
}

function announce(words) {
  clearTimeout(announced);
  announced = setTimeout(() => { $("announcement").textContent = words; }, 900);
}

function edit(path, text) {
  const params = fields();
  const field = place.querySelector(`.field[data-path="${path}"]`);
  const excluded = (field?.dataset.excludes ?? "").split(" ").filter(Boolean);
  for (const key of [...params.keys()]) {
    if (!excluded.some((each) => key.startsWith(each))) continue;
    params.delete(key);
    if (key === SCHEDULE) clearWindows();
  }
  const unstated = text === "" && (field === null || "optional" in field.dataset);
  if (unstated) params.delete(path);
  else params.set(path, text);
  write(params, path);
  return Object.keys(choice).length ? choose({}) : refresh();
}

// What only the server can turn into fields is asked for until it is answered, also when an edit overtakes it.
async function choose(asked) {
  choice = { ...choice, ...asked };
  const update = await refresh(choice);
  if (!update) return;
  write(update.query, "cloud" in choice ? "cloud" : null);
  choice = {};
  if (update.values) showValues(update.values);
}

async function changeWindows(action) {
  await choose({ window: action, zone: ownZone() });
  const rows = place.querySelectorAll(".window");
  (action === "add" ? rows[rows.length - 1]?.querySelector("input") : $("window-add"))?.focus();
}

function reset(path) {
  // With a cloud go its machines and prices, which the server knows.
  if (path === "cloud") return choose({ cloud: "" }).then(() => $("cloud").focus());
  choice = {};
  const params = fields();
  if (path) params.delete(path);
  else for (const key of [...params.keys()]) if (!["with", "panel", "name", "theme"].includes(key)) params.delete(key);
  write(params);
  const done = refresh(!path || ["region", SCHEDULE].includes(path) ? { form: 1 } : {});
  // The button disappears with what it resets, and must not take the focus with it.
  if (path) done.then(() => $(shownId(path))?.focus());
  return done;
}

function prepare(root) {
  root.querySelectorAll(".needs-script").forEach((each) => { each.hidden = false; });
  const form = $("assumptions");
  form.addEventListener("input", (event) => {
    const input = event.target;
    const field = input.closest(".field[data-path]");
    if (input.name === "name") { edit("name", input.value); return; }
    if (input.closest(".window")) { edit(SCHEDULE, windowsText()); return; }
    if (!field) return;
    const path = field.dataset.path;
    if (path === "cloud") { choose({ cloud: input.value }); return; }
    if (input.classList.contains("slider")) $(shownId(path)).value = input.value;
    const done = edit(path, input.value);
    if (path === "region") done.then(() => refresh({ form: 1 }));
  });
  form.addEventListener("focusin", (event) => {
    if (event.target.closest(".timeZone")) offerZones();
    const input = event.target.closest(".field[data-path]")?.querySelector("[aria-describedby]");
    $("field-help").textContent = input ? $(`help-${input.id}`).textContent : "";
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.name === "reset") reset(event.submitter.value);
    else if (event.submitter?.name === "window") changeWindows(event.submitter.value);
  });
}

function goTo(query) {
  choice = {};
  write(query);
  return refresh({ form: 1 });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-state]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  goTo(withPanels(new URL(link.href).searchParams, fields().getAll(PANEL)));
});
// A fragment's own entry in the history would count as an edit.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  $("content").focus();
});
$("undo").addEventListener("click", undo);
$("redo").addEventListener("click", () => history.forward());
$("share").addEventListener("click", async (event) => {
  const button = event.target;
  try { await navigator.clipboard.writeText(location.href); button.textContent = "Copied"; } catch { button.textContent = "Copy the address bar"; }
  setTimeout(() => { button.textContent = "Copy link"; }, 2000);
});
document.querySelectorAll(".tools .needs-script").forEach((each) => { each.hidden = false; });
onMove(() => {
  choice = {};
  refresh({ form: 1 });
}, showHistory);
prepare(place);
preparePanels();
prepareImport(goTo);
localize(document);
showHistory();
