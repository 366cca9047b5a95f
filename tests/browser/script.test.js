// What the script adds, in a real browser: one submit, showing a secret, live requirements, polling,
// passkeys. The sample server echoes what is posted.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { begin, visitor } from './harness.js';

let gateway;
before(async () => { gateway = await begin(); });
after(async () => { await gateway.end(); });

const posted = async page => {
  const text = await page.textContent('pre');
  const [head, body] = text.split('\n\n');
  return { head, fields: Object.fromEntries(new URLSearchParams(body)) };
};

test('three presses send one form', async () => {
  const { page, context, open } = await visitor(gateway);
  await open('identify-password');
  let posts = 0;
  await page.route('**/.gateway/flow/*', async route => { posts++; await new Promise(done => setTimeout(done, 300)); await route.fulfill({ body: '<title>x</title>', contentType: 'text/html' }); });
  await page.evaluate(() => { const form = document.querySelector('#password').form; for (let press = 0; press < 3; press++) form.requestSubmit(); });
  await page.waitForTimeout(500);
  assert.equal(posts, 1);
  await context.close();
});

test('Enter in any field presses the main button, and the post says where it comes from', async () => {
  const { page, context, open } = await visitor(gateway);
  for (const field of ['#identifier', '#password']) {
    await open('identify-password');
    await page.fill('#identifier', 'ada@example.com');
    await page.fill('#password', 'correct horse');
    await page.press(field, 'Enter');
    await page.waitForSelector('pre');
    const { head, fields } = await posted(page);
    assert.equal(fields.do, 'identify');
    assert.equal(fields.identifier, 'ada@example.com');
    assert.equal(fields.password, 'correct horse');
    assert.ok(fields.csrf && fields.step);
    assert.match(head, new RegExp(`\norigin: ${gateway.address}\n`));
    assert.match(head, /\nsec-fetch-site: same-origin/);
  }
  await context.close();
});

test('a shown secret is hidden again before it is sent, and said aloud', async () => {
  const { page, context, open } = await visitor(gateway);
  await open('password');
  await page.fill('#password', 'secret');
  const show = page.locator('[data-reveal=password]');
  assert.equal(await show.getAttribute('aria-label'), 'Show password');
  await show.click();
  assert.equal(await page.getAttribute('#password', 'type'), 'text');
  assert.equal(await show.getAttribute('aria-label'), 'Hide password');
  await page.waitForFunction(() => document.querySelector('#status').textContent === 'Your password is visible');
  const type = await page.evaluate(() => {
    const box = document.querySelector('#password');
    box.form.addEventListener('submit', event => { event.preventDefault(); window.typeSent = box.type; });
    box.form.requestSubmit();
    return window.typeSent;
  });
  await page.waitForTimeout(50);
  assert.equal(await page.evaluate(() => document.querySelector('#password').type), 'password', type);
  await context.close();
});

test('sixty-four characters and a spaced code can be pasted', async () => {
  const { page, context, open } = await visitor(gateway);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  for (const [name, field, text] of [['password', '#password', 'x'.repeat(64)], ['code-sms', '#code', ' 123-456 ']]) {
    await open(name);
    await page.evaluate(words => navigator.clipboard.writeText(words), text);
    await page.focus(field);
    await page.keyboard.press('Control+V');
    assert.equal(await page.inputValue(field), text);
  }
  await context.close();
});

test('requirements turn to ticks as they are met, and are announced once after a pause', async () => {
  const { page, context, open } = await visitor(gateway);
  await open('new-password');
  assert.equal(await page.isVisible('#confirm'), false);
  await page.evaluate(() => {
    window.said = [];
    new MutationObserver(() => { const text = document.querySelector('#status').textContent; if (text) window.said.push(text); })
      .observe(document.querySelector('#status'), { childList: true });
  });
  await page.type('#new-password', 'Abcdefg1', { delay: 20 });
  const met = await page.evaluate(() => [...document.querySelectorAll('#reqs li')].map(line => line.dataset.met ?? ''));
  assert.deepEqual(met, ['yes', 'yes', 'yes', 'yes', 'yes', '']);
  assert.match(await page.textContent('#reqs li'), /met: at least 8 characters/);
  await page.waitForTimeout(1200);
  assert.deepEqual(await page.evaluate(() => window.said), ['5 of 5 requirements met']);
  await page.fill('#new-password', 'example');
  assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('#reqs li')].map(line => line.dataset.met ?? '')), ['no', 'yes', 'no', 'no', 'no', '']);
  await context.close();
});

