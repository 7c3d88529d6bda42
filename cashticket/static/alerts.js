// Alerts of an auction page: each is shown once, counted in the header, and reported to the server once it was read.
// Readers who want it also get a sound and a notification outside the page. All texts come from the server.
(() => {
  "use strict";

  const COUNTS_MS = [1500, 3000, 8000];
  const TONES = [[880, 0], [660, 0.18], [880, 0.36]];
  const TONE_SECONDS = 0.15;
  const LOUDNESS = 0.2;
  const VIBRATION_MS = [200, 100, 200];
  const WANTED = "ring-when-outbid";

  const auction = document.getElementById("auction");
  if (!auction) return;
  // The page is the same for everybody; what belongs to an account comes after it, with the header.
  const token = () => document.querySelector('#header [name="csrf_token"]')?.value ?? "";

  // A browser may forbid a page to store anything; then the page remembers it until it is closed.
  const fallback = new Map();
  function stored(name) {
    try { return localStorage.getItem(name) ?? fallback.get(name); } catch { return fallback.get(name); }
  }
  function store(name, value) {
    fallback.set(name, value);
    try { localStorage.setItem(name, value); } catch { /* see above */ }
  }

  // Ringing

  const ring = document.getElementById("ring");
  const button = ring?.querySelector("button");
  const status = ring?.querySelector('[role="status"]');
  const canNotify = "Notification" in window;
  const wanted = () => Boolean(ring) && stored(WANTED) === "yes";
  let audio = null;

  // Browsers start sound only after a gesture, even if the reader switched it on earlier.
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

  function notify(alert) {
    if (!canNotify || Notification.permission !== "granted") return;
    const body = alert.auction === auction.dataset.auction ? ring.dataset.concert : "";
    try {
      const notification = new Notification(ring.dataset.title, { body, tag: `rank-out-${alert.auction}` });
      notification.onclick = () => { window.focus(); notification.close(); };
    } catch { /* Some phones allow this only to service workers; there is still the sound. */ }
  }

  // Once per device: another tab, or this page before a reload, may have rung for this alert already.
  function ringFor(alert) {
    const rung = `rung-${alert.auction}`;
    if (!wanted() || Number(stored(rung) ?? 0) >= alert.sequence) return;
    store(rung, String(alert.sequence));
    sound();
    // Before the reader has touched the page, a browser would refuse and log an error.
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(VIBRATION_MS);
    if (document.hidden || !document.hasFocus()) notify(alert);
  }

  function draw() {
    const on = wanted();
    button.textContent = on ? button.dataset.on : button.dataset.off;
    button.setAttribute("aria-pressed", String(on));
    const granted = canNotify && Notification.permission === "granted";
    status.textContent = on ? status.dataset[granted ? "granted" : "denied"] : "";
  }

  if (ring && (canNotify || window.AudioContext)) {
    button.addEventListener("click", async () => {
      store(WANTED, wanted() ? "no" : "yes");
      draw();
      if (!wanted()) return;
      unlock();
      sound();
      if (canNotify && Notification.permission === "default") await Notification.requestPermission();
      draw();
    });
    document.addEventListener("pointerdown", unlock);
    document.addEventListener("keydown", unlock);
    draw();
    const showRing = () => { ring.hidden = token() === ""; };
    document.addEventListener("htmx:after:swap", showRing);
    showRing();
  }

  // Counting and reading

  async function refreshCount(path, options) {
    try {
      const response = await fetch(path, { ...options, headers: { "HX-Request": "true", "X-CSRFToken": token() } });
      if (!response.ok) return;
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("unread");
      if (fresh) document.getElementById("unread")?.replaceWith(document.importNode(fresh, true));
    } catch { /* No network; the next page will count. */ }
  }

  const shownCount = () => parseInt(document.querySelector("#unread .badge")?.textContent ?? "0", 10);

  // The notice is counted once the ledger has it: usually in a moment, later under load.
  function refreshUntilCounted(before, [wait, ...later]) {
    setTimeout(async () => {
      await refreshCount("/me/notifications/unread");
      if (later.length && shownCount() <= before) refreshUntilCounted(before, later);
    }, wait);
  }

  document.addEventListener("click", (event) => {
    const alert = event.target.closest("[data-alert] a, [data-alert] [data-dismiss]")?.closest("[data-alert]");
    if (!alert) return;
    const body = new URLSearchParams({ auction: alert.dataset.auction, sequence: alert.dataset.sequence });
    refreshCount("/me/notifications/rank-outs", { method: "POST", body, keepalive: true });
  });

  // After an interruption the server repeats alerts that were not read; this page may have shown them already.
  const newestShown = new Map();
  document.addEventListener("htmx:ws:before:message:incoming", (event) => {
    const text = event.detail.message.data;
    if (typeof text !== "string") return;
    const match = /data-alert="rank-out" data-sequence="(\d+)" data-auction="(\d+)"/.exec(text);
    if (!match) return;
    const alert = { auction: match[2], sequence: Number(match[1]) };
    if (alert.sequence <= (newestShown.get(alert.auction) ?? 0)) {
      event.detail.cancelled = true;
      return;
    }
    newestShown.set(alert.auction, alert.sequence);
    ringFor(alert);
    refreshUntilCounted(shownCount(), COUNTS_MS);
  });
})();
