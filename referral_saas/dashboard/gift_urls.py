"""Under /w/<slug>/: what can be given, what is sent by post, and surprises."""

from __future__ import annotations

from django.urls import path

from referral_saas.dashboard.views import codes, kinds, parcels, surprises

urlpatterns = [
    path("kinds", kinds.listed, name="kinds"),
    path("kinds/new", kinds.new, name="new-kind"),
    path("kinds/<str:public_id>", kinds.one, name="kind"),
    path("kinds/<str:public_id>/rename", kinds.rename, name="rename-kind"),
    path("kinds/<str:public_id>/stock", kinds.count, name="count-kind"),
    path("kinds/<str:public_id>/codes", codes.of_kind, name="kind-codes"),
    *(
        path(f"kinds/<str:public_id>/{verb}", kinds.move, {"verb": verb}, name=f"{verb}-kind")
        for verb in ("archive", "restore")
    ),
    path("parcels", parcels.to_send, name="parcels"),
    path("parcels/<str:public_id>", parcels.slip, name="packing-slip"),
    path("surprises", surprises.listed, name="surprises"),
    path("surprises/new", surprises.new, name="new-surprise"),
    path("surprises/allowances", surprises.allowances, name="allowances"),
    path("surprises/allowances/<uuid:member_id>", surprises.allow, name="set-allowance"),
    *(
        path(f"surprises/<str:public_id>/{verb}", surprises.move, {"verb": verb}, name=f"{verb}-surprise")
        for verb in ("take-back", "give-again")
    ),
]
