"""Checks Countersign's evidence with programs that others wrote, and with hashlib where it is a dozen lines.

    python verify_independently.py FOLDER

FOLDER holds what anybody can get from the API: `key.pem` (the server's public key), `approval.json` and `permit.json` (DSSE
envelopes), `manifest.json`, `digest.txt` (the expected model digest), and `inclusion.json`, `leaf_position.txt` (a proof of
inclusion, and for which event). Everything must verify, and nothing of it once a byte has changed. Prints what was checked.
"""

import base64
import copy
import hashlib
import json
import sys
from pathlib import Path

from google.protobuf.json_format import ParseDict
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

PAYLOAD_TYPE = "application/vnd.in-toto+json"
# Each so many bytes one is altered: all of them would only take longer.
STRIDE = 7


class Wrong(Exception):
    """The evidence does not show what it should."""


def check_statement(envelope, key, predicate_type, digest):
    """The statement in the envelope, if the key signed it and it speaks of exactly these bytes."""
    parsed = Envelope.from_dict(copy.deepcopy(envelope))
    try:
        parsed.verify([key], 1)
    except VerificationError as error:
        raise Wrong(f"the signature does not verify: {error}") from error
    if parsed.payload_type != PAYLOAD_TYPE:
        raise Wrong(f"the payload is {parsed.payload_type}")
    data = json.loads(parsed.payload)
    statement = Statement.copy_from_pb(ParseDict(data, statement_pb2.Statement()))
    statement.validate()
    if data["predicateType"] != predicate_type:
        raise Wrong(f"the statement is a {data['predicateType']}")
    if [subject["digest"] for subject in data["subject"]] != [{"sha256": digest}]:
        raise Wrong(f"the statement speaks of {data['subject']}")
    return data


def must_not_verify(envelope, key, predicate_type, digest, what):
    try:
        check_statement(envelope, key, predicate_type, digest)
    except Wrong:
        return
    raise SystemExit(f"{what} verifies, and must not")


def altered_payloads(envelope):
    """The envelope, each time with one byte of its payload changed."""
    payload = base64.b64decode(envelope["payload"])
    for position in range(0, len(payload), STRIDE):
        changed = bytearray(payload)
        changed[position] ^= 1
        yield position, {**envelope, "payload": base64.b64encode(changed).decode()}


def root_of(leaf, position, size, path):
    """The root of the tree of RFC 6962 (as RFC 9162, 2.1.3.2, computes it) to which this path leads."""
    node, index, last = leaf, position, size - 1
    for sibling in path:
        if last == 0:
            raise Wrong("the path is too long")
        if index % 2 == 1 or index == last:
            node = hashlib.sha256(b"\x01" + sibling + node).digest()
            while index % 2 == 0 and index != 0:
                index, last = index >> 1, last >> 1
        else:
            node = hashlib.sha256(b"\x01" + node + sibling).digest()
        index, last = index >> 1, last >> 1
    if last != 0:
        raise Wrong("the path is too short")
    return node


def check_inclusion(proof, position):
    leaf, root = bytes.fromhex(proof["leaf"]), bytes.fromhex(proof["root"])
    path = [bytes.fromhex(node) for node in proof["hashes"]]
    if root_of(leaf, position, proof["size"], path) != root:
        raise Wrong("the path leads to another root")
    for at in range(len(path)):
        changed = path.copy()
        changed[at] = bytes([changed[at][0] ^ 1]) + changed[at][1:]
        if root_of(leaf, position, proof["size"], changed) == root:
            raise SystemExit("an altered path of inclusion verifies, and must not")
    if root_of(hashlib.sha256(leaf).digest(), position, proof["size"], path) == root:
        raise SystemExit("another leaf verifies, and must not")
    return len(path)


def main(folder):
    pem = (folder / "key.pem").read_bytes()
    key = SSlibKey.from_crypto(load_pem_public_key(pem))
    digest = (folder / "digest.txt").read_text().strip()
    manifest = (folder / "manifest.json").read_bytes()
    if hashlib.sha256(manifest).hexdigest() != digest:
        raise Wrong("the digest is not that of the manifest")
    # Signed by whoever has the key, under whatever name it was given: the envelope's key id is only a hint (DSSE, 3).
    statements = {
        "approval.json": "urn:countersign:approval:v1",
        "permit.json": "https://slsa.dev/verification_summary/v1",
    }
    for name, predicate_type in statements.items():
        envelope = json.loads((folder / name).read_text())
        for signature in envelope["signatures"]:
            key.keyid = signature["keyid"]
        check_statement(envelope, key, predicate_type, digest)
        count = 0
        for position, changed in altered_payloads(envelope):
            must_not_verify(changed, key, predicate_type, digest, f"{name} with byte {position} altered")
            count += 1
        other = hashlib.sha256(manifest + b" ").hexdigest()
        must_not_verify(envelope, key, predicate_type, other, f"{name} for another manifest")
        print(f"{name}: verified; {count} alterations did not")
    position = int((folder / "leaf_position.txt").read_text())
    length = check_inclusion(json.loads((folder / "inclusion.json").read_text()), position)
    print(f"inclusion.json: verified over {length} nodes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
