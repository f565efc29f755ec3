/* Comfort only: every page works without this file, and nothing here decides anything.
   Idle warning, character counters, reading keys, focus on errors after a swap. */
"use strict";

(() => {
  const inField = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;

  /* Reading keys: j and k go through [data-step]; others open the link or focus the field with that data-key. */
  const step = (way) => {
    const places = [...document.querySelectorAll("[data-step]")].filter((place) => place.offsetParent !== null);
    const here = places.findIndex((place) => place.contains(document.activeElement));
    const next = places[here < 0 && way < 0 ? places.length - 1 : here + way];
    if (!next) return;
    const target = next.querySelector("a, summary") || next;
    if (target === next) next.tabIndex = -1;
    target.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || inField(event.target)) return;
    if (event.key === "j") return step(1);
    if (event.key === "k") return step(-1);
    const place = /^[1-4c?]$/.test(event.key) && document.querySelector(`[data-key="${event.key}"]`);
    if (!place || place.matches("button, [type=submit]")) return;
    event.preventDefault();
    place.closest("details")?.setAttribute("open", "");
    place.matches("a") ? place.click() : place.focus();
  });

  /* Counters: say how much room is left; the server refuses what is too long, nothing is cut off. */
  const count = (field) => {
    const counter = document.getElementById(`${field.id}-counter`);
    if (!counter) return;
    const left = Number(field.dataset.longest) - [...field.value].length;
    counter.textContent = left < 0 ? `Too long by ${-left}` : `Room for ${left} more`;
  };
  document.addEventListener("input", (event) => event.target.dataset?.longest && count(event.target));

  /* After a refused form: the summary of errors, or the stale banner, takes the focus. */
  const settle = (root) => {
    root.querySelectorAll("[data-longest]").forEach(count);
    const refused = root.matches?.("[data-refused]") ? root : root.querySelector("[data-refused]");
    if (refused) refused.focus();
  };
  document.addEventListener("DOMContentLoaded", () => settle(document));
  document.addEventListener("htmx:load", (event) => settle(event.target));

  /* On a phone the way back to the decision bar shows only while the bar itself is out of sight. */
  const bar = document.querySelector(".decision-bar");
  const way = document.querySelector(".to-decision");
  if (bar && way) new IntersectionObserver(([seen]) => (way.hidden = seen.isIntersecting)).observe(bar);

  /* Idle logoff: hands on the page count, polling does not. Another tab's activity counts here too. */
  const idle = document.querySelector("[data-idle-seconds]");
  if (!idle) return;
  const limit = Number(idle.dataset.idleSeconds) * 1000;
  const minute = 60_000;
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("formulary-activity") : null;
  const words = idle.querySelector("[data-idle-words]");
  const page = document.querySelector(".page");
  let active = Date.now();
  let told = Date.now();
  let asked = Date.now();
  let signedOut = false;

  /* GET that answers 200 with {"csrf_token": ...} while the session lives: the forms of this page stay good. */
  const stay = async () => {
    asked = Date.now();
    const answer = await fetch(idle.dataset.stayUrl, { redirect: "manual" }).catch(() => null);
    if (!answer?.ok) return false;
    told = Date.now();
    const { csrf_token: token } = await answer.json().catch(() => ({}));
    if (token) document.querySelectorAll("input[name=csrf_token]").forEach((field) => (field.value = token));
    return true;
  };
  const back = async () => {
    if (!(await stay())) {
      if (signedOut) window.open(idle.dataset.signInUrl, "_blank", "noopener");
      return;
    }
    active = Date.now();
    signedOut = false;
    idle.hidden = true;
    page.hidden = false;
    tabs?.postMessage(active);
  };
  const notice = () => {
    if (!signedOut && idle.hidden) active = Date.now();
  };
  ["pointerdown", "keydown", "wheel"].forEach((kind) => document.addEventListener(kind, notice, { passive: true }));
  if (tabs) {
    tabs.onmessage = (event) => {
      active = Math.max(active, event.data);
      told = Math.max(told, event.data);
      if (!signedOut) idle.hidden = true;
    };
  }
  idle.querySelector("button").addEventListener("click", back);

  setInterval(() => {
    const rest = Math.max(active, told) + limit - Date.now();
    if (active > asked && Date.now() - asked > minute) stay().then((good) => good && tabs?.postMessage(told));
    if (signedOut || rest > minute) return;
    idle.hidden = false;
    signedOut = rest <= 0;
    page.hidden = signedOut;
    words.textContent = signedOut
      ? "You were signed out. What you typed is still here: sign in in the new tab, come back and press the button."
      : "You will be signed out in less than a minute.";
  }, 5_000);
})();
