"""Under /w/<slug>/: what the team keeps about people, and what it does for one of them."""

from __future__ import annotations

from django.urls import path

from referral_saas.dashboard.views import erasure, mails, merging, person, tasks, view_as

urlpatterns = [
    path("advocates/<str:public_id>/view-as", view_as.look_as, name="view-as"),
    path("customers/<str:public_id>/notes", person.write_note, name="write-note"),
    path("notes/<str:public_id>/remove", person.drop_note, name="remove-note"),
    path("customers/<str:public_id>/tags", person.give_tag, name="add-tag"),
    path("customers/<str:public_id>/tags/remove", person.take_tag, name="remove-tag"),
    path("customers/<str:public_id>/erase", erasure.preview, name="erase-person"),
    path("customers/<str:public_id>/erase/now", erasure.erase_now, name="erase-person-now"),
    path("customers/<str:public_id>/merge", merging.choose, name="merge-person"),
    path("customers/<str:public_id>/merge/now", merging.merge_now, name="merge-person-now"),
    path("customers/<str:public_id>/mails", mails.listed, name="mails-of"),
    path("messages/<str:public_id>/again", mails.again, name="send-mail-again"),
    path("tasks", tasks.listed, name="tasks"),
    path("tasks/new", tasks.new, name="new-task"),
    path("tasks/<str:public_id>", tasks.one, name="task"),
    *(
        path(f"tasks/<str:public_id>/{verb}", tasks.move, {"verb": verb}, name=f"{verb}-task")
        for verb in ("done", "reopen", "remove")
    ),
]
