// What plain HTML and htmx cannot do alone. Every page works without this file.
"use strict";

const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

// ---- Forms: no double sending, ask before what cannot be undone, go to the first mistake ----

// Forms of this page in which something was typed: sending another one would lose it.
const typedIn = new Set();
const noteTyping = ({ target }) => {
  if (target.form && target.form.method === "post") typedIn.add(target.form);
};
document.addEventListener("input", noteTyping);
document.addEventListener("change", noteTyping);

function leftBehind(form) {
  const others = Array.from(typedIn).filter((other) => other !== form && other.isConnected);
  const names = others.map((other) => {
    const heading = other.closest("details, .card");
    const name = heading && heading.querySelector("summary, h2, h3");
    return name ? `“${name.textContent.trim()}”` : "另一处";
  });
  return names.length ? `${Array.from(new Set(names)).join("、")}中填写的内容还没有提交，继续将会丢失。` : "";
}

// What to ask before sending, and what yes is called; no text when there is nothing to ask. A form that is not
// filled in yet is sent at once: the answer says what is missing.
function question(form) {
  const lost = leftBehind(form);
  const own = form.dataset.confirm && form.checkValidity() ? form.dataset.confirm : "";
  const yes = lost ? "放弃未提交的内容，继续" : form.dataset.confirmLabel || "确定";
  return { text: [lost, own].filter(Boolean).join(" "), yes };
}

function confirmed({ text, yes }) {
  const dialog = document.getElementById("confirm");
  if (!dialog || !dialog.showModal) return Promise.resolve(window.confirm(text));
  dialog.querySelector("#confirm-text").textContent = text;
  dialog.querySelector("[value=yes]").textContent = yes;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) =>
    dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  const asked = form.dataset.confirmed ? null : question(form);
  if (asked && asked.text) {
    event.preventDefault();
    confirmed(asked).then((yes) => {
      if (!yes) return;
      form.dataset.confirmed = "yes";
      form.requestSubmit(event.submitter);
    });
    return;
  }
  if (form.getAttribute("aria-busy") === "true") {
    event.preventDefault();
    return;
  }
  form.setAttribute("aria-busy", "true");
  // After the browser has collected the values, so that the pressed button's own value is among them.
  setTimeout(() => all("button[type=submit], button:not([type])", form).forEach((b) => { b.disabled = true; }));
});

// A page taken from the back-forward cache can be used again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  all("form[aria-busy]").forEach((form) => {
    form.removeAttribute("aria-busy");
    delete form.dataset.confirmed;
    all("button", form).forEach((button) => { button.disabled = false; });
  });
});

// ---- Sheets: Enter goes down the column, as in a spreadsheet; long lists of boxes are ticked at once ----

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || event.isComposing || !field.matches("table.sheet input")) return;
  event.preventDefault();
  const cell = field.closest("td");
  const below = cell.parentElement.nextElementSibling;
  const next = below && below.cells[cell.cellIndex].querySelector("input:not([type=hidden])");
  (next || field.form.querySelector("button[type=submit]")).focus();
  if (next && next.select) next.select();
});

function startTicks(choices) {
  const boxes = all("input[type=checkbox]", choices);
  if (boxes.length < 8) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-sm";
  const name = () => { button.textContent = boxes.every((box) => box.checked) ? "全部不选" : "全选"; };
  button.addEventListener("click", () => {
    const on = !boxes.every((box) => box.checked);
    boxes.forEach((box) => { box.checked = on; });
    boxes[0].dispatchEvent(new Event("change", { bubbles: true }));
  });
  choices.addEventListener("change", name);
  name();
  choices.before(button);
}

// ---- How much a field takes: text pasted in is never cut off, the surplus is told ----

function startLimit(field) {
  const limit = field.maxLength;
  const said = document.createElement("small");
  said.className = "limit";
  said.setAttribute("aria-live", "polite");
  field.removeAttribute("maxlength");
  field.after(said);
  field.addEventListener("input", () => {
    const length = Array.from(field.value).length;
    const over = length > limit;
    said.textContent = over ? `超出 ${length - limit} 字（最多 ${limit} 字），请删减后再提交。`
      : length > limit * 0.8 ? `还可以填 ${limit - length} 字` : "";
    said.classList.toggle("text-wrong", over);
  });
}

// ---- Person and project picker ----

const typing = new WeakMap();
const parts = (picker) => ({
  text: picker.querySelector("[role=combobox]"),
  id: picker.querySelector("input[type=hidden]"),
  list: picker.querySelector("[role=listbox]"),
  said: picker.querySelector(".picker-said"),
});
const options = (list) => all("[data-value]", list);
const marked = (list) => list.querySelector("[aria-selected=true]");

function closeList(picker) {
  const { text, list } = parts(picker);
  list.hidden = true;
  text.setAttribute("aria-expanded", "false");
  text.removeAttribute("aria-activedescendant");
}

