// Whole ways through the gateway and the sandbox org, as four visitors go them: by keyboard alone, without
// script, with text of twice the size, and in forced colours. Every page on the way is looked at.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { free, launch, shots, startDemo } from './harness.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const password = 'Sandbox-1234';

let demo, browser, gateway, org;
before(async () => {
  const ports = [];
  for (const name of ['port', 'admin-port', 'org-port', 'app-port']) ports.push(`--${name}`, String(await free()));
  demo = await startDemo(...ports);
  gateway = `http://localhost:${ports[1]}`;
  org = `http://127.0.0.1:${ports[5]}`;
  browser = await launch();
});
after(async () => { await browser?.close(); demo?.kill('SIGTERM'); });

const control = async (path, body) => {
  const response = await fetch(org + path, {
    method: body ? 'POST' : 'GET', headers: { Accept: 'application/json', 'Content-Type': 'application/json' }, body: body && JSON.stringify(body),
  });
  assert.ok(response.ok, `${path}: ${response.status} ${await response.clone().text()}`);
  return response.json().catch(() => null);
};
const newest = async channel => (await control('/sandbox/inbox')).find(message => message.channel === channel);

/** A visitor who acts by keyboard only. */
class Visitor {
  constructor({ script = true, forced = 'none', large = false } = {}) { Object.assign(this, { script, forced, large }); }

  async begin() {
    await control('/sandbox/reset', {});
    this.context = await browser.newContext({
      javaScriptEnabled: this.script, forcedColors: this.forced, bypassCSP: this.large, locale: 'en-US',
      viewport: this.large ? { width: 640, height: 800 } : { width: 1280, height: 800 },
    });
    if (this.large) {
      await this.context.addInitScript(() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync('html{font-size:200%!important}');
        document.adoptedStyleSheets = [sheet];
      });
    }
    this.page = await this.context.newPage();
    this.complaints = [];
    // A reply that says what is wrong may carry a status of its own, which Chromium logs.
    this.page.on('console', message => {
      if (['error', 'warning'].includes(message.type()) && !message.text().startsWith('Failed to load resource')) this.complaints.push(message.text());
    });
    await this.page.goto(`${gateway}/reports?x=1`);
    return this;
  }

  /** Tabs to what `find` tells from the rest, as a person would. */
  async reach(find, what) {
    for (let press = 0; press < 60; press++) {
      const here = await this.page.evaluate(([find, what]) => {
        const element = document.activeElement;
        if (!element || element === document.body) return false;
        if (find === 'name') return element.name === what && element.type !== 'hidden';
        const words = element.textContent.trim();
        return ['A', 'BUTTON'].includes(element.tagName) && words.startsWith(what);
      }, [find, what]);
      if (here) return;
      await this.page.keyboard.press('Tab');
    }
    assert.fail(`cannot reach ${what} on "${await this.page.title()}"`);
  }

  async type(name, words) {
    await this.reach('name', name);
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.type(words);
  }

  /** Presses a button or follows a link; ends on the next page. */
  async press(words) {
    await this.reach('words', words);
    await this.leave(() => this.page.keyboard.press('Enter'));
  }

  async leave(act) {
    await Promise.all([this.page.waitForNavigation({ waitUntil: 'load' }), act()]);
  }

  async on(heading) {
    await this.page.waitForSelector('h1');
    assert.equal((await this.page.textContent('h1')).trim(), heading);
    const sideways = await this.page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    assert.ok(!sideways, `${heading} scrolls sideways`);
  }

  async arrived(who) {
    assert.equal(this.page.url(), `${gateway}/reports?x=1`);
    assert.match(await this.page.textContent('body'), new RegExp(who.replace('.', '\\.')));
    assert.deepEqual(this.complaints, []);
    await this.context.close();
  }

  async signIn(who) {
    await this.on('Sign in');
    await this.type('identifier', who);
    await this.type('password', password);
    await this.leave(() => this.page.keyboard.press('Enter'));
  }
}

const visitors = {
  'by keyboard': {},
  'without script': { script: false },
  'with text of twice the size': { large: true },
  'in forced colours': { forced: 'active' },
};

