#!/usr/bin/env bash
# Boomi's published SDK, and another published client, send a create again after an answer of status 500, although nobody
# can know whether the first one was done. Where Boomi numbers the package, each of them makes one more.
#
# Guess: clients send a POST once, or send it again only where nothing can have been done (429, no connection).
# Seen on Linux x86-64 with Python 3.11, for one create of a PackagedComponent that is always answered by 500:
#   boomi 3.0.1: 4 requests, pyboomi-platform 0.3.2: 16 requests
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/count.py" <<'PYTHON'
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

creates = 0


class Busy(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        global creates
        creates += self.path.split("?")[0].endswith("/PackagedComponent")
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b'{"@type": "Error", "message": "Internal Server Error"}'
        self.send_response(500)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Busy)
threading.Thread(target=server.serve_forever, daemon=True).start()
host = f"http://127.0.0.1:{server.server_port}"
try:
    if sys.argv[1] == "boomi":
        from boomi import Boomi, models

        sdk = Boomi(username="ann", password="secret", base_url=f"{host}/api/rest/v1/acme", account_id="acme")
        package = models.PackagedComponent(component_id="c", component_type="process", package_version="1.0")
        sdk.packaged_component.create_packaged_component(package)
    else:
        from pyboomi_platform import BoomiPlatformClient

        client = BoomiPlatformClient(
            account_id="acme", username="ann", api_token="secret", base_url=f"{host}/api/rest/v1"
        )
        client.create_packaged_component("c", package_version="1.0")
except Exception:
    pass
print(f"{creates} requests")
PYTHON

failed=0
expect() {
    python3 -m venv "$folder/$1"
    "$folder/$1/bin/pip" --quiet --disable-pip-version-check install "$1==$2"
    seen=$(timeout 180 "$folder/$1/bin/python" "$folder/count.py" "$1")
    echo "$1 $2: $seen"
    [[ $seen == "$3" ]] || { echo "  expected: $3"; failed=1; }
}
expect boomi 3.0.1 "4 requests"
expect pyboomi-platform 0.3.2 "16 requests"
exit "$failed"
