// The notice menu in the page header: counts unread notices if the page itself did not, counts anew when a notice was
// stored, and loads the newest ones when it is opened. Without this file the menu still links to all notices.
(() => {
  "use strict";

  const COUNT_MS = 60000;
  const UNHEARD_COUNT_MS = 15000;
  const COUNT_LONGEST_MS = 300000;
  const [SERVICE_MS, FIRST_SPREAD_MS, RETURN_SPREAD_MS] = [1000, 1000, 10000];
  const TOLD = /^\s*<i id="told"[^>]*?\sdata-(?:spread-ms="(\d+)"|more)/;
  const ALERT = /\sdata-alert="rank-out"/;

  // Pages that are the same for everybody get their header after this file has run.
  const bell = () => document.getElementById("bell");
  const unread = () => document.querySelector("#unread .badge")?.textContent ?? "";

  // Without such a piece in the answer (no network, a full hall) the page stays as it is. Whether there was an answer.
  async function refresh(name) {
    try {
      const response = await window.answers.ask(`/me/notifications/${name}`);
      if (!response.ok) return false;
      if (response.headers.has("HX-Redirect")) document.dispatchEvent(new CustomEvent("signed-out"));
      const fresh = window.answers.piece(await response.text(), name);
      if (fresh) document.getElementById(name)?.replaceWith(document.importNode(fresh, true));
      return fresh !== null || response.headers.has("HX-Redirect");
    } catch {
      return false;
    }
  }

  // What needs the reader now stands on some pages; it changes with what is unread.
  const showNeeds = () => document.getElementById("needs-place")?.dispatchEvent(new CustomEvent("again"));
  document.addEventListener("signed-out", showNeeds);
  async function count() {
    const before = unread();
    const isAnswered = await refresh("unread");
    if (unread() !== before) showNeeds();
    return isAnswered;
  }

  // This event does not bubble.
  document.addEventListener("toggle", (event) => {
    if (event.target !== bell() || !bell()?.open) return;
    refresh("latest");
    refresh("unread");
  }, true);
  document.addEventListener("click", (event) => {
    if (bell()?.open && !bell().contains(event.target)) bell().open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !bell()?.open) return;
    bell().open = false;
    bell().querySelector("summary").focus();
  });
  // A result that appears on an open page also comes as a notice.
  let hasOutcome = document.querySelector("#standing .outcome") !== null;
  document.addEventListener("htmx:after:swap", (event) => {
    const isNew = !hasOutcome && document.querySelector("#standing .outcome") !== null;
    hasOutcome ||= isNew;
    // The own part of a page has counted already.
    if (isNew && bell() && event.detail.ctx?.sourceElement?.id !== "own-part") refresh("unread");
  });

  // News. A crowd that is told at once asks over as long as the frame says; a page that nobody looks at asks when it is
  // looked at again.

  let tellTimer = null;
  let isBehind = false;
  function countSoon(spreadMs, leastMs = 0) {
    tellTimer ??= setTimeout(() => {
      tellTimer = null;
      isBehind = document.hidden;
      if (bell() && !isBehind) count();
    }, leastMs + Math.random() * spreadMs);
  }
  // What a whole hall is told is counted here, without asking; the next count makes it exact.
  function addOne() {
    const box = document.getElementById("unread");
    if (!box || box.hasAttribute("data-uncounted")) return;
    const number = (Number.parseInt(unread(), 10) || 0) + 1;
    const shown = number < 100 ? String(number) : "99+";
    const [badge, words] = [document.createElement("span"), document.createElement("span")];
    badge.className = "badge rounded-pill text-bg-danger";
    badge.setAttribute("aria-hidden", "true");
    badge.textContent = shown;
    words.className = "visually-hidden";
    words.textContent = box.dataset.text.replace("{num}", shown);
    box.replaceChildren(" ", badge, words);
  }
  document.addEventListener("heard", ({ detail }) => {
    const told = TOLD.exec(detail.text);
    if (told?.[1]) countSoon(Number(told[1]));
    else if (told) addOne();
    else if (ALERT.test(detail.text)) showNeeds();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && isBehind) countSoon(0);
  });

  // A message may be lost, so each page also counts now and then, less often while nothing changes; and often while it
  // hears nothing at all. An auction page is sent what it needs, and asks for the rest by itself.

  const isAuctionPage = () => document.getElementById("auction")?.hasAttribute("hx-ws:connect") ?? false;
  let isHearing = true;
  let hasHeard = false;
  let quietRounds = 0;
  let countTimer = null;
  async function countAgain() {
    const before = unread();
    const isAnswered = await count();
    const isNews = isAnswered && (unread() !== before || !isHearing);
    quietRounds = isNews ? 0 : quietRounds + 1;
  }
  function countLater() {
    clearTimeout(countTimer);
    const usual = isHearing ? COUNT_MS : UNHEARD_COUNT_MS;
    const wait = Math.min(COUNT_LONGEST_MS, usual * 2 ** quietRounds) * (0.9 + Math.random() / 5);
    countTimer = setTimeout(async () => {
      if (bell() && !document.hidden && !isAuctionPage()) await countAgain();
      countLater();
    }, wait);
  }
  document.addEventListener("hearing", ({ detail }) => {
    // What was stored after the page was written and before its socket opened was not heard. The service hears of a
    // first reader's news a moment after that; sockets that come back mostly do so with all others.
    if (detail.isNew) countSoon(hasHeard ? RETURN_SPREAD_MS : FIRST_SPREAD_MS, SERVICE_MS);
    hasHeard ||= detail.isHearing;
    if (detail.isHearing === isHearing) return;
    isHearing = detail.isHearing;
    quietRounds = 0;
    // What came meanwhile was not heard.
    countSoon(UNHEARD_COUNT_MS / 10);
    countLater();
  });
  countLater();
  if (bell()?.querySelector("[data-uncounted]")) refresh("unread");
})();
