"""Little HTTP servers that stand in for a Prometheus."""

import ssl
import threading
from contextlib import contextmanager
from http.server import ThreadingHTTPServer


@contextmanager
def serving(handler, context=None):
    """A server on a free port of the loopback; its base address.

    Args:
        handler: class of what answers a request.
        context: for TLS; plain HTTP without one.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http{'s' if context else ''}://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def tls_of(authority, folder):
    """What a server presents to be verified by an authority.

    Args:
        authority: the issuer of the certificate.
        folder: takes certificate and key.
    """
    certificate, key = authority.serving_certificate()
    (folder / "cert").write_bytes(certificate)
    (folder / "key").write_bytes(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert", folder / "key")
    return context
