// Sharing from the portal. Each way records that it was used, then opens the app; without scripts the form does both.
const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
const record = (address) =>
  fetch(address, { method: "POST", headers: { "X-CSRFToken": token, "X-Requested-With": "fetch" }, keepalive: true }).catch(() => {});

for (const form of document.querySelectorAll("form[data-opens-app]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    record(form.action);
    const address = form.dataset.opensApp;
    if (address.startsWith("mailto:")) location.href = address;
    else window.open(address, "_blank", "noopener");
  });
}
for (const name of ["copied", "shared"]) {
  document.addEventListener(name, (event) => {
    const place = event.target.closest("[data-records]");
    if (place) record(place.dataset.records);
  });
}