// A page whose poll is answered by `answers` in turn, faster than the org would ask for.
async function polling(name, answers, before = () => {}, more = '') {
  const { page, context, open } = await visitor(gateway);
  const asked = [];
  await page.route('**/poll', async route => {
    asked.push({ at: Date.now(), headers: await route.request().allHeaders(), method: route.request().method() });
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    if (answer === 'lost') await route.abort('connectionfailed');
    else await route.fulfill({ status: answer.status ?? 200, headers: answer.headers, contentType: 'application/json', body: JSON.stringify(answer.body ?? {}) });
  });
  await page.route('**/plain/en/**', async route => {
    const response = await route.fetch();
    await route.fulfill({ response, body: (await response.text()).replace('data-refresh="4000"', `data-refresh="1000"${more}`) });
  });
  await open(name);
  await before(page);
  return { page, context, asked };
}

test('a poll is a post with the token, and a change loads the page anew', async () => {
  const { page, context, asked } = await polling('push', [{ body: { refresh: 1000 } }, { body: { next: '/plain/en/password' } }]);
  assert.equal(await page.isVisible('[data-poll-off]'), false);
  await page.waitForURL('**/plain/en/password');
  assert.equal(asked.length, 2);
  assert.equal(asked[0].method, 'POST');
  assert.ok(asked[0].headers['x-csrf-token']);
  assert.equal(asked[0].headers['sec-fetch-site'] ?? 'same-origin', 'same-origin');
  await context.close();
});

test('a poll never leads to another site', async () => {
  for (const next of ['https://evil.example/', '//evil.example/', '/\\evil.example/', 'javascript:alert(1)']) {
    const { page, context, asked } = await polling('push', [{ body: { next } }]);
    while (asked.length === 0) await page.waitForTimeout(100);
    await page.waitForTimeout(300);
    assert.match(page.url(), /\/plain\/en\/push$/, next);
    await context.close();
  }
});

test('a poll waits as long as it is told, and goes on after the network was lost', async () => {
  const { page, context, asked } = await polling('push', [{ status: 429, headers: { 'Retry-After': '3' } }, 'lost', { body: { next: '/plain/en/password' } }]);
  await page.waitForURL('**/plain/en/password', { timeout: 15000 });
  assert.ok(asked[1].at - asked[0].at >= 2900, `${asked[1].at - asked[0].at}`);
  assert.equal(asked.length, 3);
  await context.close();
});

test('a poll that is over says so and leaves a button', async () => {
  const { page, context } = await polling('push', [{ status: 410 }]);
  await page.waitForSelector('[data-poll-off] button', { state: 'visible' });
  assert.equal(await page.isVisible('[data-poll-on]'), false);
  await page.waitForFunction(() => document.querySelector('#status').textContent.startsWith('We stopped checking'));
  await context.close();
});

test('a poll ends by itself after its time, and says so', async () => {
  const { page, context, asked } = await polling('push', [{ body: { refresh: 1000 } }], () => {}, ' data-max="1500"');
  await page.waitForSelector('[data-poll-off] button', { state: 'visible' });
  await page.waitForTimeout(1500);
  assert.equal(asked.length, 2);
  await context.close();
});

test('a poll never wipes what somebody types', async () => {
  const { page, context } = await polling('email', [{ body: { next: '/plain/en/password' } }], page => page.fill('#code', '12'));
  await page.waitForSelector('[data-poll-off] button', { state: 'visible' });
  assert.equal(await page.inputValue('#code'), '12');
  await context.close();
});

test('a busy page counts down to its next question without saying so aloud', async () => {
  const { page, context, asked } = await polling('busy', [{ status: 429, headers: { 'Retry-After': '75' } }]);
  while (asked.length === 0) await page.waitForTimeout(100);
  await page.waitForFunction(() => document.querySelector('[data-countdown]').textContent === 'We will try again in 1:14.');
  assert.equal(await page.evaluate(() => document.querySelector('[data-countdown]').closest('[role=status],[role=alert],[aria-live]')), null);
  assert.equal(await page.textContent('#status'), '');
  await context.close();
});

async function authenticator(context, page) {
  const session = await context.newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  return session;
}

