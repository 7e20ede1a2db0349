// The trend comes after the page, so that a slow Prometheus holds nothing up.
const REFRESH_MS = 60000;

export function prepareTrend(prepare) {
  const place = document.getElementById("trend");
  let address = place.dataset.src;
  let shown = "";

  async function load() {
    try {
      const answer = await fetch(address);
      const html = answer.ok ? await answer.text() : "<p>Unknown: livecost could not tell.</p>";
      if (html === shown) return;
      shown = html;
      const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
      place.innerHTML = html;
      prepare(place);
      if (focused) document.getElementById(focused)?.focus();
    } catch { /* the connection's state is told at the top; the last trend stays */ }
  }

  place.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-trend]");
    if (!link) return;
    event.preventDefault();
    address = link.getAttribute("href");
    load();
  });
  setInterval(() => { if (document.visibilityState === "visible") load(); }, REFRESH_MS);
  load();
}
