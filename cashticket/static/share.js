// Passes the address of the page on: by what the device has for it, else by copying. Without this file the page shows the
// address in a field, which also comes back where a browser lets nobody copy.
(() => {
  "use strict";

  const SAID_MS = 6000;

  const box = document.getElementById("share");
  if (!box) return;
  const [button, field, status] = ["button", "input", "[role=status]"].map((part) => box.querySelector(part));
  const canShare = typeof navigator.share === "function";
  // The title of the window may say how the reader stands in the auction.
  const title = document.querySelector('meta[property="og:title"]').content;
  let forgetting = null;

  function say(text) {
    clearTimeout(forgetting);
    status.textContent = text;
    forgetting = setTimeout(() => { status.textContent = ""; }, SAID_MS);
  }

  async function copy() {
    try {
      await navigator.clipboard.writeText(field.value);
      say(box.dataset.copied);
    } catch {
      box.classList.add("by-hand");
      field.parentElement.hidden = false;
      field.select();
      say(box.dataset.byHand);
    }
  }

  button.addEventListener("click", async () => {
    if (!canShare) {
      await copy();
      return;
    }
    try {
      await navigator.share({ title, url: field.value });
    } catch (error) {
      // Whoever closed the sheet did not want to share after all.
      if (error.name !== "AbortError") await copy();
    }
  });
  button.textContent = canShare ? box.dataset.share : box.dataset.copy;
  field.parentElement.hidden = true;
  button.hidden = false;
})();
