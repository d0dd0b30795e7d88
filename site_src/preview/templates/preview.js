(() => {
  "use strict";
  const own = document.getElementById("quotabord-preview");
  const place = "quotabord-place:" + location.pathname;

  // A page that is loaded again keeps its scroll position.
  const kept = sessionStorage.getItem(place);
  if (kept !== null) {
    sessionStorage.removeItem(place);
    scrollTo(0, Number(kept));
  }
  for (const details of own.querySelectorAll("details")) {
    const name = "quotabord-open:" + details.className;
    details.open = sessionStorage.getItem(name) === "yes";
    details.addEventListener("toggle", () => sessionStorage.setItem(name, details.open ? "yes" : "no"));
  }

  let stream = null;
  const listen = () => {
    if (stream === null) {
      stream = new EventSource("/__preview/events");
      stream.onmessage = (event) => {
        if (event.data !== own.dataset.version) {
          stream.close();
          sessionStorage.setItem(place, String(scrollY));
          location.reload();
        }
      };
    }
  };
  // A browser has few connections to one server: a hidden tab closes its own.
  const follow = () => {
    if (document.hidden && stream !== null) {
      stream.close();
      stream = null;
    } else if (!document.hidden) {
      listen();
    }
  };
  document.addEventListener("visibilitychange", follow);
  addEventListener("pagehide", () => stream !== null && stream.close());
  follow();

  // Seen means: these bytes were seen; the mark disappears when the page changes.
  const count = () => {
    const counter = own.querySelector(".qp-count");
    if (counter !== null) counter.textContent = own.querySelectorAll(".qp-seen:checked").length;
  };
  for (const box of own.querySelectorAll(".qp-seen")) {
    const page = box.closest("[data-digest]");
    const name = "quotabord-seen:" + page.dataset.page;
    const show = () => page !== own && page.classList.toggle("qp-was-seen", box.checked);
    box.checked = localStorage.getItem(name) === page.dataset.digest;
    show();
    box.addEventListener("change", () => {
      if (box.checked) localStorage.setItem(name, page.dataset.digest);
      else localStorage.removeItem(name);
      show();
      count();
    });
  }
  count();

  const moment = own.querySelector("input[type=datetime-local]");
  if (moment !== null) {
    const go = (value) => {
      const parts = moment.dataset.folder.replace("/~", "").split("~").filter((part) => part && !part.startsWith("at."));
      if (value) parts.push("at." + value.replaceAll(":", "."));
      location.assign((parts.length ? "/~" + parts.join("~") : "") + moment.dataset.path);
    };
    own.querySelector(".qp-go").addEventListener("click", () => go(moment.value));
    own.querySelector(".qp-now").addEventListener("click", () => go(""));
  }
})();
