// The live part of an auction page. hx-ws swaps the frames in. This file shows when the connection is lost, fetches the
// pieces by HTTP until it is back, and never lets an older state replace a newer one. clock.js, which is loaded before,
// keeps the time. A page without this file shows the same, as of when it was loaded.
(() => {
  "use strict";

  const POLL_MS = 5000;
  const POLL_LONGEST_MS = 30000;
  const BANNER_MS = 2000;
  const SPREAD_MS = 3000;
  const ALERTS_SHOWN = 3;
  const SILENT_MS = 3000;
  const RECONNECT_MS = 20000;
  const BEHIND_MS = 1000;
  const RETRY_MS = 1500;
  const READ_MS = 4000;
  const SESSION_ENDED = 1008;
  const SERVICE_RESTART = 1012;
  // The auction is over and has left the live store: the results are all there is.
  const RESULTS_ALONE = 4410;

  const auction = document.getElementById("auction");
  const texts = document.getElementById("live-texts")?.dataset;
  if (!auction || !texts) return;
  const address = `/auctions/${auction.dataset.auction}`;
  const language = document.documentElement.lang;
  const signedIn = () => document.querySelector("#header form") !== null;
  const piece = (name) => document.getElementById(name);
  const version = (element) => Number(element?.dataset.version ?? 0);
  const { announce, fill, sample, serverNow, showEnd, tick, timeOfDay } = window.auctionClock;

  // The page around the pieces: title, announcements, and what an opening or an end changes.

  const plainTitle = document.title;
  let position = piece("standing")?.dataset.position;
  let state = piece("board")?.dataset.state;

  // The answer to an accepted bid goes with the next change of what it belongs to, once there was time to read it.
  const about = (standing) => ["position", "rank", "sequence"].map((name) => standing?.dataset[name]).join(" ");
  function dropAnswer(standing) {
    const answer = document.querySelector(".notice-kept[data-about]");
    if (!answer || answer.dataset.about === about(standing)) return;
    delete answer.dataset.about;
    setTimeout(() => answer.remove(), Number(answer.dataset.readMs) - performance.now());
  }

  function dropAlerts() {
    document.querySelectorAll(`#alerts [data-auction="${auction.dataset.auction}"]`).forEach((old) => old.remove());
  }

  function updatePage() {
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
    document.querySelectorAll("[data-mirror]").forEach((copy) => {
      const figure = board?.querySelector(`[data-figure="${copy.dataset.mirror}"]`);
      if (figure && copy.textContent !== figure.textContent) copy.textContent = figure.textContent;
    });
    dropAnswer(standing);
    showEnd();
    awaitOutcome();
    if (board && board.dataset.state !== state) {
      state = board.dataset.state;
      if (state === "closing") announce(texts.over);
      // From now on nobody can bid or be outbid.
      if (!["scheduled", "open"].includes(state)) {
        piece("ring")?.remove();
        dropAlerts();
      }
    }
    tick();
  }

  // The connection: hx-ws reconnects by itself; meanwhile the pieces are fetched.

  let wasConnected = false;
  let isLost = false;
  let bannerTimer = null;
  let pollTimer = null;
  let bannerShown = false;
  // How many rounds in a row the service was too full to answer, and whether it was so in the present round.
  let refusals = 0;
  let isRefused = false;

  async function fetchText(path) {
    try {
      const response = await fetch(`${address}${path}`, { headers: { "HX-Request": "true" } });
      const results = response.headers.get("HX-Redirect");
      if (results) window.location.assign(results);
      if (response.status === 429 || response.status >= 500) isRefused = true;
      return response.ok ? await response.text() : null;
    } catch {
      return null;
    }
  }

  async function fetchPiece(name) {
    const text = await fetchText(name === "board" ? `/board?lang=${language}` : `/${name}`);
    const fetched = text && describe(text);
    if (name === "board") noteAnswer(fetched && !/\sdata-paused=/.test(text) ? madeAt(text) : 0);
    if (fetched?.name !== name || fetched.version < version(piece(name))) return;
    await htmx.swap({ sourceElement: auction, target: `#${name}`, swap: "outerMorph", text, transition: false });
    piecesShown();
  }

  // A frame announces the result, and htmx fetches it once after the delay that the frame names, so that a full hall
  // does not ask at the same moment. If that fails, it is fetched again until it comes.
  let outcomeTimer = null;
  let isDelayOver = false;
  function awaitOutcome() {
    const waiting = piece("standing");
    if (outcomeTimer || !waiting?.hasAttribute("hx-get")) return;
    const delay = isDelayOver ? 0 : Number(waiting.dataset.delayMs);
    isDelayOver = true;
    outcomeTimer = setTimeout(async () => {
      outcomeTimer = null;
      if (piece("standing")?.hasAttribute("hx-get")) await fetchPieces(["standing"]);
      awaitOutcome();
    }, delay + laterMs(POLL_MS) + Math.random() * SPREAD_MS);
  }

  // Anonymous readers have no standing, so only the board is fetched, which the proxy caches for everybody.
  const shownPieces = () => (signedIn() ? ["board", "standing"] : ["board"]);
  async function fetchPieces(names = shownPieces()) {
    isRefused = false;
    await Promise.all(names.map(fetchPiece));
    refusals = isRefused ? refusals + 1 : 0;
  }

  // While the service is full each wait is longer, at random, so that the requests of all pages spread out.
  function laterMs(usualMs) {
    if (!refusals) return usualMs * (0.9 + Math.random() / 5);
    return Math.min(POLL_LONGEST_MS, usualMs * 2 ** refusals) * (0.5 + Math.random() / 2);
  }

  function poll() {
    clearTimeout(pollTimer);
    pollTimer = setTimeout(async () => {
      if (!document.hidden) await fetchPieces();
      if (isLost) poll();
    }, laterMs(POLL_MS));
  }

  // That one can still bid is said only while boards come that the live store made after the line was lost: a proxy may
  // still hand out older ones when the service is away.
  let lostAt = 0;
  let isAnswering = false;
  function noteAnswer(boardMs) {
    isAnswering = isLost && boardMs > lostAt;
    showConnection();
  }

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
    refusals = 0;
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
  }

  function checkConnection() {
    if (!wasConnected || ["settled", "voided"].includes(state)) return;
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

  const madeAt = (text) => Number(/\sdata-now-ms="(\d+)"/.exec(text)?.[1]);

  function describe(text) {
    const root = /^\s*<section id="(board|standing)"[^>]*?\sdata-version="(\d+)"/.exec(text);
    return root && { name: root[1], version: Number(root[2]) };
  }

  function piecesShown() {
    sample(Number(piece("board")?.dataset.nowMs));
    updatePage();
  }

  function trimAlerts() {
    const shown = [...document.querySelectorAll("#alerts [data-alert]")];
    shown.slice(0, -ALERTS_SHOWN).forEach((old) => old.remove());
  }

  // Without a network a socket may seem open for minutes. The browser reports the network; back online, reconnect.
  let connection = null;
  window.addEventListener("offline", connectionLost);
  window.addEventListener("online", () => {
    fetchPieces();
    if (connection?.socket?.readyState === WebSocket.OPEN) connection.socket.close();
  });

  // Whoever was just refused, for want of a live store, does not read that bidding goes on.
  document.addEventListener("htmx:after:request", (event) => {
    if (event.detail.ctx?.response?.status >= 500) noteAnswer(0);
  });

  document.addEventListener("htmx:ws:after:connection", (event) => {
    connection = event.detail.connection;
    connectionBack();
    noteFrame();
  });
  document.addEventListener("htmx:ws:close", (event) => {
    delayReconnect(event.detail.code);
    if (event.detail.code === SESSION_ENDED) window.location.reload();
    else if (event.detail.code === RESULTS_ALONE) window.location.assign(`${address}/results`);
    else if (event.detail.reason !== "removed") connectionLost();
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
    const incoming = describe(text);
    if (incoming && incoming.version < version(piece(incoming.name))) event.detail.cancelled = true;
  });
  document.addEventListener("htmx:ws:after:message:incoming", () => {
    trimAlerts();
    piecesShown();
    forgetPause();
  });

  // When a pause ends, the answer to a bid that came into it is no longer true.
  let wasPaused = false;
  function forgetPause() {
    const paused = "paused" in (piece("board")?.dataset ?? {});
    if (wasPaused && !paused) document.querySelectorAll("#alerts > [data-pause]").forEach((old) => old.remove());
    wasPaused = paused;
  }

  // The answer to a bid comes by HTTP and may be older than what the socket has shown, and the next frame would remove
  // its notice. So the notice moves out of the piece, and an older piece is fetched again. What is said of a pause stays:
  // it goes when the pause ends.
  let shownVersion = version(piece("standing"));
  document.addEventListener("htmx:after:swap", (event) => {
    const standing = piece("standing");
    // The page itself shows nobody's standing, so the first one is no change.
    if (event.detail.ctx?.sourceElement?.id === "own-part") position = standing?.dataset.position;
    const notice = standing?.querySelector(":scope > .notice:not([data-paused])");
    if (notice) {
      document.querySelectorAll(".notice-kept").forEach((old) => old.remove());
      notice.classList.add("notice-kept");
      if (!notice.matches(".notice-error")) {
        notice.dataset.about = about(standing);
        notice.dataset.readMs = performance.now() + READ_MS;
      }
      // A moved element loses the focus, and a keyboard user their place on the page.
      const focused = document.activeElement === notice;
      standing.before(notice);
      if (focused) notice.focus({ preventScroll: true });
    }
    const stale = version(standing) < shownVersion;
    shownVersion = Math.max(shownVersion, version(standing));
    if (stale) fetchPieces();
    updatePage();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-dismiss]")) event.target.closest("[data-alert]")?.remove();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) fetchPieces();
  });

  piecesShown();
  setInterval(checkConnection, 250);
  // If the socket never opens, no event reports it.
  setTimeout(() => {
    if (!wasConnected) connectionLost();
  }, BANNER_MS);
})();
