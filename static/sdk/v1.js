// Referral SaaS for your shop. One line brings it; it keeps a referral with the friend until the order:
// <script src="https://…/static/sdk/v1.js" data-key="pk_…" defer></script>
// Optional: data-consent="ask" stores and sends nothing before ReferralSaaS.consent(true); data-placement names the page.
((w, d) => {
  const me = d.currentScript || d.querySelector("script[data-key^=pk_]"), { key, placement, consent } = me.dataset;
  const query = new URLSearchParams(location.search), life = 90 * 86400, now = () => Date.now() / 1000;
  const cookie = (name) => decodeURIComponent((d.cookie.match(`(?:^|; )${name}=([^;]*)`) || [])[1] || "");
  const read = (name) => { try { return localStorage.getItem(name) || ""; } catch { return cookie(name); } };
  const keep = (name, value) => {
    try { value ? localStorage.setItem(name, value) : localStorage.removeItem(name); } catch {
      d.cookie = `${name}=${encodeURIComponent(value)};path=/;max-age=${value ? life : 0};SameSite=Lax${location.protocol == "https:" ? ";Secure" : ""}`;
    }
  };
  // A token is v1.<click>.<link>.<unix seconds>.<mac>. All well-formed, living ones travel, oldest first, by comma:
  // whether the first or the last advocate counts is the program's rule, not ours.
  const born = (token) => {
    const at = /^v1(\.[\w-]{1,64}){2}\.\d{9,11}\.[\w-]{8,128}$/.test(token) ? +token.split(".")[3] : 0;
    return at > now() - life ? at : 0; // a sandbox's clock runs ahead, so the future is none of our business
  };
  const said = read("rs_consent");
  let allowed = said ? said == "1" : consent != "ask", token = query.get("rt") || "", code = (query.get("rc") || "").slice(0, 64);

  const settle = () => {
    const kept = allowed ? read("rs_token") : "", given = born(token) ? token : "";
    const all = [...new Set(`${kept},${token}`.split(","))].filter(born).sort((a, b) => born(a) - born(b));
    if (!code && (!given || given == all.at(-1))) code = read("rs_code");
    token = (all.length > 4 ? [all[0], ...all.slice(-3)] : all).join();
    if (allowed) { keep("rs_token", token); keep("rs_code", code); }
  };
  const fill = (form) => {
    let input = form.querySelector("[name=referral_token]");
    if (!token || (!input && !form.matches("[data-referral]"))) return;
    if (!input) form.append(input = Object.assign(d.createElement("input"), { type: "hidden", name: "referral_token" }));
    input.value = token;
  };
  const cart = () => {
    if (!w.Shopify || !token || !allowed) return;
    const mark = token + cookie("cart");
    try { if (sessionStorage.rs_cart == mark) return; } catch { /* Then it is written again. */ }
    fetch((w.Shopify.routes?.root || "/") + "cart/update.js", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ attributes: { referral_token: token } }),
    }).then((answer) => { if (answer.ok) sessionStorage.rs_cart = mark; }).catch(() => {});
  };
  const beat = () => {
    if (!allowed || !key) return;
    const day = new Date().toISOString().slice(0, 10), places = new Set([placement || "site"]);
    d.querySelectorAll("[data-referral-placement]").forEach((spot) => places.add(spot.dataset.referralPlacement));
    const seen = read("rs_seen").split("|"), today = seen[0] == day ? seen : [day];
    places.forEach((place) => {
      if (today.includes(place)) return;
      const body = JSON.stringify({ key, placement: place, page_host: location.host });
      if (navigator.sendBeacon(new URL("/api/v1/heartbeat", me.src), body)) today.push(place);
    });
    keep("rs_seen", today.join("|"));
  };
  const run = () => { settle(); d.querySelectorAll("form").forEach(fill); cart(); beat(); };

  d.addEventListener("submit", (event) => fill(event.target), true);
  w.ReferralSaaS = {
    token: () => token,
    code: () => code,
    consent: (yes) => {
      allowed = !!yes;
      keep("rs_consent", yes ? "1" : "0");
      if (yes) return run();
      token = code = "";
      ["rs_token", "rs_code", "rs_seen"].forEach((name) => keep(name, ""));
      d.querySelectorAll("[name=referral_token]").forEach((input) => { input.value = ""; });
    },
  };
  d.readyState == "loading" ? d.addEventListener("DOMContentLoaded", run) : run();
})(window, document);
