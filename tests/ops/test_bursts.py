"""The real web server with the product's own pool: bursts of requests leave a bounded number of connections."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import pytest
from django.db import connection

from bench import web

pytestmark = pytest.mark.django_db(transaction=True)


def url_of_test_database() -> str:
    parts = urlsplit(os.environ["DATABASE_URL"])
    return parts._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


def test_bursts_leave_no_more_connections_than_the_pools_allow() -> None:
    url = url_of_test_database()
    with web.web_server(url) as port:
        for _ in range(4):
            assert set(web.burst(port, 24)) == {404}
            assert 0 < web.connections_of_server(url) <= web.most_connections()
