// Clocks of my page: counts down the time left that the server wrote. Without this script it stays as written.
(() => {
  "use strict";

  const started = new WeakMap();
  const auctionsRunning = () => document.querySelectorAll("#running .mine").length;
  let shown = auctionsRunning();
  let overdue = false;

  const twoDigits = (number) => String(number).padStart(2, "0");

  const formatted = (ms) => {
    const seconds = Math.floor(ms / 1000);
    return `${Math.floor(seconds / 3600)}:${twoDigits(Math.floor(seconds / 60) % 60)}:${twoDigits(seconds % 60)}`;
  };

  const tick = () => {
    for (const clock of document.querySelectorAll("[data-left-ms]")) {
      if (!started.has(clock)) started.set(clock, Date.now());
      const left = Number(clock.dataset.leftMs) - (Date.now() - started.get(clock));
      clock.textContent = formatted(Math.max(0, left));
      clock.classList.toggle("is-short", left < 3600000);
      overdue ||= left < -1000 && Number(clock.dataset.leftMs) > 0;
    }
    // What is over is no longer among the running auctions that countdown.js asked for: another part has its result.
    overdue ||= auctionsRunning() < shown;
    shown = auctionsRunning();
    // An offer expired or an auction ended while the page was open: reload, unless the reader is about to decide.
    if (overdue && !document.querySelector("details[open], button:focus")) location.reload();
  };

  tick();
  setInterval(tick, 1000);
})();
