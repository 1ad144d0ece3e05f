// The fleet at a glance. Everything that counts something is also a filter for it.

const FEW_FAULTS = 7;

function pressable(attributes, key, value, onPick, ...children) {
  const made = element("button", { type: "button", "aria-pressed": "false", ...attributes }, ...children);
  made.dataset.key = key;
  made.dataset.value = value;
  made.addEventListener("click", () => onPick(key, value));
  return made;
}

function drawVerdicts(onPick) {
  for (const [verdict, number] of Object.entries(data.verdicts)) {
    const part = element("span", { class: verdict });
    part.style.flexGrow = number;
    if (number) byId("tally").append(part);
    const words = verdict === "ok" ? PLURALS[verdict] : `with ${PLURALS[verdict]}`;
    byId("verdicts").append(
      pressable({ class: verdict, disabled: !number }, "verdict", verdict, onPick, sign(verdict), element("b", {}, number), ` ${words}`),
    );
  }
}

function drawStations(onPick) {
  const highest = Math.max(1, ...data.stations.map((station) => station.error + station.warning));
  const bar = (severity, number) => {
    const made = element("span", { class: `bar ${severity}` });
    made.style.blockSize = `${(100 * number) / highest}%`;
    return made;
  };
  for (const station of data.stations) {
    const { name, error, warning } = station;
    const words = ["error", "warning", "info", "unknown", "ok"]
      .filter((state) => station[state])
      .map((state) => `${station[state]} ${station[state] === 1 ? STATES[state] : PLURALS[state] ?? STATES[state]}`)
      .join(", ");
    const label = `${LABELS[name]}: ${words}`;
    byId("stations").append(
      pressable(
        { class: `at-${name}`, "aria-label": label, title: label, disabled: !(error + warning + station.info) },
        "fault",
        name,
        onPick,
        element(
          "span",
          { class: "bars" },
          bar("error", error),
          bar("warning", warning),
          element("span", { class: "numbers" }, error ? element("b", {}, error) : null, warning ? element("i", {}, error ? `+${warning}` : warning) : null, error + warning ? null : "0"),
        ),
        element("span", { class: "dot" }),
        element("span", { class: "label" }, LABELS[name]),
      ),
    );
  }
}

function drawFaults(onPick) {
  const box = byId("faults");
  const highest = Math.max(1, ...data.faults.map((one) => one.domains));
  const rows = data.faults.map(({ check, severity, domains }) => {
    const { name, fault } = data.checks[check];
    const bar = element("span", { class: `bar ${severity}` });
    bar.style.inlineSize = `${(100 * domains) / highest}%`;
    const words = element("span", { class: "words" }, fault, " ", element("code", {}, name));
    const number = element("b", {}, domains, element("span", { class: "unseen" }, domains === 1 ? " domain" : " domains"));
    const sort = element("span", { class: "unseen" }, `${STATES[severity]}: `);
    return element("li", {}, pressable({}, "fault", name, onPick, number, element("span", { class: "meter" }, bar), sign(severity), sort, words));
  });
  box.append(...(rows.length ? rows : [element("li", { class: "none" }, "Nothing was found.")]));
  if (rows.length <= FEW_FAULTS + 1) return;
  const more = element("button", { type: "button", class: "all", "aria-expanded": "false" }, `Show all ${rows.length}`);
  more.addEventListener("click", () => {
    const all = more.getAttribute("aria-expanded") === "false";
    more.setAttribute("aria-expanded", all);
    more.textContent = all ? "Show fewer" : `Show all ${rows.length}`;
    for (const row of rows.slice(FEW_FAULTS)) row.classList.toggle("rare", !all);
  });
  for (const row of rows.slice(FEW_FAULTS)) row.classList.add("rare");
  box.after(more);
}

function drawLegend() {
  for (const [state, words] of Object.entries(STATES)) byId("legend").append(element("li", {}, sign(state), words));
}

function drawColumns() {
  byId("columns").append(
    element("span", {}, "domain"),
    element("span", { class: "heads" }, ...STATIONS.map((station) => element("span", {}, LABELS[station]))),
    element("span", {}, "mode"),
    element("span", {}, "certificate"),
    element("span", {}, "what is wrong"),
  );
}
