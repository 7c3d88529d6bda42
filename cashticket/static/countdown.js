// Counts the time left on cards of auctions down, by the server's clock: as `clock.js` does, from the moment that the
// page names and the time passed since its first byte came. A page without this file shows when bidding ends.
(() => {
  "use strict";

  const TICK_MS = 1000;
  const STALE_MS = 60000;
  const texts = document.getElementById("countdown-texts")?.dataset;
  const shown = [...document.querySelectorAll("[data-ends-at-ms][data-now-ms]")];
  const cameAt = performance.getEntriesByType("navigation")[0]?.responseStart ?? 0;

  // A page that comes back from the browser's memory shows the prices of when it was left.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && performance.now() - cameAt > STALE_MS) window.location.reload();
  });
  if (!texts || !shown.length) return;

  // Parts of a page may have been made at different moments; the newest is the closest to the server's clock.
  const madeAt = Math.max(...shown.map((left) => Number(left.dataset.nowMs)));
  const serverNow = () => madeAt + performance.now() - cameAt;
  const fill = (text, number) => text.replace(/\{\w+\}/, number);

  // The two largest units, as the server writes a span.
  function inWords(ms) {
    const seconds = Math.floor(ms / 1000);
    const parts = [
      [Math.floor(seconds / 86400), texts.days], [Math.floor(seconds / 3600) % 24, texts.hours],
      [Math.floor(seconds / 60) % 60, texts.minutes], [seconds % 60, texts.seconds],
    ];
    const largest = parts.findIndex(([number]) => number > 0);
    const two = parts.slice(largest, largest + 2).filter(([number]) => number > 0);
    return largest < 0 ? fill(texts.seconds, 0) : two.map(([number, text]) => fill(text, number)).join(" ");
  }

  function end(left) {
    left.textContent = texts.over;
    left.closest(".listing").querySelectorAll(".badge-open").forEach((badge) => {
      badge.classList.replace("badge-open", "badge-closing");
      badge.textContent = texts.over;
    });
  }

  function tick() {
    const now = serverNow();
    shown.forEach((left) => {
      const ms = Number(left.dataset.endsAtMs) - now;
      const text = ms > 0 ? inWords(ms) : texts.over;
      if (left.textContent === text) return;
      if (ms > 0) left.textContent = text;
      else end(left);
    });
  }

  tick();
  setInterval(() => { if (!document.hidden) tick(); }, TICK_MS);
  document.addEventListener("visibilitychange", tick);
})();
