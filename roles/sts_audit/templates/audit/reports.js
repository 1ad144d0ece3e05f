// What senders report: sessions a day as bars, failures by type with what to do, senders. Of a day without a report
// nothing is known, so it is drawn as a gap and never as zero.

const DAY_WIDTH = 10;
const CHART = { height: 96, least: 0.2, sliver: 3 };
const CHART_DAYS = ["day", "succeeded", "failed"];

const reports = data.reports;
const figure = (number) => number.toLocaleString("en");

let charts = 0;

function daysFrom(first, many) {
  const start = Date.parse(first);
  return Array.from({ length: many }, (_unused, place) => new Date(start + place * 86400000).toISOString().slice(0, 10));
}

// [day, succeeded, failed], without the last two where no sender reports
function daysOf(one, first) {
  const days = (one.days ?? "").split(",");
  const names = daysFrom(first, days.length);
  return days.map((day, place) => (day ? [names[place], ...[...day.split(":"), 0].slice(0, 2).map(Number)] : [names[place]]));
}

function share(failed, all) {
  if (!failed) return "0 %";
  if (failed === all) return "100 %";
  const tenths = Math.min(Math.floor((1000 * failed) / all), 999);
  return tenths ? `${(tenths / 10).toFixed(1)} %` : "< 0.1 %";
}

const inWordsOf = ([day, succeeded, failed]) =>
  succeeded === undefined ? `${day}: no report` : `${day}: ${figure(succeeded)} succeeded, ${figure(failed)} failed`;

function describeDays(days) {
  const reported = days.filter((day) => day.length > 1);
  const failed = reported.filter((day) => day[2]).sort((one, other) => other[2] - one[2]);
  const silent = days.length - reported.length;
  return [
    `Reports on ${reported.length} of ${many(days.length, "day")}`,
    failed.length ? `failures on ${many(failed.length, "day")}, most on ${inWordsOf(failed[0])}` : "no failures",
    silent ? `no report on ${many(silent, "day")}` : null,
  ].filter(Boolean).join("; ");
}

// Sessions that succeeded stand on the line, those that failed hang from it, both to the same scale.
function bars(days) {
  const most = (place) => Math.max(0, ...days.map((day) => day[place] ?? 0));
  const [top, low] = [most(1), most(2)];
  const up = low ? CHART.height * Math.min(Math.max(top / (top + low), CHART.least), 1 - CHART.least) : CHART.height;
  const scale = Math.min(top ? up / top : Infinity, low ? (CHART.height - up) / low : Infinity);
  const tall = (sessions) => (sessions ? Math.max(sessions * scale, CHART.sliver) : 0);
  const part = (kind, x, y, height) => drawing("rect", { class: kind, x: x + 1, y, width: DAY_WIDTH - 2, height });
  return days.map((day, place) => {
    const [, succeeded, failed] = day;
    const x = place * DAY_WIDTH;
    const inside =
      succeeded === undefined
        ? [drawing("rect", { class: "silent", x, y: 0, width: DAY_WIDTH, height: CHART.height })]
        : [
            drawing("rect", { class: "all-of-it", x, y: 0, width: DAY_WIDTH, height: CHART.height }),
            part("succeeded", x, up - tall(succeeded), tall(succeeded)),
            failed ? part("failed", x, up, tall(failed)) : null,
            drawing("path", { class: "axis", d: `M${x} ${up}h${DAY_WIDTH}` }),
          ];
    return drawing("g", {}, drawing("title", {}, inWordsOf(day)), ...inside);
  });
}

function dayTable(days) {
  const rows = days.map(([day, succeeded, failed]) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, day),
      ...(succeeded === undefined
        ? [element("td", { colspan: 2 }, "no report")]
        : [element("td", {}, figure(succeeded)), element("td", {}, figure(failed))]),
    ),
  );
  return element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...CHART_DAYS.map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, ...rows.reverse()),
  );
}

// A part that is made when somebody opens it.
function later(summary, make) {
  const made = element("details", { class: "more-of-it" }, element("summary", {}, summary));
  made.addEventListener("toggle", () => {
    if (made.children.length === 1) made.append(make());
  });
  return made;
}

function chart(one, first, whose) {
  const days = daysOf(one, first);
  charts += 1;
  const [title, text] = [`chart-${charts}`, `chart-${charts}-text`];
  const highest = Math.max(0, ...days.map(([, succeeded]) => succeeded ?? 0));
  return element(
    "figure",
    { class: "chart" },
    element("p", { class: "scale" }, `up to ${figure(highest)} a day`),
    drawing(
      "svg",
      {
        viewBox: `0 0 ${days.length * DAY_WIDTH} ${CHART.height}`,
        preserveAspectRatio: "none",
        role: "img",
        "aria-labelledby": title,
        "aria-describedby": text,
      },
      drawing("title", { id: title }, `Sessions a day ${whose}, ${days[0][0]} to ${days.at(-1)[0]}, UTC`),
      drawing("desc", { id: text }, describeDays(days)),
      ...bars(days),
    ),
    element("figcaption", {}, element("span", {}, days[0][0]), element("span", {}, "UTC days"), element("span", {}, days.at(-1)[0])),
    later("The days as a table", () => dayTable(days)),
  );
}

const swatch = (kind) =>
  drawing(
    "svg",
    { class: "swatch", viewBox: "0 0 12 16", "aria-hidden": "true" },
    kind === "silent" ? drawing("rect", { class: kind, width: 12, height: 16 }) : drawing("path", { class: "axis", d: "M0 8h12" }),
    kind === "silent" ? null : drawing("rect", { class: kind, x: 2, y: kind === "failed" ? 8 : 0, width: 8, height: 8 }),
  );

