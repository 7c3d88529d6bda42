// Alerts of an auction page: each is shown once, counted in the header, and told to the server when it was read. Who
// asked for it also hears them and sees them outside the page. What is said comes from the server; nothing is decided.
(() => {
  "use strict";

  const COUNTS_MS = [1500, 3000, 8000];
  const TONES = [[880, 0], [660, 0.18], [880, 0.36]];
  const TONE_SECONDS = 0.15;
  const LOUDNESS = 0.2;
  const VIBRATION_MS = [200, 100, 200];
  const WANTED = "ring-when-outbid";

  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  const auction = document.getElementById("auction");
  if (!token || !auction) return;

  // Browsers may forbid a page to keep anything; then it is kept for as long as the page lives.
  const fallback = new Map();
  function kept(name) {
    try { return localStorage.getItem(name) ?? fallback.get(name); } catch { return fallback.get(name); }
  }
  function keep(name, value) {
    fallback.set(name, value);
    try { localStorage.setItem(name, value); } catch { /* see above */ }
  }

  // Ringing

  const ring = document.getElementById("ring");
  const button = ring?.querySelector("button");
  const status = ring?.querySelector('[role="status"]');
  const notices = "Notification" in window;
  const wanted = () => Boolean(ring) && kept(WANTED) === "yes";
  let audio = null;

  // Only a gesture may start a sound, also on a page where it was wanted before.
  function unlock() {
    if (!wanted() || !window.AudioContext) return;
    audio ??= new AudioContext();
    audio.resume();
  }

  function sound() {
    if (!audio) return;
    for (const [frequency, after] of TONES) {
      const [tone, volume] = [audio.createOscillator(), audio.createGain()];
      const start = audio.currentTime + after;
      tone.frequency.value = frequency;
      volume.gain.setValueAtTime(LOUDNESS, start);
      volume.gain.exponentialRampToValueAtTime(0.001, start + TONE_SECONDS);
      tone.connect(volume).connect(audio.destination);
      tone.start(start);
      tone.stop(start + TONE_SECONDS);
    }
  }

  function notify(told) {
    if (!notices || Notification.permission !== "granted") return;
    const body = told.auction === auction.dataset.auction ? ring.dataset.concert : "";
    try {
      const notice = new Notification(ring.dataset.title, { body, tag: `rank-out-${told.auction}` });
      notice.onclick = () => { window.focus(); notice.close(); };
    } catch { /* Some phones allow this to service workers alone: the sound has to do. */ }
  }

  // Once on this device: another tab, or this page before it was loaded again, may have rung already.
  function ringFor(told) {
    const rung = `rung-${told.auction}`;
    if (!wanted() || Number(kept(rung) ?? 0) >= told.sequence) return;
    keep(rung, String(told.sequence));
    sound();
    // Before the reader has touched the page, a browser would refuse and complain.
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(VIBRATION_MS);
    if (document.hidden || !document.hasFocus()) notify(told);
  }

  function draw() {
    const on = wanted();
    button.textContent = on ? button.dataset.on : button.dataset.off;
    button.setAttribute("aria-pressed", String(on));
    const granted = notices && Notification.permission === "granted";
    status.textContent = on ? status.dataset[granted ? "granted" : "denied"] : "";
  }

  if (ring && (notices || window.AudioContext)) {
    button.addEventListener("click", async () => {
      keep(WANTED, wanted() ? "no" : "yes");
      draw();
      if (!wanted()) return;
      unlock();
      sound();
      if (notices && Notification.permission === "default") await Notification.requestPermission();
      draw();
    });
    document.addEventListener("pointerdown", unlock);
    document.addEventListener("keydown", unlock);
    draw();
    ring.hidden = false;
  }

  // Counting and reading

  async function refreshCount(path, options) {
    try {
      const answer = await fetch(path, { ...options, headers: { "HX-Request": "true", "X-CSRFToken": token } });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("unread");
      if (fresh) document.getElementById("unread")?.replaceWith(document.importNode(fresh, true));
    } catch { /* The line is down; the next page counts. */ }
  }

  const counted = () => parseInt(document.querySelector("#unread .badge")?.textContent ?? "0", 10);

  // The ledger follows in a moment, or, while much is going on, in some.
  function countAgain(before, [wait, ...later]) {
    setTimeout(async () => {
      await refreshCount("/me/notifications/unread");
      if (later.length && counted() <= before) countAgain(before, later);
    }, wait);
  }

  document.addEventListener("click", (event) => {
    const read = event.target.closest("[data-alert] a, [data-alert] [data-dismiss]")?.closest("[data-alert]");
    if (!read) return;
    const body = new URLSearchParams({ auction: read.dataset.auction, sequence: read.dataset.sequence });
    refreshCount("/me/notifications/rank-outs", { method: "POST", body, keepalive: true });
  });

  // A line that was interrupted tells again what nobody has read; this page may have shown it already.
  const shown = new Map();
  document.addEventListener("htmx:ws:before:message:incoming", (event) => {
    const text = event.detail.message.data;
    const found = typeof text === "string" && /data-alert="rank-out" data-sequence="(\d+)" data-auction="(\d+)"/.exec(text);
    if (!found) return;
    const told = { auction: found[2], sequence: Number(found[1]) };
    if (told.sequence <= (shown.get(told.auction) ?? 0)) {
      event.detail.cancelled = true;
      return;
    }
    shown.set(told.auction, told.sequence);
    ringFor(told);
    countAgain(counted(), COUNTS_MS);
  });
})();