test('a passkey is created and used, in the encodings that the org takes', async () => {
  const { page, context, open } = await visitor(gateway);
  await authenticator(context, page);
  const challenge = 'dGhlIGNoYWxsZW5nZSBpcyBub3QgYSBzZWNyZXQ';
  const standard = /^[A-Za-z0-9+/]+=*$/;
  await open('passkey-create');
  await page.click('[data-webauthn-go]');
  await page.waitForSelector('pre');
  const made = (await posted(page)).fields;
  assert.match(made.attestation, standard);
  assert.deepEqual(JSON.parse(made.transports), ['internal']);
  assert.deepEqual(Object.keys(JSON.parse(made.clientExtensions)), []);
  assert.equal(JSON.parse(Buffer.from(made.clientData, 'base64')).challenge, challenge);

  await context.newCDPSession(page);
  // The sample names no credential, so a discoverable one is needed.
  await page.evaluate(() => navigator.credentials.create({ publicKey: {
    challenge: new Uint8Array(8), rp: { name: 'x' }, user: { id: new Uint8Array([1]), name: 'ada', displayName: 'Ada' },
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }], authenticatorSelection: { residentKey: 'required' },
  } }));
  await open('passkey');
  await page.click('[data-webauthn-go]');
  await page.waitForSelector('pre');
  const used = (await posted(page)).fields;
  assert.equal(used.do, 'passkey');
  assert.match(used.signatureData, standard);
  assert.match(used.authenticatorData, standard);
  assert.equal(used.userHandle, 'AQ==');
  const client = JSON.parse(Buffer.from(used.clientData, 'base64'));
  assert.deepEqual([client.type, client.challenge, client.origin], ['webauthn.get', challenge, gateway.address]);
  await context.close();
});

test('what can go wrong with a passkey is said in words of its own', async () => {
  const { page, context, open } = await visitor(gateway);
  for (const [error, words] of [
    ['NotAllowedError', /cancelled or timed out/], ['SecurityError', /not set up for this web address/],
    ['InvalidStateError', /already has a passkey/], ['NotSupportedError', /can’t use passkeys/], ['UnknownError', /didn’t work/],
  ]) {
    await open('passkey-create');
    await page.evaluate(name => { navigator.credentials.create = () => Promise.reject(new DOMException('', name)); }, error);
    await page.click('[data-webauthn-go]');
    await page.waitForSelector('[data-error]:not([hidden])');
    assert.match(await page.textContent('[data-error]'), words);
    assert.equal(await page.evaluate(() => document.activeElement.hasAttribute('data-error')), true);
  }
  await context.close();
});

test('passkeys are offered with the user name, quietly, and a press takes over', async () => {
  const { page, context, open } = await visitor(gateway);
  await page.addInitScript(() => {
    window.asked = [];
    PublicKeyCredential.isConditionalMediationAvailable = async () => true;
    navigator.credentials.get = options => new Promise((_, failed) => {
      window.asked.push(options.mediation ?? 'modal');
      options.signal.addEventListener('abort', () => failed(new DOMException('', 'AbortError')));
    });
  });
  await open('identify-password');
  await page.waitForFunction(() => window.asked.length === 1);
  await page.click('[data-webauthn-go]');
  await page.waitForFunction(() => window.asked.length === 2);
  assert.deepEqual(await page.evaluate(() => window.asked), ['conditional', 'modal']);
  assert.equal(await page.isVisible('[data-error]'), false);
  assert.equal(await page.getAttribute('#identifier', 'autocomplete'), 'username webauthn');
  await context.close();
});

test('a word and a gap stand between the form and the passkey, and go with it', async () => {
  const shown = async (name, { script = true, passkeys = true } = {}) => {
    const { page, context, open } = await visitor(gateway, { script });
    if (!passkeys) await page.addInitScript(() => { delete window.PublicKeyCredential; });
    await open(name);
    const visible = selector => page.locator(selector).locator('visible=true').count();
    const counts = [await visible('.or'), await visible('[data-webauthn-go]')];
    const gap = script && passkeys && await page.evaluate(() => {
      const top = document.querySelector('[data-webauthn-go]').getBoundingClientRect().top;
      return top - document.querySelector('form .btn.primary').getBoundingClientRect().bottom;
    });
    await context.close();
    return [...counts, gap === false || gap > 24];
  };
  assert.deepEqual(await shown('identify-passkey'), [1, 1, true]);
  assert.deepEqual(await shown('identify-passkey', { script: false }), [0, 0, true]);
  assert.deepEqual(await shown('identify-passkey', { passkeys: false }), [0, 0, true]);
  assert.deepEqual(await shown('identify-password'), [1, 1, true]);
  assert.deepEqual(await shown('identify-password', { script: false }), [1, 0, true]);
});

test('a question of one’s own has its box when it is chosen', async () => {
  const { page, context, open } = await visitor(gateway);
  await open('question-choose');
  assert.equal(await page.isVisible('[name=customQuestion]'), false);
  await page.selectOption('#question', 'custom');
  assert.equal(await page.isVisible('[name=customQuestion]'), true);
  await context.close();
});

test('without script the language can be changed and the second password box is there', async () => {
  const { page, context, open } = await visitor(gateway, { script: false });
  await open('new-password');
  assert.equal(await page.isVisible('#confirm'), true);
  await page.selectOption('#lang', 'ja');
  await page.click('.lang button');
  const { head, fields } = await posted(page);
  assert.match(head, /^POST \/\.gateway\/language/);
  assert.deepEqual(fields, { return: '/plain/en/new-password', lang: 'ja' });
  await context.close();
});
