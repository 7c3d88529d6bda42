// Small aids for forms, tabs and clocks. Every page works without this file, and it decides nothing.
(() => {
  "use strict";

  const RETRY_MS = 2000;
  const SPREAD_MS = 1000;
  const LOOK_MS = 500;
  const SLEPT_MS = 1000;
  const digitsOnly = (text) => text.replace(/[^0-9]/g, "");
  const grouped = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ",");

  // Inserts thousands separators while typing. The caret stays behind the same digit. Commas that somebody typed or
  // pasted stay as they are: 1,50 is no 150, and the review says so.
  const isPlain = (text) => /^[0-9]*$/.test(text) || text === grouped(digitsOnly(text));
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.matches?.("[data-amount]") || /[^0-9,]/.test(field.value)) return;
    const isOwn = /^delete|^insertText$/.test(event.inputType) && !event.data?.includes(",");
    if (isPlain(field.value)) delete field.dataset.marked;
    else if (!isOwn || field.dataset.marked) {
      field.dataset.marked = "yes";
      return;
    }
    const digitsBefore = digitsOnly(field.value.slice(0, field.selectionStart)).length;
    field.value = grouped(digitsOnly(field.value));
    let caret = 0;
    for (let seen = 0; seen < digitsBefore; caret += 1) if (field.value[caret] !== ",") seen += 1;
    field.setSelectionRange(caret, caret);
  });

  // A bid form is sent once: its button is disabled until the answer comes.
  function setBusy(form, busy) {
    const button = form.querySelector("button[type=submit]");
    if (!button) return;
    button.dataset.says ??= button.textContent;
    button.textContent = busy && button.dataset.sending ? button.dataset.sending : button.dataset.says;
    button.toggleAttribute("aria-busy", busy);
    form.toggleAttribute("data-resting", busy);
    // A button disabled at once would keep the browser from sending a plain form.
    setTimeout(() => { button.disabled = busy; });
  }

  const bidForm = (element) => element?.closest?.("form[data-bid-form]");
  document.addEventListener("submit", (event) => {
    const form = bidForm(event.target);
    if (!form) return;
    if (form.hasAttribute("data-resting")) {
      event.preventDefault();
      return;
    }
    setBusy(form, true);
  });
  // What was answered to the last attempt says nothing of this one. What a page asks by itself is no attempt.
  document.addEventListener("htmx:before:request", (event) => {
    if (!event.detail.ctx?.sourceElement?.matches("form, a")) return;
    document.querySelectorAll("#alerts > .notice-error").forEach((old) => old.remove());
  });
  document.addEventListener("htmx:finally:request", (event) => {
    const form = bidForm(event.detail.ctx?.sourceElement);
    if (form?.isConnected && !form.hasAttribute("data-asking-again")) setBusy(form, false);
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[data-bid-form]").forEach((form) => setBusy(form, false));
  });

  // Without any answer the same request, with the same request_id, is sent again until one comes.
  function askAgain(form) {
    if (!form?.isConnected) return;
    form.setAttribute("data-asking-again", "");
    const notice = form.querySelector("[data-unknown]");
    if (notice) notice.hidden = false;
    setTimeout(() => {
      form.removeAttribute("data-asking-again");
      form.removeAttribute("data-resting");
      if (form.isConnected) form.requestSubmit();
    }, RETRY_MS + Math.random() * SPREAD_MS);
  }

  // Of any other form or link that was pressed the page says that no answer came, until the next one is asked for.
  const dropNoAnswer = () => document.querySelectorAll("[data-no-answer]").forEach((old) => old.remove());
  document.addEventListener("no-answer", ({ detail: source }) => {
    if (bidForm(source)) askAgain(bidForm(source));
    else if (source.matches("form, a")) {
      dropNoAnswer();
      const said = document.getElementById("no-answer");
      if (said) document.getElementById("alerts").append(said.content.cloneNode(true));
    }
  });
  document.addEventListener("htmx:before:request", dropNoAnswer);

  // The mark of a wrong field goes and comes with the sentence below it, which is checked anew after each change.
  document.addEventListener("htmx:after:swap", () => {
    document.querySelectorAll("input[hx-post^='/signup/hint']").forEach((field) => {
      const hint = document.getElementById(field.getAttribute("aria-describedby"));
      const wrong = hint?.classList.contains("field-problem") ?? false;
      field.classList.toggle("is-invalid", wrong);
      if (wrong) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    });
  });

  // What nobody checks before it is sent is no longer called wrong as soon as it is changed.
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.matches?.("[aria-invalid]:not([hx-post])") || (field.type === "checkbox" && !field.checked)) return;
    field.classList.remove("is-invalid");
    field.removeAttribute("aria-invalid");
    const hints = (field.getAttribute("aria-describedby") ?? "").split(" ").map((id) => document.getElementById(id));
    hints.filter((hint) => hint?.matches(".field-problem")).forEach((hint) => { hint.textContent = ""; });
  });

  // A password is hidden again before it is sent, or browsers would keep it among what was typed.
  function show(button, isShown) {
    document.getElementById(button.getAttribute("aria-controls")).type = isShown ? "text" : "password";
    button.setAttribute("aria-pressed", String(isShown));
  }
  const showButtons = (part) => part.querySelectorAll("[data-show-password]");
  showButtons(document).forEach((button) => { button.hidden = false; });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-show-password]");
    if (button) show(button, button.getAttribute("aria-pressed") !== "true");
  });
  document.addEventListener("submit", (event) => showButtons(event.target).forEach((button) => show(button, false)));

  // While a device sleeps, the clock of a page may stand still. Clocks that follow the server ask it when they hear this.
  const apart = () => Date.now() - performance.now();
  let apartBefore = apart();
  setInterval(() => {
    const hasSlept = Math.abs(apart() - apartBefore) > SLEPT_MS;
    apartBefore = apart();
    if (hasSlept) document.dispatchEvent(new CustomEvent("slept"));
  }, LOOK_MS);

  // The tab of this page, if it had no room on a narrow screen.
  document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

  // The review opens and closes inside the page, and the focus moves with it.
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-dismiss-review]") || !document.getElementById("amount")) return;
    event.preventDefault();
    const empty = document.createElement("div");
    empty.id = "confirm";
    document.getElementById("confirm").replaceWith(empty);
    document.getElementById("amount").focus();
  });
  document.addEventListener("htmx:after:swap", (event) => {
    markOwnRow();
    const source = event.detail.ctx?.request?.action ?? "";
    if (source.includes("/confirm")) document.getElementById("confirm-title")?.focus();
    if (!/\/bids(\?|$)/.test(source)) return;
    const notice = document.querySelector(".standing > .notice:not([data-paused]), .notice-kept");
    notice?.setAttribute("tabindex", "-1");
    notice?.focus({ preventScroll: true });
    const amount = document.getElementById("amount");
    if (amount && notice?.classList.contains("notice-plain")) amount.value = "";
  });

  // The public board is the same for everybody; the reader's own row is marked here, and as winning only while it is.
  function markOwnRow() {
    const board = document.getElementById("board");
    const { alias, position } = document.getElementById("standing")?.dataset ?? {};
    const hasSeat = document.querySelector("#standing :is(.outcome-offered, .outcome-bought)") !== null;
    board?.querySelectorAll("tr[data-alias]").forEach((row) => {
      const isOwn = row.dataset.alias === alias;
      const isIn = ["settled", "voided"].includes(position) ? hasSeat : !row.closest(".below");
      row.classList.toggle("own-row", isOwn);
      row.classList.toggle("own-in", isOwn && isIn);
      if (isOwn) row.cells[1].dataset.me = board.dataset.me;
      else delete row.cells[1].dataset.me;
    });
    // The page of all winning bids marks the row that its address names.
    const more = board?.querySelector(".more");
    if (more && alias) more.hash = `rung-${alias}`;
  }
  document.addEventListener("htmx:ws:after:message:incoming", markOwnRow);
  markOwnRow();
})();
