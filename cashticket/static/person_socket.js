// The socket of a signed-in person's pages that show no running auction. All such pages of one browser share it: loaded
// as a shared worker this file keeps it for them, and loaded by a page it offers `openPersonSocket` for browsers without
// such workers. It comes back by itself, later each time and at random moments, and ends with the session.
(() => {
  "use strict";

  const FIRST_MS = 500;
  const LONGEST_MS = 30000;
  const SESSION_ENDED = 1008;
  const SERVICE_RESTART = 1012;
  const RESTART_SPREAD_MS = 3000;

  // `tell(kind, text)` hears "open" and "lost", "frame" with its text, and at last "ended" with the session.
  function openPersonSocket(address, tell) {
    let socket = null;
    let failures = 0;
    let timer = null;
    let isOver = false;

    function connect() {
      clearTimeout(timer);
      if (isOver) return;
      const opened = new WebSocket(address);
      socket = opened;
      opened.onopen = () => {
        failures = 0;
        tell("open");
      };
      opened.onmessage = ({ data }) => {
        if (typeof data === "string" && opened === socket) tell("frame", data);
      };
      opened.onclose = ({ code }) => {
        if (opened !== socket || isOver) return;
        if (code === SESSION_ENDED) {
          isOver = true;
          tell("ended");
          return;
        }
        tell("lost");
        connectLater(code);
      };
    }

    // A service that ends closes all its sockets at once, and a full one refuses them.
    function connectLater(code) {
      failures += 1;
      const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
      const wait = Math.max(code === SERVICE_RESTART ? RESTART_SPREAD_MS : 0, longest) * (0.25 + 0.75 * Math.random());
      timer = setTimeout(connect, wait);
    }

    // Without a network a socket may seem open for minutes. The browser says when there is one again.
    function renew() {
      const former = socket;
      socket = null;
      former?.close();
      failures = 0;
      connect();
    }
    self.addEventListener("online", renew);

    connect();
    return () => {
      isOver = true;
      clearTimeout(timer);
      self.removeEventListener("online", renew);
      socket?.close();
    };
  }

  if (!("SharedWorkerGlobalScope" in self)) {
    self.openPersonSocket = openPersonSocket;
    return;
  }

  // In the worker: what the socket says goes to every page, and a page that joins hears first how the socket is.
  const pages = new Set();
  let state = "";
  let isStarted = false;
  function tell(kind, text) {
    if (kind !== "frame") state = kind;
    for (const page of pages) page.postMessage({ kind, text });
  }
  self.onconnect = ({ ports: [page] }) => {
    page.onmessage = ({ data }) => {
      if (data.kind === "leave") {
        pages.delete(page);
        return;
      }
      pages.add(page);
      if (state) page.postMessage({ kind: state, isKnown: true });
      if (!isStarted) openPersonSocket(data.address, tell);
      isStarted = true;
    };
  };
})();