for (const [how, wishes] of Object.entries(visitors)) {
  test(`a password and a code by text message, one mistake on the way, ${how}`, async () => {
    const visitor = await new Visitor(wishes).begin();
    await visitor.signIn('phone@example.com');
    await visitor.on('Verify with your phone');
    await visitor.press('Send a text message');
    await visitor.on('Check your phone');
    await visitor.type('code', '000000');
    await visitor.press('Verify');
    assert.match(await visitor.page.title(), /^Error: Check your phone - /);
    await visitor.type('code', (await newest('sms')).code);
    await visitor.press('Verify');
    await visitor.arrived('phone@example.com');
  });

  test(`a forgotten password, by e-mail, ${how}`, async () => {
    const visitor = await new Visitor(wishes).begin();
    await visitor.press('Forgot your password?');
    await visitor.on('Reset your password');
    await visitor.type('identifier', 'password@example.com');
    await visitor.press('Continue');
    await visitor.on('Get an email');
    await visitor.press('Send me an email');
    await visitor.on('Check your email');
    await visitor.type('code', (await newest('email')).code);
    await visitor.press('Verify');
    await visitor.on('Choose a new password');
    await visitor.type('password', 'Better-5678');
    if (wishes.script === false) await visitor.type('confirm', 'Better-5678');
    await visitor.press('Save password');
    if (!visitor.page.url().startsWith(`${gateway}/reports`)) assert.fail(`stopped at ${await visitor.page.title()}`);
    await visitor.arrived('password@example.com');
  });

  test(`a method is set up, ${how}`, async () => {
    const visitor = await new Visitor(wishes).begin();
    await visitor.signIn('enroll@example.com');
    await visitor.on('Set up security methods');
    await visitor.press('Phone');
    await visitor.on('Add your phone');
    await visitor.type('phone', '+44 7700 900123');
    await visitor.press('Send the code');
    await visitor.on('Check your phone');
    await visitor.type('code', (await newest('sms')).code);
    await visitor.press('Verify');
    await visitor.arrived('enroll@example.com');
  });
}

test('a push is approved while the page waits, and by a press without script', async () => {
  for (const script of [true, false]) {
    const visitor = await new Visitor({ script }).begin();
    await visitor.signIn('push@example.com');
    await visitor.on('Verify it’s you');
    await visitor.press('Send a push notification');
    await visitor.on('Check your phone');
    const approve = () => control('/sandbox/push', { to: 'push@example.com', answer: 'approve' });
    if (script) await visitor.leave(approve);
    else { await approve(); await visitor.press('I’ve approved it'); }
    await visitor.arrived('push@example.com');
  }
});

test('a passkey is made, then used, and the org has checked both', async () => {
  const visitor = await new Visitor().begin();
  const session = await visitor.context.newCDPSession(visitor.page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  await visitor.signIn('passkey@example.com');
  await visitor.on('Set up security methods');
  await visitor.press('Passkey');
  await visitor.press('Create');
  assert.equal(visitor.page.url(), `${gateway}/reports?x=1`, await visitor.page.title());
  await visitor.context.clearCookies();
  await visitor.page.goto(`${gateway}/reports?x=1`);
  await visitor.signIn('passkey@example.com');
  await visitor.press('Continue with passkey');
  await visitor.arrived('passkey@example.com');
});

test('signing out ends at the page that says so, by way of the org, and Back shows nothing that was typed', async () => {
  const visitor = await new Visitor().begin();
  await visitor.signIn('password@example.com');
  assert.equal(visitor.page.url(), `${gateway}/reports?x=1`);
  await visitor.page.goBack({ waitUntil: 'load' });
  const typed = await visitor.page.evaluate(() => [...document.querySelectorAll('input:not([type=hidden])')].map(field => field.value).join(''));
  assert.ok(!typed.includes(password) && !typed.includes('example.com'), typed);
  await visitor.page.goto(`${gateway}/.gateway/sign-out`);
  await visitor.reach('words', 'Sign out');
  await visitor.page.keyboard.press('Enter');
  await visitor.page.waitForURL(url => url.href.startsWith(`${gateway}/.gateway/signed-out?state=`));
  await visitor.on('You have signed out');
  assert.deepEqual(visitor.complaints, []);
  await visitor.context.close();
});

test('pages on real ways, as axe sees them', async () => {
  const found = [];
  const look = async (page, name) => {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(only => globalThis.axe.run(document, { runOnly: { type: 'tag', values: only } }), tags);
    found.push(...violations.map(violation => `${name}: ${violation.id}: ${violation.nodes.map(node => node.html).join(' ')}`));
    await page.screenshot({ path: join(shots, `real-${name}.png`), fullPage: true });
  };
  for (const who of ['phone', 'email', 'totp', 'push', 'passkey', 'question', 'enroll', 'expired', 'denied']) {
    const context = await browser.newContext({ bypassCSP: true });
    const page = await context.newPage();
    await page.goto(`${gateway}/reports?x=1`);
    await page.fill('#identifier', `${who}@example.com`);
    await page.fill('#password', password);
    await Promise.all([page.waitForNavigation(), page.press('#password', 'Enter')]);
    await look(page, who);
    await context.close();
  }
  const context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  for (const [name, words] of [['recover', 'Forgot your password?'], ['register', 'Create an account'], ['unlock', 'Unlock your account']]) {
    await page.goto(`${gateway}/.gateway/sign-in?return=/`);
    await look(page, 'sign-in');
    await Promise.all([page.waitForNavigation(), page.click(`text=${words}`)]);
    await look(page, name);
  }
  for (const path of ['nothing', 'signed-out']) {
    await page.goto(`${gateway}/.gateway/${path}`);
    await look(page, path);
  }
  await context.close();
  assert.deepEqual(found, []);
});

test('a password manager finds the same names in every release', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${gateway}/reports?x=1`);
  const fields = await page.evaluate(() => [...document.querySelectorAll('main input:not([type=hidden])')].map(field => `${field.id} ${field.name} ${field.autocomplete}`));
  assert.deepEqual(fields, ['identifier identifier username', 'password password current-password', 'remember rememberMe ']);
  await context.close();
});
