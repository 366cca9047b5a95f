// The door of Okta's widget: the widget, unmodified, in headless Chromium, on the gateway's page, against the sandbox org.
// Whatever it does must keep within the page's content security policy and with the gateway and the org.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
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
      + '[branding]\nname = "Sample Company"\n[branding.colors]\nbrand = "#0b57d0"\n'
      + '[[route]]\nname = "vault"\npath = "/vault"\nupstream = "APP"\nallow = { acr_values = "urn:okta:loa:2fa:any" }\n';
  });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  org?.stop();
});

// A browser whose every page notes what the browser complains about, and where it asks.
async function visitor(locale = 'en-US') {
  const fresh = await browser.newContext({ locale });
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

const { press, codeField } = hands(() => page);

// Fills fields in and submits, until this is there. The widget ignores a submit that comes while it still lays out its form:
// a visitor presses again, and so does this.
const LOGIN = 'identifier';
const CODE = 'credentials.passcode';
async function answer(fields, on = '#told') {
  const first = page.locator(`input[name="${Object.keys(fields)[0]}"]`);
  await first.waitFor();
  for (let attempt = 0; attempt < 8; attempt += 1) {
    // It is gone where the press before this one was heard after all.
    if (await first.isVisible()) {
      for (const [name, value] of Object.entries(fields)) {
        await page.fill(`input[name="${name}"]`, value, { timeout: 4_000 }).catch(() => {});
      }
      await page.locator('input[type="submit"]:enabled').first().click({ timeout: 4_000 }).catch(() => {});
    }
    if (await page.waitForSelector(on, { timeout: 4_000 }).then(() => true, () => false)) return;
  }
  assert.fail(`${on} never came: ${page.url()}`);
}
const enter = (login, password = PASSWORD, on = '#told') => answer({ [LOGIN]: login, [CODE]: password }, on);

const open = (target = '/app?x=1') => page.goto(`${gateway.origin}${target}`);

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
  const options = JSON.parse(await page.getAttribute('#widget', 'data-options'));
  assert.equal(options.clientId, CLIENT_ID);
  assert.equal(options.codeChallengeMethod, 'S256');
  assert.equal(options.codeChallenge.length, 43);
  assert.ok(!JSON.stringify(options).toLowerCase().includes('verifier'));
  const stored = await page.evaluate(() => JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }));
  assert.ok(!stored.toLowerCase().includes('verifier"'), stored);
  assert.ok((await context.cookies()).filter(({ name }) => name.startsWith('gw_')).every(({ httpOnly }) => httpOnly));
});

test('the widget looks as its own styles have it, in the colour of the brand', async () => {
  await open();
  await page.waitForSelector('input[name="identifier"]');
  assert.equal(await page.locator('#widget > main#okta-sign-in.auth-container').count(), 1);
  assert.equal(await page.locator('main:visible').count(), 1);
  const colour = (on) => page.locator(on).first().evaluate((element) => getComputedStyle(element).backgroundColor);
  assert.equal(await colour('input[type="submit"]'), 'rgb(11, 87, 208)');
  assert.equal(await colour('#okta-sign-in'), 'rgb(255, 255, 255)');
});

test('the widget speaks the languages that it has, and English from left to right to everybody else', async () => {
  for (const [locale, words, direction] of [['pt-BR', 'Fazer login', 'ltr'], ['ar', 'Sign In', 'ltr']]) {
    const fresh = await visitor(locale);
    const tab = await fresh.newPage();
    await tab.goto(`${gateway.origin}/app`);
    await tab.waitForSelector('input[name="identifier"]');
    assert.equal(await tab.locator('html').getAttribute('lang'), locale);
    await tab.getByRole('heading', { name: words, exact: true }).last().waitFor();
    assert.equal(await tab.locator('#okta-sign-in').evaluate((element) => getComputedStyle(element).direction), direction);
    await fresh.close();
  }
});

test('a password, wrong and then right; sign-out, and in again', async () => {
  await open();
  await enter('password@example.com', 'wrong', 'text=/Unable to sign in|Authentication failed/');
  await enter('password@example.com');
  await isIn('password@example.com');
  const session = (await context.cookies()).find(({ name }) => name === 'gw_session');
  assert.ok(session?.httpOnly);
  await page.goto(`${gateway.origin}/.gateway/sign-out`);
  await page.getByRole('button', { name: 'Sign out' }).first().click();
  await page.getByRole('heading', { name: 'You have signed out' }).waitFor();
  await open();
  await enter('password@example.com');
  await isIn('password@example.com');
  assert.match(await gateway.metrics(), /gateway_sign_ins_total\{outcome="signed_in",provider="okta"\} [1-9]/);
});

