// Checks the gateway's signed assertion in nginx, in front of an application that cannot. Needs nginx with njs 0.7.9 or
// newer (Debian: libnginx-mod-http-js), and nginx.conf beside this file.
//
// A request passes with a token that the gateway signed for this application, and the application is told in
// X-Verified-User who it is; anything else is a 403.

const SKEW = 30; // seconds
const KEYS_KEPT = 300; // seconds

// Each worker process keeps its own.
let kept = { at: 0, keys: [] };

// The key with this id. Keys are fetched again after five minutes, and for an unknown id, at most every ten seconds.
async function key(r, kid) {
  const now = Date.now() / 1000;
  const find = () => kept.keys.find((key) => key.kid === kid);
  const age = now - kept.at;
  if (age > KEYS_KEPT || (!find() && age > 10)) {
    // The address leads to the gateway, and the name is one that it answers for.
    const reply = await ngx.fetch(r.variables.gateway_keys, { headers: { Host: r.variables.gateway_host } });
    const set = await reply.json();
    kept = { at: now, keys: set.keys || [] };
  }
  return find();
}

// A P-256 point as a public key; the bytes before it are always the same (RFC 5480).
function imported(jwk) {
  const head = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex');
  const point = [Buffer.from([4]), Buffer.from(jwk.x, 'base64url'), Buffer.from(jwk.y, 'base64url')];
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  return crypto.subtle.importKey('spki', Buffer.concat([head].concat(point)), algorithm, false, ['verify']);
}

async function claims(r, token) {
  const parts = token.split('.');
  const header = JSON.parse(Buffer.from(parts[0], 'base64url'));
  if (parts.length !== 3 || header.alg !== 'ES256' || header.typ !== 'gateway-assertion+jwt') {
    throw new Error('a token of another kind');
  }
  const jwk = await key(r, header.kid);
  if (!jwk) throw new Error('an unknown key');
  const signed = Buffer.from(`${parts[0]}.${parts[1]}`);
  const signature = Buffer.from(parts[2], 'base64url');
  const by = await imported(jwk);
  const holds = await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, by, signature, signed);
  if (!holds) throw new Error('a wrong signature');
  const claims = JSON.parse(Buffer.from(parts[1], 'base64url'));
  const now = Date.now() / 1000;
  if (claims.iss !== r.variables.gateway_issuer) throw new Error('another issuer');
  if (claims.aud !== r.variables.gateway_audience) throw new Error('another audience');
  if (!(claims.exp > now - SKEW && claims.iat < now + SKEW)) throw new Error('not at this time');
  return claims;
}

async function check(r) {
  try {
    const verified = await claims(r, r.headersIn['X-Gateway-Assertion'] || '');
    r.headersOut['X-Verified-User'] = encodeURIComponent(verified.sub || '');
    r.return(204);
  } catch (error) {
    r.warn(`the assertion is not valid: ${error.message}`);
    r.return(403);
  }
}

export default { check };
