// Which Callback URL is registered and which is not, and when the next check is.
function render({ model, el }) {
  const box = keepKeys(make("div", { class: "sfr-board" }));
  const table = make("table", { class: "sfr-table" });
  table.createCaption().textContent = "Callback URLs";
  table.append(make("thead", {}, make("tr", {}, ...["Callback URL", "Answer", "What it is for"].map((name) => make("th", { scope: "col" }, name)))));
  const body = table.createTBody();
  const sentence = make("p", { role: "status", "aria-live": "polite", class: "sfr-said" });
  const clock = make("span", { class: "sfr-clock", role: "timer", "aria-live": "off" });
  const age = make("span", { class: "sfr-age" });
  const now = make("button", { type: "button", onclick: () => model.send({ do: "now" }) }, "Check again now");
  const stop = make("button", { type: "button", onclick: () => model.send({ do: "stop" }) }, "Stop checking");
  const start = make("button", { type: "button", onclick: () => model.send({ do: "start" }) }, "Start checking again");
  let heard = performance.now();

  const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
  const words = (seconds) => {
    const whole = Math.floor(seconds / 60);
    if (whole < 1) return "less than a minute ago";
    if (whole < 120) return `${whole} minute${whole === 1 ? "" : "s"} ago`;
    return `${Math.floor(whole / 60)} hours ago`;
  };
  function tick() {
    const passed = (performance.now() - heard) / 1000;
    const looking = model.get("looking");
    const left = model.get("seconds_to_next") - passed;
    const until = model.get("seconds_to_end") - passed;
    clock.textContent = looking ? (left > 0 ? `Next check in ${minutes(left)}. We stop after ${minutes(Math.max(0, until))}.` : "Checking now…") : "";
    const since = model.get("seconds_since_saved");
    age.textContent = since < 0 ? "" : `App saved ${words(since + passed)}.`;
  }
  function show() {
    heard = performance.now();
    body.replaceChildren(
      ...model.get("rows").map((one) =>
        make("tr", { "data-answer": one.answer, "data-callback": one.callback }, make("th", { scope: "row" }, address(one.callback)), make("td", { class: `sfr-answer sfr-is-${one.status}` }, make("span", { class: "sfr-icon", "aria-hidden": "true" }, ICONS[one.status]), one.word), make("td", { class: "sfr-why" }, one.why)),
      ),
    );
    table.hidden = !model.get("rows").length;
    say(sentence, model.get("status"), model.get("sentence"), { passed: "Done", failed: "Missing", waiting: "Waiting", inconclusive: "Couldn't check", skipped: "To do", warning: "Stopped" }[model.get("status")]);
    const looking = model.get("looking");
    now.hidden = stop.hidden = !looking;
    start.hidden = looking || model.get("status") === "passed";
    tick();
  }
  for (const name of ["rows", "status", "sentence", "looking", "seconds_to_next", "seconds_to_end", "seconds_since_saved", "beat"]) model.on(`change:${name}`, show);
  box.append(sentence, table, make("p", { class: "sfr-actions" }, clock, now, stop, start, age));
  el.append(box);
  show();
  const timer = setInterval(tick, 500);
  return () => clearInterval(timer);
}
export default { render };
