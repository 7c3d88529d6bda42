// The bell in the header: counts what waits to be read where the page itself has not, and lists the newest notices when
// it is opened. Without this file the bell still leads to all of them.
(() => {
  "use strict";

  const bell = document.getElementById("bell");
  if (!bell) return;

  // Whatever is no such piece (the line is down, the session has ended) leaves the page as it is.
  async function take(name) {
    try {
      const answer = await fetch(`/me/notifications/${name}`, { headers: { "HX-Request": "true" } });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(name);
      if (fresh) document.getElementById(name)?.replaceWith(document.importNode(fresh, true));
    } catch { /* The next page tries again. */ }
  }

  bell.addEventListener("toggle", () => {
    if (!bell.open) return;
    take("latest");
    take("unread");
  });
  document.addEventListener("click", (event) => {
    if (bell.open && !bell.contains(event.target)) bell.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !bell.open) return;
    bell.open = false;
    bell.querySelector("summary").focus();
  });
  // A result that arrives on an open page is told by a notice, too.
  let resulted = document.querySelector("#standing .outcome") !== null;
  document.addEventListener("htmx:after:swap", () => {
    if (resulted || !document.querySelector("#standing .outcome")) return;
    resulted = true;
    take("unread");
  });
  if (bell.querySelector("[data-uncounted]")) take("unread");
})();
