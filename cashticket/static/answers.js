// What comes into a page is ours. On the way the log-in page of a Wi-Fi, a challenge or an error of a proxy may answer in
// our place, and a line may break in the middle. A piece of ours is whole, and its elements have names that were asked
// for. Everything else is no answer: nothing changes, and the document hears `no-answer`. Loaded before all other scripts.
(() => {
  "use strict";

  const TEXT_MAX = 1 << 20;
  const ANSWER_MS = 15000;
  const TAG = /<(\/?)([a-z][a-z0-9-]*)((?:\s(?:"[^"]*"|'[^']*'|[^>"'])*)?)>/gi;
  // An element without an end of its own.
  const ALONE = /^(?:area|br|col|hr|img|input|source|wbr)$/i;
  // Elements of whole pages, and what no piece holds.
  const FOREIGN = /<(?:[!?]|\/?(?:html|head|body|base|meta|link|script|style|iframe|frame|object|embed)\b)/i;
  const PROBLEM = "p.notice.notice-error[role=alert]";
  const ALERTS = "beforeend:#alerts";

  function isWhole(text) {
    const open = [];
    for (const [, slash, name, rest] of text.matchAll(TAG)) {
      if (slash) {
        if (open.pop() !== name) return false;
      } else if (!ALONE.test(name) && !rest.endsWith("/")) open.push(name);
    }
    return open.length === 0 && !text.replace(TAG, "").includes("<");
  }

  // The outermost elements of a text, none if it is not whole or holds anything beside them.
  function roots(text) {
    if (typeof text !== "string" || text.length > TEXT_MAX || FOREIGN.test(text) || !isWhole(text)) return [];
    const { body } = new DOMParser().parseFromString(text, "text/html");
    const isLoose = [...body.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    return isLoose ? [] : [...body.children];
  }

  const isBeside = (root) => root.id !== "" && root.hasAttribute("hx-swap-oob");

  // The piece of this name, with what comes beside it; null if the text is anything else.
  function piece(text, name) {
    const [first, ...others] = roots(text);
    return first?.id === name && others.every(isBeside) ? first : null;
  }

  // A whole page of ours; null if the text is anything else.
  function page(text) {
    if (!/^\s*<!doctype html>[^]*<\/html>\s*$/.test(text)) return null;
    const read = new DOMParser().parseFromString(text, "text/html");
    return read.querySelector('meta[name="htmx-config"]') && read.getElementById("main") ? read : null;
  }

  // What a socket of ours says: pieces and signs with their names, of the auction that the page shows, and alerts.
  function isOfFrame(root) {
    if (root.getAttribute("hx-swap-oob") === ALERTS) return [...root.children].every((each) => "alert" in each.dataset);
    if (!["board", "standing", "beat", "told", "line"].includes(root.id) || !isBeside(root)) return false;
    const shown = document.getElementById("auction")?.dataset.auction;
    return !["board", "beat"].includes(root.id) || root.dataset.auction === shown;
  }
  function isFrame(text) {
    const all = roots(text);
    return all.length > 0 && all.every(isOfFrame);
  }

  // Whether a request of htmx got an answer of ours: a way to another page, a problem, or the piece that was asked for.
  function isAnswer({ hx, response, sourceElement, swap, target, text }) {
    if (hx?.redirect) return true;
    const [first, ...others] = roots(text);
    if (!first) return swap === "none" && response.status === 200 && text === "";
    if (!others.every(isBeside)) return false;
    if (response.status >= 400 && first.matches(PROBLEM)) return true;
    return swap === "none" ? isBeside(first) : [target?.id, sourceElement.dataset.answer].includes(first.id);
  }

  const sayNone = (source) => document.dispatchEvent(new CustomEvent("no-answer", { detail: source }));
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = event.detail;
    if (isAnswer(ctx)) return;
    ctx.isNone = true;
    event.preventDefault();
    event.stopImmediatePropagation();
    sayNone(ctx.sourceElement);
  }, true);
  document.addEventListener("htmx:error", (event) => {
    const { ctx } = event.detail;
    if (ctx?.sourceElement) sayNone(ctx.sourceElement);
  });
  document.addEventListener("htmx:ws:before:message:incoming", (event) => {
    if (isFrame(event.detail.message.data)) return;
    event.detail.cancelled = true;
    event.stopImmediatePropagation();
  }, true);

  // Asks and waits as htmx does: a question that nobody answers must not keep its page from the next one.
  const ask = (address, more) =>
    fetch(address, { headers: { "HX-Request": "true" }, signal: AbortSignal.timeout?.(ANSWER_MS), ...more });

  window.answers = { ask, isFrame, page, piece };
})();
