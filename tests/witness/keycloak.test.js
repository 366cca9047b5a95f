// A real Keycloak before the gateway's redirect door. KEYCLOAK names the folder of its distribution; without it nothing is
// run, since it takes 600 MB and most of a minute to start (`tests/run keycloak` fetches and runs it).

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';

import { Browser } from './browser.js';
import { Gateway } from './gateway.js';
import { freePort } from './org.js';

const home = process.env.KEYCLOAK;
const PASSWORD = 'Only-for-this-test-1';
if (!home) console.log('passed over: KEYCLOAK names no Keycloak');

// Roles stand in access tokens unless a mapper puts them into the ID token.
const roles = {
  name: 'roles',
  protocol: 'openid-connect',
  protocolMapper: 'oidc-usermodel-realm-role-mapper',
  config: { 'claim.name': 'realm_access.roles', 'id.token.claim': 'true', multivalued: 'true', 'jsonType.label': 'String' },
};

const client = (clientId, origin, attributes, more) => ({
  clientId,
  secret: 'secret',
  redirectUris: [`${origin}/login/callback`],
  attributes: {
    'post.logout.redirect.uris': `${origin}/.gateway/signed-out`,
    'pkce.code.challenge.method': 'S256',
    'backchannel.logout.url': `${origin}/.gateway/backchannel-logout`,
    'backchannel.logout.session.required': 'true',
    ...attributes,
  },
  protocolMappers: [roles],
  ...more,
});

// A refresh token counts once. The second client is asked for consent, its access tokens live ten seconds, and its refresh
// tokens outlive the session at Keycloak.
const realm = (origin, refreshed) => ({
  realm: 'staff',
  enabled: true,
  revokeRefreshToken: true,
  refreshTokenMaxReuse: 0,
  roles: { realm: [{ name: 'auditors' }] },
  clients: [
    client('gateway', origin, {}, {}),
    client('refreshed', refreshed, { 'access.token.lifespan': '10' }, { consentRequired: true, fullScopeAllowed: true }),
  ],
  users: ['jane', 'joe'].map((username) => ({
    username,
    enabled: true,
    email: `${username}@example.com`,
    emailVerified: true,
    firstName: username,
    lastName: 'Doe',
    credentials: [{ type: 'password', value: PASSWORD }],
    realmRoles: ['default-roles-staff', ...(username === 'jane' ? ['auditors'] : [])],
  })),
});

// The gateway's settings for one of those clients.
const settings = (issuer, id, more = '') => `[[provider]]\nname = "keycloak"\ntitle = "Keycloak"\nissuer = "${issuer}"\n`
  + `client_id = "${id}"\nclient_secret = "secret"\ngroups_claim = ["groups", "realm_access.roles"]\n`
  + `pass_parameters = ["login_hint"]\n${more}`
  + '[[route]]\nname = "audit"\npath = "/audit"\nupstream = "APP"\nallow = { groups = ["auditors"] }\n'
  + '[[route]]\nname = "vault"\npath = "/vault"\nupstream = "APP"\nallow = { acr_values = "1" }\n';

// Asks until what comes is as wanted, or a minute has passed.
async function until(ask, fits) {
  let come;
  for (let tries = 0; tries < 120; tries += 1) {
    come = await ask();
    if (fits(come)) break;
    await new Promise((resolve) => { setTimeout(resolve, 500); });
  }
  return come;
}

