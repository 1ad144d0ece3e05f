// A domain's way as a line with its stations. States differ in shape and sign, not only in colour.

const STEP = 44;
const LINE = { width: STEP * STATIONS.length, height: 28, y: 14, side: 20 };

const SHAPES = {
  ok: "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z",
  unknown: "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
  info: "M-7 0a7 7 0 1 0 14 0a7 7 0 1 0-14 0z",
  warning: "M0-8.5L8.8 6.9H-8.8z",
  error: "M-3.6-8.7H3.6L8.7-3.6V3.6L3.6 8.7H-3.6L-8.7 3.6V-3.6z",
};
const SIGNS = {
  info: "M0-3.6v.4M0-.8v4.4",
  warning: "M0-3.8v5.2M0 4v.4",
  error: "M-3-3L3 3M3-3L-3 3",
};

function stop(state, x = 0, y = 0) {
  const made = drawing("g", { class: `stop ${state}`, transform: `translate(${x} ${y})` });
  if (state === "error") made.append(drawing("circle", { class: "halo", r: 12 }));
  made.append(drawing("path", { class: "shape", d: SHAPES[state] }));
  if (SIGNS[state]) made.append(drawing("path", { class: "sign", d: SIGNS[state] }));
  return made;
}

// One stop alone, as a sign in texts.
const sign = (state) =>
  drawing("svg", { class: "mark", viewBox: "-13 -13 26 26", "aria-hidden": "true" }, stop(state));

const inWords = (states) => states.map((state, place) => `${LABELS[STATIONS[place]]} ${STATES[state]}`).join(", ");

function line(states) {
  const at = (place) => STEP / 2 + STEP * place;
  const way = states.slice(0, -1);
  const last = at(way.length - 1);
  const tracks = { known: "", unknown: "" };
  for (let place = 1; place < way.length; place += 1) {
    tracks[way.slice(place - 1, place + 1).includes("unknown") ? "unknown" : "known"] += `M${at(place - 1)} ${LINE.y}H${at(place)}`;
  }
  const branch = `M${last} ${LINE.y}c18 0 14 ${LINE.side - LINE.y} ${STEP} ${LINE.side - LINE.y}`;
  return drawing(
    "svg",
    { class: "line", viewBox: `0 0 ${LINE.width} ${LINE.height}`, role: "img", "aria-label": inWords(states) },
    drawing("path", { class: "track branch", d: branch }),
    drawing("path", { class: "track", d: tracks.known }),
    drawing("path", { class: "track unknown", d: tracks.unknown }),
    ...way.map((state, place) => stop(state, at(place), LINE.y)),
    stop(states.at(-1), last + STEP, LINE.side),
  );
}
