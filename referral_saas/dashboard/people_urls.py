"""Under /w/<slug>/: people, what they brought, and what they get."""

from __future__ import annotations

from django.urls import path

from referral_saas.dashboard.views import (
    advocates,
    attribution,
    customers,
    find,
    home,
    imports,
    leaks,
    links,
    orders,
    referrals,
    rewards,
)

urlpatterns = [
    path("advocates", advocates.advocates, name="advocates"),
    path("advocates/new", advocates.enrol, name="enrol-advocate"),
    path("advocates/import", imports.advocates, name="import-advocates"),
    path("advocates/<str:public_id>", advocates.advocate, name="advocate"),
    path("advocates/<str:public_id>/send-link", advocates.send_link, name="send-portal-link"),
    *(
        path(f"advocates/<str:public_id>/{verb}", advocates.move, {"verb": verb}, name=f"{verb}-advocate")
        for verb in ("pause", "resume", "ban", "unban")
    ),
    path("advocates/<str:public_id>/links/new", links.new, name="new-link"),
    path("links/<str:public_id>", links.one, name="link"),
    path("links/<str:public_id>/qr.svg", links.image, name="link-qr"),
    path("links/<str:public_id>/cards", links.cards, name="link-cards"),
    path("links/<str:public_id>/code", links.choose, name="choose-link-code"),
    path("links/<str:public_id>/renew", links.renew, name="renew-link-code"),
    path("links/<str:public_id>/way", links.way, name="link-way"),
    path("links/<str:public_id>/retire", links.retire, name="retire-link"),
    path("customers", customers.customers, name="customers"),
    path("customers/import", imports.customers, name="import-customers"),
    path("customers/<str:public_id>", customers.customer, name="customer"),
    path("find", find.search, name="find"),
    path("find/<str:public_id>", find.person, name="found"),
    path("find/<str:public_id>/send-code", find.send_code, name="send-code-again"),
    path("find/<str:public_id>/ask", find.ask, name="ask-who-sent"),
    path("leaks", leaks.leaks, name="leaks"),
    path("leaks/<str:public_id>", leaks.leak, name="leak"),
    *(
        path(f"leaks/<str:public_id>/{verb}", leaks.move, {"verb": verb}, name=f"{verb}-leak")
        for verb in ("replace", "undo", "leave", "reopen")
    ),
    path("sharers", home.who_shared, name="sharers"),
    path("clicks", referrals.clicks, name="clicks"),
    path("claims", referrals.claims, name="claims"),
    path("referrals", referrals.referrals, name="referrals"),
    path("referrals/<str:public_id>", referrals.referral, name="referral"),
    path("orders", orders.orders, name="orders"),
    path("orders/new", orders.record, name="record-sale"),
    path("orders/import", imports.orders, name="import-orders"),
    path("imports", imports.listed, name="imports"),
    path("imports/<str:public_id>", imports.one, name="import"),
    path("imports/<str:public_id>/check", imports.check, name="check-import"),
    path("imports/<str:public_id>/start", imports.start, name="start-import"),
    path("imports/<str:public_id>/discard", imports.discard, name="discard-import"),
    path("imports/<str:public_id>/rows.csv", imports.faults, name="import-faults"),
    path("orders/<str:public_id>", orders.order, name="order"),
    path("orders/<str:public_id>/delivered", orders.delivered, name="order-delivered"),
    path("orders/<str:public_id>/undelivered", orders.undelivered, name="order-undelivered"),
    path("orders/<str:public_id>/attribute", attribution.attribute, name="attribute-order"),
    path("orders/<str:public_id>/attribute/undo", attribution.undo, name="undo-attribution"),
    path("orders/<str:public_id>/worth", attribution.worth, name="order-worth"),
    path("orders/<str:public_id>/cancel", orders.cancel, name="cancel-sale"),
    path("rewards", rewards.rewards, name="rewards"),
    path("rewards/<str:public_id>", rewards.reward, name="reward"),
    path("rewards/<str:public_id>/stop", rewards.stop, name="stop-reward"),
    path("rewards/<str:public_id>/let-go", rewards.let_go, name="let-go-reward"),
    path("rewards/<str:public_id>/review", rewards.review, name="review-reward"),
    path("rewards/<str:public_id>/end-review", rewards.end_review, name="end-review-reward"),
    path("rewards/<str:public_id>/sent", rewards.sent, name="reward-sent"),
    path("rewards/<str:public_id>/again", rewards.again, name="retry-reward"),
    path("rewards/<str:public_id>/refuse", rewards.refuse, name="refuse-reward"),
    path("rewards/<str:public_id>/unrefuse", rewards.unrefuse, name="unrefuse-reward"),
    path("rewards/<str:public_id>/address", rewards.address_of, name="reward-address"),
]
