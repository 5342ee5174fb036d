// What all widgets of the runbook share: elements, messages with an icon and a word, copying, JupyterLab's commands.
const ICONS = { passed: "✓", failed: "✗", warning: "!", skipped: "–", inconclusive: "?", waiting: "…" };
const WORDS = { passed: "", failed: "Fix this", warning: "Check this", skipped: "To do", inconclusive: "Couldn't check", waiting: "Waiting" };

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
  place.append(make("span", { class: "sfr-icon", "aria-hidden": "true" }, ICONS[status] ?? ""), word ? make("strong", {}, `${word}: `) : " ", text);
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
    else say(status, "warning", `Your browser doesn't let this page copy. ${name} is selected: press Ctrl+C, or ⌘C on a Mac.`, "Selected");
  }
}

// The link that carries the command is put into the notebook of the one that was pressed: JupyterLab asks first where it
// does not trust that notebook, and a cell may leave the page when it is out of sight.
function command(book, name, args) {
  const hidden = make("a", { "data-commandlinker-command": name, "data-commandlinker-args": JSON.stringify(args), hidden: true });
  book.append(hidden);
  hidden.click();
  hidden.remove();
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
