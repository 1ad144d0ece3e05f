// The list of domains. Ten thousand rows would keep a browser busy, so only those near the window exist; the others are
// empty chunks of the same height.

const CHUNK = 40;

function marked(text, words) {
  const lower = text.toLowerCase();
  const word = words.find((one) => lower.includes(one));
  if (!word || lower.length !== text.length) return [text];
  const start = lower.indexOf(word);
  const end = start + word.length;
  return [text.slice(0, start), element("mark", {}, text.slice(start, end)), text.slice(end)];
}

// What a domain's row says in words: its worst finding, and how many more there are.
function saying(domain) {
  const worst = worstFinding(domain);
  if (!worst) {
    return element("span", { class: "saying" }, domain.stations.includes("unknown") ? "not everything was looked at" : "");
  }
  const more = domain.findings.length - 1;
  return element(
    "span",
    { class: `saying ${worst.severity}` },
    element("span", { class: "text" }, element("code", {}, data.checks[worst.check].name), " ", worst.seen),
    more ? element("span", { class: "more" }, `+${more}`, element("span", { class: "unseen" }, " more")) : null,
  );
}

// Whether anything but reports was looked at: without, nothing is known of a policy.
const wasLookedAt = (domain) => domain.stations.some((state, place) => state !== "unknown" && STATIONS[place] !== "reports");

function cells(domain, words = []) {
  const ended = domain.certificate?.days < 0 ? " ended" : "";
  return [
    element(
      "span",
      { class: "name", title: namesOf(domain) },
      ...marked(nameOf(domain), words),
      domain.name ? element("small", {}, " (", ...marked(domain.domain, words), ")") : null,
    ),
    line(domain.stations),
    element("span", { class: `mode ${domain.mode ?? "unread"}` }, domain.mode ?? (wasLookedAt(domain) ? "no policy" : "–")),
    element(
      "span",
      { class: `expiry${ended}` },
      element("span", { class: "unseen" }, "certificate "),
      daysLeft(domain.certificate),
    ),
    saying(domain),
  ];
}

class DomainList {
  constructor(box, onOpen) {
    this.box = box;
    this.onOpen = onOpen;
    this.places = [];
    this.words = [];
    this.opened = "";
    this.chunks = [];
    this.watcher = new IntersectionObserver((entries) => this.seen(entries), { rootMargin: "800px 0px" });
    box.addEventListener("click", (event) => {
      const button = event.target.closest("button.row");
      if (button) this.onOpen(this.domainOf(button));
    });
  }

  show(places, words) {
    this.places = places;
    this.words = words;
    this.watcher.disconnect();
    this.chunks = [];
    for (let start = 0; start < places.length; start += CHUNK) {
      const chunk = element("div", { class: "chunk", role: "none" });
      chunk.start = start;
      chunk.style.setProperty("--rows", Math.min(CHUNK, places.length - start));
      this.chunks.push(chunk);
    }
    if (this.chunks.length) this.fill(this.chunks[0]);
    this.box.replaceChildren(...this.chunks);
    for (const chunk of this.chunks) this.watcher.observe(chunk);
  }

  // Opens one domain, or none; the row that was asked for stays where it is in the window.
  open(name) {
    const before = this.rowOf(this.opened);
    this.opened = name;
    const row = this.rowOf(name);
    const top = row?.getBoundingClientRect().top;
    if (before && before !== row) this.toggle(before, false);
    if (row) {
      this.toggle(row, true);
      window.scrollBy(0, row.getBoundingClientRect().top - top);
    }
  }

  // Brings the row at a position into the window, with the focus on it.
  focus(position) {
    const chunk = this.chunks[Math.floor(position / CHUNK)];
    if (!chunk) return;
    this.fill(chunk);
    const row = chunk.children[position % CHUNK];
    row.firstChild.firstChild.focus({ preventScroll: true });
    row.scrollIntoView({ block: row.offsetHeight > window.innerHeight / 2 ? "start" : "nearest" });
  }

  // The position of the row that has the focus, or is open; -1 without any.
  position() {
    const row = document.activeElement?.closest(".domain");
    return this.positionOf(row ? this.domainOf(row).domain : this.opened);
  }

  positionOf(name) {
    return this.places.findIndex((place) => data.domains[place].domain === name);
  }

  domainOf(inside) {
    return data.domains[inside.closest(".domain").place];
  }

  rowOf(name) {
    return [...this.box.querySelectorAll(".domain")].find((row) => data.domains[row.place].domain === name);
  }

  toggle(row, open) {
    row.firstChild.firstChild.setAttribute("aria-expanded", open);
    row.classList.toggle("open", open);
    row.querySelector(".details")?.remove();
    if (!open) return;
    const domain = data.domains[row.place];
    const link = element("a", { href: linkTo(domain) }, namesOf(domain));
    row.append(element("div", { class: "details" }, element("p", { class: "link" }, "Link to ", link), details(domain)));
  }

  seen(entries) {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) this.fill(target);
      else if (!target.querySelector(".open") && !target.contains(document.activeElement)) target.replaceChildren();
    }
  }

  fill(chunk) {
    if (chunk.firstChild) return;
    const rows = this.places.slice(chunk.start, chunk.start + CHUNK).map((place, offset) => {
      const domain = data.domains[place];
      const button = element("button", { type: "button", class: "row", "aria-expanded": "false" }, ...cells(domain, this.words));
      const row = element(
        "article",
        {
          class: `domain ${domain.verdict}`,
          role: "listitem",
          "aria-setsize": this.places.length,
          "aria-posinset": chunk.start + offset + 1,
        },
        element("h3", {}, button),
      );
      row.place = place;
      if (domain.domain === this.opened) this.toggle(row, true);
      return row;
    });
    chunk.append(...rows);
  }
}