function mark(picker, option) {
  const { text, list } = parts(picker);
  options(list).forEach((o) => o.setAttribute("aria-selected", String(o === option)));
  if (!option) return;
  text.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function choose(picker, option) {
  const { text, id, said } = parts(picker);
  // With number and unit: a namesake is noticed now, and also when the form comes back with an error.
  text.value = [option.dataset.label, option.dataset.hint].filter(Boolean).join("　");
  id.value = option.dataset.value;
  said.textContent = "已从候选中选定";
  closeList(picker);
}

function search(picker) {
  const { text, id, said } = parts(picker);
  clearTimeout(typing.get(picker));
  id.value = "";
  said.textContent = "";
  if (!text.value.trim()) {
    typing.delete(picker);
    closeList(picker);
    return;
  }
  typing.set(picker, setTimeout(() => htmx.trigger(text, "pick:search"), 200));
}

function showOptions(picker) {
  const { text, list, said } = parts(picker);
  typing.delete(picker);
  said.classList.remove("text-wrong");
  if (document.activeElement !== text) return;
  options(list).forEach((option, i) => { option.id = `${list.id}_${i}`; });
  list.hidden = false;
  text.setAttribute("aria-expanded", "true");
  // One candidate is what is meant; among several the person decides.
  mark(picker, options(list).length === 1 ? options(list)[0] : null);
  said.textContent = options(list).length ? "" : list.textContent.trim();
}

function startPicker(picker) {
  const { text, id, list, said } = parts(picker);
  if (id.value) said.textContent = "已从候选中选定";
  // While an input method composes, the letters are not yet what the person means.
  text.addEventListener("input", (event) => { if (!event.isComposing) search(picker); });
  text.addEventListener("compositionend", () => search(picker));
  text.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const open = !list.hidden;
    if (event.key === "Escape" && open) {
      closeList(picker);
    } else if (event.key === "Enter" && open && marked(list)) {
      choose(picker, marked(list));
    } else if (event.key === "Enter" && open && options(list).length) {
      mark(picker, options(list)[0]);
    } else if (event.key === "Enter" && typing.has(picker)) {
      // The answer is on its way; sending the form now would send half a name.
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && open) {
      const found = options(list);
      const at = found.indexOf(marked(list));
      mark(picker, event.key === "ArrowDown" ? found[(at + 1) % found.length] : found.at(at > 0 ? at - 1 : -1));
    } else {
      // Leaving with one single candidate means that one; with several the person decides.
      if (event.key === "Tab" && open && options(list).length === 1) choose(picker, options(list)[0]);
      return;
    }
    event.preventDefault();
  });
  text.addEventListener("blur", () => closeList(picker));
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[data-value]");
    if (option) choose(picker, option);
  });
}

// ---- htmx ----

// A chosen condition applies at once; typed text when it is sent with Enter or the button.
document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.form && field.form.matches("form.filter") && field.matches("select, [type=date]")) {
    htmx.trigger(field.form, "filter:chosen");
  }
});

document.addEventListener("htmx:configRequest", (event) => {
  const { elt, parameters } = event.detail;
  if (elt.matches("[role=combobox]")) {
    event.detail.parameters = { q: elt.value };
  } else if (elt.matches("form.filter")) {
    Object.keys(parameters).forEach((key) => { if (parameters[key] === "") delete parameters[key]; });
  }
});

document.addEventListener("htmx:beforeOnLoad", (event) => {
  const picker = event.detail.elt.closest("[data-picker]");
  if (!picker || event.detail.xhr.status !== 401) return;
  // Going to the sign-in page now would lose what was typed; sending the form keeps it.
  event.preventDefault();
  typing.delete(picker);
  parts(picker).said.textContent = "登录已过期，暂不能查找。请填完后直接提交，重新登录后内容还在。";
});

document.addEventListener("htmx:afterSwap", (event) => {
  const picker = event.detail.target.closest("[data-picker]");
  if (picker) showOptions(picker);
  else showTrouble(document.getElementById("announce"), "");
});

// htmx notes the current address, search words included, in the browser's storage; nothing of ours stays there.
const forget = () => sessionStorage.removeItem("htmx-current-path-for-history");
document.addEventListener("htmx:pushedIntoHistory", forget);
document.addEventListener("htmx:replacedInHistory", forget);
forget();

// Paging by keyboard goes on from the top of the new page.
document.addEventListener("htmx:afterSettle", (event) => {
  const target = event.detail.target;
  if (target.id !== "table" || document.activeElement !== document.body) return;
  target.setAttribute("tabindex", "-1");
  target.focus({ preventScroll: true });
});

// The status line is for screen readers only, until something went wrong.
function showTrouble(place, text) {
  if (!place) return;
  if (text) place.textContent = text;
  place.classList.toggle("text-wrong", Boolean(text));
  if (place.id === "announce") place.classList.toggle("visually-hidden", !text);
}

function explain(event, text) {
  const picker = event.detail.elt.closest("[data-picker]");
  if (picker) typing.delete(picker);
  showTrouble(picker ? parts(picker).said : document.getElementById("announce"), text);
}
document.addEventListener("htmx:sendError", (event) =>
  explain(event, "没有连上服务器，页面内容未更新。请检查网络后重试。"));
document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  if (status !== 401) explain(event, `这次请求没有办成（${status}），页面内容未更新。请刷新页面后重试。`);
});

// ---- On every page ----

all("[data-picker]").forEach(startPicker);
all(".choices").forEach(startTicks);
all("input[maxlength]:not([type=hidden]):not([type=password]), textarea[maxlength]").forEach(startLimit);
all("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
// A button that fills a field: data-fill="id of the field", data-value="what".
all("[data-fill]").forEach((button) => {
  const field = document.getElementById(button.dataset.fill);
  button.hidden = false;
  button.addEventListener("click", () => {
    field.value = button.dataset.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  const show = () => button.setAttribute("aria-pressed", String(Number(field.value) === Number(button.dataset.value)));
  field.addEventListener("input", show);
  show();
});
all("[data-toast]").forEach((toast) => {
  toast.classList.add("toast-float");
  setTimeout(() => toast.remove(), 6000);
});
const wrong = document.querySelector("[aria-invalid=true]:not([type=hidden])") || document.getElementById("errors");
if (wrong) wrong.focus();
