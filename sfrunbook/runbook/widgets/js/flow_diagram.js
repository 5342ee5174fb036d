// Lanes and arrows of one login; the list beneath says the same in words and holds each request and reply.
const LANES = { browser: [0.16, "Your browser"], salesforce: [0.5, "Salesforce"], runbook: [0.84, "This runbook"] };
const STATES = {
  todo: ["·", "to come"],
  now: ["…", "in progress"],
  done: ["✓", "done"],
  failed: ["✗", "failed"],
  unseen: ["?", "can't be seen from here"],
};
const TOP = 58;
const STEP = 40;

// as many units wide as it has pixels, so that the words are never smaller than the text around them
function drawing(legs, width) {
  const height = TOP + legs.length * STEP + 8;
  const svg = shape("svg", {
    viewBox: `0 0 ${width} ${height}`,
    class: "sfrunbook-flow-picture",
    "aria-hidden": "true",
  });
  for (const [share, words] of Object.values(LANES)) {
    const x = share * width;
    const half = Math.min(70, width * 0.15);
    svg.append(shape("line", { x1: x, x2: x, y1: 34, y2: height, class: "lane" }));
    svg.append(shape("rect", { x: x - half, y: 4, width: 2 * half, height: 28, rx: 4, class: "head" }));
    svg.append(shape("text", { x, y: 23, class: "head-words" }, words));
  }
  legs.forEach((leg, place) => svg.append(arrow(leg, place, width)));
  return svg;
}

function arrow(leg, place, width) {
  const y = TOP + place * STEP + 14;
  const from = LANES[leg.source][0] * width;
  const to = LANES[leg.target][0] * width;
  const group = shape("g", { class: `leg leg-${leg.state}`, "data-leg": leg.name });
  const words = `${STATES[leg.state][0]} ${place + 1}. ${leg.label}`;
  if (from === to) {
    group.append(shape("path", { d: `M${from} ${y - 8} h28 v14 h-22`, class: "line" }));
    group.append(shape("path", { d: `M${from + 2} ${y + 6} l8 -4 v8 z`, class: "tip" }));
    group.append(shape("text", { x: from - 8, y: y + 4, class: "words words-left" }, words));
    return group;
  }
  const way = Math.sign(to - from);
  group.append(shape("line", { x1: from, x2: to - way * 8, y1: y, y2: y, class: "line" }));
  group.append(shape("path", { d: `M${to} ${y} l${-way * 9} -5 v10 z`, class: "tip" }));
  group.append(shape("text", { x: (from + to) / 2, y: y - 9, class: "words" }, words));
  return group;
}

function details(leg) {
  const box = make("details", { class: "sfrunbook-flow-wire" }, make("summary", {}, `Request and reply of “${leg.label}”`));
  for (const [title, text] of [["Request", leg.request], ["Reply", leg.reply]]) {
    if (text) box.append(make("p", {}, title), make("pre", {}, text));
  }
  box.append(make("p", {}, "*** hides a secret or a value you don't need here."));
  return box;
}

function line(leg, open) {
  const [icon, words] = STATES[leg.state];
  const sign = make("span", { class: "sfrunbook-flow-icon", "aria-hidden": "true" }, icon);
  const item = make("li", { class: `leg-${leg.state}`, "data-leg": leg.name }, sign, make("strong", {}, leg.label), `: ${words}. ${leg.note}`);
  if (leg.request || leg.reply) {
    const box = details(leg);
    box.open = open;
    item.append(box);
  }
  return item;
}

function render({ model, el }) {
  const picture = make("div");
  const live = make("p", { class: "sfrunbook-flow-said", role: "status" });
  const list = make("ol", { class: "sfrunbook-flow-list" });
  const figure = keepKeys(make("figure", { class: "sfrunbook-flow", "aria-label": "The steps of this login" }, picture, live, list));
  const draw = () => {
    const width = Math.min(720, Math.max(340, Math.floor(el.clientWidth) || 680));
    picture.replaceChildren(drawing(model.get("legs"), width));
  };
  const show = () => {
    const legs = model.get("legs");
    const open = new Set([...list.querySelectorAll("details[open]")].map((one) => one.closest("li").dataset.leg));
    const kept = document.activeElement?.closest?.("li")?.dataset.leg;
    draw();
    list.replaceChildren(...legs.map((leg) => line(leg, open.has(leg.name))));
    if (kept) list.querySelector(`[data-leg="${kept}"] summary`)?.focus();
  };
  const say = () => {
    live.textContent = model.get("announcement");
  };
  model.on("change:legs", show);
  model.on("change:announcement", say);
  el.append(figure);
  show();
  say();
  const watch = new ResizeObserver(draw);
  watch.observe(el);
  return () => {
    watch.disconnect();
    model.off("change:legs", show);
    model.off("change:announcement", say);
  };
}
export default { render };
