// The live half of an auction page. hx-ws swaps the frames in; this file says when the line is down and looks by HTTP
// until it is back, and never lets an older state replace a newer one. clock.js, which comes first, keeps the time.
// Nothing here decides anything: a page without it shows the same, as of when it was loaded.
(() => {
  "use strict";

  const POLL_MS = 5000;
  const BANNER_MS = 2000;
  const SPREAD_MS = 3000;
  const ALERTS_SHOWN = 3;
  const SILENT_MS = 3000;
  const DEAF_MS = 20000;
  const GAP_MS = 1000;
  const RETRY_MS = 1500;
  const SESSION_ENDED = 1008;
  const RESTARTING = 1012;

  const auction = document.getElementById("auction");
  const texts = document.getElementById("live-texts")?.dataset;
  if (!auction || !texts) return;
  const address = `/auctions/${auction.dataset.auction}`;
  const language = document.documentElement.lang;
  const signedIn = document.querySelector('meta[name="csrf-token"]') !== null;
  const piece = (name) => document.getElementById(name);
  const version = (element) => Number(element?.dataset.version ?? 0);
  const { announce, fill, sample, serverNow, showEnd, tick, timeOfDay } = window.auctionClock;

  // State of the page: title, notices, what an end or an opening changes beside the pieces.

  const plainTitle = document.title;
  let position = piece("standing")?.dataset.position;
  let state = piece("board")?.dataset.state;
  let chances = piece("standing")?.dataset.chances;

  function dropAlerts() {
    document.querySelectorAll(`#alerts [data-auction="${auction.dataset.auction}"]`).forEach((old) => old.remove());
  }

  function settle() {
    const standing = piece("standing");
    const board = piece("board");
    const now = standing?.dataset.position;
    document.title = now === "out" ? `${texts.outTitle} ${plainTitle}` : plainTitle;
    if (now !== position) {
      if (now === "winning") {
        announce(texts.winning);
        dropAlerts();
      } else if (now === "out") announce(texts.out);
      position = now;
    }
    document.querySelectorAll("#standing [data-mirror]").forEach((copy) => {
      const figure = board?.querySelector(`[data-figure="${copy.dataset.mirror}"]`);
      if (figure) copy.textContent = figure.textContent;
    });
    showEnd();
    awaitOutcome();
    const used = standing?.dataset.chances === "0" && chances !== "0";
    chances = standing?.dataset.chances ?? chances;
    // The last chance may have been spent on another device: the form to bid goes wherever it is shown.
    if (used) refreshSurroundings();
    if (board && board.dataset.state !== state) {
      state = board.dataset.state;
      if (state === "closing") announce(texts.over);
      // Nobody can be outbid any more, nor bid again.
      if (!["scheduled", "open"].includes(state)) {
        piece("ring")?.remove();
        dropAlerts();
      }
      setTimeout(refreshSurroundings, Math.random() * SPREAD_MS);
    }
    tick();
  }

  // The clock's label and the bid form are no pieces: take them from a fresh page, unless something is being typed.
  async function refreshSurroundings() {
    const text = await look("");
    if (text === null) {
      setTimeout(refreshSurroundings, POLL_MS);
      return;
    }
    const fresh = new DOMParser().parseFromString(text, "text/html");
    for (const name of signedIn ? ["clock", "bid"] : ["clock", "bid", "standing"]) {
      const [old, replacement] = [piece(name), fresh.getElementById(name)];
      const typing = old?.contains(document.activeElement) && replacement?.querySelector("form");
      if (!old || !replacement || typing) continue;
      const imported = document.importNode(replacement, true);
      old.replaceWith(imported);
      htmx.process(imported);
    }
    settle();
  }

  // The line: hx-ws reconnects by itself; meanwhile the pieces are fetched.

  let up = false;
  let down = false;
  let banner = null;
  let polling = null;
  let bannerShown = false;

  async function look(path) {
    try {
      const answer = await fetch(`${address}${path}`, path ? { headers: { "HX-Request": "true" } } : {});
      return answer.ok ? await answer.text() : null;
    } catch {
      return null;
    }
  }

  async function fetchPiece(name) {
    const text = await look(name === "board" ? `/board?lang=${language}` : `/${name}`);
    const found = text && describe(text);
    if (found?.name !== name || found.version < version(piece(name))) return;
    await htmx.swap({ sourceElement: auction, target: `#${name}`, swap: "outerMorph", text, transition: false });
    arrived();
  }

  // The result is announced by a frame and fetched by htmx, once: should that fail, it is looked for until it is here.
  let awaited = null;
  function awaitOutcome() {
    if (awaited || !piece("standing")?.hasAttribute("hx-get")) return;
    awaited = setTimeout(async () => {
      awaited = null;
      if (piece("standing")?.hasAttribute("hx-get")) await fetchPiece("standing");
      awaitOutcome();
    }, POLL_MS + Math.random() * SPREAD_MS);
  }

  // A stranger has no place of their own: for them the board alone is fetched, which the proxy keeps for everybody.
  const shownPieces = signedIn ? ["board", "standing"] : ["board"];
  const fetchPieces = () => Promise.all(shownPieces.map(fetchPiece));

  function poll() {
    polling = setTimeout(async () => {
      if (!document.hidden) await fetchPieces();
      if (down) poll();
    }, POLL_MS * (0.9 + Math.random() / 5));
  }

  function lineDown() {
    if (down) return;
    down = true;
    const since = timeOfDay.format(new Date(serverNow()));
    banner = setTimeout(() => {
      bannerShown = true;
      piece("connection").textContent = fill(navigator.onLine ? texts.offline : texts.noNetwork, { time: since });
      piece("connection").hidden = false;
      auction.classList.add("is-offline");
    }, BANNER_MS);
    poll();
  }

  function lineUp() {
    up = true;
    down = false;
    clearTimeout(banner);
    clearTimeout(polling);
    piece("connection").hidden = true;
    auction.classList.remove("is-offline");
    if (bannerShown) announce(texts.back);
    bannerShown = false;
  }

  // Each second brings a frame, if only a beat: what was shown last is still the present. Silence, or a beat that knows
  // of more than the page shows, has the present fetched. A line that stays silent is given up for a new one.

  // Pages that are left alone together do not all ask in the same instant.
  const patienceMs = SILENT_MS + Math.random() * 1000;
  let heardAt = 0;
  let newest = 0;
  let behindSince = null;

  function heard() {
    heardAt = performance.now();
    if (down && navigator.onLine) lineUp();
  }

  function listen() {
    if (!up || ["settled", "voided"].includes(state)) return;
    const now = performance.now();
    if (!down && now - heardAt > patienceMs) {
      lineDown();
      fetchPieces();
    }
    if (now - heardAt > DEAF_MS) {
      heardAt = now;
      line?.socket?.close();
    }
    if (version(piece("board")) >= newest) behindSince = null;
    else if (behindSince === null) behindSince = now;
    else if (now - behindSince > GAP_MS) {
      behindSince = now;
      fetchPieces();
    }
  }

  // A service that ends closes all its sockets at once: who comes back at once, comes back with everybody else.
  function spread(code) {
    if (line) line.config.reconnectDelay = Math.random() * (code === RESTARTING ? SPREAD_MS : RETRY_MS);
  }

  function describe(text) {
    const root = /^\s*<section id="(board|standing)"[^>]*?\sdata-version="(\d+)"/.exec(text);
    return root && { name: root[1], version: Number(root[2]) };
  }

  function arrived() {
    sample(Number(piece("board")?.dataset.nowMs));
    settle();
  }

  function trimAlerts() {
    const shown = [...document.querySelectorAll("#alerts [data-alert]")];
    shown.slice(0, -ALERTS_SHOWN).forEach((old) => old.remove());
  }

  // Without a network a socket may look alive for minutes: the browser knows better, and afterwards begins a new one.
  let line = null;
  window.addEventListener("offline", lineDown);
  window.addEventListener("online", () => {
    fetchPieces();
    if (line?.socket?.readyState === WebSocket.OPEN) line.socket.close();
  });

  document.addEventListener("htmx:ws:after:connection", (event) => {
    line = event.detail.connection;
    lineUp();
    heard();
  });
  document.addEventListener("htmx:ws:close", (event) => {
    spread(event.detail.code);
    if (event.detail.code === SESSION_ENDED) window.location.reload();
    else if (event.detail.reason !== "removed") lineDown();
  });
  document.addEventListener("htmx:ws:before:message:incoming", (event) => {
    heard();
    const text = typeof event.detail.message.data === "string" ? event.detail.message.data : "";
    const beat = /^\s*<i id="beat"[^>]*?\sdata-version="(\d+)"/.exec(text);
    if (beat) {
      newest = Number(beat[1]);
      event.detail.cancelled = true;
      return;
    }
    const found = describe(text);
    if (found && found.version < version(piece(found.name))) event.detail.cancelled = true;
  });
  document.addEventListener("htmx:ws:after:message:incoming", () => {
    trimAlerts();
    arrived();
  });

  // An answer to a bid arrives by HTTP and may be older than what the socket has shown; the next frame would also
  // take its notice away. So the notice moves out of the piece, and an older piece is looked up again.
  let shownVersion = version(piece("standing"));
  document.addEventListener("htmx:after:swap", () => {
    const standing = piece("standing");
    const notice = standing?.querySelector(":scope > .notice");
    if (notice) {
      document.querySelectorAll(".notice-kept").forEach((old) => old.remove());
      notice.classList.add("notice-kept");
      // What is moved loses the focus, and with it a keyboard its place on the page.
      const focused = document.activeElement === notice;
      standing.before(notice);
      if (focused) notice.focus({ preventScroll: true });
    }
    const stale = version(standing) < shownVersion;
    shownVersion = Math.max(shownVersion, version(standing));
    if (stale) fetchPieces();
    settle();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-dismiss]")) event.target.closest("[data-alert]")?.remove();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) fetchPieces();
  });

  arrived();
  setInterval(listen, 250);
  // A browser that never gets through to the socket is told by no event at all.
  setTimeout(() => {
    if (!up) lineDown();
  }, BANNER_MS);
})();
