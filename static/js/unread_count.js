// Keeps the `unread-count` in the header up to date while its page is looked at, and asks nothing while it is not.

const EVERY = 30_000;
const count = document.querySelector(".site-header .unread-count");
let tag = "";
let timer;

async function ask() {
  const headers = tag ? { "If-None-Match": tag } : {};
  // Whoever is no longer signed in would be led to the page to log in.
  const answer = await fetch(count.dataset.url, { headers, redirect: "error" });
  if (answer.status !== 200) return;
  tag = answer.headers.get("ETag") ?? "";
  const { unread, words } = await answer.json();
  count.querySelector(".unread-count__number").textContent = words;
  count.hidden = unread === 0;
}

function begin() {
  clearInterval(timer);
  if (document.hidden) return;
  timer = setInterval(() => ask().catch(() => clearInterval(timer)), EVERY);
}

if (count) {
  begin();
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) ask().catch(() => clearInterval(timer));
    begin();
  });
}
