// What is shown now: kept in the address, so that a link shows the same; changed by mouse and keyboard.

const CHOICES = {
  verdict: [["", "all"], ...SEVERITIES.concat("ok").map((verdict) => [verdict, PLURALS[verdict]])],
  mode: [["", "all"], ...MODES.map((mode) => [mode, mode]), ["unread", "no policy"]],
  order: [["", "worst first"], ["name", "by name"], ["expiry", "certificate ends"], ...(reports ? [["failed", "failures reported"]] : [])],
};
const TYPING_PAUSE = 60; // milliseconds

const state = { q: "", verdict: "", fault: "", mode: "", order: "", domain: "" };
const FILTERS = ["q", "verdict", "fault", "mode"];

const list = new DomainList(byId("list"), (domain) => open(domain.domain === state.domain ? "" : domain.domain));

let texts = null;
let shown = [];

// All that can be searched, a domain at a time; made when somebody searches for the first time.
function searchable() {
  texts ??= data.domains.map((domain) =>
    [
      domain.domain, domain.name, domain.verdict, domain.mode, domain.record_id, domain.policy_id, domain.policy_host,
      domain.mx, domain.addresses, domain.patterns, domain.rua,
      domain.findings?.map(({ check, subject, seen, remedy }) => {
        const { name, title, fault, section } = data.checks[check];
        return [name, title, fault, section, subject, seen, remedy].join("\n");
      }),
    ].flat().join("\n").toLowerCase(),
  );
  return texts;
}

const wordsOf = (query) => query.normalize().toLowerCase().split(/\s+/).filter(Boolean);

function fits(domain, fault) {
  return domain.findings?.some(({ check }) => data.checks[check].name === fault || data.checks[check].station === fault);
}

function chosen() {
  const words = wordsOf(state.q);
  const all = words.length ? searchable() : [];
  const places = [...data.domains.keys()].filter((place) => {
    const domain = data.domains[place];
    return (
      (!state.verdict || domain.verdict === state.verdict) &&
      (!state.mode || (domain.mode ?? "unread") === state.mode) &&
      (!state.fault || fits(domain, state.fault)) &&
      words.every((word) => all[place].includes(word))
    );
  });
  const days = (place) => data.domains[place].certificate?.days ?? Infinity;
  const name = (place) => nameOf(data.domains[place]);
  if (state.order === "expiry") places.sort((one, other) => days(one) - days(other) || one - other);
  const failed = (place) => data.domains[place].reported?.failed ?? 0;
  if (state.order === "failed") places.sort((one, other) => failed(other) - failed(one) || one - other);
  if (state.order === "name") places.sort((one, other) => (name(one) < name(other) ? -1 : 1));
  return places;
}

function describe(places) {
  const all = data.domains.length;
  const filtered = FILTERS.some((key) => state[key]);
  byId("count").textContent = filtered ? `${places.length} of ${many(all, "domain")}` : many(all, "domain");
  byId("clear").hidden = !filtered;
  byId("nothing").hidden = places.length > 0;
  byId("nothing").textContent = all ? "No domain is like that." : "No domain was looked at.";
  for (const key of ["verdict", "fault", "mode", "order"]) {
    byId(key).value = state[key];
    byId(key).classList.toggle("set", Boolean(state[key]));
  }
  for (const button of document.querySelectorAll("button[data-key]")) {
    button.setAttribute("aria-pressed", state[button.dataset.key] === button.dataset.value);
  }
}

function remember() {
  const told = Object.entries(state).filter(([, value]) => value);
  const hash = `#${new URLSearchParams(told)}`;
  if (location.hash !== hash && (told.length || location.hash)) history.replaceState(null, "", hash);
}

function refresh() {
  shown = chosen();
  list.show(shown, wordsOf(state.q));
  describe(shown);
  remember();
}

function set(key, value) {
  state[key] = value;
  refresh();
}

const pick = (key, value) => set(key, state[key] === value ? "" : value);

function clear() {
  for (const key of FILTERS) state[key] = "";
  byId("search").value = "";
  refresh();
}

