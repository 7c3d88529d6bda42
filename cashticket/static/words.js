// Writes the amount in words while it is being typed, so that a zero too many is noticed. The words come with the page.
(() => {
  "use strict";

  // Groups of four digits. A one is not spoken before a place, nor before the group `bare` if it is the whole group.
  function byMyriads(amount, { digits, places, groups, bare }) {
    const spoken = [];
    for (let unit = 0; amount > 0 && unit < groups.length; unit += 1, amount = Math.floor(amount / 10000)) {
      const four = String(amount % 10000).padStart(4, "0");
      const read = [...four].map((digit, place) => {
        if (digit === "0") return "";
        return (digit === "1" && place < 3 ? "" : digits[digit]) + places[3 - place];
      });
      if (four === "0001" && unit === bare) spoken.unshift(groups[unit]);
      else if (four !== "0000") spoken.unshift(read.join("") + groups[unit]);
    }
    return spoken.join(" ");
  }

  function belowThousand(amount, { small, tens, hundred }) {
    const [hundreds, rest] = [Math.floor(amount / 100), amount % 100];
    const spoken = hundreds ? [`${small[hundreds]} ${hundred}`] : [];
    if (rest >= 20) spoken.push(tens[Math.floor(rest / 10)] + (rest % 10 ? `-${small[rest % 10]}` : ""));
    else if (rest) spoken.push(small[rest]);
    return spoken.join(" ");
  }

  function byThousands(amount, words) {
    const spoken = [];
    for (let unit = 0; amount > 0 && unit < words.groups.length; unit += 1, amount = Math.floor(amount / 1000)) {
      if (amount % 1000) spoken.unshift(`${belowThousand(amount % 1000, words)} ${words.groups[unit]}`.trim());
    }
    return spoken.join(" ");
  }

  function inWords(typed, words) {
    const amount = Number(typed.replaceAll(",", ""));
    if (!/^([0-9]+|[0-9]{1,3}(,[0-9]{3})+)$/.test(typed) || !(amount > 0) || amount > Number.MAX_SAFE_INTEGER) return "";
    return `${words.tens ? byThousands(amount, words) : byMyriads(amount, words)} ${words.won}`;
  }

  function show() {
    const [field, place] = [document.getElementById("amount"), document.getElementById("amount-words")];
    if (field && place) place.textContent = inWords(field.value.trim(), JSON.parse(place.dataset.words));
  }

  document.addEventListener("input", (event) => {
    if (event.target.id === "amount") show();
  });
  document.addEventListener("htmx:after:swap", show);
  show();
})();
