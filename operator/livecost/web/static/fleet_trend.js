// The trend comes after the page, so that a slow Prometheus holds nothing up.
const LONGEST_PAUSE_SECONDS = 60;

export function prepareTrend(prepare) {
  const place = document.getElementById("trend");
  let address = place.dataset.src;
  let shown = "";
  let waiting = null;

  // As often as there is a new point to see.
  function refreshLater() {
    clearTimeout(waiting);
    const step = Number(place.querySelector("[data-step-seconds]")?.dataset.stepSeconds ?? LONGEST_PAUSE_SECONDS);
    const next = () => (document.visibilityState === "visible" ? load() : refreshLater());
    waiting = setTimeout(next, Math.min(step, LONGEST_PAUSE_SECONDS) * 1000);
  }

  async function load() {
    const asked = address;
    try {
      const answer = await fetch(asked);
      const html = answer.ok ? await answer.text() : "<p>Unknown: livecost could not tell.</p>";
      if (html === shown || asked !== address) return;
      shown = html;
      const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
      place.innerHTML = html;
      prepare(place);
      if (focused) document.getElementById(focused)?.focus();
    } catch { /* the connection's state is told at the top; the last trend stays */ } finally {
      refreshLater();
    }
  }

  place.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-trend]");
    if (!link) return;
    event.preventDefault();
    address = link.getAttribute("href");
    load();
  });
  load();
}
