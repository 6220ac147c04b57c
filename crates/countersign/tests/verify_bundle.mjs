// Checks the signed statements of a bundle with @sigstore/verify: `node verify_bundle.mjs NODE_MODULES BUNDLE TRUST`.
// Exits with 0 if each envelope verifies with the key of the trust file, with 1 if one does not.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createPublicKey } from 'node:crypto';
import { join } from 'node:path';

const [modules, bundleFile, trustFile] = process.argv.slice(2);
const load = createRequire(join(modules, 'package.json'));
const { bundleFromJSON } = load('@sigstore/bundle');
const { Verifier, toSignedEntity, toTrustMaterial } = load('@sigstore/verify');

const trust = readFileSync(trustFile, 'utf8');
const publicKey = createPublicKey(trust.slice(trust.indexOf('-----BEGIN')));
const root = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };
// The key is the server's, whatever an envelope calls it.
const material = toTrustMaterial(root, () => ({ publicKey, validFor: () => true }));
// Where the statements were logged, and when, is what the log of the bundle shows, which is none of Sigstore's.
const verifier = new Verifier(material, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });

const { decisions, permits } = JSON.parse(readFileSync(bundleFile, 'utf8'));
for (const { envelope } of [...decisions, ...permits]) {
  const sigstore = {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: envelope.signatures[0].keyid } },
    dsseEnvelope: envelope,
  };
  verifier.verify(toSignedEntity(bundleFromJSON(sigstore)));
}
console.log(`verified: ${decisions.length + permits.length} envelopes`);
