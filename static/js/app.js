// What plain HTML can't do alone. Everything works without it: buttons that need a script stay hidden until it runs.
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const each = (selector, act, root) => all(selector, root).forEach(act);

function toast(words) {
  const region = document.getElementById("toasts");
  if (!region || !words) return;
  const note = document.createElement("div");
  note.className = "toast";
  note.textContent = words;
  // Inside a dialog the page behind is inert, so the region moves to the top one and is announced there.
  (all("dialog[open]").at(-1) ?? document.body).append(region);
  region.append(note);
  setTimeout(() => note.remove(), 4000);
}

function switchTheme() {
  const dark = getComputedStyle(document.documentElement).colorScheme === "dark"
    || (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  const next = dark ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  try { localStorage.setItem("theme", next); } catch { /* Only this page then. */ }
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    toast(button.dataset.said);
    button.dispatchEvent(new CustomEvent("copied", { bubbles: true }));
  } catch {
    toast(button.dataset.failed);
  }
}

function reveal(button) {
  const input = document.getElementById(button.dataset.reveal);
  const shown = input.type === "password";
  input.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
  input.focus();
}

async function share(button) {
  const { title, text, url } = button.dataset;
  try {
    await navigator.share({ title, text, url });
    button.dispatchEvent(new CustomEvent("shared", { bubbles: true }));
  } catch { /* Closed without sharing. */ }
}

const presses = {
  themeSwitch: switchTheme,
  copy: (button) => {
    const input = document.getElementById(button.dataset.copy);
    input.select();
    copy(input.value, button);
  },
  copyCode: (button) => copy(button.closest(".code").querySelector("code").textContent, button),
  reveal,
  share,
  opens: (button) => document.getElementById(button.dataset.opens)?.showModal(),
  closes: (button) => button.closest("dialog").close(),
  folds: (button) => {
    const details = button.closest("details");
    details.open = false;
    details.querySelector("summary").focus();
  },
  print: () => window.print(),
};

document.addEventListener("click", (event) => {
  for (const [name, act] of Object.entries(presses)) {
    const attribute = `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const button = event.target.closest(`[${attribute}]`);
    if (button) return act(button);
  }
  if (event.target instanceof HTMLDialogElement) event.target.close();
  each("details[data-menu][open], details.help[open]", (menu) => { if (!menu.contains(event.target)) menu.open = false; });
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  each("details[data-menu][open], details.help[open]", (menu) => {
    menu.open = false;
    menu.querySelector("summary").focus();
  });
});

// "/" leads to the search: the box of this page, else the page that has one.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const box = document.querySelector("[data-slash]");
  const page = document.querySelector("[data-search]")?.dataset.search;
  if (!box && !page) return;
  event.preventDefault();
  if (box) box.focus();
  else location.assign(page);
});

document.addEventListener("focusin", (event) => { if (event.target.matches?.("[data-select]")) event.target.select(); });

// A form marked data-guard asks before its changes are lost, and says where it is marked data-unsaved that there are
// some. "typed" means that it came back with what was typed, so it differs from what is kept whatever happens.
const began = new WeakMap();
const standing = (form) => new URLSearchParams(new FormData(form)).toString();
const isChanged = (form) => began.has(form) && began.get(form) !== standing(form);
function guard(form) {
  if (!began.has(form)) began.set(form, form.dataset.guard === "typed" ? null : standing(form));
  each("[data-unsaved]", (words) => { words.hidden = !isChanged(form); }, form);
}
document.addEventListener("input", (event) => { if (event.target.form?.matches("[data-guard]")) guard(event.target.form); });
document.addEventListener("submit", (event) => began.delete(event.target));
addEventListener("beforeunload", (event) => { if (all("form[data-guard]").some(isChanged)) event.preventDefault(); });

// A second press while the first is on its way would do the thing twice. Not where the answer is a file: the page stays.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented || form.matches("[hx-post], [data-file]")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
});
addEventListener("pageshow", (event) => { if (event.persisted) each("form[data-sent]", (form) => delete form.dataset.sent); });

// Folds that stand open where there is room; drawn anew, they stand as they were left.
const folds = new Map();
document.addEventListener("click", (event) => {
  const fold = event.target.closest?.("summary")?.parentElement;
  if (fold?.matches("[data-open-wide]")) folds.set(fold.id, !fold.open);
});

// Where a row of tabs is wider than the window, the one that is open stands in its middle.
function showInRow(tab) {
  const row = tab.closest(".tabs"), [at, within] = [tab, row].map((one) => one.getBoundingClientRect());
  row.scrollLeft += at.left + at.width / 2 - within.left - within.width / 2;
}

function wake(root) {
  each("[data-theme-switch], [data-reveal], [data-folds]", (button) => { button.hidden = false; }, root);
  each("[data-share]", (button) => { button.hidden = !navigator.share; }, root);
  each("[data-focus]", (region) => region.focus(), root);
  each(".tabs [aria-current]", showInRow, root);
  each("details[data-open-wide]", (fold) => { fold.open = folds.get(fold.id) ?? matchMedia("(width > 56rem)").matches; }, root);
  each("form[data-guard]", guard, root);
}
document.addEventListener("htmx:load", (event) => wake(event.target));
document.addEventListener("DOMContentLoaded", () => wake(document));
if (document.readyState !== "loading") wake(document);
