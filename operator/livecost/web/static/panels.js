// Panels are computed on demand: when they are opened, and a moment after an edit while they are open.
import { fields, write } from "./address.js";
import { localize } from "./format.js";

export const PANEL = "panel";
const PAUSE_MS = 250;
const element = (name) => document.getElementById(`panel-${name}`);
const nameOf = (value) => new URLSearchParams(value).get("");
let waiting = null;
let request = null;
let due = new Set();

// What a newer question interrupts stays due.
async function load(names) {
  request?.abort();
  const mine = request = new AbortController();
  due = new Set([...names, ...due]);
  for (const name of due) {
    try {
      const body = fields().toString();
      const answer = await fetch(`/calculator/panel/${name}`, { method: "POST", body, signal: mine.signal });
      const html = await answer.text();
      if (mine !== request) return;
      due.delete(name);
      if (!answer.ok) continue;
      const place = element(name);
      const focused = place.contains(document.activeElement) ? document.activeElement : null;
      const key = focused && (focused.name ? `[name="${focused.name}"]` : "[data-toggle]");
      place.innerHTML = html;
      localize(place);
      if (key) place.querySelector(key)?.focus();
    } catch (error) {
      if (error.name !== "AbortError") throw error;
      return;
    }
  }
}

// Those that the address opens, and those that stand open although it does not any more.
function toLoad() {
  const shown = [...document.querySelectorAll('[data-toggle][aria-expanded="true"]')].map((toggle) => toggle.dataset.toggle);
  return new Set([...fields().getAll(PANEL).map(nameOf), ...shown]);
}

export function loadPanels() {
  clearTimeout(waiting);
  if (toLoad().size) waiting = setTimeout(() => load(toLoad()), PAUSE_MS);
}

export function withPanels(params, panels) {
  params.delete(PANEL);
  for (const value of panels) params.append(PANEL, value);
  return params;
}

function setPanel(name, settings) {
  const params = fields();
  const panels = params.getAll(PANEL).filter((value) => nameOf(value) !== name);
  if (settings) panels.push(new URLSearchParams([["", name], ...settings]).toString());
  write(withPanels(params, panels));
  return load([name]);
}

export function preparePanels() {
  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-toggle]");
    if (!toggle) return;
    event.preventDefault();
    setPanel(toggle.dataset.toggle, toggle.getAttribute("aria-expanded") === "true" ? null : []);
  });
  // A link that says it is a button is pressed like one.
  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || !event.target.closest("[data-toggle]")) return;
    event.preventDefault();
    event.target.click();
  });
  const send = (form) => {
    const settings = [...new FormData(form)].filter(([key]) => key !== "from" && key !== "panel");
    setPanel(form.dataset.panel, settings);
  };
  for (const kind of ["change", "submit"]) {
    document.addEventListener(kind, (event) => {
      const form = event.target.closest("form[data-panel]");
      if (!form) return;
      event.preventDefault();
      send(form);
    });
  }
}
