// A document is pasted, chosen or dropped; the server reads it and answers with the address that states it.
import { fields } from "./address.js";

export function prepareImport(goTo) {
  const card = document.getElementById("import");
  const form = document.getElementById("import-form");
  const text = document.getElementById("import-text");
  const problems = document.getElementById("import-problems");
  const file = document.getElementById("import-file");
  const MAX_BYTES = 60000;

  card.querySelectorAll(".needs-script").forEach((each) => { each.hidden = false; });

  const tell = (lines) => problems.replaceChildren(...lines.map((words) => Object.assign(document.createElement("p"), { textContent: words })));

  async function send() {
    const body = new URLSearchParams({ from: fields().toString(), text: text.value });
    try {
      const answer = await fetch("/calculator/import", { method: "POST", body });
      if (answer.ok) {
        tell([]);
        text.value = "";
        await goTo((await answer.json()).query);
      } else if (answer.status === 422) {
        tell((await answer.json()).problems.map((each) => `${each.field}: ${each.message}; ${each.remedy}`));
      } else {
        tell([await answer.text()]);
      }
    } catch {
      tell(["The server cannot be reached; nothing was imported."]);
    }
  }

  async function read(chosen) {
    if (!chosen) return;
    if (chosen.size > MAX_BYTES) { tell([`${chosen.name} is larger than ${MAX_BYTES / 1000} kB; such a document is a few lines.`]); return; }
    text.value = await chosen.text();
    await send();
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); send(); });
  file.addEventListener("change", () => { read(file.files[0]); file.value = ""; });
  for (const kind of ["dragover", "dragleave", "drop"]) {
    card.addEventListener(kind, (event) => {
      event.preventDefault();
      card.classList.toggle("dropping", kind === "dragover");
      if (kind === "drop") read(event.dataTransfer.files[0]);
    });
  }
}