test('the identifier first', async () => {
  await org.policies({ first_page: 'identifier' });
  await open();
  await answer({ [LOGIN]: 'password@example.com' }, `input[name="${CODE}"]`);
  await answer({ [CODE]: PASSWORD });
  await isIn('password@example.com');
});

// Without a password, up to the page that waits for the e-mail.
async function emailed() {
  await org.policies({ first_page: 'identifier' });
  await open();
  await answer({ [LOGIN]: 'email@example.com' }, 'input[value="Send me an email"]');
  await press('Send me an email');
  await page.getByText('Enter a verification code instead').waitFor();
}

test('an e-mail and no password: by its code', async () => {
  await emailed();
  await press('Enter a verification code instead');
  await answer({ [CODE]: (await org.letter()).code });
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
  await answer({ [CODE]: code });
  await isIn('email@example.com');
});

for (const [how, button] of [['SMS', 'Receive a code via SMS'], ['a call', 'Receive a voice call instead']]) {
  test(`the password, and a code by ${how}`, async () => {
    await open();
    await enter('phone@example.com', PASSWORD, `input[value="${button}"], a:has-text("${button}")`);
    await press(button);
    await codeField();
    await answer({ [CODE]: (await org.letter()).code });
    await isIn('phone@example.com');
  });
}

test('the password, then a code by SMS, and by a call instead', async () => {
  await open();
  await enter('many@example.com', PASSWORD, '.authenticator-list');
  const phone = () => page.locator('a[aria-label^="Select Phone"]').click();
  await phone();
  await press('Receive a code via SMS');
  await codeField();
  assert.equal((await org.letter()).channel, 'sms');
  await press('Verify with something else');
  await phone();
  await press('Receive a voice call instead');
  await codeField();
  const { channel, code } = await org.letter();
  assert.equal(channel, 'voice');
  await answer({ [CODE]: code });
  await isIn('many@example.com');
});

test('an account is created', async () => {
  await org.policies({ registration_required: ['okta_password'], registration_optional: [] });
  await open();
  await press('Sign up');
  const profile = {
    'userProfile.firstName': 'New', 'userProfile.lastName': 'Comer', 'userProfile.email': 'comer@example.com',
  };
  await answer(profile, 'a:has-text("Set up")');
  await press('Set up');
  await answer({ [CODE]: 'Sandbox-5678', confirmPassword: 'Sandbox-5678' });
  await isIn('comer@example.com');
});

test('a forgotten password is replaced', async () => {
  await open();
  await press('Forgot password?');
  await page.getByText('Reset your password').waitFor();
  await answer({ [LOGIN]: 'password@example.com' }, 'input[value="Send me an email"]');
  await press('Send me an email');
  await press('Enter a verification code instead');
  await answer({ [CODE]: (await org.letter()).code }, 'input[name="confirmPassword"]');
  await answer({ [CODE]: 'Sandbox-5678', confirmPassword: 'Sandbox-5678' });
  await isIn('password@example.com');
});

test('a link with a recovery token leads to the widget, after a button', async () => {
  const { recovery_token: token } = await org.post('users', { login: 'password@example.com', recovery_token: true });
  await open(`/.gateway/recover?${new URLSearchParams({ recoveryToken: token, return: '/app?x=1' })}`);
  assert.ok(!page.url().includes(token), page.url());
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForSelector('#widget input[name="confirmPassword"]');
  assert.ok(!page.url().includes(token), page.url());
  await answer({ [CODE]: 'Sandbox-5678', confirmPassword: 'Sandbox-5678' });
  await isIn('password@example.com');
});

test('a link with an activation token leads through our own pages: an org takes it from a client with its secret only', async () => {
  const { activation_token: token } = await org.post('users', { login: 'new@example.com', activation_token: true });
  await open(`/.gateway/register?${new URLSearchParams({ activationToken: token, return: '/app?x=1' })}`);
  assert.ok(!page.url().includes(token), page.url());
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Password' }).click();
  await page.locator('main input[type="password"]:visible').fill('Sandbox-5678');
  await page.locator('main form button.primary').first().click();
  await isIn('new@example.com');
});

