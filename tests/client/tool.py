"""The `openssl` and `capnp` tools, called as a person would."""

import json
import pathlib
import struct
import subprocess

SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "schemas"


def openssl(*words, given=b""):
    done = subprocess.run(["openssl", *map(str, words)], input=given, capture_output=True,
                          check=False)
    if done.returncode != 0:
        raise ValueError(f"openssl {words[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def encode(schema, struct_name, value):
    """A message of section 3 of docs/PROTOCOL.md: one segment, with its table before it."""
    done = subprocess.run(["capnp", "convert", "json:flat", SCHEMAS / f"{schema}.capnp",
                           struct_name],
                          input=json.dumps(value).encode(), capture_output=True, check=True)
    return struct.pack("<II", 0, len(done.stdout) // 8) + done.stdout


def decode(schema, struct_name, message):
    done = subprocess.run(["capnp", "convert", "binary:json", SCHEMAS / f"{schema}.capnp",
                           struct_name], input=message, capture_output=True, check=True)
    return json.loads(done.stdout)


def data(octets):
    """Octets as the capnp tool's JSON has them."""
    return list(octets)
