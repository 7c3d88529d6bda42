// What a page of a signed-in person hears beside what it shows. Every frame becomes an event `heard` of the document,
// with its text; `hearing` says whether the page hears at all. An auction page hears by its own socket, every other page
// by the one that it shares with the rest of the browser (person_socket.js). alerts.js and bell.js listen.
(() => {
  "use strict";

  const LONG_MS = 10000;
  const BETWEEN_LOOKS_MS = 30000;
  const [ANSWER_MS, FORM_MS] = [1000, 15000];

  const script = document.currentScript;
  // Pages that are the same for everybody get their header, and with it who reads them, after themselves.
  const session = () => document.getElementById("header")?.dataset.session ?? "";
  const hasOwnSocket = () => document.getElementById("auction")?.hasAttribute("hx-ws:connect") ?? false;
  const say = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

  let hearsAs = "";
  // Whom the page was read by last; the header alone may say already that they signed out.
  let readBy = session();
  let leave = null;
  let lostTimer = null;
  let leavingUntil = -Infinity;
  window.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) leavingUntil = performance.now() + FORM_MS;
  });
  window.addEventListener("pageshow", () => { leavingUntil = -Infinity; });

  // `isKnown`: the socket that this page joins was open before the page.
  function hear(kind, text, isKnown = false) {
    if (kind === "frame") {
      if (window.answers.isFrame(text)) say("heard", { text });
    } else if (kind === "open") {
      clearTimeout(lostTimer);
      lostTimer = null;
      say("hearing", { isHearing: true, isNew: !isKnown });
    } else if (kind === "lost") waitForSocket();
    else if (kind === "ended") {
      // The next count tells whether the session has ended, or goes on under another name in this browser.
      say("hearing", { isHearing: false, isEnded: true });
      // A page of my own shows what is nobody else's business.
      if (document.querySelector(".tabs")) readAnew();
      else setTimeout(showWhoReads, ANSWER_MS);
    }
  }

  // A socket that was lost is back in a moment, mostly.
  function waitForSocket() {
    lostTimer ??= setTimeout(() => say("hearing", { isHearing: false }), LONG_MS);
  }

  // The header as it is now, null without an answer of ours.
  async function headerNow() {
    try {
      const here = encodeURIComponent(window.location.pathname + window.location.search);
      const response = await window.answers.ask(`/me/header?next=${here}`);
      return response.ok ? window.answers.piece(await response.text(), "header") : null;
    } catch {
      return null;
    }
  }

  // Somebody signed out, here or elsewhere: the header says so, and who reads now may be somebody else.
  async function showWhoReads() {
    const fresh = await headerNow();
    if (fresh) document.getElementById("header")?.replaceWith(document.importNode(fresh, true));
    join();
  }

  // Proxies use the code of an ended session, too. So a page is only loaded anew for another session, or no answer. A form
  // of this page or another, such as a new password, may have ended it: its answer, which brings the new session, is on
  // its way, and reading the page that sent it anew would stop it.
  let lookedAt = -Infinity;
  let lookTimer = null;
  function readAnew() {
    const now = performance.now();
    const from = Math.max(now + ANSWER_MS, lookedAt + BETWEEN_LOOKS_MS, leavingUntil);
    lookTimer ??= setTimeout(async () => {
      lookedAt = performance.now();
      const fresh = await headerNow();
      lookTimer = null;
      if (readBy && readBy !== fresh?.dataset.session) window.location.reload();
    }, from - now);
  }

  function address() {
    const scheme = window.location.protocol === "https:" ? "wss" : "ws";
    return `${scheme}://${window.location.host}/me/live?lang=${document.documentElement.lang}`;
  }

  // Of each session and language a browser has one worker; somebody who signs in after another never hears the other's.
  function joinWorker() {
    const name = `${session()} ${document.documentElement.lang}`;
    const worker = new SharedWorker(script.dataset.worker, { name });
    let isHeard = false;
    worker.port.onmessage = ({ data }) => {
      isHeard = true;
      hear(data.kind, data.text, data.isKnown);
    };
    // Its file did not come.
    worker.onerror = () => {
      if (!isHeard) leave = window.openPersonSocket(address(), hear);
    };
    worker.port.postMessage({ kind: "join", address: address() });
    return () => {
      worker.port.postMessage({ kind: "leave" });
      worker.port.close();
    };
  }

  function join() {
    readBy = session() || readBy;
    if (session() === hearsAs || hasOwnSocket()) return;
    leave?.();
    leave = null;
    hearsAs = session();
    if (!hearsAs) return;
    waitForSocket();
    try {
      leave = "SharedWorker" in window ? joinWorker() : window.openPersonSocket(address(), hear);
    } catch {
      // Some browsers forbid workers where they forbid storage.
      leave = window.openPersonSocket(address(), hear);
    }
  }

  document.addEventListener("htmx:ws:before:message:incoming", (event) => {
    const text = event.detail.message.data;
    if (typeof text === "string") say("heard", { text, isOwn: true });
    // It has no place on the page.
    if (typeof text === "string" && /^\s*<i id="(told|line)"/.test(text)) event.detail.cancelled = true;
  });
  document.addEventListener("htmx:after:swap", join);
  document.addEventListener("signed-out", showWhoReads);
  document.addEventListener("session-ended", readAnew);
  // A page that the browser keeps for the way back hears nothing meanwhile, and joins anew when it is shown again.
  window.addEventListener("pagehide", () => {
    leave?.();
    leave = null;
    hearsAs = "";
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) join();
  });
  join();
})();
