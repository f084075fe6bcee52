"""`python -m demo.shop [port]` serves the shop on loopback with the standard library alone."""

import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server

from .app import application


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8081
    with make_server("127.0.0.1", port, application, server_class=Server) as server:
        sys.stdout.write(f"Nordlicht Kaffee: http://127.0.0.1:{port}\n")
        sys.stdout.flush()
        server.serve_forever()
