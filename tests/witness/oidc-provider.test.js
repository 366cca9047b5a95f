// oidc-provider, an OpenID provider that others certified, before the gateway's redirect door: with PKCE required, requests
// pushed beforehand, a client that proves itself by a key, an issuer named in every answer, and its own sign-out. Access tokens
// live two seconds, and every refresh takes the refresh token away that was shown; one that comes back ends its grant.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, beforeEach, test } from 'node:test';
import Provider from 'oidc-provider';

import { Browser } from './browser.js';
import { Gateway } from './gateway.js';
import { freePort } from './org.js';

const STRONG = 'urn:example:loa:2';
let provider;
let server;
let issuer;
let gateway;
let visitor;
const asked = [];
// Jane's groups now.
let groups = ['staff'];

// What the provider's page asks: who it is, and nothing else.
async function interaction(request, response) {
  const details = await provider.interactionDetails(request, response);
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>Provider</title><form method="post"><input name="login"><button>Sign in</button></form>');
    return;
  }
  let body = '';
  for await (const chunk of request) body += chunk;
  const login = new URLSearchParams(body).get('login');
  const acr = JSON.parse(details.params.claims ?? '{}').id_token?.acr.values[0];
  const result = login === 'deny'
    ? { error: 'access_denied', error_description: 'No, thank you' }
    : { login: { accountId: login, acr }, consent: {} };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

async function start(origin, publicKey) {
  const port = await freePort();
  issuer = `http://127.0.0.1:${port}`;
  provider = new Provider(issuer, {
    clients: [{
      client_id: 'gateway',
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'key-1', alg: 'ES256', use: 'sig' }] },
      redirect_uris: [`${origin}/login/callback`],
      post_logout_redirect_uris: [`${origin}/.gateway/signed-out`],
      grant_types: ['authorization_code', 'refresh_token'],
    }],
    acrValues: [STRONG],
    claims: { openid: ['sub', 'groups'], profile: ['preferred_username', 'name'], email: ['email'] },
    cookies: { keys: ['only for this test'] },
    features: {
      devInteractions: { enabled: false },
      claimsParameter: { enabled: true },
      revocation: { enabled: true },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id, preferred_username: id, name: id, email: `${id}@example.com`, groups: id === 'jane' ? groups : [],
      }),
    }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    loadExistingGrant: async (ctx) => {
      const grant = new provider.Grant({ accountId: ctx.oidc.session.accountId, clientId: ctx.oidc.client.clientId });
      grant.addOIDCScope('openid profile email offline_access');
      await grant.save();
      return grant;
    },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ttl: { AccessToken: 2 },
  });
  const callback = provider.callback();
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url.split('?')[0]}`);
    const handled = request.url.startsWith('/interaction/') ? interaction(request, response) : callback(request, response);
    Promise.resolve(handled).catch((error) => response.writeHead(500).end(String(error)));
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
}

before(async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  gateway = await Gateway.start(async (origin) => {
    await start(origin, publicKey);
    return `[[provider]]\nname = "local"\ntitle = "Local"\nissuer = "${issuer}"\nclient_id = "gateway"\n`
      + 'scopes = ["openid", "profile", "email", "offline_access"]\nparameters = { prompt = "consent" }\n'
      + `client_authentication = "private_key_jwt"\nprivate_key_id = "key-1"\nprivate_key = """${pem}"""\n`
      + '[[route]]\nname = "staff"\npath = "/staff"\nupstream = "APP"\nallow = { groups = ["staff"] }\n'
      + `[[route]]\nname = "vault"\npath = "/vault"\nupstream = "APP"\nallow = { acr_values = "${STRONG}" }\n`;
  });
});
after(async () => {
  await gateway?.stop();
  server?.close();
});
beforeEach(() => {
  asked.length = 0;
  groups = ['staff'];
  visitor = new Browser();
});

async function signIn(target, login) {
  const there = await visitor.visit(`${gateway.origin}${target}`);
  assert.equal(new URL(there.url).origin, issuer, there.body);
  return visitor.submit(there, { login });
}

test('somebody signs in and out', async () => {
  const page = await signIn('/app?x=1', 'jane');
  assert.equal(page.url, `${gateway.origin}/app?x=1`);
  assert.match(page.body, />jane\|jane\|staff</);
  assert.equal(asked.filter((call) => call === 'POST /request').length, 1, 'the request was pushed');
  assert.match(await gateway.metrics(), /gateway_idp_calls_total\{operation="pushed_request",provider="local",status="2xx"\} 1/);

  const confirm = await visitor.visit(`${gateway.origin}/.gateway/sign-out`);
  const there = await visitor.submit(confirm, {}, (form) => form.action.endsWith('/sign-out'));
  assert.ok(asked.includes('GET /session/end'), asked.join());
  const back = await visitor.submit(there, { logout: 'yes' });
  assert.match(back.url, /\/\.gateway\/signed-out\?state=v2\./);
  const again = await visitor.visit(`${gateway.origin}/app`);
  assert.equal(new URL(again.url).origin, issuer);
});

test('whoever declines is told so', async () => {
  const page = await signIn('/app', 'deny');
  assert.equal(page.status, 403);
  assert.match(page.body, /We couldn’t sign you in with/);
});

test('groups decide', async () => {
  assert.equal((await signIn('/staff', 'jane')).status, 200);
  visitor = new Browser();
  assert.equal((await signIn('/staff', 'joe')).status, 403);
});

test('more is asked of whoever is signed in, and got', async () => {
  assert.equal((await signIn('/app', 'jane')).status, 200);
  const page = await signIn('/vault', 'jane');
  assert.equal(page.status, 200, page.body);
  assert.equal(page.url, `${gateway.origin}/vault`);
});

test('groups are those of now, with one refresh token after another', async () => {
  assert.equal((await signIn('/staff', 'jane')).status, 200);
  for (const [now, status] of [[[], 403], [['staff'], 200], [[], 403]]) {
    groups = now;
    await new Promise((resolve) => { setTimeout(resolve, 2200); });
    asked.length = 0;
    const page = await visitor.visit(`${gateway.origin}/staff`);
    assert.equal(page.status, status, page.body);
    assert.ok(asked.includes('POST /token') && !asked.some((call) => call.includes('/auth')), asked.join());
  }
  assert.match(await gateway.metrics(), /gateway_session_refreshes_total\{outcome="refreshed",provider="local"\} [3-9]/);
});
