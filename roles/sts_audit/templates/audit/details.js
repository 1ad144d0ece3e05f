// An opened domain: the way again, downwards, with what was seen at each station, what is wrong and what to do.

const CHECKS_AT = grouped(data.checks.keys(), (place) => data.checks[place].station);

const expiry = (moment) =>
  moment && `${moment.words}, ${moment.days < 0 ? `ended ${many(-moment.days, "day")} before` : `in ${many(moment.days, "day")}`}`;

// What is known of a domain, by station: [what, value or values]
function facts(domain) {
  return {
    dns: [["published id", domain.record_id]],
    host: [["policy host", domain.policy_host], ["addresses", domain.addresses]],
    tls: [["first certificate ends", expiry(domain.certificate)]],
    policy: [
      ["mode", domain.mode],
      ["max_age", domain.max_age],
      ["MX patterns", domain.patterns],
      ["policy id", domain.policy_id],
    ],
    mx: [["MX", domain.mx], ["first certificate ends", expiry(domain.mx_certificate)]],
    reports: [["reports go to", domain.rua]],
  };
}

function factList(pairs) {
  const known = pairs.filter(([, value]) => value);
  if (!known.length) return null;
  return element(
    "dl",
    { class: "facts" },
    ...known.map(([what, value]) =>
      element("div", {}, element("dt", {}, what), ...[value].flat().map((one) => element("dd", {}, one))),
    ),
  );
}

// Findings of one check, which may have come up at several addresses.
function fault(place, findings) {
  const check = data.checks[place];
  const severity = SEVERITIES.find((one) => findings.some((finding) => finding.severity === one));
  return element(
    "div",
    { class: `fault ${severity}` },
    element(
      "p",
      { class: "wrong" },
      sign(severity),
      element("span", { class: "unseen" }, `${STATES[severity]}: `),
      element("strong", {}, check.fault),
    ),
    ...findings.map((finding) =>
      element(
        "p",
        { class: "seen" },
        finding.seen.includes(finding.subject) ? null : element("code", {}, `${finding.subject} `),
        ...prose(finding.seen),
      ),
    ),
    ...[...new Set(findings.map((finding) => finding.remedy))].map((remedy) =>
      element("p", { class: "remedy" }, element("b", {}, "Remedy"), " ", ...prose(remedy)),
    ),
    element("p", { class: "source" }, element("code", {}, check.name), ` ${check.section}`),
  );
}

const checkList = (state, places) =>
  element(
    "ul",
    {},
    ...places.map((place) =>
      element("li", {}, sign(state), element("span", {}, data.checks[place].title), element("code", {}, data.checks[place].name)),
    ),
  );

function howMany(all, passed, notLooked) {
  if (notLooked === all) return `none of ${many(all, "check")} looked at`;
  if (passed === all) return `all ${many(all, "check")} passed`;
  return `${passed} of ${many(all, "check")} passed${notLooked ? `, ${notLooked} not looked at` : ""}`;
}

// How many checks have passed at a station, and on demand which, and which were not looked at.
function checksAt(station, findings, skipped) {
  const all = CHECKS_AT.get(station) ?? [];
  const failed = new Set(findings.map((finding) => finding.check));
  const notLooked = all.filter((place) => skipped.has(place));
  const passed = all.filter((place) => !skipped.has(place) && !failed.has(place));
  const made = element("details", { class: "checks" });
  made.append(element("summary", {}, howMany(all.length, passed.length, notLooked.length)));
  made.addEventListener("toggle", () => {
    if (made.children.length === 1) made.append(checkList("unknown", notLooked), checkList("ok", passed));
  });
  return made;
}

function details(domain) {
  const known = facts(domain);
  const skipped = new Set(domain.not_looked_at);
  const found = grouped(domain.findings ?? [], (finding) => data.checks[finding.check].station);
  return element(
    "ol",
    { class: "way", "aria-label": `The way to ${namesOf(domain)}` },
    ...STATIONS.map((station, place) => {
      const state = domain.stations[place];
      const findings = found.get(station) ?? [];
      const faults = grouped(findings, (finding) => finding.check);
      return element(
        "li",
        { class: `station ${state} at-${station}` },
        sign(state),
        element("h4", {}, LABELS[station], " ", element("span", {}, STATES[state])),
        checksAt(station, findings, skipped),
        factList(known[station]),
        ...[...faults].map(([check, some]) => fault(check, some)),
        station === "reports" ? reportedOf(domain) : null,
      );
    }),
  );
}
