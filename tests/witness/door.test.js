// The door of Okta's widget: the widget, unmodified, in headless Chromium, on the gateway's page, against the sandbox org.
// Whatever it does must keep within the page's content security policy and with the gateway and the org.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Gateway } from './gateway.js';
import { CLIENT_ID, CLIENT_SECRET, Org, PASSWORD } from './org.js';
import { DIST, hands, launch } from './widget.js';

let org;
let gateway;
let browser;
let context;
let page;
let complaints;

before(async () => {
  gateway = await Gateway.start(async (origin) => {
    org = await Org.start(`${origin}/login/callback`);
    return `[okta]\nissuer = "${org.issuer}"\nclient_id = "${CLIENT_ID}"\nclient_secret = "${CLIENT_SECRET}"\n`
      + `[sign_in]\ndoor = "widget"\n[sign_in.widget]\nfiles = "${fileURLToPath(DIST)}"\n`
      + '[branding]\nname = "Sample Company"\n[branding.colors]\nbrand = "#0b57d0"\n';
  });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  org?.stop();
});

// A browser whose every page notes what the browser complains about, and where it asks.
async function visitor() {
  const fresh = await browser.newContext({ locale: 'en-US' });
  fresh.setDefaultTimeout(20_000);
  fresh.on('console', (message) => {
    // The browser says this of every answer that is a refusal, also of a wrong password's.
    if (message.text().startsWith('Failed to load resource: the server responded with a status of 4')) return;
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  fresh.on('weberror', (error) => complaints.push(String(error.error())));
  fresh.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== 'data:' && ![gateway.origin, org.origin].includes(origin)) complaints.push(`a request to ${request.url()}`);
  });
  await fresh.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  return fresh;
}

beforeEach(async () => {
  complaints = [];
  await org.reset();
  await org.policies({ resend_wait_s: 0, post_logout_redirect_uris: [`${gateway.origin}/.gateway/signed-out`] });
  context = await visitor();
  page = await context.newPage();
});
afterEach(async () => {
  await context?.close();
  assert.deepEqual(complaints, []);
});

const open = (target = '/app?x=1') => page.goto(`${gateway.origin}${target}`);
const { identifier, passcode, submit, press, codeField } = hands(() => page);

// The app is reached, at the address that was asked for first, and told who it is.
async function isIn(login, on = page, target = '/app?x=1') {
  await on.waitForSelector('#told');
  assert.equal(on.url(), `${gateway.origin}${target}`);
  assert.equal((await on.textContent('#told')).split('|')[1], login);
  assert.deepEqual((await org.broken()).filter(({ verdict }) => verdict !== 'the sign-in took too long'), []);
}

test('the page carries no verifier, and its policy allows nothing inline', async () => {
  const response = await open();
  assert.equal(response.status(), 200);
  assert.equal(new URL(page.url()).pathname, '/.gateway/sign-in');
  const policy = response.headers()['content-security-policy'];
  for (const never of ['unsafe-inline', 'unsafe-eval', ' https: ', ' http: ', '*;']) assert.ok(!policy.includes(never), policy);
  assert.match(policy, /script-src 'nonce-[\w-]{22}';/);
  await page.waitForSelector('input[name="identifier"]');
  const options = JSON.parse(await page.getAttribute('#okta-sign-in', 'data-options'));
  assert.equal(options.clientId, CLIENT_ID);
  assert.equal(options.codeChallengeMethod, 'S256');
  assert.equal(options.codeChallenge.length, 43);
  assert.ok(!JSON.stringify(options).toLowerCase().includes('verifier'));
  const stored = await page.evaluate(() => JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }));
  assert.ok(!stored.toLowerCase().includes('verifier"'), stored);
  assert.ok((await context.cookies()).filter(({ name }) => name.startsWith('gw_')).every(({ httpOnly }) => httpOnly));
});

test('a password, wrong and then right; sign-out, and in again', async () => {
  await open();
  await identifier('password@example.com');
  await passcode('wrong');
  await submit();
  await page.getByText('Unable to sign in').or(page.getByText('Authentication failed')).first().waitFor();
  await identifier('password@example.com');
  await passcode(PASSWORD);
  await page.waitForTimeout(2000); // the widget ignores a second submit that comes at once
  await submit();
  await isIn('password@example.com');
  const session = (await context.cookies()).find(({ name }) => name === 'gw_session');
  assert.ok(session?.httpOnly);
  await page.goto(`${gateway.origin}/.gateway/sign-out`);
  await page.getByRole('button', { name: 'Sign out' }).first().click();
  await page.getByRole('heading', { name: 'You have signed out' }).waitFor();
  await open();
  await identifier('password@example.com');
  await passcode(PASSWORD);
  await submit();
  await isIn('password@example.com');
  assert.match(await gateway.metrics(), /gateway_sign_ins_total\{outcome="signed_in",provider="okta"\} [1-9]/);
});

test('the identifier first', async () => {
  await org.policies({ first_page: 'identifier' });
  await open();
  await identifier('password@example.com');
  await submit();
  await passcode(PASSWORD);
  await submit();
  await isIn('password@example.com');
});

// Without a password, up to the page that waits for the e-mail.
async function emailed() {
  await org.policies({ first_page: 'identifier' });
  await open();
  await identifier('email@example.com');
  await submit();
  await press('Send me an email');
  await page.getByText('Enter a verification code instead').waitFor();
}

