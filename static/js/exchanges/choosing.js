// Says what the ticked things are worth together, and how far apart the two sides are, while they are chosen.
// The words are those of the page on which the proposal is looked over.

const totals = document.querySelector("[data-totals]");

function worth(half) {
  const ticked = [...document.querySelectorAll(`input[name=${half}]:checked`)];
  const values = ticked.map((box) => box.dataset.value).filter((value) => value !== "");
  return { total: values.reduce((sum, value) => sum + Number(value), 0), unknown: values.length < ticked.length };
}

function inWords(number) {
  return number.toLocaleString("en");
}

function difference(given, got) {
  if (given === got) return "You would give as much as you get.";
  const apart = Math.abs(given - got);
  const share = got ? ` (${inWords(Math.floor((apart * 200 + got) / (got * 2)))} %)` : "";
  return `You would give ${inWords(apart)} ${given > got ? "more" : "less"}${share}.`;
}

function show() {
  const give = worth("give");
  const get = worth("get");
  const unknown = give.unknown || get.unknown ? " Of some of it nobody has said what it is worth." : "";
  totals.textContent = `You give about ${inWords(give.total)} and get about ${inWords(get.total)}. ${difference(give.total, get.total)}${unknown}`;
  totals.hidden = false;
}

if (totals) {
  totals.closest("form").addEventListener("change", show);
  show();
}
