// Where you are: the connection, the steps, what is next. It stays at the top of the notebook while the page scrolls.
const SIGNS = { "done": "✓", "done, with a warning": "!", "failed": "✗", "couldn't check": "?", "check again": "↻", "to do": "○" };

function render({ model, el }) {
  const bar = keepKeys(make("nav", { class: "sfr-header", "aria-label": "Your progress" }));
  const badge = make("strong", { class: "sfr-badge" });
  const connection = make("span", { class: "sfr-connection" });
  const steps = make("ol", { class: "sfr-steps" });
  const next = make("span", { class: "sfr-left", role: "status", "aria-live": "polite" });
  const lost = make("p", { class: "sfr-lost", role: "alert", hidden: true }, "The page lost its connection to the kernel. Your progress is saved. ");
  lost.append(make("button", { type: "button", class: "sfr-primary", onclick: () => runPage(el) }, "Restore the page"));
  bar.append(make("div", { class: "sfr-where" }, badge, connection, next), steps, lost);

  function show() {
    const practice = model.get("practice");
    badge.textContent = practice ? "PRACTICE" : "LIVE";
    badge.className = `sfr-badge sfr-badge-${practice ? "practice" : "live"}`;
    connection.textContent = model.get("connection");
    const all = model.get("steps");
    const upcoming = model.get("next_step");
    steps.replaceChildren(...all.map((one, place) => {
      const link = make("button", { type: "button", class: "sfr-step", "data-step": one.name, "data-state": one.state, "aria-current": one.name === upcoming ? "step" : false, onclick: () => goTo(one.name) });
      link.append(make("span", { class: "sfr-icon", "aria-hidden": "true" }, SIGNS[one.state] ?? "○"), one.label, make("span", { class: "sfr-hidden" }, `: ${one.state}`));
      return make("li", { value: place + 1 }, link);
    }));
    const minutes = model.get("minutes");
    const label = all.find((one) => one.name === upcoming)?.label;
    next.textContent = label ? `Next: ${label}. About ${minutes} minute${minutes === 1 ? "" : "s"} left.` : "All steps are done.";
  }
  // to the next thing to do, at first and whenever a step is done, unless the person has gone somewhere else meanwhile
  let planned = 0;
  let reached = "";
  const advance = () => {
    const hands = watchHands();
    const wanted = model.get("next_step") || "finish";
    const mine = (planned += 1);
    const until = performance.now() + 15000;
    const look = () => {
      if (mine !== planned) return;
      if (hands.moved || performance.now() > until) {
        reached = wanted; // whoever was quicker is there too
        return;
      }
      // a login brings the rows by itself: they stay in view while the keys go on
      const inView = wanted === "partner" && ["log_in", "try_it"].includes(reached) ? "try_it" : wanted;
      if (!goTo(wanted, inView)) return setTimeout(look, 250);
      // whoever uses keys sees where they are
      if (inView !== wanted) document.addEventListener("keydown", () => scrollTo(wanted), { once: true, capture: true, signal: over.signal });
      reached = wanted;
      stay(inView, hands);
    };
    setTimeout(look, 700);
  };
  // what is still being drawn moves the page: the place is kept until it has settled or the person moves
  const stay = (wanted, hands) => {
    const watch = new ResizeObserver(() => {
      if (hands.moved) watch.disconnect();
      else scrollTo(wanted);
    });
    for (const cell of document.querySelectorAll(`${FRONT} .jp-Cell`)) watch.observe(cell);
    setTimeout(() => watch.disconnect(), 4000);
  };
  // ipywidgets marks every view whose kernel is gone; those of other cells may not have been run again yet
  const alive = () => requestAnimationFrame(() => {
    if (el.closest(".jupyter-widgets-disconnected")) lost.hidden = false;
  });
  const over = new AbortController();
  for (const name of ["connection", "practice", "steps", "next_step", "minutes"]) model.on(`change:${name}`, show);
  model.on("change:next_step", advance);
  model.on("msg:custom", ({ go }) => requestAnimationFrame(() => goTo(go)));
  model.on("comm_live_update", alive);
  show();
  alive();
  el.append(bar);
  // outputs scroll away with their cell: where there is a notebook, the header sits at its top instead
  requestAnimationFrame(() => {
    const scroller = el.closest(".jp-WindowedPanel-outer") ?? el.closest(".jp-Notebook");
    if (!scroller) return;
    for (const old of scroller.querySelectorAll(":scope > .sfr-header")) old.remove();
    bar.classList.add("sfr-pinned");
    scroller.prepend(bar);
    // keys in a section are for its buttons and fields, not for the notebook's shortcuts: Enter presses a button
    scroller.addEventListener("keydown", (event) => {
      const saves = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s";
      if (!saves && event.target.closest(".sfr-section")) event.stopPropagation();
    }, { signal: over.signal });
    // told by our extension of JupyterLab, which also sees a kernel that has died
    el.closest(".jp-NotebookPanel")?.addEventListener("sfrunbook:kernel-lost", () => { lost.hidden = false; }, { signal: over.signal });
    advance();
  });
  return () => {
    over.abort();
    // a restarted kernel takes its outputs with it: the header stays to say so, unless a new one takes its place
    if (bar.matches(".sfr-pinned")) setTimeout(() => { lost.hidden = false; }, 3000);
    else bar.remove();
  };
}

const FRONT = ".jp-NotebookPanel:not(.lm-mod-hidden)";
const sectionOf = (name) => document.querySelector(`${FRONT} .sfr-section-${name}`) ?? document.querySelector(`.sfr-section-${name}`);

// A section's heading at the top; the end of the page at the bottom, with the step before it.
function scrollTo(name) {
  const target = sectionOf(name);
  const cell = target?.closest(".jp-Cell");
  if (name === "finish") return (cell ?? target)?.scrollIntoView({ block: "end" });
  const before = cell?.previousElementSibling;
  const heading = before?.matches(".jp-MarkdownCell") ? before : (cell ?? target);
  if (!heading) return;
  heading.style.scrollMarginTop = `${document.querySelector(`${FRONT} .sfr-pinned`)?.offsetHeight ?? 0}px`;
  heading.scrollIntoView({ block: "start" });
}

// To a section, and the keys to the first thing to do there; another may be in view. False where it is not shown yet.
function goTo(name, inView = name) {
  const target = sectionOf(name);
  if (!target) return false;
  scrollTo(inView);
  const shown = [...target.querySelectorAll("a[href], button, input, select")].filter((one) => one.offsetParent && !one.disabled);
  (shown.find((one) => one.matches(".sfr-primary:not(form *), .mod-primary")) ?? shown.find((one) => one.matches(".sfr-field input, .sfr-form input[type=text]")) ?? shown[0])?.focus({ preventScroll: true });
  return true;
}

function runPage(el) {
  const book = document.querySelector(`${FRONT} .jp-Notebook`);
  if (book) command(book, "notebook:run-all-cells", {});
}
export default { render };
