// Checks the gateway's signed assertion, as an application behind it should. Needs Node 18, and no package.
//
//     node verify.mjs TOKEN KEYS_URL ISSUER AUDIENCE
//
// TOKEN is the value of X-Gateway-Assertion, KEYS_URL the gateway's /.gateway/jwks.json, ISSUER its public address and
// AUDIENCE that of the route. Prints who it is; an assertion that is not valid ends with an error.

import { createPublicKey, verify as verifies } from 'node:crypto';

const SKEW = 30; // seconds

// An application keeps the keys for five minutes, and fetches them again for a `kid` that it does not know.
export async function verify(token, keysUrl, issuer, audience) {
  const [header, payload, signature] = token.split('.');
  const { alg, kid, typ } = JSON.parse(Buffer.from(header, 'base64url'));
  if (alg !== 'ES256' || typ !== 'gateway-assertion+jwt') throw new Error('a token of another kind');
  const { keys } = await (await fetch(keysUrl)).json();
  const jwk = keys.find((key) => key.kid === kid);
  if (!jwk) throw new Error('an unknown key');
  const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' };
  const signed = Buffer.from(`${header}.${payload}`);
  if (!verifies('sha256', signed, key, Buffer.from(signature, 'base64url'))) throw new Error('a wrong signature');
  const claims = JSON.parse(Buffer.from(payload, 'base64url'));
  const now = Date.now() / 1000;
  if (claims.iss !== issuer) throw new Error('another issuer');
  if (claims.aud !== audience) throw new Error('another audience');
  if (!(claims.exp > now - SKEW && claims.iat < now + SKEW)) throw new Error('not at this time');
  return claims;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  console.log((await verify(...process.argv.slice(2))).sub);
}
