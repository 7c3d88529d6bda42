// The live part of an auction page. hx-ws swaps the frames in. This file shows when the connection is lost, has the pieces
// fetched by HTTP until it is back (live_pieces.js), and never lets an older state replace a newer one. clock.js keeps the
// time, live_page.js what stands around the pieces. A page without these files shows the same, as of when it was loaded.
(() => {
  "use strict";

  const BANNER_MS = 2000;
  const SPREAD_MS = 3000;
  const SILENT_MS = 3000;
  const RECONNECT_MS = 20000;
  const BEHIND_MS = 1000;
  const RETRY_MS = 1500;
  const SESSION_ENDED = 1008;
  const SERVICE_RESTART = 1012;
  // The auction is over and has left the live store: the results are all there is.
  const RESULTS_ALONE = 4410;

  const auction = document.getElementById("auction");
  const texts = document.getElementById("live-texts")?.dataset;
  if (!auction || !texts || !window.auctionPieces) return;
  const piece = (name) => document.getElementById(name);
  const { announce, fill, sample, serverNow, timeOfDay } = window.auctionClock;
  const { hearsAgain, state } = window.auctionPage;
  const { address, fetchPieces, forgetRefusals, isOlder, laterMs, piecesShown, pollMs, version } = window.auctionPieces;

  // The connection: hx-ws reconnects by itself; meanwhile the pieces are fetched.

  let wasConnected = false;
  let isLost = false;
  let bannerTimer = null;
  let pollTimer = null;
  let bannerShown = false;

  function poll() {
    clearTimeout(pollTimer);
    pollTimer = setTimeout(async () => {
      if (!document.hidden) await fetchPieces();
      if (isLost) poll();
    }, laterMs(pollMs));
  }

  // That one can still bid is said only while boards come that the live store made after the line was lost: a proxy may
  // still hand out older ones when the service is away.
  let lostAt = 0;
  let isAnswering = false;
  function noteAnswer(boardMs) {
    isAnswering = isLost && boardMs > lostAt;
    showConnection();
  }

  document.addEventListener("board-answered", (event) => noteAnswer(event.detail));

  function showConnection() {
    if (!bannerShown) return;
    const isRefusing = document.querySelector("#alerts > .notice-error") !== null;
    const text = isAnswering && !isRefusing ? texts.polled : texts.offline;
    const shown = fill(navigator.onLine ? text : texts.noNetwork, { time: timeOfDay.format(new Date(lostAt)) });
    // Screen readers say every change, so what is shown already is not written again.
    if (piece("connection").textContent !== shown) piece("connection").textContent = shown;
  }

  function connectionLost() {
    if (isLost) return;
    isLost = true;
    isAnswering = false;
    lostAt = serverNow();
    bannerTimer = setTimeout(() => {
      bannerShown = true;
      showConnection();
      piece("connection").hidden = false;
      auction.classList.add("is-offline");
    }, BANNER_MS);
    poll();
  }

  function connectionBack() {
    wasConnected = true;
    isLost = false;
    forgetRefusals();
    clearTimeout(bannerTimer);
    clearTimeout(pollTimer);
    piece("connection").hidden = true;
    auction.classList.remove("is-offline");
    if (bannerShown) announce(texts.back);
    bannerShown = false;
  }

  // Every second brings a frame, if only a beat, which says that the last board is still current. After silence, or a
  // beat of a newer version than the page shows, the pieces are fetched. A connection that stays silent is replaced.

  // Pages that lose their connection at the same moment do not all fetch at once.
  const patienceMs = SILENT_MS + Math.random() * 1000;
  let lastFrameAt = 0;
  let newestVersion = 0;
  let behindSince = null;
  let behindMs = BEHIND_MS;

  function noteFrame() {
    lastFrameAt = performance.now();
    if (isLost && navigator.onLine) connectionBack();
    hearsAgain();
  }

  function checkConnection() {
    if (!wasConnected || ["settled", "voided"].includes(state())) return;
    const now = performance.now();
    if (!isLost && now - lastFrameAt > patienceMs) {
      connectionLost();
      fetchPieces();
    }
    if (now - lastFrameAt > RECONNECT_MS) {
      lastFrameAt = now;
      connection?.socket?.close();
    }
    if (version(piece("board")) >= newestVersion) behindSince = null;
    else if (behindSince === null) behindSince = now;
    else if (now - behindSince > behindMs) {
      behindSince = now;
      fetchPieces().then(() => { behindMs = laterMs(BEHIND_MS); });
    }
  }

  // A service that ends closes all its sockets at once, so the pages reconnect after random delays.
  function delayReconnect(code) {
    const longest = code === SERVICE_RESTART ? SPREAD_MS : RETRY_MS;
    if (connection) connection.config.reconnectDelay = Math.random() * longest;
  }

  // Without a network a socket may seem open for minutes. The browser reports the network; back online, reconnect.
  let connection = null;
  window.addEventListener("offline", connectionLost);
  window.addEventListener("online", () => {
    fetchPieces();
    if (connection?.socket?.readyState === WebSocket.OPEN) connection.socket.close();
  });

  // Whoever was just refused, for want of a live store, does not read that bidding goes on; nor who got no answer.
  document.addEventListener("no-answer", () => noteAnswer(0));
  document.addEventListener("htmx:after:request", (event) => {
    if (event.detail.ctx?.response?.status >= 500) noteAnswer(0);
  });

  // hx-ws closes its line when the page is left, for good. A browser may keep such a page in its memory and show it again.
  // Then the page asks for a new line, which brings the present, as soon as the old one has closed. It also asks for one,
  // a while later, when somebody on the way closed the old one by a code after which hx-ws opens none.
  let isAway = false;
  let isLeft = false;
  let isLineOver = false;
  function openLine() {
    if (isAway || !isLineOver) return;
    isLineOver = false;
    auction.dispatchEvent(new CustomEvent("reopen"));
  }
  window.addEventListener("pagehide", () => {
    isAway = true;
    isLeft = true;
  });
  window.addEventListener("pageshow", () => {
    isAway = false;
    openLine();
  });

  document.addEventListener("htmx:ws:after:connection", (event) => {
    connection = event.detail.connection;
    isLeft = false;
    connectionBack();
    noteFrame();
  });
  document.addEventListener("htmx:ws:close", (event) => {
    const { code, connection: closed, reason } = event.detail;
    delayReconnect(code);
    isLineOver = reason === "closed" && code !== RESULTS_ALONE && !closed.config.reconnectCodes.includes(code);
    // hx-ws forgets the line only after this event.
    if (isLineOver) setTimeout(openLine, isLeft ? 0 : laterMs(pollMs));
    if (code === SESSION_ENDED) document.dispatchEvent(new CustomEvent("session-ended"));
    if (code === RESULTS_ALONE) window.location.assign(`${address}/results`);
    else if (reason !== "removed") connectionLost();
  });
  document.addEventListener("htmx:ws:before:message:incoming", (event) => {
    noteFrame();
    const text = typeof event.detail.message.data === "string" ? event.detail.message.data : "";
    const beat = /^\s*<i id="beat"[^>]*?\sdata-version="(\d+)"\s+data-now-ms="(\d+)"/.exec(text);
    if (beat) {
      newestVersion = Number(beat[1]);
      sample(Number(beat[2]));
      event.detail.cancelled = true;
      return;
    }
    if (isOlder(text)) event.detail.cancelled = true;
  });
  document.addEventListener("htmx:ws:after:message:incoming", piecesShown);

  piecesShown();
  setInterval(checkConnection, 250);
  // If the socket never opens, no event reports it.
  setTimeout(() => {
    if (!wasConnected) connectionLost();
  }, BANNER_MS);
})();
