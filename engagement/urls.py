"""The mailbox of the demo, and the way out of mails."""

from django.urls import path

from engagement import views

urlpatterns = [
    path("mailbox", views.mailbox, name="mailbox"),
    path("mailbox.json", views.mailbox_json, name="mailbox_json"),
    path("mailbox/<uuid:mail_id>", views.mail, name="mail"),
    path("mailbox/<uuid:mail_id>/body", views.mail_body, name="mail_body"),
    path("mail/unsubscribe/<str:token>", views.unsubscribe, name="unsubscribe"),
    path("mail/unsubscribe/team/<str:token>", views.no_more_notices, name="no-more-notices"),
]
