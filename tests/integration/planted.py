"""Looks for planted names in bytes, in the forms they could leak in."""

import base64
import gzip
import json
import re
import zlib


def forms(name):
    """{form: pattern} of one name. Base64 in its three alignments, without the characters at both
    ends that depend on the neighbours."""
    raw = name.encode("utf-8")
    found = {"plain": raw, "hex": raw.hex().encode(), "HEX": raw.hex().upper().encode(),
             "utf-16le": name.encode("utf-16-le"), "utf-16be": name.encode("utf-16-be"),
             "url": re.sub(rb"[^A-Za-z0-9._~-]", lambda m: b"%%%02X" % m[0][0], raw)}
    escaped = json.dumps(name)[1:-1].encode()
    found["json"] = escaped
    found["json-all"] = b"".join(b"\\u%04x" % ord(c) for c in name)
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + raw)
        begin = (shift * 8 + 5) // 6
        end = (shift + len(raw)) * 8 // 6
        found[f"base64+{shift}"] = text[begin:end]
        found[f"base64url+{shift}"] = text[begin:end].replace(b"+", b"-").replace(b"/", b"_")
    return {form: pattern for form, pattern in found.items() if len(pattern) >= 6}


def search(names, data, where):
    """["where: name as form"] of everything found. Without regard to case in plain text."""
    hits = []
    data = bytes(data)
    lower = data.lower()
    for name in names:
        seen = set()
        for form, pattern in forms(name).items():
            exact = form.startswith("base64")
            pattern = pattern if exact else pattern.lower()
            if (exact, pattern) in seen:
                continue
            seen.add((exact, pattern))
            if pattern in (data if exact else lower):
                hits.append(f"{where}: «{name}» as {form}")
    return hits


def unpacked(data):
    """The bytes, and what is inside when they are compressed."""
    pieces = [bytes(data)]
    for start in [m.start() for m in re.finditer(rb"\x1f\x8b\x08", data)][:50]:
        try:
            pieces.append(gzip.decompress(data[start:]))
        except (OSError, EOFError, zlib.error):
            continue
    return pieces


def search_files(names, folder):
    """Hits in every file under a folder, and in the files' own names."""
    hits = []
    for path in sorted(folder.rglob("*")):
        hits += search(names, path.name.encode(), f"name of {path}")
        if path.is_file():
            for piece in unpacked(path.read_bytes()):
                hits += search(names, piece, str(path))
    return hits
