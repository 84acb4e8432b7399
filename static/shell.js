// The frame of every page: the search box and the side menu. Both work without this file.
"use strict";

// ---- "/" goes to the search box, unless something is being typed ----

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
  const box = Array.from(document.querySelectorAll("[data-search]")).find((field) => field.offsetParent);
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
});

// ---- The menu: which groups stand open is remembered; the one of this page always does ----

const MENU = "menu-groups";

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(MENU)) || {};
  } catch {
    return {};
  }
}

const opened = remembered();
document.querySelectorAll("[data-nav]").forEach((group) => {
  const name = group.dataset.nav;
  if (name in opened && !("current" in group.dataset)) group.open = opened[name];
  group.querySelector("summary").addEventListener("click", () => {
    try {
      localStorage.setItem(MENU, JSON.stringify({ ...remembered(), [name]: !group.open }));
    } catch {
      // A browser that stores nothing forgets.
    }
  });
});
