// Makes a `file_upload` component better: files can be dropped anywhere on its box, and are added to those chosen
// before; each is shown, and can be taken out again; what the site would refuse is said at once; and while a form with
// pictures is sent, the page says so.

const SHOWN = 96;
// What a form with pictures may weigh, its text left aside.
const HEAVIEST = 120_000_000;

const megabytes = (bytes) => `${(bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0)} MB`;
const bytesOf = (files) => files.reduce((sum, file) => sum + file.size, 0);
const counted = (number) => (number === 1 ? "1 picture" : `${number} pictures`);

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

/** Draw a small square of the picture; formats that this browser cannot open stay blank. */
async function draw(canvas, file) {
  try {
    const bitmap = await createImageBitmap(file);
    const scale = SHOWN / Math.min(bitmap.width, bitmap.height);
    const [width, height] = [bitmap.width * scale, bitmap.height * scale];
    canvas.getContext("2d").drawImage(bitmap, (SHOWN - width) / 2, (SHOWN - height) / 2, width, height);
    bitmap.close();
  } catch {
    canvas.classList.add("file-upload__preview--blank");
  }
}

function improve(box) {
  const input = box.querySelector(".file-upload__input");
  const said = box.querySelector(".file-upload__chosen");
  const list = element("ul", "file-upload__previews");
  list.setAttribute("role", "list");
  const { room, largest } = input.dataset;
  let chosen = [];

  /** Take as many of these files as there is room for, and say what becomes of the others. */
  function choose(files) {
    const light = files.filter((file) => file.size <= Number(largest));
    const sentences = files
      .filter((file) => !light.includes(file))
      .map((file) => `“${file.name}” is larger than ${megabytes(Number(largest))}: choose a smaller picture.`);
    chosen = light.slice(0, Number(room));
    if (light.length > chosen.length) sentences.push(`There is room for ${counted(chosen.length)}: the last were left out.`);
    if (chosen.length) sentences.unshift(`${counted(chosen.length)} chosen, ${megabytes(bytesOf(chosen))}.`);
    const all = new DataTransfer();
    for (const file of chosen) all.items.add(file);
    input.files = all.files;
    said.textContent = sentences.join(" ");
    list.replaceChildren(...chosen.map(preview));
  }

  function preview(file) {
    const item = element("li", "file-upload__file");
    const canvas = element("canvas", "file-upload__preview");
    canvas.width = canvas.height = SHOWN;
    const remove = element("button", "button button--link", "Leave out");
    remove.type = "button";
    remove.append(element("span", "visually-hidden", ` ${file.name}`));
    remove.addEventListener("click", () => {
      choose(chosen.filter((other) => other !== file));
      input.focus();
    });
    item.append(canvas, element("span", "file-upload__name", file.name), remove);
    draw(canvas, file);
    return item;
  }

  const over = (is) => box.classList.toggle("file-upload__drop--over", is);
  box.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  box.addEventListener("dragleave", () => over(false));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    choose([...chosen, ...event.dataTransfer.files]);
  });
  // The browser forgets what was chosen before.
  input.addEventListener("change", () => choose([...chosen, ...input.files]));
  box.append(list);
  // A browser that comes back to this page may have kept the files.
  if (input.files.length) choose([...input.files]);
}

/** Say that pictures are on their way, or that they are too many to go at once. */
function announce(event) {
  const form = event.target;
  const inputs = [...form.querySelectorAll(".file-upload__input")];
  const files = inputs.flatMap((input) => [...input.files]);
  if (!files.length || event.defaultPrevented) return;
  const box = inputs.findLast((input) => input.files.length).closest(".file-upload__drop");
  const said = box.querySelector(".file-upload__chosen");
  if (bytesOf(files) > HEAVIEST) {
    event.preventDefault();
    said.textContent =
      `These pictures are ${megabytes(bytesOf(files))} together, and ${megabytes(HEAVIEST)} can be sent at once: ` +
      "leave some out now, and add them afterwards.";
    said.scrollIntoView({ block: "center" });
    return;
  }
  const progress = element("progress", "file-upload__progress");
  progress.setAttribute("aria-label", "Sending");
  said.replaceChildren(`Sending ${counted(files.length)}, ${megabytes(bytesOf(files))}… `, progress);
}

document.querySelectorAll(".file-upload__drop").forEach(improve);
document.addEventListener("submit", announce);
// Whoever comes back by the back button is not sending any more.
addEventListener("pageshow", () => {
  for (const progress of document.querySelectorAll(".file-upload__progress")) progress.parentNode.replaceChildren();
});
