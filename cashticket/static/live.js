// The live half of an auction page. hx-ws swaps the frames in; this file keeps the clock by the server's time, says
// when the line is down and looks by HTTP until it is back, and never lets an older state replace a newer one.
// Nothing here decides anything: a page without it shows the same, as of when it was loaded.
(() => {
  "use strict";

  const POLL_MS = 5000;
  const BANNER_MS = 2000;
  const SPREAD_MS = 3000;
  const ANNOUNCE_MS = 10000;
  const ALERTS_SHOWN = 3;
  const SILENT_MS = 3000;
  const DEAF_MS = 20000;
  const GAP_MS = 1000;
  const RETRY_MS = 1500;
  const SESSION_ENDED = 1008;
  const RESTARTING = 1012;
  const MILESTONES = [600, 300, 60, 30];

  const auction = document.getElementById("auction");
  const texts = document.getElementById("live-texts")?.dataset;
  if (!auction || !texts) return;
  const address = `/auctions/${auction.dataset.auction}`;
  const language = document.documentElement.lang;
  const signedIn = document.querySelector('meta[name="csrf-token"]') !== null;
  const piece = (name) => document.getElementById(name);
  const version = (element) => Number(element?.dataset.version ?? 0);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  // Clock: the sample that travelled fastest is the one closest to the server's clock.

  const samples = [];
  const timeOfDay = new Intl.DateTimeFormat(language, {
    timeZone: "Asia/Seoul", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  });
  let announcedLeft = null;

  function sample(serverMs) {
    if (!serverMs) return;
    samples.push(serverMs - performance.now());
    if (samples.length > 20) samples.shift();
  }

  const serverNow = () => performance.now() + Math.max(...samples);

  function leftInWords(ms) {
    const seconds = Math.max(0, Math.ceil(ms / 1000));
    const two = (number) => String(number).padStart(2, "0");
    const days = Math.floor(seconds / 86400);
    const clock = `${two(Math.floor(seconds / 3600) % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    return days ? `${fill(texts.days, { days })} ${clock}` : clock;
  }

  function tick() {
    const timer = document.querySelector('[role="timer"]');
    const board = piece("board");
    if (!timer || !board || !samples.length) return;
    const { state } = board.dataset;
    const waiting = state === "scheduled";
    const left = Number(waiting ? board.dataset.opensAtMs : board.dataset.endsAtMs) - serverNow();
    if (!waiting && state !== "open") timer.textContent = "";
    else if (left > 0) timer.textContent = leftInWords(left);
    else timer.textContent = waiting ? timer.dataset.textOpening : timer.dataset.textClosing;
    if (state === "open") announceLeft(left / 1000);
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

  function showEnd() {
    const board = piece("board");
    const at = document.querySelector("[data-clock-at]");
    if (!board || !at || board.dataset.state === "scheduled") return;
    const ends = new Date(Number(board.dataset.endsAtMs));
    if (ends.getTime() === Date.parse(at.dateTime)) return;
    at.dateTime = ends.toISOString();
    at.querySelector(".clock-date").textContent = board.dataset.endsOn;
    at.lastChild.textContent = ` ${timeOfDay.format(ends)}`;
    announce(fill(texts.extended, { time: timeOfDay.format(ends) }));
    // What is left now is part of that news, and must not take its place.
    announcedLeft = milestonePassed((ends - serverNow()) / 1000);
  }

  // Announcements: polite, at most one in ten seconds, the newest wins.

  let nextAnnouncement = 0;
  let announcing = null;

  function announce(text) {
    clearTimeout(announcing);
    announcing = setTimeout(() => {
      nextAnnouncement = performance.now() + ANNOUNCE_MS;
      piece("announcements").textContent = text;
    }, Math.max(0, nextAnnouncement - performance.now()));
  }

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
    const since = timeOfDay.format(new Date(samples.length ? serverNow() : Date.now()));
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
  setInterval(tick, 250);
  setInterval(listen, 250);
  // A browser that never gets through to the socket is told by no event at all.
  setTimeout(() => {
    if (!up) lineDown();
  }, BANNER_MS);
})();
