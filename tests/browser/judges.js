// What is asked of a page in the browser. Each judge returns a list of sentences: what is wrong, and where.
({
  name(element) {
    const classes = element.getAttribute("class");
    return `<${element.localName}${classes ? ` class="${classes}"` : ""}> ${element.textContent.trim().slice(0, 30)}`;
  },

  shown(element) {
    return element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
  },

  // WCAG 1.4.10 and 1.4.12: nothing is wider than the screen, and no text is cut off.
  width() {
    const faults = [];
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > wide)
      faults.push(`the page is ${document.documentElement.scrollWidth} px wide on a screen of ${wide} px`);
    for (const element of document.body.querySelectorAll("*")) {
      if (!this.shown(element) || element.closest(".skip, thead")) continue;
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      const scrolls = element.parentElement.closest(".wide, article > table, article > pre");
      if (box.right > wide + 1 && !scrolls && !element.closest("svg"))
        faults.push(`${this.name(element)} ends at ${Math.round(box.right)} px of ${wide}`);
      if (style.overflowX === "hidden" && element.scrollWidth > element.clientWidth + 1)
        faults.push(`${this.name(element)} is cut off`);
    }
    return faults;
  },

  // The words of a picture stay inside of it and do not run into each other.
  picture() {
    const faults = [];
    for (const svg of document.querySelectorAll("svg[role=img]")) {
      const frame = svg.getBoundingClientRect();
      const texts = [...svg.querySelectorAll("text")].map((text) => [text, text.getBoundingClientRect()]);
      texts.forEach(([text, box], number) => {
        if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1)
          faults.push(`"${text.textContent}" stands outside of its picture`);
        for (const [other, second] of texts.slice(number + 1))
          if (box.left < second.right && second.left < box.right && box.top < second.bottom - 1 && second.top < box.bottom - 1)
            faults.push(`"${text.textContent}" runs into "${other.textContent}"`);
      });
    }
    return faults;
  },

  luminance(colour) {
    const [r, g, b] = colour.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  },

  contrast(one, other) {
    const [low, high] = [this.luminance(one), this.luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  },

  parts(colour) {
    return (colour.match(/[\d.]+/g) || []).map(Number);
  },

  ground(element) {
    for (let above = element; above; above = above.parentElement) {
      const parts = this.parts(getComputedStyle(above).backgroundColor);
      if (parts.length === 3 || parts[3] > 0) return parts.slice(0, 3);
    }
    return [255, 255, 255];
  },

  stops() {
    return [...document.querySelectorAll("a[href], summary, [tabindex='0']")].filter((element) => this.shown(element));
  },

  stopNumber() {
    return this.stops().indexOf(document.activeElement);
  },

  // WCAG 2.4.7, 2.4.11 and 1.4.11: where the keyboard is can be seen, and nothing lies over it.
  focus() {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const name = this.name(element);
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) return [`${name} has no visible focus`];
    const ratio = this.contrast(this.parts(style.outlineColor).slice(0, 3), this.ground(element.parentElement));
    const faults = ratio < 3 ? [`${name} has a focus of contrast ${ratio.toFixed(1)}`] : [];
    const first = element.getClientRects()[0];
    const top = document.elementFromPoint(first.left + first.width / 2, first.top + first.height / 2);
    if (box.bottom <= 0 || box.top >= innerHeight) faults.push(`${name} is not on the screen`);
    else if (!top || !(element.contains(top) || top.contains(element))) faults.push(`${name} is covered`);
    return faults;
  },

  // The answer, the state and the link if there is one, before anything is scrolled; on home, those of all programmes.
  firstScreen() {
    const faults = [];
    for (const part of document.querySelectorAll(".quota-notice h2, .quota-notice .label, .quota-notice .conversation-starter, .card .state")) {
      const bottom = part.getBoundingClientRect().bottom;
      if (bottom > innerHeight) faults.push(`${this.name(part)} ends at ${Math.round(bottom)} px of ${innerHeight}`);
    }
    return faults;
  },

  // The link is one line of text.
  oneLine() {
    const link = document.querySelector(".conversation-starter");
    if (!link) return [];
    const lines = link.clientHeight / parseFloat(getComputedStyle(link).lineHeight);
    return lines > 2 ? [`${this.name(link)} has more than one line`] : [];
  },

  // The link comes before the moments.
  linkFirst() {
    const top = (name) => document.querySelector(`.quota-notice ${name}`).getBoundingClientRect().top;
    return document.querySelector(".conversation-starter") && top(".conversation-starter") > top("dl") ? ["the moments stand above the link"] : [];
  },

  // No two texts of the page's frame lie over each other.
  overlaps() {
    const faults = [];
    const parts = [...document.querySelectorAll(".languages li, .site, .sender span:not(.site), summary, .breadcrumbs li, h1, .quota-notice")]
      .filter((element) => this.shown(element))
      .map((element) => [element, element.getBoundingClientRect()]);
    parts.forEach(([element, box], number) => {
      for (const [other, second] of parts.slice(number + 1))
        if (!element.contains(other) && box.left < second.right - 1 && second.left < box.right - 1 && box.top < second.bottom - 1 && second.top < box.bottom - 1)
          faults.push(`${this.name(element)} lies over ${this.name(other)}`);
    });
    return faults;
  },

  // In forced colours grounds are gone: what they showed needs a border, and a picture the colour of text.
  forcedColours() {
    const faults = [];
    const text = getComputedStyle(document.body).color;
    for (const element of document.querySelectorAll(".quota-notice, .conversation-starter, .state, .card, .brand"))
      if (parseFloat(getComputedStyle(element).borderBottomWidth) < 1) faults.push(`${this.name(element)} has no border`);
    for (const shape of document.querySelectorAll(".timeline rect, .timeline text, .mark path")) {
      const style = getComputedStyle(shape);
      const drawn = style.fill.startsWith("url(") ? style.stroke : style.fill;
      if (this.contrast(this.parts(drawn), this.parts(getComputedStyle(document.body).backgroundColor)) < 3)
        faults.push(`${this.name(shape)} is ${drawn}, and text is ${text}`);
    }
    return faults;
  },

  // On paper the notice and its dates stay, and a link that may be gone tomorrow does not.
  paper() {
    const faults = [];
    for (const part of document.querySelectorAll(".quota-notice, .quota-notice h2, .quota-notice time, .programme-status time"))
      if (!this.shown(part)) faults.push(`${this.name(part)} is not printed`);
    for (const part of document.querySelectorAll(".conversation-starter, nav a, .skip"))
      if (this.shown(part)) faults.push(`${this.name(part)} is printed`);
    // Paper is white, and printers leave out grounds.
    for (const part of document.querySelectorAll(".site, h1, .quota-notice h2, .quota-notice p, .quota-notice dd"))
      if (this.shown(part) && this.contrast(this.parts(getComputedStyle(part).color), [255, 255, 255]) < 4.5)
        faults.push(`${this.name(part)} is too pale for paper`);
    return faults;
  },
})
