// Shows the button of a `share` component: it opens the device's own list of ways to share, or copies the address.

const canShare = Boolean(navigator.share);

for (const block of document.querySelectorAll(".share")) {
  const button = block.querySelector(".share__button");
  const url = block.querySelector(".share__url").value;
  if (!canShare && !navigator.clipboard) continue;

  button.textContent = canShare ? "Share…" : "Copy the link";
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      if (canShare) {
        await navigator.share({ title: button.dataset.title, url });
      } else {
        await navigator.clipboard.writeText(url);
        block.querySelector(".share__said").textContent = "The link is copied.";
      }
    } catch {
      // Sharing was called off, or copying is not allowed here: the address is still there to be copied by hand.
      block.querySelector(".share__url").select();
    }
  });
}
