// The clock of an auction page, which follows the server's time, and the announcements for screen readers. The
// live files pass it the server's time and call it when the end has moved.
(() => {
  "use strict";

  const ANNOUNCE_MS = 10000;
  const SILENT_MS = 15000;
  const MILESTONES = [600, 300, 60, 30];

  const texts = document.getElementById("live-texts")?.dataset;
  if (!texts) return;
  const piece = (name) => document.getElementById(name);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  // The sample with the shortest delay is the closest to the server's clock.

  const samples = [];
  const timeOfDay = new Intl.DateTimeFormat(document.documentElement.lang, {
    timeZone: "Asia/Seoul", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  });
  let announcedLeft = null;
  let heardAt = 0;
  let overAtMs = 0;

  function sample(serverMs) {
    if (!serverMs) return;
    heardAt = performance.now();
    samples.push(serverMs - performance.now());
    if (samples.length > 20) samples.shift();
  }

  const serverNow = () => (samples.length ? performance.now() + Math.max(...samples) : Date.now());

  function leftInWords(ms) {
    const seconds = Math.max(0, Math.ceil(ms / 1000));
    const two = (number) => String(number).padStart(2, "0");
    const days = Math.floor(seconds / 86400);
    const clock = `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    if (days) return `${fill(texts.days, { days })} ${clock}`;
    return seconds < 3600 ? clock.slice(3) : clock;
  }

  // What the auction is now: what the board says, but open and over as soon as the server's clock says so.
  function phase() {
    const { state, opensAtMs, endsAtMs, paused } = piece("board").dataset;
    if (paused && ["open", "closing"].includes(state)) return "open";
    if (!samples.length || !["scheduled", "open"].includes(state)) return state;
    if (state === "scheduled" && serverNow() < Number(opensAtMs)) return "scheduled";
    if (serverNow() < Number(endsAtMs)) return "open";
    // Bidding may have paused, or the end moved, since the server was last heard.
    if (performance.now() - heardAt < SILENT_MS) overAtMs = Number(endsAtMs);
    return overAtMs === Number(endsAtMs) ? "over" : "open";
  }

  function tick() {
    const timer = document.querySelector('[role="timer"]');
    const board = piece("board");
    if (!timer || !board || !samples.length) return;
    const now = phase();
    if (now === "open" && board.dataset.paused) {
      timer.textContent = board.dataset.paused;
      return;
    }
    const left = Number(now === "scheduled" ? board.dataset.opensAtMs : board.dataset.endsAtMs) - serverNow();
    if (now === "open" && left <= 0) timer.textContent = timer.dataset.textAsking;
    else if (now === "scheduled" || now === "open") timer.textContent = leftInWords(left);
    else timer.textContent = now === "over" ? timer.dataset.textClosing : "";
    showMoment(now);
    if (now === "open") announceLeft(left / 1000);
  }

  const milestonePassed = (seconds) => MILESTONES.filter((milestone) => seconds <= milestone).at(-1) ?? null;

  function announceLeft(seconds) {
    const passed = milestonePassed(seconds);
    if (passed !== null && passed !== announcedLeft && seconds > passed - 2) {
      const minutes = passed / 60;
      announce(passed >= 60 ? fill(texts.minutesLeft, { minutes }) : fill(texts.secondsLeft, { seconds: passed }));
    }
    announcedLeft = passed;
  }

  // The style sheet shows the opening or the end by this. A new end is announced, but not the end after the opening.
  function showMoment(now) {
    const clock = piece("clock");
    if (!clock || clock.className === `clock clock-${now}`) return;
    clock.className = `clock clock-${now}`;
    if (now === "open") writeEnd();
  }

  function writeEnd() {
    const board = piece("board");
    const at = document.querySelector("[data-clock-at]");
    const ends = new Date(Number(board.dataset.endsAtMs));
    if (!at || ends.getTime() === Date.parse(at.dateTime)) return null;
    at.dateTime = ends.toISOString();
    at.querySelector(".clock-date").textContent = board.dataset.endsOn;
    at.lastChild.textContent = ` ${timeOfDay.format(ends)}`;
    return ends;
  }

  function showEnd() {
    if (!piece("board") || phase() === "scheduled") return;
    showMoment(phase());
    const ends = writeEnd();
    if (!ends) return;
    // The time that came with this end: by a clock that is still behind, more would be left than a milestone says.
    sample(Number(piece("board").dataset.nowMs));
    announce(fill(texts.extended, { time: timeOfDay.format(ends) }));
    // The time left follows from this announcement. Announcing it as well would replace this announcement.
    announcedLeft = milestonePassed((ends - serverNow()) / 1000);
  }

  // Announcements: at most one in ten seconds, the newest replaces one that waits.

  let nextAnnouncement = 0;
  let announcing = null;

  function announce(text) {
    clearTimeout(announcing);
    announcing = setTimeout(() => {
      nextAnnouncement = performance.now() + ANNOUNCE_MS;
      piece("announcements").textContent = text;
    }, Math.max(0, nextAnnouncement - performance.now()));
  }

  sample(Number(piece("board")?.dataset.nowMs));
  setInterval(tick, 250);
  window.auctionClock = { announce, fill, leftInWords, phase, sample, serverNow, showEnd, tick, timeOfDay };
})();