const chartLegend = () =>
  element(
    "ul",
    { class: "legend" },
    ...Object.entries({ succeeded: "succeeded, above the line", failed: "failed, below it", silent: "no report" }).map(([kind, words]) =>
      element("li", {}, swatch(kind), words),
    ),
  );

const few = (names, count) => names.join(", ") + (count > names.length ? ` and ${figure(count - names.length)} more` : "");

function typeFacts(type) {
  return factList([
    ["last reported", type.last_day],
    ["by", few(type.senders, type.sender_count)],
    ["at", type.hosts.length ? few(type.hosts, type.host_count) : null],
    ["in their words", type.reasons.length ? type.reasons : null],
  ]);
}

const linksTo = (domains, count) =>
  element(
    "p",
    { class: "of" },
    "Of ",
    ...domains.flatMap((domain, place) => [place ? ", " : "", element("a", { href: linkTo({ domain }) }, domain)]),
    count > domains.length ? ` and ${figure(count - domains.length)} more` : "",
  );

function typeOf(type, most, ofAll) {
  const { meaning, remedy } = reports.types[type.type];
  const bar = element("span", { class: "bar error" });
  bar.style.inlineSize = `${(100 * type.sessions) / most}%`;
  return element(
    "li",
    {},
    element(
      "details",
      { class: "type" },
      element(
        "summary",
        {},
        element("b", {}, figure(type.sessions), element("span", { class: "unseen" }, " sessions")),
        element("span", { class: "meter" }, bar),
        element("span", { class: "words" }, meaning, " ", element("code", { class: "whole" }, type.type)),
      ),
      element("p", { class: "remedy" }, element("b", {}, "Remedy"), " ", ...prose(remedy)),
      ofAll ? linksTo(type.domains, type.domain_count) : null,
      typeFacts(type),
    ),
  );
}

function typeList(one, ofAll) {
  const types = one.types ?? [];
  const most = Math.max(1, ...types.map((type) => type.sessions));
  const beyond = (one.type_count ?? 0) - types.length;
  const others = [
    beyond > 0 ? `and ${many(beyond, "more type")}` : null,
    one.unexplained ? `${figure(one.unexplained)} failed of which no sender says how` : null,
  ].filter(Boolean);
  return element(
    "ul",
    { class: "types" },
    ...types.map((type) => typeOf(type, most, ofAll)),
    ...others.map((words) => element("li", { class: "none" }, words)),
    types.length + others.length ? null : element("li", { class: "none" }, "No failures."),
  );
}

function senderTable(one, label) {
  const senders = one.senders ?? [];
  const rows = senders.map(([place, succeeded, failed, days]) =>
    element(
      "tr",
      { class: failed ? "failing" : null },
      element("th", { scope: "row" }, reports.senders[place]),
      ...[succeeded + failed, failed, days].map((number) => element("td", {}, figure(number))),
    ),
  );
  const beyond = (one.sender_count ?? 0) - senders.length;
  if (beyond > 0) rows.push(element("tr", {}, element("th", { scope: "row" }, `and ${figure(beyond)} more`)));
  return element(
    "table",
    { class: "senders", "aria-label": label },
    element("thead", {}, element("tr", {}, ...["sender", "sessions", "failed", "days"].map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, ...rows),
  );
}

function sums(one, days) {
  const [succeeded, failed] = [one.succeeded ?? 0, one.failed ?? 0];
  if (!one.reported_days) return `No sender has reported in ${many(days, "day")}.`;
  const all = succeeded + failed;
  return `${figure(all)} sessions, ${figure(failed)} failed (${share(failed, all)}), from ${many(one.sender_count, "sender")}, on ${one.reported_days} of ${many(days, "day")}`;
}

const period = () => (Date.parse(reports.until) - Date.parse(reports.since)) / 86400000 + 1;

// What is reported of one domain, for the end of its way.
function reportedOf(domain) {
  if (!reports) return null;
  const one = domain.reported;
  if (!one) return element("p", { class: "reported-of" }, "Reports on this domain were not looked for.");
  const cut = reports.latest === reports.since ? "" : `; the bars show the latest ${daysOf(one, reports.latest).length}`;
  const parts = [element("p", { class: "sums" }, sums(one, period()), cut), factList([["older policy", one.outdated]])];
  if (one.reported_days) {
    parts.push(chart(one, reports.latest, `of ${namesOf(domain)}`));
    parts.push(typeList(one, false), senderTable(one, `Senders that report on ${namesOf(domain)}`));
  }
  return element("div", { class: "reported-of" }, ...parts);
}

function drawReports() {
  if (!reports) return;
  const all = reports.all;
  byId("reported").hidden = false;
  byId("reported-period").textContent = `${reports.since} to ${reports.until}, read ${reports.read_at}`;
  byId("reported-sums").textContent = sums(all, period());
  if (all.reported_days) {
    byId("reported-chart").append(chart(all, reports.since, "of all domains"), chartLegend());
    byId("reported-types").append(typeList(all, true));
    byId("reported-senders").append(senderTable(all, "Senders"));
  }
  byId("reported-lists").hidden = !all.reported_days;
  byId("reported-notes").append(
    ...Object.entries(reports.notes).map(([head, those]) =>
      later(`${head} (${those.length})`, () => element("ul", {}, ...those.map((one) => element("li", {}, one)))),
    ),
  );
}
