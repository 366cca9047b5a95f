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

const realm = (origin) => ({
  realm: 'staff',
  enabled: true,
  roles: { realm: [{ name: 'auditors' }] },
  clients: [{
    clientId: 'gateway',
    secret: 'secret',
    redirectUris: [`${origin}/login/callback`],
    attributes: { 'post.logout.redirect.uris': `${origin}/.gateway/signed-out`, 'pkce.code.challenge.method': 'S256' },
    // Roles stand in access tokens unless a mapper puts them into the ID token.
    protocolMappers: [{
      name: 'roles',
      protocol: 'openid-connect',
      protocolMapper: 'oidc-usermodel-realm-role-mapper',
      config: { 'claim.name': 'realm_access.roles', 'id.token.claim': 'true', multivalued: 'true', 'jsonType.label': 'String' },
    }],
  }],
  users: ['jane', 'joe'].map((username) => ({
    username,
    enabled: true,
    email: `${username}@example.com`,
    emailVerified: true,
    firstName: username,
    lastName: 'Doe',
    credentials: [{ type: 'password', value: PASSWORD }],
    realmRoles: username === 'jane' ? ['auditors'] : [],
  })),
});

describe('keycloak', { skip: !home }, () => {
  let keycloak;
  let gateway;
  let issuer;
  let visitor;

  before(async () => {
    const port = await freePort();
    issuer = `http://127.0.0.1:${port}/realms/staff`;
    gateway = await Gateway.start(async (origin) => {
      await mkdir(join(home, 'data', 'import'), { recursive: true });
      await writeFile(join(home, 'data', 'import', 'staff.json'), JSON.stringify(realm(origin)));
      return `[[provider]]\nname = "keycloak"\ntitle = "Keycloak"\nissuer = "${issuer}"\nclient_id = "gateway"\nclient_secret = "secret"\n`
        + 'groups_claim = ["groups", "realm_access.roles"]\npass_parameters = ["login_hint"]\n'
        + '[[route]]\nname = "audit"\npath = "/audit"\nupstream = "APP"\nallow = { groups = ["auditors"] }\n'
        + '[[route]]\nname = "vault"\npath = "/vault"\nupstream = "APP"\nallow = { acr_values = "1" }\n';
    });
    keycloak = spawn(join(home, 'bin', 'kc.sh'), ['start-dev', '--http-host=127.0.0.1', `--http-port=${port}`,
      '--http-management-port=0', '--health-enabled=false', '--db=dev-mem', '--import-realm'], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
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
    await rm(join(home, 'data', 'import'), { recursive: true, force: true });
  });
  beforeEach(() => {
    visitor = new Browser();
  });

  async function signIn(target, username, password = PASSWORD) {
    const there = await visitor.visit(`${gateway.origin}${target}`);
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
});
