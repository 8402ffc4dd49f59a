#!/usr/bin/env bash
# Copyright 2026 the deflate-iaa authors
# SPDX-License-Identifier: Apache-2.0
#
# requests 2.34.2 with urllib3 2.6.3 and 2.8.0 gives, without an error, a part of the data or other
# bytes than were sent when a response with Content-Encoding: gzip has several members, of which RFC
# 1952 (2.2) allows any number. It depends on the data and on the members' size. urllib3 2.5.0 gives
# all of it, and so do all versions for one member. Nothing of this project runs
# here. Ends with 0 while that is so, and with 1 when a version behaves otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/fetch.py" <<'PYTHON'
import gzip, http.server, random, sys, threading
import requests, urllib3

source = random.Random(7)
words = ["".join(source.choices("abcdefghijklmnopqrstuvwxyz", k=source.randint(2, 9))) for _ in range(3000)]
rows = ("%d,%s,%.6f\n" % (i, source.choice(words), source.random()) for i in range(120000))
text = "".join(rows).encode()

def members(size):
    return b"".join(gzip.compress(text[i:i + size], 1) for i in range(0, len(text), size))

bodies = {"/one": gzip.compress(text), "/20000": members(20000), "/65280": members(65280)}
assert all(gzip.decompress(body) == text for body in bodies.values())

class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *words): pass
    def do_GET(self):
        body = bodies[self.path]
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
for path in bodies:
    answer = requests.get("http://127.0.0.1:%d%s" % (server.server_port, path))
    content = answer.content
    state = "all" if content == text else "a prefix" if text.startswith(content) else "corrupt"
    print("urllib3", urllib3.__version__, path, answer.status_code, len(content), "of", len(text), state)
PYTHON

failed=0
for version in 2.5.0 2.6.3 2.8.0; do
  python3 -m venv "$folder/$version"
  "$folder/$version/bin/pip" install -q --disable-pip-version-check requests==2.34.2 "urllib3==$version"
  seen=$("$folder/$version/bin/python" "$folder/fetch.py")
  echo "$seen"
  wanted='(a prefix|corrupt)$'
  [ "$version" = 2.5.0 ] && wanted='all$'
  grep -qE '/one 200 .* all$' <<< "$seen" || failed=1
  [ "$(grep -cE "/(20000|65280) 200 .* $wanted" <<< "$seen")" = 2 ] || failed=1
done
exit "$failed"
