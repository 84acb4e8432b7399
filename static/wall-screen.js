// The big screen turns its pictures by itself, can be paused, and keeps its place when the figures are refreshed.
// Without this file every picture stands below the other.
"use strict";

const SECONDS = 15;
const live = document.getElementById("live");
const trouble = document.getElementById("screen-trouble");
const button = (name) => document.querySelector(`[data-screen=${name}]`);
const pause = button("pause");
let at = 0;
let paused = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
let timer;

const pictures = () => Array.from(live.querySelectorAll("[data-picture]"));

function show() {
  const all = pictures();
  at = all.length ? (at + all.length) % all.length : 0;
  all.forEach((picture, number) => { picture.hidden = number !== at; });
  const said = live.querySelector("[data-pages]");
  const way = paused ? "已暂停翻页" : `每 ${SECONDS} 秒翻一页`;
  if (said) said.textContent = all.length > 1 ? `第 ${at + 1} / ${all.length} 页　${way}` : "";
  document.querySelectorAll("[data-screen]").forEach((control) => { control.hidden = all.length < 2; });
  pause.setAttribute("aria-pressed", String(paused));
  pause.textContent = paused ? "继续翻页" : "暂停翻页";
}

function run() {
  clearInterval(timer);
  timer = paused ? undefined : setInterval(() => { at += 1; show(); }, SECONDS * 1000);
}

function turn(by) {
  at += by;
  show();
  run();
}

function setPaused(value) {
  paused = value;
  show();
  run();
}

pause.addEventListener("click", () => setPaused(!paused));
button("back").addEventListener("click", () => turn(-1));
button("next").addEventListener("click", () => turn(1));
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "ArrowRight" || event.key === "PageDown") turn(1);
  else if (event.key === "ArrowLeft" || event.key === "PageUp") turn(-1);
  else if (event.key === " " && !event.target.closest("button, a")) setPaused(!paused);
  else return;
  event.preventDefault();
});

// The new figures replace the old between two paints: nobody sees a screen without its picture.
document.addEventListener("htmx:afterSwap", () => {
  trouble.hidden = true;
  show();
});

function stale() {
  const time = live.querySelector("time");
  trouble.textContent = `没有连上服务器，显示的是 ${time ? time.textContent : "先前"} 的数据，恢复后自动更新。`;
  trouble.hidden = false;
}
document.addEventListener("htmx:sendError", stale);
document.addEventListener("htmx:responseError", stale);

show();
run();
