"""A mail server that takes mails only after STARTTLS and the right login, or with `plain` in the clear. Prints its port, and notes each
recipient with the id of the mail in `recipients`."""

import socket
import ssl
import sys
import time
from email.parser import BytesHeaderParser

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Handler:
    async def handle_DATA(self, server, session, envelope):
        with open("recipients", "a", encoding="utf-8") as file:
            mail = BytesHeaderParser().parsebytes(envelope.content)
            file.write("".join(f"{recipient} {mail['Message-ID']}\n" for recipient in envelope.rcpt_tos))
        return "250 taken"


def check(server, session, envelope, mechanism, auth_data):
    right = (auth_data.login, auth_data.password) == (b"countersign", b"a secret")
    return AuthResult(success=right, handled=right)


plain = sys.argv[1:] == ["plain"]
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain("cert.pem", "key.pem")
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]
security = {} if plain else {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": check}
controller = Controller(Handler(), hostname="127.0.0.1", port=port, **security)
controller.start()
print(port, flush=True)
while True:
    time.sleep(3600)
