// What all widgets of the runbook share: elements, messages with an icon and a word, copying, links to notebooks.
const ICONS = { passed: "✓", failed: "✗", warning: "!", skipped: "–", inconclusive: "?", waiting: "…" };
const WORDS = { passed: "Fine", failed: "Not right", warning: "Look again", skipped: "To do", inconclusive: "Not known", waiting: "Waiting" };

let counted = 0;
const newId = () => `sfr-w-${Date.now().toString(36)}-${(counted += 1)}`;

// make("button", { type: "button" }, "Copy"): text is always set as text, so nothing foreign becomes markup
function make(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// the same for a picture
function shape(name, attributes, text) {
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) drawn.setAttribute(key, value);
  if (text !== undefined) drawn.textContent = text;
  return drawn;
}

// keys typed here belong to the widget and not to the notebook's shortcuts; but saving is for the whole notebook
function keepKeys(element) {
  element.addEventListener("keydown", (event) => {
    const saves = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s";
    if (!saves) event.stopPropagation();
  });
  return element;
}

// An address, broken behind a slash where there is no room for it, and not within a word.
function address(text) {
  const made = make("code", text.includes("/") ? { class: "sfr-address" } : {});
  made.append(...text.split(/(?<=\/)(?=[^/])/).flatMap((part) => [part, make("wbr", {})]));
  return made;
}

function say(place, status, text, word = WORDS[status]) {
  const said = text ? `${status}|${text}` : "";
  if (place.dataset.said === said) return;
  place.dataset.said = said;
  place.className = text ? `sfr-said sfr-is-${status}` : "sfr-said";
  place.replaceChildren();
  if (!text) return;
  place.append(make("span", { class: "sfr-icon", "aria-hidden": "true" }, ICONS[status] ?? ""), make("strong", {}, `${word}: `), text);
}

async function copy(button, value, source, status, where = "Salesforce") {
  const name = button.dataset.label;
  try {
    await navigator.clipboard.writeText(value);
    say(status, "passed", `${name} is copied. Paste it in ${where}.`, "Copied");
  } catch {
    const selection = window.getSelection();
    selection.selectAllChildren(source);
    let copied = false;
    try {
      copied = document.execCommand("copy");
    } catch {
      copied = false;
    }
    if (copied) say(status, "passed", `${name} is copied. Paste it in ${where}.`, "Copied");
    else say(status, "warning", `This browser does not let the page copy. ${name} is selected: press Ctrl+C, or ⌘C on a Mac.`, "Selected");
  }
}

// Opens a notebook beside this one. JupyterLab listens for links that carry a command; elsewhere the plain address works.
function notebookLink(notebook, label, run) {
  const link = make("a", { href: notebook, class: "sfr-go" }, label);
  link.addEventListener("click", (event) => {
    const inLab = link.closest(".jp-NotebookPanel") && document.querySelector("#jp-main-dock-panel");
    if (!inLab) return;
    event.preventDefault();
    const here = decodeURIComponent(window.location.pathname.split("/tree/")[1] ?? "");
    const path = here.includes("/") ? `${here.slice(0, here.lastIndexOf("/"))}/${notebook}` : notebook;
    const book = link.closest(".jp-Notebook");
    command(book, "docmanager:open", { path });
    if (run) runWhenReady(book, path, watchHands());
  });
  return link;
}

// The link that carries the command is put into the notebook of the one that was pressed: JupyterLab asks first where it
// does not trust that notebook, and a cell may leave the page when it is out of sight.
function command(book, name, args) {
  const hidden = make("a", { "data-commandlinker-command": name, "data-commandlinker-args": JSON.stringify(args), hidden: true });
  book.append(hidden);
  hidden.click();
  hidden.remove();
}

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const marks = (panel, kind) => [...panel.querySelectorAll(".jp-CodeCell .jp-InputPrompt")].map((one) => one.textContent).filter((one) => kind.test(one)).join();
const rests = (panel) => panel.querySelector('.jp-Notebook-ExecutionIndicator[data-status="idle"]') && panel.querySelector(".jp-CodeCell");

// Run All Cells of the notebook that has just been opened, once its kernel rests; it never blocks and changes nothing by itself.
async function runWhenReady(book, path, hands) {
  // JupyterLab says "idle" for a moment before it knows the kernel, and cells that run then start further kernels
  const RESTED = 4;
  let rested = 0;
  for (let tried = 0; tried < 600; tried += 1) {
    await wait(200);
    const panel = document.querySelector(".jp-NotebookPanel:not(.lm-mod-hidden)");
    if (!panel || !decodeURIComponent(window.location.pathname).endsWith(path)) continue;
    rested = rests(panel) ? rested + 1 : 0;
    if (rested < RESTED) continue;
    rested = 0;
    // numbers only: a star goes away again where no kernel took the cell, and cells that are not drawn yet have neither
    const before = marks(panel, /\[\d+\]/);
    command(book, "notebook:run-all-cells", {});
    for (let waited = 0; waited < 240; waited += 1) {
      await wait(500);
      if (marks(panel, /\[\d+\]/) !== before) return showWhatIsNext(panel, hands);
      if (waited > 2 && !marks(panel, /\[\*\]/)) break;
    }
  }
}

// Whether the person has touched keyboard or mouse since: then the keys are theirs, and nothing may move them.
function watchHands() {
  const seen = { moved: false };
  const stop = new AbortController();
  const touched = () => {
    seen.moved = true;
    stop.abort();
  };
  for (const kind of ["keydown", "pointerdown", "wheel"]) document.addEventListener(kind, touched, { capture: true, passive: true, signal: stop.signal });
  return seen;
}

// The keys go to what is next where they were lost, with a part that has done its work and is gone, and from nowhere else.
function catchKeys(target) {
  const hands = watchHands();
  const until = performance.now() + 5000;
  const look = () => {
    if (hands.moved || performance.now() > until) return;
    const found = target();
    if (document.activeElement === document.body && found?.offsetParent) found.focus();
    else setTimeout(look, 200);
  };
  look();
}

// JupyterLab ends a run at the bottom; what waits for the person may be above it, and the link to the next step below.
// Keys that nobody has used since the link was pressed go there too: a person who opens a notebook begins with what is next.
async function showWhatIsNext(panel, hands) {
  for (let tried = 0; tried < 300; tried += 1) {
    await wait(200);
    if (rests(panel) && !marks(panel, /\[\*\]/)) break;
  }
  // outputs may still be on their way when the kernel rests, and the link to the next step is the last of them
  const until = performance.now() + 5000;
  for (let shown = null; performance.now() < until && !shown?.matches(".sfr-go"); await wait(200)) {
    const next = panel.querySelector(".sfr-go") ?? panel.querySelector(".sfr-board, .sfr-form, .sfr-field, .sfrunbook-login-link");
    if (next === shown || !next?.offsetParent) continue;
    if (shown && hands.moved) return;
    shown = next;
    lead(next, hands);
  }
}

function lead(next, hands) {
  next.scrollIntoView({ block: next.matches(".sfr-go") ? "nearest" : "center" });
  const first = next.matches("a") ? next : [...next.querySelectorAll("a[href], button, input, select")].find((one) => one.offsetParent && (one.type !== "radio" || one.checked));
  if (!hands.moved) first?.focus({ preventScroll: true });
}
