// Search from everywhere: Ctrl-K (⌘K on a Mac), or the link that without a script leads to the page of the same. What
// the dialog shows comes from that page; the focus stays in the box, and the option one stands on is named by it.
{
  const dialog = document.getElementById("palette");
  const [form, box, list, said] = ["form", "[role=combobox]", "[role=listbox]", "[role=status]"].map((one) => dialog.querySelector(one));
  const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
  const PAUSE = 150;
  // What the options shown are the answer to; null while there is none.
  let answered = null, underWay = null, soon = 0;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");

  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    if (!option) return box.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", option.id);
  }

  function shows(drawn, words, text) {
    list.innerHTML = drawn;
    list.scrollTop = 0;
    answered = text;
    said.textContent = words ?? list.firstElementChild.dataset.said;
    box.setAttribute("aria-expanded", String(options().length > 0));
    choose(text?.trim() ? options()[0] : null);
  }

  async function look() {
    underWay?.abort();
    const { signal } = underWay = new AbortController(), text = box.value;
    try {
      const answer = await fetch(`${form.action}?${new URLSearchParams({ q: text })}`, { signal, headers: { "X-Requested-With": "fetch" } });
      // Led elsewhere, to the log-in say: that is no list of options.
      if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
      const drawn = await answer.text();
      if (!signal.aborted) shows(drawn, null, text);
    } catch {
      if (!signal.aborted) shows("", dialog.dataset.failed, null);
    }
  }

  function open() {
    dialog.showModal();
    box.focus();
    look();
  }

  function step(by) {
    const all = options(), at = all.indexOf(chosen());
    choose(at < 0 ? all.at(by > 0 ? 0 : -1) : all[(at + by + all.length) % all.length]);
  }

  box.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(look, PAUSE);
  });

  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (steps) {
      event.preventDefault();
      step(steps);
    }
    // Quicker than the answer: the page of the search has it, and nobody lands where they did not mean to.
    if (event.key === "Enter" && answered === box.value && chosen()) {
      event.preventDefault();
      chosen().click();
    }
  });

  dialog.addEventListener("close", () => {
    clearTimeout(soon);
    underWay?.abort();
    form.reset();
    shows("", "", null);
  });

  function isShortcut(event) {
    const isOurs = isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
    return isOurs && !event.altKey && !event.shiftKey && !event.isComposing && !event.repeat && event.key?.toLowerCase() === "k";
  }

  // Where a window lies over the page it stays alone; where one writes formatted text the keys are its own.
  document.addEventListener("keydown", (event) => {
    if (!isShortcut(event) || event.target.closest?.("[contenteditable]")) return;
    if (!dialog.open && document.querySelector("dialog[open]")) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open();
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-palette]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });

  document.querySelectorAll("[data-shortcut]").forEach((key) => {
    if (isMac) key.textContent = "⌘K";
    key.hidden = false;
  });
}
