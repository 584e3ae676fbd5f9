// Saves what is typed into the posting form by itself, and helps to fill it in. The form works without it.

const SAVE_AFTER = 1500;
const ASK_AFTER = 400;

const form = document.getElementById("posting");
const saved = document.getElementById("saved");
const suggestions = document.getElementById("suggestions");

const titles = { title: form.elements.title, category: form.elements.category_id };
const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

// What follows the last of several changes, a little later.
function later(milliseconds, act) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, milliseconds);
  };
}

// --- Saving by itself ---

let changes = 0;
let kept = 0;
let saving = null;
let stopped = false;
let sent = false;

function say(words) {
  saved.textContent = words;
}

function stop(words) {
  stopped = true;
  say(words);
}

function fieldsAlone() {
  const fields = new FormData(form);
  for (const [name, value] of [...fields]) if (value instanceof File) fields.delete(name);
  fields.append("by_itself", "yes");
  return fields;
}

async function save() {
  if (stopped || saving) return;
  const before = changes;
  saving = new AbortController();
  try {
    const response = await fetch(form.action, { method: "POST", body: fieldsAlone(), signal: saving.signal });
    if (response.status === 401) stop("You have been logged out. Press “Save as a draft” to log in; nothing is lost.");
    else if (response.status === 409) stop("This is open in another window too. Press “Save as a draft” to keep what is here.");
    else if (response.ok) keep(await response.json(), before);
    else stop("This could not be saved by itself. Press “Save as a draft” to see why.");
  } catch {
    if (!stopped) say("Not saved yet: there is no connection.");
  } finally {
    saving = null;
  }
  if (changes !== before) saveSoon();
}

function keep({ url, saves }, before) {
  kept = before;
  form.action = url;
  form.elements.saves.value = saves;
  // A reload, and a way back to this page, find the draft.
  if (!location.pathname.startsWith(url)) history.replaceState(null, "", url);
  say(`Draft saved at ${time.format(new Date())}`);
}

const saveSoon = later(SAVE_AFTER, save);

form.addEventListener("input", (event) => {
  if (event.target.type === "file") return;
  changes += 1;
  saveSoon();
});

// A button sends everything: what is still on its way would come too late.
form.addEventListener("submit", () => {
  stopped = sent = true;
  saving?.abort();
});

// Whoever leaves by a link takes nothing along: the rest is sent on the way out.
addEventListener("pagehide", () => {
  if (!stopped && changes !== kept) navigator.sendBeacon(form.action, fieldsAlone());
});

// A page that was sent, and that the browser shows again as it was, knows nothing of what became of it.
addEventListener("pageshow", (event) => {
  if (event.persisted && sent) location.replace(form.action);
});

// --- Categories that fit the title, and what similar things went for ---

function namesOfOffers() {
  const names = [...form.querySelectorAll('[name^="offers-"][name$="-name"]')];
  return names.map((field) => field.value || (names.length === 1 ? titles.title.value : ""));
}

async function ask() {
  const asked = new URLSearchParams({ title: titles.title.value, category_id: titles.category.value });
  for (const name of namesOfOffers()) asked.append("name", name);
  if (form.elements.listing) asked.append("without", form.elements.listing.value);
  try {
    const response = await fetch(`${form.dataset.suggestions}?${asked}`);
    if (!response.ok || response.redirected) return;
    const { categories, values } = await response.json();
    showCategories(categories);
    values.forEach(showValue);
  } catch {
    // Without a connection there is no help, and the form works as well.
  }
}

function showCategories(categories) {
  const list = suggestions.querySelector("ul");
  list.replaceChildren(
    ...categories.map(([value, words]) => {
      const button = element("button", "button button--quiet", words);
      button.name = "category";
      button.value = value;
      const entry = document.createElement("li");
      entry.append(button);
      return entry;
    }),
  );
  suggestions.hidden = !categories.length;
}

function showValue(known, number) {
  const guided = form.querySelector(`[data-guided="offers-${number}"]`);
  guided?.querySelector(".guide")?.remove();
  if (!guided || !known) return;
  const guide = element("aside", "guide");
  guide.setAttribute("aria-label", guided.dataset.label);
  const [range, basis] = known;
  if (range) {
    guide.append(element("p", "guide__heading", "Similar things went for"), element("p", "guide__range", range));
  }
  guide.append(element("p", "guide__basis", basis));
  guided.append(guide);
}

function element(tag, className, words = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = words;
  return made;
}

suggestions.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  event.preventDefault();
  titles.category.value = button.value;
  titles.category.focus();
  titles.category.dispatchEvent(new Event("input", { bubbles: true }));
});

const askSoon = later(ASK_AFTER, ask);

form.addEventListener("input", (event) => {
  if (/^(title|category_id|offers-\d+-name)$/.test(event.target.name)) askSoon();
});

// --- Pictures are sent as soon as they are chosen ---

for (const place of form.querySelectorAll(".item-fields__upload")) place.hidden = true;

form.addEventListener("change", (event) => {
  if (event.target.type !== "file" || !event.target.files.length) return;
  const fieldset = event.target.closest(".item-fields");
  say("Sending your pictures…");
  form.requestSubmit(fieldset.querySelector('button[name="upload"]'));
});
