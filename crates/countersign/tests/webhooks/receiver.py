"""A receiver of webhooks as its author would write it: standardwebhooks checks the signature, cloudevents reads the event.

Prints its port. Appends what came to the file `received`, one JSON object a line. The file `secret` holds the secret.
"""

import json
import pathlib
from http.server import BaseHTTPRequestHandler, HTTPServer

from cloudevents.core.bindings import http
from standardwebhooks import Webhook


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        line = {"headers": headers, "body": body.decode()}
        try:
            Webhook(pathlib.Path("secret").read_text().strip()).verify(body, headers)
            event = http.from_http_event(http.HTTPMessage(headers=headers, body=body))
            line["event"] = {
                "id": event.get_id(),
                "type": event.get_type(),
                "source": event.get_source(),
                "subject": event.get_subject(),
                "time": event.get_time().isoformat(),
                "data": event.get_data(),
            }
            status = 204
        except Exception as error:
            line["error"] = repr(error)
            status = 400
        with open("received", "a") as received:
            received.write(json.dumps(line) + "\n")
        self.send_response(status)
        self.end_headers()

    def log_message(self, *arguments):
        pass


server = HTTPServer(("127.0.0.1", 0), Receiver)
print(server.server_address[1], flush=True)
server.serve_forever()
