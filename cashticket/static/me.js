// Clocks of my page: the time left as the server said it, counted down here. Without this script it stays as written.
(() => {
  "use strict";

  const started = new WeakMap();
  let overdue = false;

  const two = (number) => String(number).padStart(2, "0");

  const written = (ms) => {
    const seconds = Math.floor(ms / 1000);
    return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  };

  const tick = () => {
    for (const clock of document.querySelectorAll("[data-left-ms]")) {
      if (!started.has(clock)) started.set(clock, Date.now());
      const left = Number(clock.dataset.leftMs) - (Date.now() - started.get(clock));
      clock.textContent = written(Math.max(0, left));
      clock.classList.toggle("is-short", left < 3600000);
      overdue ||= left < -1000 && Number(clock.dataset.leftMs) > 0;
    }
    // What ran out while the page was open is drawn anew by the server, unless somebody is about to decide something.
    if (overdue && !document.querySelector("details[open], button:focus")) location.reload();
  };

  document.addEventListener("DOMContentLoaded", tick);
  setInterval(tick, 1000);
})();
