// Rings for alerts where the reader wants it: a sound, a notification outside the page, and where the browser and the site
// can do it, pushes while no page is open. alerts.js says when. All texts come from the server.
(() => {
  "use strict";

  const TONES = [[880, 0], [660, 0.18], [880, 0.36]];
  const TONE_SECONDS = 0.15;
  const LOUDNESS = 0.2;
  const VIBRATION_MS = [200, 100, 200];
  const WANTED = "ring-when-outbid";
  const RING_SPREAD_MS = 500;
  const TOLD = "push-confirmed";
  const DAY_MS = 86400000;
  const SPREAD_MS = 60000;

  const auction = document.getElementById("auction");
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
  // There only where the site has a key for pushes.
  const push = window.devicePush;
  let isPushed = false;
  const wanted = () => stored(WANTED) === "yes";
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

  async function notify(alert) {
    if (!canNotify || Notification.permission !== "granted") return;
    const said = (part) => alert.banner.querySelector(part)?.textContent.trim().replace(/\s+/g, " ") ?? "";
    const body = ring && alert.auction === auction?.dataset.auction ? ring.dataset.concert : said(".dots");
    const options = { body, tag: `rank_out-${alert.auction}` };
    try {
      // Phones allow it only to a service worker, which there is once the reader has turned pushes on.
      const worker = await navigator.serviceWorker?.getRegistration("/");
      if (worker) {
        const data = { id: alert.sequence, link: `/auctions/${alert.auction}#bid` };
        await worker.showNotification(said("strong"), { ...options, data });
        return;
      }
      const notification = new Notification(said("strong"), options);
      notification.onclick = () => { window.focus(); notification.close(); };
    } catch { /* This browser shows none; there is still the sound, and the text says no more. */ }
  }

  // Once per device: another tab, or this page before a reload, may have rung for this alert already. Tabs hear of it at
  // the same moment, so each that nobody looks at waits for a time of its own.
  function ringFor(alert) {
    setTimeout(() => {
      const rung = `rung-${alert.auction}`;
      if (!wanted() || Number(stored(rung) ?? 0) >= alert.sequence) return;
      store(rung, String(alert.sequence));
      sound();
      // Before the reader has touched the page, a browser would refuse and log an error.
      if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(VIBRATION_MS);
      if (document.hidden || !document.hasFocus()) notify(alert);
    }, document.hasFocus() ? 0 : RING_SPREAD_MS * Math.random());
  }

  // Promises only what this device can do.
  function promise() {
    if (!wanted()) return "";
    if (isPushed) return "pushed";
    if (push?.needsInstalling()) return "install";
    if (!canNotify || Notification.permission !== "granted") return "denied";
    return matchMedia("(pointer: coarse)").matches ? "phone" : "granted";
  }

  function draw() {
    const on = wanted();
    button.textContent = on ? button.dataset.on : button.dataset.off;
    button.setAttribute("aria-pressed", String(on));
    const state = promise();
    status.textContent = state ? status.dataset[state] : "";
  }

  // A page that promises pushes says once a day that they are still wanted: the server may have forgotten this device.
  // Spread over a minute, because many people open a page at the same moment.
  async function look() {
    isPushed = wanted() && Boolean(await push?.isOn());
    draw();
    if (!isPushed || Date.now() - Number(stored(TOLD) ?? 0) < DAY_MS) return;
    setTimeout(async () => {
      if (token() === "") return;
      isPushed = await push.confirm();
      if (isPushed) store(TOLD, String(Date.now()));
      draw();
    }, Math.random() * SPREAD_MS);
  }

  async function turn() {
    if (!wanted()) {
      isPushed = false;
      await push?.turnOff();
      return;
    }
    unlock();
    sound();
    if (push?.isOffered()) isPushed = await push.turnOn();
    else if (canNotify && Notification.permission === "default") await Notification.requestPermission();
    draw();
  }

  if (ring && (canNotify || window.AudioContext)) {
    button.addEventListener("click", async () => {
      store(WANTED, wanted() ? "no" : "yes");
      draw();
      await turn();
    });
    draw();
    look();
    const showRing = () => { ring.hidden = token() === ""; };
    document.addEventListener("htmx:after:swap", showRing);
    showRing();
  }

  document.addEventListener("pointerdown", unlock);
  document.addEventListener("keydown", unlock);

  window.ringing = { ringFor };
})();
