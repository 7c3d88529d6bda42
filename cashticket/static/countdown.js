// Keeps a list of auctions true while its page stays open: counts the time left down by the server's clock, and asks for
// the list again every few seconds, at each opening and end, and when somebody looks at the page again. Ends move and
// bidding pauses, so this file calls nothing over: the server does. Without it a page shows when bidding ends.
(() => {
  "use strict";

  const TICK_MS = 1000;
  const ASK_MS = 15000;
  const SOON_MS = 2000;
  const SPREAD_MS = 1000;
  // What was answered longer ago is no news any more: nothing is counted down by it.
  const STALE_MS = 60000;
  const FAILURES_MAX = 3;
  const ALERT = /\sdata-alert="rank-out"/;
  const texts = document.getElementById("countdown-texts")?.dataset;
  const name = document.querySelector("[data-renewed-at]")?.id;
  if (!texts || !name) return;
  const part = () => document.getElementById(name);
  const fill = (text, number) => text.replace(/\{\w+\}/, number);

  // Parts of an answer may have been made at different moments; the newest is the closest to the server's clock.
  let answeredAt = performance.getEntriesByType("navigation")[0]?.responseStart ?? 0;
  let ahead = null;
  function sample() {
    const made = [...part().querySelectorAll("[data-now-ms]")].map((left) => Number(left.dataset.nowMs));
    if (made.length) ahead = Math.max(ahead ?? 0, Math.max(...made) - answeredAt);
  }
  const serverNow = () => (ahead === null ? Date.now() : performance.now() + ahead);

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

  // Whether an opening or an end has come that the list still calls to come.
  function hasTurned() {
    const ends = [...part().querySelectorAll("[data-ends-at-ms]")].map((left) => Number(left.dataset.endsAtMs));
    const others = [...part().querySelectorAll("time[data-turns]")].map((at) => Date.parse(at.dateTime));
    return [...ends, ...others].some((at) => at <= serverNow());
  }

  let isTurned = false;
  function tick() {
    const isNews = performance.now() - answeredAt <= STALE_MS;
    part().querySelectorAll("[data-ends-at-ms]").forEach((left) => {
      const ms = Number(left.dataset.endsAtMs) - serverNow();
      const text = ms > 0 && isNews ? inWords(ms) : texts.asking;
      if (left.textContent !== text) left.textContent = text;
    });
    const before = isTurned;
    isTurned = hasTurned();
    if (isTurned && !before) askIn(Math.random() * SPREAD_MS);
  }

  async function answer() {
    try {
      const response = await window.answers.ask(part().dataset.renewedAt);
      const cameAt = performance.now();
      const text = response.ok ? await response.text() : "";
      return window.answers.piece(text, name) ? { cameAt, text } : null;
    } catch {
      return null;
    }
  }

  let [timer, isAsking, failures, rounds] = [null, false, 0, 0];
  async function ask() {
    if (document.hidden || isAsking) return;
    isAsking = true;
    const news = await answer();
    isAsking = false;
    if (news) {
      const target = `#${name}`;
      await htmx.swap({ sourceElement: part(), target, swap: "outerMorph", text: news.text, transition: false });
      answeredAt = news.cameAt;
      sample();
    }
    failures = news ? 0 : Math.min(failures + 1, FAILURES_MAX);
    rounds = hasTurned() ? rounds + 1 : 0;
    tick();
    askIn(rounds && !failures ? Math.min(ASK_MS, SOON_MS * 2 ** rounds) : ASK_MS * 2 ** failures);
  }

  function askIn(ms) {
    clearTimeout(timer);
    timer = setTimeout(ask, ms * (0.9 + Math.random() / 5));
  }

  // An alert says that the reader was pushed out of an auction which the list may still call won.
  document.addEventListener("heard", ({ detail }) => {
    if (name === "running" && ALERT.test(detail.text)) askIn(Math.random() * SPREAD_MS);
  });

  sample();
  tick();
  askIn(ASK_MS);
  setInterval(() => { if (!document.hidden) tick(); }, TICK_MS);
  document.addEventListener("visibilitychange", () => {
    tick();
    ask();
  });
  // What was counted down by stood still meanwhile.
  document.addEventListener("slept", () => {
    [ahead, answeredAt] = [null, -Infinity];
    tick();
    ask();
  });
  window.addEventListener("online", ask);
  // A page that comes back from the browser's memory shows what was so when it was left.
  window.addEventListener("pageshow", (event) => { if (event.persisted) ask(); });
})();
