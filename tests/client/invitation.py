"""The line by which a node is invited: docs/PROTOCOL.md, section 4."""

import base64
import hashlib
import json


def read(line):
    """What the invitation holds; ValueError if the line was damaged on its way."""
    line = "".join(line.split())
    before, _, checksum = line.rpartition(".")
    kind, _, body = before.partition(".")
    if kind != "liaison-invitation-1":
        raise ValueError("not an invitation")
    if hashlib.sha256(before.encode()).hexdigest()[:8] != checksum:
        raise ValueError("the invitation was damaged: its check digits are wrong")
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
