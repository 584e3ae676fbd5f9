// Looks for new messages while the page of a swap is looked at, and notes that those on it were read.

const EVERY = 20_000;
const thread = document.getElementById("thread");
const news = thread?.querySelector("[data-news]");
const read = thread?.querySelector("[data-read]");
let timer;

async function ask() {
  // Whoever is no longer signed in would be led to the page to log in.
  const answer = await fetch(thread.dataset.count, { redirect: "error" });
  if (!answer.ok) return clearInterval(timer);
  const found = await answer.json();
  if (!found.new || !news.hidden) return;
  const link = document.createElement("a");
  link.href = `${location.pathname}#thread`;
  link.textContent = "Show";
  // The address may be the one that is open, but for its end: that alone would load nothing.
  link.addEventListener("click", (event) => {
    event.preventDefault();
    history.replaceState(null, "", link.href);
    location.reload();
  });
  news.append(`${found.words[0].toUpperCase()}${found.words.slice(1)}: `, link);
  news.hidden = false;
}

async function noteAsRead() {
  const answer = await fetch(read.action, { method: "POST", body: new FormData(read), redirect: "manual" });
  if (answer.type === "opaqueredirect") read.hidden = true;
}

function begin() {
  clearInterval(timer);
  if (!document.hidden) timer = setInterval(() => ask().catch(() => clearInterval(timer)), EVERY);
}

if (thread) {
  begin();
  document.addEventListener("visibilitychange", begin);
}

// Read is what was on the screen, not what lies further down.
if (read) {
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    noteAsRead().catch(() => {});
  });
  seen.observe(read);
}
