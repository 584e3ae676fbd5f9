// Opens the fold of a `filters` component where the window has room for its column, so that all programs that read
// the page know that it is open; the style sheet shows it there in any case.

const wide = matchMedia("(min-width: 60rem)");

function follow() {
  for (const fold of document.querySelectorAll(".filters")) fold.open = wide.matches;
}

follow();
wide.addEventListener("change", follow);
