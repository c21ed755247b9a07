#!/usr/bin/python3
"""Writes test/unit/keyring/own_vectors.json: known answers for the BYK1 record.

An implementation of the format of its own, after its description alone (src/keyring/record.hpp,
docs/keys.md), with Python's `cryptography` (Debian: python3-cryptography). The C++ tests must agree
with it byte for byte. Every key, salt and nonce comes from SHA-256 of a label, so a second run
writes the same file:

    scripts/make_byk1_vectors.py > test/unit/keyring/own_vectors.json
"""
import hashlib
import json
import struct
import sys

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

BLOCK = 64
FORMAT = b"BYK\x01" + bytes([1, 0]) + struct.pack(">H", BLOCK)


def fixed(label, size):
    return hashlib.sha256(b"pg_byok test vector: " + label.encode()).digest()[:size]


def hkdf(key, salt, info, size):
    return HKDF(algorithm=SHA256(), length=size, salt=salt, info=info).derive(key)


def kek_id(kek):
    return hkdf(kek, None, b"byok v1 kek-id", 8)


def prefixed(value):
    if value is None:
        return b"\xff\xff\xff\xff"
    data = value.encode() if isinstance(value, str) else value
    return struct.pack(">I", len(data)) + data


def pad(plaintext):
    return plaintext + b"\x80" + bytes(-(len(plaintext) + 1) % BLOCK)


def wrap(kek, dek, salt, nonce, store_id, credential_id):
    header = FORMAT + kek_id(kek)
    aad = b"byok v1 dek\0" + header + store_id + credential_id
    wrapped = AESGCM(hkdf(kek, salt, b"byok v1 dek-wrap", 32)).encrypt(nonce, dek, aad)
    return header + salt + nonce + wrapped


def seal(kek, case, padded):
    binding = [STORE_ID, bytes.fromhex(case["credential_id"]), struct.pack(">Q", case["generation"]),
               case["tier"], case["tenant_id"], case["user_id"], case["provider"], case["origin"]]
    aad = b"byok v1 data\0" + FORMAT + b"".join(prefixed(value) for value in binding)
    dek, data_nonce = bytes.fromhex(case["dek"]), bytes.fromhex(case["data_nonce"])
    head = wrap(kek, dek, bytes.fromhex(case["wrap_salt"]), bytes.fromhex(case["wrap_nonce"]),
                STORE_ID, bytes.fromhex(case["credential_id"]))
    return head + data_nonce + AESGCM(dek).encrypt(data_nonce, padded, aad)


def make_case(name, plaintext, **binding):
    case = {"name": name, "credential_id": fixed(name + " id", 16).hex(), **binding,
            "plaintext": plaintext}
    for part, size in [("dek", 32), ("wrap_salt", 32), ("wrap_nonce", 12), ("data_nonce", 12)]:
        case[part] = fixed(f"{name} {part}", size).hex()
    case["record"] = seal(KEKS["kek1"], case, pad(plaintext.encode())).hex()
    salt, nonce = fixed(name + " new salt", 32), fixed(name + " new nonce", 12)
    head = wrap(KEKS["kek2"], bytes.fromhex(case["dek"]), salt, nonce, STORE_ID,
                bytes.fromhex(case["credential_id"]))
    case["rewrap"] = {"kek": "kek2", "wrap_salt": salt.hex(), "wrap_nonce": nonce.hex(),
                      "record": (head + bytes.fromhex(case["record"])[len(head):]).hex()}
    return case


def authentic(name, padded):
    """A record whose tags are right and whose padding is not: only a holder of the key makes it."""
    return {"name": name, "case": 0, "override": {},
            "record": seal(KEKS["kek1"], CASES[0], padded).hex()}


def altered(name, position, data, case=0):
    record = bytearray.fromhex(CASES[case]["record"])
    record[position:position + len(data)] = data
    return {"name": name, "case": case, "override": {}, "record": record.hex()}


def moved(name, case, **override):
    return {"name": name, "case": case, "override": override, "record": CASES[case]["record"]}