describe('keycloak', { skip: !home }, () => {
  let keycloak;
  let base;
  let gateway;
  let refreshed;
  let issuer;
  let visitor;

  before(async () => {
    const port = await freePort();
    base = `http://127.0.0.1:${port}`;
    issuer = `${base}/realms/staff`;
    gateway = await Gateway.start(() => settings(issuer, 'gateway'));
    refreshed = await Gateway.start(() => settings(issuer, 'refreshed', 'scopes = ["openid", "profile", "email", "offline_access"]\n'));
    await mkdir(join(home, 'data', 'import'), { recursive: true });
    await writeFile(join(home, 'data', 'import', 'staff.json'), JSON.stringify(realm(gateway.origin, refreshed.origin)));
    keycloak = spawn(join(home, 'bin', 'kc.sh'), ['start-dev', '--http-host=127.0.0.1', `--http-port=${port}`,
      '--http-management-port=0', '--health-enabled=false', '--db=dev-mem', '--import-realm'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
      env: { ...process.env, KC_BOOTSTRAP_ADMIN_USERNAME: 'admin', KC_BOOTSTRAP_ADMIN_PASSWORD: PASSWORD },
    });
    keycloak.stdout.on('data', () => {});
    for (let tries = 0; tries < 600; tries += 1) {
      const ready = await fetch(`${issuer}/.well-known/openid-configuration`).then((reply) => reply.ok, () => false);
      if (ready) return;
      if (keycloak.exitCode !== null) throw new Error(`Keycloak ended with ${keycloak.exitCode}`);
      await new Promise((resolve) => { setTimeout(resolve, 500); });
    }
    throw new Error('Keycloak is not ready');
  });
  after(async () => {
    // The script's own child is the server: the group ends together.
    if (keycloak?.pid) process.kill(-keycloak.pid, 'SIGTERM');
    await gateway?.stop();
    await refreshed?.stop();
    await rm(join(home, 'data', 'import'), { recursive: true, force: true });
  });
  beforeEach(() => {
    visitor = new Browser();
  });

  async function signIn(target, username, password = PASSWORD, at = gateway) {
    const there = await visitor.visit(`${at.origin}${target}`);
    assert.ok(there.url.startsWith(issuer), `${there.url} ${there.body}`);
    return visitor.submit(there, { username, password });
  }

  test('somebody signs in, after a wrong password, and signs out', async () => {
    const wrong = await signIn('/app?x=1', 'jane', 'wrong');
    assert.match(wrong.body, /Invalid username or password/);
    const page = await visitor.submit(wrong, { username: 'jane', password: PASSWORD });
    assert.equal(page.url, `${gateway.origin}/app?x=1`);
    assert.match(page.body, /\|jane\|[^<]*auditors/);
    const confirm = await visitor.visit(`${gateway.origin}/.gateway/sign-out`);
    const back = await visitor.submit(confirm, {}, (form) => form.action.endsWith('/sign-out'));
    assert.match(back.url, /\/\.gateway\/signed-out/, back.body);
    const again = await visitor.visit(`${gateway.origin}/app`);
    assert.ok(again.url.startsWith(issuer), 'the session at Keycloak has ended too');
  });

  test('roles decide', async () => {
    assert.equal((await signIn('/audit', 'jane')).status, 200);
    visitor = new Browser();
    assert.equal((await signIn('/audit', 'joe')).status, 403);
  });

  test('a session of Keycloak signs in without a question, and a step-up is asked and got', async () => {
    assert.equal((await signIn('/app', 'jane')).status, 200);
    visitor.jars.delete(new URL(gateway.origin).host);
    const again = await visitor.visit(`${gateway.origin}/app`);
    assert.equal(again.url, `${gateway.origin}/app`, again.body);
    const there = await visitor.visit(`${gateway.origin}/vault`);
    assert.ok(there.url.startsWith(issuer), `${there.url} ${there.status}`);
    const page = await visitor.submit(there, { username: 'jane', password: PASSWORD });
    assert.equal(page.url, `${gateway.origin}/vault`, page.body);
  });

  test('a name that the address gives is filled in', async () => {
    const there = await visitor.visit(`${gateway.origin}/.gateway/sign-in?return=/app&login_hint=jane`);
    assert.match(there.body, /value="jane"/);
  });

  // What an administrator does in the realm; the answer's JSON, where there is one.
  async function administer(method, path, body) {
    const asked = new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', username: 'admin', password: PASSWORD });
    const granted = await fetch(`${base}/realms/master/protocol/openid-connect/token`, { method: 'POST', body: asked });
    const { access_token: token } = await granted.json();
    const reply = await fetch(`${base}/admin/realms/staff${path}`, {
      method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: body && JSON.stringify(body),
    });
    assert.ok(reply.ok, `${method} ${path}: ${reply.status}`);
    const text = await reply.text();
    return text && JSON.parse(text);
  }

  const idOf = async (username) => (await administer('GET', `/users?exact=true&username=${username}`))[0].id;

  test('whoever does not consent is told so, and roles are those of now, with one refresh token after another', async () => {
    const asked = await signIn('/audit', 'jane', PASSWORD, refreshed);
    const refused = await visitor.submit(asked, { accept: null, cancel: 'No' });
    assert.equal(refused.status, 403, refused.body);
    assert.match(refused.body, /We couldn’t sign you in with Keycloak/);
    visitor = new Browser();
    const page = await visitor.submit(await signIn('/audit', 'jane', PASSWORD, refreshed), { accept: 'Yes', cancel: null });
    assert.equal(page.url, `${refreshed.origin}/audit`, page.body);
    const role = await administer('GET', '/roles/auditors');
    const mappings = `/users/${await idOf('jane')}/role-mappings/realm`;
    for (const [method, status] of [['DELETE', 403], ['POST', 200]]) {
      await administer(method, mappings, [role]);
      const now = await until(() => visitor.visit(`${refreshed.origin}/audit`), (page) => page.status === status);
      assert.deepEqual([now.status, now.url], [status, `${refreshed.origin}/audit`], now.body);
    }
    assert.match(await refreshed.metrics(), /gateway_session_refreshes_total\{outcome="refreshed",provider="keycloak"\} [2-9]/);
  });

  test('whoever is signed out at Keycloak is signed out here', async () => {
    assert.equal((await signIn('/app', 'joe')).status, 200);
    await administer('POST', `/users/${await idOf('joe')}/logout`);
    // Keycloak tells of one session of joe's after the other, and does not wait for it.
    const again = await until(() => visitor.visit(`${gateway.origin}/app`), ({ url }) => url.startsWith(issuer));
    assert.ok(again.url.startsWith(issuer), `${again.url} ${gateway.log}`);
  });
});
