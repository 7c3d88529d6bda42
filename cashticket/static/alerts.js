// Alerts on every page of a signed-in person: each is shown once, counted in the header, and reported to the server
// once it was read. ringing.js, which is loaded before, rings for them.
(() => {
  "use strict";

  const COUNTS_MS = [1500, 3000, 8000];
  const ALERTS_SHOWN = 3;
  const [RECORDED_MS, WHOLE_HALL_MS] = [5000, 30000];
  const OVER = "alert-over";
  const ALERT = /data-alert="rank-out" data-sequence="(\d+)" data-auction="(\d+)"/;
  const TOLD = /^\s*<i id="told"[^>]*?\sdata-(?:spread-ms="(\d+)"|more)/;

  // The page is the same for everybody; what belongs to an account comes after it, with the header.
  const token = () => document.querySelector('#header [name="csrf_token"]')?.value ?? "";

  // Counting and reading

  async function refreshCount(path, options) {
    try {
      const headers = { "HX-Request": "true", "X-CSRFToken": token() };
      const response = await window.answers.ask(path, { ...options, headers });
      if (!response.ok) return;
      const fresh = window.answers.piece(await response.text(), "unread");
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
    if (event.target.closest("[data-dismiss]")) alert.remove();
  });

  // Showing

  function read(text) {
    const match = typeof text === "string" && ALERT.exec(text);
    if (!match) return null;
    const banner = new DOMParser().parseFromString(text, "text/html").querySelector("[data-alert]");
    return banner && { auction: match[2], sequence: Number(match[1]), banner };
  }

  // After an interruption the server repeats alerts that were not read; this page may have shown them already.
  const newestShown = new Map();
  let lastShownAt = -Infinity;
  function isNew(alert) {
    if (alert.sequence <= (newestShown.get(alert.auction) ?? 0)) return false;
    newestShown.set(alert.auction, alert.sequence);
    lastShownAt = performance.now();
    window.ringing?.ringFor(alert);
    refreshUntilCounted(shownCount(), COUNTS_MS);
    return true;
  }

  function trim() {
    const shown = [...document.querySelectorAll("[data-alert]")];
    shown.slice(0, -ALERTS_SHOWN).forEach((old) => old.remove());
  }

  function show({ auction: about, banner }) {
    document.querySelectorAll(`[data-alert][data-auction="${about}"]`).forEach((old) => old.remove());
    const place = document.getElementById("alerts");
    if (place) place.append(document.importNode(banner, true));
    else {
      // The review before a bid has no such place, because its own message is its only alert.
      document.getElementById("main").prepend(document.importNode(banner, true));
      document.getElementById("announcements").textContent = banner.querySelector("strong").textContent;
    }
    trim();
  }

  // Taking away. An auction page knows when its alert is over and tells the other pages. Else the piece with what needs
  // the reader knows: it is asked when something was told, and when somebody looks at the page again.

  const own = document.getElementById("auction")?.dataset.auction;
  const others = () => [...document.querySelectorAll("[data-alert]")].filter((each) => each.dataset.auction !== own);

  function drop(needs) {
    // A bid that was only just pushed out may not be recorded yet.
    if (!needs?.hasAttribute("data-all") || performance.now() - lastShownAt < RECORDED_MS) return;
    const out = [...needs.querySelectorAll("[data-auction]")].map((each) => each.dataset.auction);
    others().filter((each) => !out.includes(each.dataset.auction)).forEach((each) => each.remove());
  }

  async function look() {
    const place = document.getElementById("needs-place");
    if (place) place.dispatchEvent(new CustomEvent("again"));
    else if (others().length) {
      try {
        const response = await window.answers.ask("/me/needs");
        const text = response.ok ? await response.text() : "";
        drop(window.answers.piece(text, "needs"));
      } catch { /* No network; they stay until they are closed. */ }
    }
  }

  document.addEventListener("htmx:after:swap", () => drop(document.querySelector("#needs-place #needs")));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  document.addEventListener("heard", ({ detail }) => {
    const [, spreadMs = WHOLE_HALL_MS] = TOLD.exec(detail.text) ?? [null, null];
    if (spreadMs !== null && others().length) setTimeout(look, RECORDED_MS + Math.random() * Number(spreadMs));
  });
  // Closed while the browser keeps the page for the way back, which open channels may forbid.
  let channel = null;
  function listen() {
    channel = new BroadcastChannel(OVER);
    channel.onmessage = ({ data }) => {
      others().filter((each) => each.dataset.auction === data).forEach((each) => each.remove());
      document.getElementById("needs-place")?.dispatchEvent(new CustomEvent("again"));
    };
  }
  document.addEventListener(OVER, ({ detail }) => channel.postMessage(detail));
  window.addEventListener("pagehide", () => channel.close());
  window.addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
  listen();

  // The socket of an auction page puts alerts in their place by itself.
  document.addEventListener("htmx:ws:before:message:incoming", (event) => {
    const alert = read(event.detail.message.data);
    if (alert && !isNew(alert)) event.detail.cancelled = true;
  });
  document.addEventListener("htmx:ws:after:message:incoming", trim);
  document.addEventListener("heard", ({ detail }) => {
    const alert = detail.isOwn ? null : read(detail.text);
    if (alert && isNew(alert)) show(alert);
  });
})();
