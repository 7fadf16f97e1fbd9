"""A hub on the loopback interface, for the tests of Scripts/fetch.

    python3 hub_server.py FOLDER

FOLDER/repositories/ORG/NAME contains the files of a model (ORG/NAME@REVISION for a revision other than
main). The server responds like the Hugging Face hub: it redirects files that Git LFS would store (here
*.safetensors) to a second port, which represents another host, and small files within the hub.
It writes both ports to FOLDER/ports, and a line for each request to FOLDER/requests.
It reads FOLDER/settings.json for each request:
    "token": the required token; "gated": whether models require accepted terms;
    "moved": {"org/old": "org/new"};
    "faults": [{"path": end of a path, "method": default GET, "times": how often, and one of
        "status": respond with this status, "drop": send this number of bytes and close,
        "stall": send this number of bytes and wait, "corrupt": true, "no_ranges": true,
        "no_checksum": true, "location": redirect to this address}].
"""

import hashlib
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

folder = Path(sys.argv[1])
lock = threading.Lock()
used = {}


def settings():
    path = folder / "settings.json"
    return json.loads(path.read_text()) if path.exists() else {}


def fault(method, path):
    """The fault for this request, which is counted as used."""
    with lock:
        for index, fault in enumerate(settings().get("faults", [])):
            if fault.get("method", "GET") == method and path.endswith(fault["path"]):
                key = json.dumps([index, fault])
                if used.get(key, 0) < fault.get("times", 1_000_000):
                    used[key] = used.get(key, 0) + 1
                    return fault
    return {}


def is_large(path):
    return path.suffix == ".safetensors"


def checksum(path):
    data = path.read_bytes()
    if is_large(path):
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def commit(repository):
    files = sorted(p for p in repository.rglob("*") if p.is_file())
    text = "".join(f"{p.relative_to(repository)} {checksum(p)}\n" for p in files)
    return hashlib.sha1(text.encode()).hexdigest()


def find(repositories, model, revision):
    """The folder of a model at a revision, which may be a commit hash."""
    main = repositories / model
    if revision == "main":
        return main
    for candidate in [main, *main.parent.glob(main.name + "@*")]:
        if candidate.is_dir() and commit(candidate) == revision:
            return candidate
    return repositories / f"{model}@{revision.replace('/', '-')}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_HEAD(self):
        self.answer()

    def do_GET(self):
        self.answer()

    def answer(self):
        token = self.headers.get("Authorization", "-").replace(" ", "_")
        first = self.headers.get("Range", "-")
        with lock, open(folder / "requests", "a") as log:
            log.write(f"{self.kind} {self.command} {self.path} {token} {first}\n")
        self.fault = fault(self.command, urlsplit(self.path).path)
        if "status" in self.fault:
            self.reply(self.fault["status"])
        else:
            self.route()

    def reply(self, status, headers={}, body=b""):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def send_file(self, path, headers={}):
        data = path.read_bytes()
        if self.fault.get("corrupt"):
            data = bytes([data[0] ^ 1]) + data[1:]
        start, status = 0, 200
        wanted = self.headers.get("Range", "")
        headers = dict(headers)
        if wanted.startswith("bytes=") and not self.fault.get("no_ranges"):
            start, status = int(wanted[6:].split("-")[0]), 206
            if start >= len(data):
                self.reply(416, {"Content-Range": f"bytes */{len(data)}"})
                return
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        data = data[start:]
        headers["Content-Length"] = str(len(data))
        for kind in ("drop", "stall"):
            if kind in self.fault:
                self.reply(status, headers, data[: self.fault[kind]])
                self.wfile.flush()
                if kind == "stall":
                    time.sleep(60)
                self.close_connection = True
                return
        self.reply(status, headers, data)


class Hub(Handler):
    kind = "hub"

    def route(self):
        wanted = settings()
        parts = [unquote(part) for part in urlsplit(self.path).path.strip("/").split("/")]
        if parts[:3] == ["api", "resolve-cache", "models"]:
            model, revision, name = "/".join(parts[3:5]), parts[5], "/".join(parts[6:])
            is_inside = True
        elif len(parts) > 4 and parts[2] == "resolve":
            model, revision, name = "/".join(parts[:2]), parts[3], "/".join(parts[4:])
            is_inside = False
        else:
            self.reply(404)
            return
        if model in wanted.get("moved", {}):
            place = f"/{wanted['moved'][model]}/" + "/".join(self.path.strip("/").split("/")[2:])
            self.reply(307, {"Location": place, "ETag": 'W/"3b-a1b2c3"'})
            return
        repositories = folder / "repositories"
        repository = find(repositories, model, revision)
        exists = (repositories / model).is_dir()
        presented = self.headers.get("Authorization")
        if "token" in wanted and presented != f"Bearer {wanted['token']}":
            code = "GatedRepo" if exists and wanted.get("gated") else "RepoNotFound"
            status = 403 if code == "GatedRepo" and presented else 401
            self.reply(status, {"X-Error-Code": code})
            return
        if not exists:
            # Without a token, the hub does not tell whether the model exists.
            self.reply(404 if presented else 401, {"X-Error-Code": "RepoNotFound"})
            return
        if not repository.is_dir():
            self.reply(404, {"X-Error-Code": "RevisionNotFound"})
            return
        path = repository / name
        headers = {"X-Repo-Commit": commit(repository)}
        if not path.is_file():
            self.reply(404, {**headers, "X-Error-Code": "EntryNotFound"})
            return
        if not self.fault.get("no_checksum"):
            if is_large(path):
                headers["X-Linked-ETag"] = f'"{checksum(path)}"'
                headers["X-Linked-Size"] = str(path.stat().st_size)
            else:
                headers["ETag"] = f'"{checksum(path)}"'
        if "location" in self.fault:
            self.reply(302, {**headers, "Location": self.fault["location"]})
        elif is_large(path):
            place = f"http://127.0.0.1:{elsewhere.server_port}/{path.relative_to(repositories)}"
            self.reply(302, {**headers, "Location": place + '?signature=a%2Bb&x=[1]{2}'})
        elif is_inside:
            self.send_file(path, headers)
        else:
            place = f"/api/resolve-cache/models/{model}/{commit(repository)}/{name}"
            self.reply(307, {**headers, "Location": place})


class Elsewhere(Handler):
    kind = "elsewhere"

    def route(self):
        # Like a signed address: only for GET, and without a token.
        address = urlsplit(self.path)
        if self.command != "GET" or "Authorization" in self.headers:
            self.reply(400)
        elif not address.query.startswith("signature=a%2Bb"):
            self.reply(403)
        else:
            self.send_file(folder / "repositories" / unquote(address.path.strip("/")))


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


hub = Server(("127.0.0.1", 0), Hub)
elsewhere = Server(("127.0.0.1", 0), Elsewhere)
threading.Thread(target=elsewhere.serve_forever, daemon=True).start()
(folder / "ports.new").write_text(f"{hub.server_port} {elsewhere.server_port}")
(folder / "ports.new").rename(folder / "ports")
threading.Thread(target=hub.serve_forever, daemon=True).start()
# Exit when the tests that started the server exit.
parent = os.getppid()
while os.getppid() == parent:
    time.sleep(1)