function open(name) {
  state.domain = name;
  list.open(name);
  remember();
}

function recall() {
  const told = new URLSearchParams(location.hash.slice(1));
  for (const key of Object.keys(state)) {
    const value = told.get(key) ?? "";
    const select = key === "q" || key === "domain" ? null : byId(key);
    state[key] = !select || [...select.options].some((option) => option.value === value) ? value : "";
  }
  byId("search").value = state.q;
  list.opened = state.domain;
  refresh();
  const position = list.positionOf(state.domain);
  if (position >= 0) list.focus(position);
}

function move(by) {
  const next = list.position() + by;
  if (next < 0) byId("search").focus();
  else list.focus(Math.min(next, shown.length - 1));
}

const KEYS = {
  "/": () => byId("search").select(),
  j: () => move(1),
  k: () => move(-1),
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Escape: close,
};

function close() {
  const position = list.positionOf(state.domain);
  open("");
  if (position >= 0) list.focus(position);
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const field = event.target.closest("input, select");
  if (field?.id === "search" && event.key === "ArrowDown") list.focus(0);
  else if (field?.id === "search" && event.key === "Escape" && field.value) clear();
  else if (event.key === "Escape" || (!field && KEYS[event.key])) KEYS[event.key]();
  else return;
  event.preventDefault();
}

function offer() {
  for (const [key, options] of Object.entries(CHOICES)) {
    byId(key).append(...options.map(([value, words]) => element("option", { value }, words)));
  }
  const faults = grouped(data.faults, (one) => data.checks[one.check].station);
  byId("fault").append(element("option", { value: "" }, "any or none"));
  for (const station of STATIONS.filter((name) => faults.has(name))) {
    const label = LABELS[station];
    const options = faults.get(station).map(({ check, domains }) => {
      const { name } = data.checks[check];
      return element("option", { value: name }, `${name} (${domains})`);
    });
    byId("fault").append(element("optgroup", { label }, element("option", { value: station }, `any at ${label}`), ...options));
  }
}

// On paper nothing can be opened, so there every domain at fault is, and the others are only named.
function layOut() {
  const domains = shown.map((place) => data.domains[place]);
  const faulty = domains.filter((domain) => domain.findings);
  const fine = domains.filter((domain) => !domain.findings).map(namesOf);
  const filters = FILTERS.filter((key) => state[key]).map((key) => `${key === "q" ? "search" : key}: ${state[key]}`);
  byId("paper").replaceChildren(
    ...(filters.length ? [element("p", { class: "only" }, `Only ${byId("count").textContent}, ${filters.join(", ")}`)] : []),
    ...faulty.map((domain) =>
      element("article", { class: `domain ${domain.verdict}` }, element("h3", { class: "row" }, ...cells(domain)), details(domain)),
    ),
    ...(fine.length ? [element("h3", { class: "fine" }, `${fine.length} in order`), element("p", {}, fine.join(", "))] : []),
  );
  for (const one of document.querySelectorAll("details.type:not([open])")) {
    one.open = true;
    one.dataset.printed = "";
  }
}

function putAway() {
  byId("paper").replaceChildren();
  for (const one of document.querySelectorAll("details[data-printed]")) {
    one.open = false;
    delete one.dataset.printed;
  }
}

drawVerdicts(pick);
drawStations(pick);
drawFaults(pick);
drawReports();
drawLegend();
drawColumns();
offer();

let pause = 0;
byId("search").addEventListener("input", (event) => {
  clearTimeout(pause);
  pause = setTimeout(() => set("q", event.target.value.trim()), TYPING_PAUSE);
});
for (const key of ["verdict", "fault", "mode", "order"]) byId(key).addEventListener("change", (event) => set(key, event.target.value));
byId("clear").addEventListener("click", clear);
document.addEventListener("keydown", onKey);
window.addEventListener("hashchange", recall);
window.addEventListener("beforeprint", layOut);
window.addEventListener("afterprint", putAway);
recall();
performance.mark("ready");
