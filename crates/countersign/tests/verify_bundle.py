"""Checks the bundle of a version with programs that others wrote: securesystemslib (DSSE), in-toto-attestation (statements),
pymerkle (RFC 6962), cryptography (Ed25519) and openssl (the command). What is a line of hashlib is hashlib.

    python verify_bundle.py BUNDLE TRUST

Exits with 0 if everything that the bundle holds verifies, with 1 and one line if something does not.
"""

import base64
import copy
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.protobuf.json_format import ParseDict
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from pymerkle.proof import InclusionProof, verify_inclusion
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

APPROVAL = "urn:countersign:approval:v1"
PERMIT = "https://slsa.dev/verification_summary/v1"


def check(holds, what):
    if not holds:
        raise ValueError(what)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def statement_of(envelope, pem, key, digest, predicate_type):
    """What the envelope says, once three programs have verified it."""
    parsed = Envelope.from_dict(copy.deepcopy(envelope))
    check(len(envelope["signatures"]) == 1, "not one signature")
    key.keyid = envelope["signatures"][0]["keyid"]
    parsed.verify([key], 1)
    openssl(pem, parsed.pae(), base64.b64decode(envelope["signatures"][0]["sig"], validate=True))
    data = json.loads(parsed.payload)
    Statement.copy_from_pb(ParseDict(data, statement_pb2.Statement())).validate()
    check(data["predicateType"] == predicate_type, "another predicate")
    check([subject["digest"] for subject in data["subject"]] == [{"sha256": digest}], "another subject")
    return parsed.payload, data["predicate"]


def openssl(pem, message, signature):
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder, name) for name in ("key", "message", "signature")}
        for name, content in (("key", pem), ("message", message), ("signature", signature)):
            paths[name].write_bytes(content)
        command = ["openssl", "dgst", "-sha256", "-verify", paths["key"], "-signature", paths["signature"], paths["message"]]
        check(subprocess.run(command, capture_output=True).returncode == 0, "openssl refuses the signature")


def checkpoint_of(note, vkey):
    """Size and root of a signed note (C2SP), verified with Ed25519."""
    name, _, key = vkey.split("+", 2)
    key = base64.b64decode(key, validate=True)
    check(key[0] == 1, "not an Ed25519 key")
    text, signatures = note.split("\n\n")
    check(signatures.count("\n") == 1 and signatures.startswith(f"\u2014 {name} "), "not one signature of the log")
    signature = base64.b64decode(signatures.rstrip("\n").split(" ")[2], validate=True)
    check(signature[:4] == hashlib.sha256(f"{name}\n".encode() + key).digest()[:4], "another key of the log")
    Ed25519PublicKey.from_public_bytes(key[1:]).verify(signature[4:], f"{text}\n".encode())
    origin, size, root = text.split("\n")
    check(origin == name, "another log")
    return int(size), base64.b64decode(root, validate=True)


def sides(index, size):
    """On which side the path lies at each level, from the leaf up: 0 is left. Levels without a sibling are left out."""
    found, last = [], size - 1
    while last > 0:
        if index % 2 == 1 or index < last:
            found.append(index % 2)
        index, last = index >> 1, last >> 1
    return found


def check_logged(logged, payload, vkey):
    """That the event names the statement, and that pymerkle finds the event in the log."""
    header, index, *rest = logged["proof"].split("\n")
    check(header == "c2sp.org/tlog-proof@v1" and index.startswith("index "), "another form of proof")
    index = int(index.removeprefix("index "))
    path = [base64.b64decode(line, validate=True) for line in rest[: rest.index("")]]
    size, root = checkpoint_of(logged["proof"].split("\n\n", 1)[1], vkey)
    body = logged["event"].encode()
    leaf = json.dumps({"body": sha256(body), "format": 2, "position": index}, separators=(",", ":"), sort_keys=True).encode()
    base = hashlib.sha256(b"\x00" + leaf).digest()
    proof = InclusionProof("sha256", True, size, index + 1, [*sides(index, size), 0], [base, *path])
    verify_inclusion(base, root, proof, index=index + 1, size=size)
    event = json.loads(body)
    check(event["position"] == index and sha256(payload) in event["statements"], "the event records something else")


def main(bundle, trust):
    raw = bundle.read_bytes()
    held = json.loads(raw)
    # The file is canonical: for these plain values, sorted keys and no spaces are RFC 8785.
    canonical = json.dumps(held, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
    check(canonical == raw, "the bundle is not canonical")
    check(held["type"] == "urn:countersign:bundle:v1", "another kind of file")
    text = trust.read_text()
    vkey = next(line for line in text.splitlines() if line.startswith("Countersign log: ")).removeprefix("Countersign log: ")
    pem = text[text.index("-----BEGIN") :].encode()
    key = SSlibKey.from_crypto(load_pem_public_key(pem))
    digest = sha256(held["manifest"].encode())
    approvals = []
    for logged in held["decisions"]:
        payload, predicate = statement_of(logged["envelope"], pem, key, digest, APPROVAL)
        check_logged(logged, payload, vkey)
        check(predicate["decision"] == "approved", f"the version was {predicate['decision']}")
        check(predicate["considered"] == sha256(held["considered"].encode()), "other fields were considered")
        check(predicate["feedback"] == sha256(held["feedback"].encode()), "other feedback was considered")
        approvals.append(sha256(payload))
    check(len(approvals) == 1, "not one approval")
    for logged in held["permits"]:
        payload, predicate = statement_of(logged["envelope"], pem, key, digest, PERMIT)
        check_logged(logged, payload, vkey)
        check(predicate["verificationResult"] == "PASSED", "a permit did not pass")
        check([given["digest"]["sha256"] for given in predicate["inputAttestations"]] == approvals, "a permit rests on something else")
    print(f"verified: {len(held['decisions'])} decision, {len(held['permits'])} permits")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
    except Exception as error:  # Whatever goes wrong, the bundle does not verify.
        sys.exit(f"not verified: {type(error).__name__}: {error}")
