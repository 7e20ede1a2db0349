// The stream of changes, opened anew with a growing delay when it breaks or falls silent. A page that nobody sees has
// none: browsers allow six connections to a server, and a seventh tab would wait for them.
const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30000;
// The server speaks every 15 seconds even when nothing changes.
const SILENCE_MS = 40000;

export function openStream(show) {
  const place = document.getElementById("connection");
  let source = null;
  let delay = FIRST_DELAY_MS;
  let retry = null;
  let silence = null;
  let lostAt = null;

  function say(words, isLost = false) {
    if (place.textContent !== words) place.textContent = words;
    place.classList.toggle("lost", isLost);
  }

  function lose() {
    source?.close();
    clearTimeout(silence);
    clearTimeout(retry);
    lostAt ??= new Date();
    say(`Stale since ${lostAt.toLocaleTimeString()}: livecost does not answer; connecting again`, true);
    retry = setTimeout(open, delay * (0.75 + Math.random() / 2));
    delay = Math.min(delay * 2, LONGEST_DELAY_MS);
  }

  function open() {
    source?.close();
    clearTimeout(retry);
    const mine = source = new EventSource(`${location.pathname}/events${location.search}`);
    const watch = () => { clearTimeout(silence); silence = setTimeout(lose, SILENCE_MS); };
    watch();
    mine.addEventListener("message", (event) => {
      if (mine !== source) return;
      watch();
      delay = FIRST_DELAY_MS;
      lostAt = null;
      say("Live");
      show(JSON.parse(event.data));
    });
    mine.addEventListener("error", () => { if (mine === source) lose(); });
  }

  const isSeen = () => document.visibilityState === "visible";

  function rest() {
    source?.close();
    source = null;
    clearTimeout(silence);
    clearTimeout(retry);
    say("Paused");
  }

  const follow = () => { if (isSeen()) open(); else rest(); };
  document.addEventListener("visibilitychange", follow);
  addEventListener("online", () => { if (lostAt && isSeen()) open(); });
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) follow(); });
  say("Connecting");
  follow();
  return { reopen: open };
}
