// What HTML cannot do by itself: opening and closing sheets, closing menus, showing a password.
// Every page works without it.

"use strict";

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.removeAttribute("open");
  }
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (!target) return;
  closeMenus(target.closest("details.menu"));

  const opens = target.closest("[data-opens]");
  if (opens) {
    document.getElementById(opens.dataset.opens)?.showModal();
    event.preventDefault();
  }

  const closes = target.closest("[data-closes]");
  const sheet = closes?.closest("dialog");
  if (sheet) {
    sheet.close();
    event.preventDefault();
  }

  const shows = target.closest("[data-shows]");
  if (shows) {
    const field = document.getElementById(shows.dataset.shows);
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    shows.setAttribute("aria-pressed", String(shown));
  }

  if (target instanceof HTMLDialogElement && target.open) target.close();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus(null);
});

// A question fetched from its own page opens as a sheet over this one; a page without a question is gone to.
document.addEventListener("htmx:afterSwap", (event) => {
  const sheet = event.detail.target;
  if (!(sheet instanceof HTMLDialogElement)) return;
  // Its form means the page it came from, not the one it now stands on.
  for (const form of sheet.querySelectorAll("form:not([action])")) {
    form.setAttribute("action", event.detail.pathInfo.requestPath);
  }
  if (!sheet.open && sheet.childElementCount > 0) sheet.showModal();
});
document.addEventListener("htmx:responseError", (event) => {
  const link = event.detail.elt;
  if (link.dataset.sheet && link.href) window.location.assign(link.href);
});

// A form that people write into is never left, and nothing in it replaced, because counting it failed: it says so.
function counted(form, worked) {
  const words = form.querySelector(".not-counted");
  if (words) words.hidden = worked;
}
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const form = event.detail.elt.closest("form[data-keeps]");
  if (!form) return;
  const worked = event.detail.xhr.status < 400;
  counted(form, worked);
  if (!worked) event.preventDefault();
});
document.addEventListener("htmx:sendError", (event) => {
  const form = event.detail.elt.closest("form[data-keeps]");
  if (form) counted(form, false);
});

// A form is sent once: its button keeps its width and cannot be pressed twice. A form that hands over a file
// stays on its page and says so with data-again.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.defaultPrevented || !(button instanceof HTMLButtonElement)) return;
  if ("again" in event.target.dataset) return;
  if (button.classList.contains("is-working")) {
    event.preventDefault();
    return;
  }
  button.classList.add("is-working");
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button.is-working:not([disabled])")) button.classList.remove("is-working");
});
