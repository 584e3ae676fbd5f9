// Lets files be dropped anywhere on the dashed box of a `file_upload` component, and says which ones are chosen.

for (const box of document.querySelectorAll(".file-upload__drop")) {
  const input = box.querySelector(".file-upload__input");
  const over = (is) => box.classList.toggle("file-upload__drop--over", is);

  box.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  box.addEventListener("dragleave", () => over(false));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    if (!event.dataTransfer.files.length) return;
    // Those that were chosen before stay.
    const both = new DataTransfer();
    for (const file of [...input.files, ...event.dataTransfer.files]) both.items.add(file);
    input.files = both.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.addEventListener("change", () => {
    const names = [...input.files].map((file) => file.name);
    box.querySelector(".file-upload__chosen").textContent = names.length > 1 ? names.join(", ") : "";
  });
}
