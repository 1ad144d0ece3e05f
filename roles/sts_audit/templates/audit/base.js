// What all parts of the page use. Data go into text and attributes only, never into markup; the page's security policy
// (trusted types) refuses anything else.

const data = JSON.parse(document.getElementById("data").textContent);

const STATIONS = data.stations.map((station) => station.name);
const LABELS = { dns: "DNS", host: "host", tls: "TLS", policy: "policy", mx: "MX", reports: "reports" };
const STATES = { error: "error", warning: "warning", info: "note", ok: "in order", unknown: "not looked at" };
const PLURALS = { error: "errors", warning: "warnings", info: "notes", ok: "in order" };
const SEVERITIES = ["error", "warning", "info"];
const MODES = ["enforce", "testing", "none"];

const byId = (id) => document.getElementById(id);

function fill(made, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

const element = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);

const drawing = (name, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);

const many = (number, one, more = `${one}s`) => `${number} ${number === 1 ? one : more}`;

// Groups in the order in which their keys first come.
function grouped(items, key) {
  const groups = new Map();
  for (const item of items) {
    const name = key(item);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(item);
  }
  return groups;
}

// Text whose names break between words only, as long as there is room; a hyphen is part of a name here.
const prose = (text) =>
  text.split(/(\S*-\S*)/).map((part, place) => (place % 2 ? element("span", { class: "whole" }, part) : part));

function daysLeft(expiry) {
  if (!expiry) return "–";
  return expiry.days < 0 ? "ended" : many(expiry.days, "day");
}

// A domain as people read it, and the form that DNS knows beside it where that is a different one.
const nameOf = (domain) => domain.name ?? domain.domain;
const namesOf = (domain) => (domain.name ? `${domain.name} (${domain.domain})` : domain.domain);

function linkTo(domain) {
  return `#${new URLSearchParams({ domain: domain.domain })}`;
}

const worstFinding = (domain) =>
  SEVERITIES.map((severity) => domain.findings?.find((finding) => finding.severity === severity)).find(Boolean);
