#!/usr/bin/env bash
# Boomi's published SDK sends a text that reads "true" or "false", in any case, as a boolean, whatever property it is of:
# notes, a package version. And where one row lacks a property that its model requires, the whole answer is a plain dict.
#
# Guess: a text is sent as it is, and an answer is what the method's signature says.
# Seen on Linux x86-64 with Python 3.11, with boomi 3.0.1:
#   sent: {"notes": false, "packageVersion": true}
#   answered with componentType: PackagedComponent, without: dict
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/send.py" <<'PYTHON'
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from boomi import Boomi, models

bodies = []


class Echo(BaseHTTPRequestHandler):
    answers: list[dict[str, object]] = []

    def do_POST(self) -> None:
        bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        body = json.dumps(self.answers[len(bodies) - 1]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


row = {
    "@type": "PackagedComponent", "packageId": "p", "packageVersion": "1.0", "componentId": "c", "componentVersion": 1,
    "componentType": "process", "createdDate": "2026-01-31T09:30:00Z", "createdBy": "ann", "notes": "n",
    "shareable": True, "deleted": False, "branchName": "main",
}
Echo.answers = [row, {name: value for name, value in row.items() if name != "componentType"}]
server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
threading.Thread(target=server.serve_forever, daemon=True).start()
host = f"http://127.0.0.1:{server.server_port}"
sdk = Boomi(username="ann", password="secret", base_url=f"{host}/api/rest/v1/acme", account_id="acme")
package = models.PackagedComponent(component_id="c", component_type="process", package_version="true", notes="False")
kinds = [type(sdk.packaged_component.create_packaged_component(package)).__name__ for _ in Echo.answers]
print("sent:", json.dumps({name: bodies[0][name] for name in ("notes", "packageVersion")}))
print(f"answered with componentType: {kinds[0]}, without: {kinds[1]}")
PYTHON

python3 -m venv "$folder/env"
"$folder/env/bin/pip" --quiet --disable-pip-version-check install "boomi==3.0.1"
seen=$(timeout 120 "$folder/env/bin/python" "$folder/send.py")
echo "boomi 3.0.1:"
echo "$seen"
[[ $seen == 'sent: {"notes": false, "packageVersion": true}
answered with componentType: PackagedComponent, without: dict' ]] || { echo "  expected something else"; exit 1; }
