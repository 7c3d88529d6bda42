// The menu of my page counts as the bell does.
new MutationObserver(() => {
  const box = document.querySelector("#unread:not([data-uncounted])");
  if (box) document.getElementById("unread-in-tabs").replaceChildren(...box.cloneNode(true).childNodes);
}).observe(document.querySelector(".site-header"), { childList: true, subtree: true });