test('a sign-in that has expired begins anew', async () => {
  await open();
  await page.waitForSelector('input[name="identifier"]');
  await org.policies({ clock_offset_s: 3 * 3600 });
  await enter('password@example.com', PASSWORD, 'text=logged out due to inactivity');
  await org.policies({ clock_offset_s: 0 });
  await press('Back to sign in'); // the same state and challenge, and a new handle
  await page.getByText('logged out due to inactivity').first().waitFor({ state: 'detached' });
  await enter('password@example.com');
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
  const { state } = JSON.parse(await page.getAttribute('#widget', 'data-options'));
  const query = new URLSearchParams({ error: 'access_denied', error_description: '<b>no</b>', state });
  const response = await page.goto(`${gateway.origin}/login/callback?${query}`);
  assert.equal(response.status(), 403);
  await page.getByRole('heading', { name: 'We couldn’t sign you in with Okta' }).waitFor();
});

test('back from another identity provider, the sign-in goes on', async () => {
  await open();
  await page.waitForSelector('input[name="identifier"]');
  const { state } = JSON.parse(await page.getAttribute('#widget', 'data-options'));
  await page.goto(`${gateway.origin}/login/callback?${new URLSearchParams({ error: 'interaction_required', state })}`);
  await page.waitForSelector('input[name="identifier"]');
  assert.equal(JSON.parse(await page.getAttribute('#widget', 'data-options')).state, state);
  await enter('password@example.com');
  await isIn('password@example.com');
});

// What axe says of a part of the page, by WCAG 2.2 A and AA and its own best practices: the ids of its rules.
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
async function axeSays(tab, part) {
  await tab.evaluate(axe);
  const { violations } = await tab.evaluate((on) => globalThis.axe.run(on, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }), part);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

test('axe finds nothing in what is ours of the page, and nothing in the widget', async () => {
  const outside = { exclude: [['#widget']] };
  for (const [locale, colorScheme, width] of [['en-US', 'light', 1280], ['ar', 'dark', 320]]) {
    for (const how of ['the widget', 'no script', 'no widget']) {
      const fresh = await browser.newContext({ locale, colorScheme, viewport: { width, height: 800 }, bypassCSP: true });
      fresh.setDefaultTimeout(20_000);
      const tab = await fresh.newPage();
      // axe is a script: it looks at what a browser without one makes of the page.
      if (how === 'no script') await tab.route(/sign-in\?/, async (route) => {
        const response = await route.fetch();
        const body = (await response.text()).replace(/<script.*?<\/script>/g, '').replaceAll('noscript>', 'div>');
        await route.fulfill({ response, body });
      });
      if (how === 'no widget') await tab.route('**/okta-sign-in*.js', (route) => route.abort());
      await tab.goto(`${gateway.origin}/.gateway/sign-in?return=/app`);
      if (how === 'the widget') {
        await tab.waitForSelector('input[name="identifier"]');
        assert.deepEqual(await axeSays(tab, { include: [['#widget']] }), []);
      } else {
        await tab.locator('.instead a:visible').waitFor();
      }
      assert.deepEqual(await axeSays(tab, outside), [], `${how}, ${locale}`);
      const [dir, sideways] = await tab.evaluate(() => {
        const { dir: direction, scrollWidth, clientWidth } = document.documentElement;
        return [direction, scrollWidth - clientWidth];
      });
      assert.deepEqual([dir, sideways], [locale === 'ar' ? 'rtl' : 'ltr', 0], `${how}, ${locale}`);
      await fresh.close();
    }
  }
});

test('more is asked of whoever is signed in, and at once of whoever comes first to what asks for it', async () => {
  const proves = async () => {
    await page.waitForSelector('input[name="identifier"]');
    assert.equal(new URL(page.url()).pathname, '/.gateway/sign-in');
    await enter('password@example.com', PASSWORD, 'input[value="Send me an email"]');
    await press('Send me an email');
    await press('Enter a verification code instead');
    await answer({ [CODE]: (await org.letter()).code });
    await isIn('password@example.com', page, '/vault');
  };
  await open('/vault');
  await proves();
  const asked = (await org.get('transcript')).filter(({ path }) => path.endsWith('/interact'));
  assert.equal(asked.length, 1, JSON.stringify(asked));
  await context.clearCookies();
  await open();
  await enter('password@example.com');
  await isIn('password@example.com');
  await open('/vault');
  await proves();
});