test('an e-mail and no password: by its code', async () => {
  await emailed();
  await press('Enter a verification code instead');
  await passcode((await org.letter()).code);
  await submit();
  await isIn('email@example.com');
});

test('an e-mail and no password: by its link in the same browser', async () => {
  await emailed();
  const { link } = await org.letter();
  const tab = await context.newPage();
  await tab.goto(link);
  await isIn('email@example.com', tab);
});

test('an e-mail and no password: its link in another browser shows the code and calls nobody', async () => {
  await emailed();
  const { link, code } = await org.letter();
  const before = (await org.get('transcript')).length;
  const other = await visitor();
  const tab = await other.newPage();
  await tab.goto(link);
  await tab.getByText(code).first().waitFor();
  assert.ok(!(await other.cookies()).some(({ name }) => name.includes('session')));
  await other.close();
  const calls = (await org.get('transcript')).slice(before).filter(({ path }) => !path.endsWith('/poll'));
  assert.deepEqual(calls, []);
  await press('Enter a verification code instead');
  await passcode(code);
  await submit();
  await isIn('email@example.com');
});

for (const [how, button] of [['SMS', 'Receive a code via SMS'], ['a call', 'Receive a voice call instead']]) {
  test(`the password, and a code by ${how}`, async () => {
    await open();
    await identifier('phone@example.com');
    await passcode(PASSWORD);
    await submit();
    await press(button);
    await codeField();
    await passcode((await org.letter()).code);
    await submit();
    await isIn('phone@example.com');
  });
}

test('an account is created', async () => {
  await org.policies({ registration_required: ['okta_password'], registration_optional: [] });
  await open();
  await press('Sign up');
  await page.fill('input[name="userProfile.firstName"]', 'New');
  await page.fill('input[name="userProfile.lastName"]', 'Comer');
  await page.fill('input[name="userProfile.email"]', 'comer@example.com');
  await submit();
  await press('Set up');
  await passcode('Sandbox-5678');
  await page.fill('input[name="confirmPassword"]', 'Sandbox-5678');
  await submit();
  await isIn('comer@example.com');
});

test('a forgotten password is replaced', async () => {
  await open();
  await press('Forgot password?');
  await page.getByText('Reset your password').waitFor();
  await identifier('password@example.com');
  await submit();
  await press('Send me an email');
  await press('Enter a verification code instead');
  await passcode((await org.letter()).code);
  await submit();
  await page.waitForSelector('input[name="confirmPassword"]');
  await passcode('Sandbox-5678');
  await page.fill('input[name="confirmPassword"]', 'Sandbox-5678');
  await submit();
  await isIn('password@example.com');
});

test('a sign-in that has expired begins anew', async () => {
  await open();
  await page.waitForSelector('input[name="identifier"]');
  await org.policies({ clock_offset_s: 3 * 3600 });
  await identifier('password@example.com');
  await passcode(PASSWORD);
  await submit();
  await page.getByText('logged out due to inactivity').first().waitFor();
  await org.policies({ clock_offset_s: 0 });
  await press('Back to sign in'); // the same state and challenge, and a new handle
  await page.getByText('logged out due to inactivity').first().waitFor({ state: 'detached' });
  // The widget ignores a submit that comes while it still lays out its form; a visitor presses again.
  for (let attempt = 0, through = false; !through && attempt < 3; attempt += 1) {
    await identifier('password@example.com');
    await passcode(PASSWORD);
    await submit();
    through = await page.waitForSelector('#told', { timeout: 6_000 }).then(() => true, () => false);
  }
  await isIn('password@example.com');
});

test('without script the page says so and leads to our own pages', async () => {
  const plain = await browser.newContext({ javaScriptEnabled: false });
  const tab = await plain.newPage();
  await tab.goto(`${gateway.origin}/app`);
  assert.match(await tab.locator('noscript').textContent(), /needs JavaScript/);
  await tab.locator('noscript a').click();
  await tab.fill('input[name="identifier"]', 'password@example.com');
  await tab.fill('input[name="password"]', PASSWORD);
  await tab.locator('button[type="submit"]').first().click();
  await isIn('password@example.com', tab, '/app');
  await plain.close();
});

test('an error that comes back has a page', async () => {
  await open();
  const { state } = JSON.parse(await page.getAttribute('#okta-sign-in', 'data-options'));
  const query = new URLSearchParams({ error: 'access_denied', error_description: '<b>no</b>', state });
  const response = await page.goto(`${gateway.origin}/login/callback?${query}`);
  assert.equal(response.status(), 403);
  await page.getByRole('heading', { name: 'We couldn’t sign you in with Okta' }).waitFor();
});

test('back from another identity provider, the sign-in goes on', async () => {
  await open();
  await page.waitForSelector('input[name="identifier"]');
  const { state } = JSON.parse(await page.getAttribute('#okta-sign-in', 'data-options'));
  await page.goto(`${gateway.origin}/login/callback?${new URLSearchParams({ error: 'interaction_required', state })}`);
  await page.waitForSelector('input[name="identifier"]');
  assert.equal(JSON.parse(await page.getAttribute('#okta-sign-in', 'data-options')).state, state);
  await identifier('password@example.com');
  await passcode(PASSWORD);
  await submit();
  await isIn('password@example.com');
});