def spliced(name, head, payload):
    record = CASES[head]["record"][:2 * 108] + CASES[payload]["record"][2 * 108:]
    return {"name": name, "case": payload, "override": {}, "record": record}


KEKS = {"kek1": fixed("kek1", 32), "kek2": fixed("kek2", 32)}
STORE_ID = fixed("store", 16)
CASES = [
    make_case("user key", "sk-test-own-vector-0123456789", generation=1, tier="user_key",
              tenant_id=None, user_id="user_123", provider="openai",
              origin="https://api.openai.com:443"),
    make_case("tenant key of a late generation", "sk-test-" + "t" * 24, generation=2**40 + 3,
              tier="tenant_byok", tenant_id="tenant_abc", user_id=None, provider="anthropic",
              origin="https://api.anthropic.com:443"),
    make_case("63 bytes fill one block", "s" * 63, generation=2, tier="system_key", tenant_id=None,
              user_id=None, provider="deepseek", origin="https://api.deepseek.com:443"),
    make_case("64 bytes need a second block", "s" * 64, generation=3, tier="system_key",
              tenant_id=None, user_id=None, provider="deepseek", origin="http://127.0.0.1:8080"),
    make_case("empty plaintext, empty names", "", generation=1, tier="user_key", tenant_id="",
              user_id="", provider="openai", origin="https://[::1]:8443"),
    make_case("names beyond ASCII", "sk-test-" + "u" * 192, generation=1, tier="user_key",
              tenant_id="Universität", user_id="Zoë/7 😀", provider="openai",
              origin="https://api.openai.com:443"),
]
PLAIN = CASES[0]["plaintext"].encode()
REFUSALS = [
    moved("another credential", 0, credential_id=CASES[1]["credential_id"]),
    moved("another store", 0, store_id="00" * 16),
    moved("another tier", 0, tier="tenant_byok"),
    moved("another user", 0, user_id="user_124"),
    moved("NULL read as ''", 0, tenant_id=""),
    moved("'' read as NULL", 4, user_id=None),
    moved("tenant and user exchanged", 1, tenant_id=None, user_id="tenant_abc"),
    moved("a byte moved from provider to origin", 0, provider="opena",
          origin="ihttps://api.openai.com:443"),
    moved("another origin", 0, origin="https://evil.example:443"),
    moved("an older generation", 1, generation=2**40 + 2),
    moved("a generation cut to 32 bits", 1, generation=3),
    altered("magic", 0, b"b"),
    altered("version 2", 3, b"\x02"),
    altered("suite 2", 4, b"\x02"),
    altered("a flag", 5, b"\x01"),
    altered("pad block 128", 7, b"\x80"),
    altered("pad block 320", 6, b"\x01"),
    altered("a key nobody has", 8, b"\0" * 8),
    altered("another live key", 8, kek_id(KEKS["kek2"])),
    altered("wrapped under another key", 0, bytes.fromhex(CASES[0]["rewrap"]["record"])[:60]),
    spliced("data key of one record, payload of another", 1, 0),
    authentic("authentic, all padding zero", PLAIN + bytes(BLOCK - len(PLAIN))),
    authentic("authentic, no marker", b"x" * BLOCK),
    authentic("authentic, another marker", PLAIN + b"\x81" + bytes(BLOCK - 1 - len(PLAIN))),
    authentic("authentic, a whole block of zeros", PLAIN + b"\x80" + bytes(2 * BLOCK - 1 - len(PLAIN))),
    authentic("authentic, 80 bytes of payload", PLAIN + b"\x80" + bytes(79 - len(PLAIN))),
    authentic("authentic, no payload at all", b""),
]

json.dump({
    "format": "BYK1",
    "note": "Known answers made by scripts/make_byk1_vectors.py. Byte strings are hex. All keys are fake.",
    "keks": {name: {"key": kek.hex(), "kek_id": kek_id(kek).hex(),
                    "kcv": hkdf(kek, STORE_ID, b"byok v1 kcv", 16).hex()}
             for name, kek in KEKS.items()},
    "store_id": STORE_ID.hex(),
    "cases": CASES,
    "must_refuse": REFUSALS,
}, sys.stdout, indent=1, ensure_ascii=False)
print()
