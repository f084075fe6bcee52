// The keyboard of a queue. Every key does what a link or a button on the page does: data-key names it.
// j and k walk through the rows marked data-case; x ticks the one one stands on; ? says which keys there are.
const cases = () => [...document.querySelectorAll("[data-case]")];
const boxOf = (row) => row?.querySelector("input[type=checkbox]");
const here = () => document.activeElement?.closest?.("[data-case]") ?? document.querySelector("[data-case][data-here]");
const ticked = () => cases().filter((row) => boxOf(row)?.checked);

function stand(row) {
  if (!row) return;
  cases().forEach((each) => { delete each.dataset.here; });
  row.dataset.here = "";
  row.querySelector("a[href]")?.focus();
  row.scrollIntoView({ block: "nearest" });
}

function walk(steps) {
  const rows = cases();
  const at = rows.indexOf(here());
  stand(rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + steps))]);
}

function tick(row, wanted) {
  const box = boxOf(row);
  if (!box) return;
  box.checked = wanted ?? !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

// What is decided in a list are the ticked rows, or else the one one stands on.
function press(target) {
  if (target.matches("[data-for-ticked], [data-for-ticked] *") && !ticked().length) {
    if (!here()) return;
    tick(here(), true);
  }
  const fold = target.matches("summary") ? target.parentElement : null;
  if (!fold) return target.click();
  fold.open = true;
  fold.querySelector("input:not([type=hidden]), textarea, select, button")?.focus();
}

const keys = {
  j: () => walk(1),
  k: () => walk(-1),
  x: () => tick(here()),
  o: () => here()?.querySelector("a[href]")?.click(),
  "?": () => document.getElementById("keys")?.showModal(),
};

function typing(target) {
  return target.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable]") || document.querySelector("dialog[open]");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  const named = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!named && !keys[event.key]) return;
  event.preventDefault();
  if (named) press(named); else keys[event.key]();
});

// How many are ticked is said beside the buttons, and the box in the head ticks all.
function count() {
  const many = ticked().length;
  document.querySelectorAll("[data-ticked]").forEach((each) => { each.textContent = each.dataset.ticked.replace("0", many); });
  document.querySelectorAll(".bulk").forEach((each) => { each.toggleAttribute("data-idle", !many); });
  const all = document.querySelector("[data-ticks-all]");
  if (all) { all.checked = many > 0 && many === cases().length; all.indeterminate = many > 0 && many < cases().length; }
}
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-ticks-all]")) cases().forEach((row) => { boxOf(row).checked = event.target.checked; });
  count();
});
document.querySelectorAll("[data-ticks-all], [data-shows-keys]").forEach((each) => { each.hidden = false; });
document.addEventListener("click", (event) => { if ("showsKeys" in (event.target.closest("button")?.dataset ?? {})) keys["?"](); });
count();
