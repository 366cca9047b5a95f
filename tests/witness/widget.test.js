// Okta's sign-in widget, unmodified, signs in to the sandbox org from headless Chromium: both of its
// renderers. If it cannot, the sandbox is wrong.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { after, before, beforeEach, describe, test } from 'node:test';

import { Org, PASSWORD, SPA_CLIENT_ID } from './org.js';
import { DIST, hands, launch } from './widget.js';

// A page with the widget on it, and the widget's own files.
async function app() {
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    if (pathname !== '/') {
      const file = await readFile(new URL(`.${pathname}`, DIST)).catch(() => null);
      response.writeHead(file ? 200 : 404).end(file);
      return;
    }
    const settings = JSON.stringify({
      issuer: searchParams.get('issuer'),
      clientId: SPA_CLIENT_ID,
      redirectUri: `http://localhost:${server.address().port}/`,
      scopes: ['openid', 'profile', 'email'],
      authScheme: 'oauth2', // the newer renderer's way of asking for tokens rather than a redirect
    });
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html><title>App</title><link rel="stylesheet" href="/css/okta-sign-in.min.css">
      <div id="widget"></div><script src="/js/${searchParams.get('script')}"></script>
      <script>
        new OktaSignIn(${settings}).showSignInToGetTokens({ el: '#widget' })
          .then((tokens) => { window.tokens = tokens; }, (error) => { window.failure = String(error); });
      </script>`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

let server;
let org;
let browser;
before(async () => {
  server = await app();
  org = await Org.start(`http://localhost:${server.address().port}/`);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  org?.stop();
  server?.close();
});

for (const script of ['okta-sign-in.min.js', 'okta-sign-in.next.js']) {
  describe(script, () => {
    let page;
    beforeEach(async () => {
      await org.reset();
      const context = await browser.newContext();
      page = await context.newPage();
      page.setDefaultTimeout(20_000);
    });

    const open = () =>
      page.goto(`http://localhost:${server.address().port}/?script=${script}&issuer=${encodeURIComponent(org.issuer)}`);
    const { identifier, passcode, submit, press, codeField } = hands(() => page);

    // Waits for the tokens of this person, and that no rule was broken on the way.
    const signedIn = async (login) => {
      await page.waitForFunction(() => window.tokens || window.failure);
      assert.equal(await page.evaluate(() => window.failure), undefined);
      const { idToken, accessToken } = await page.evaluate(() => window.tokens.tokens ?? window.tokens);
      assert.equal(idToken.claims.preferred_username, login);
      assert.ok(accessToken.accessToken);
      const user = await fetch(`${org.issuer}/v1/userinfo`, {
        headers: { authorization: `Bearer ${accessToken.accessToken}` },
      });
      assert.equal((await user.json()).preferred_username, login);
      assert.deepEqual(await org.broken(), []);
    };

    test('1: username and password on one page, after a wrong password', async () => {
      await open();
      await identifier('password@example.com');
      await passcode('wrong');
      await submit();
      await page.getByText('Unable to sign in').or(page.getByText('Authentication failed')).first().waitFor();
      await identifier('password@example.com');
      await passcode(PASSWORD);
      await page.waitForTimeout(2000); // the older renderer ignores a second submit that comes at once
      await submit();
      await signedIn('password@example.com');
    });

    test('1: username and password on two pages', async () => {
      await org.policies({ first_page: 'identifier' });
      await open();
      await identifier('password@example.com');
      await submit();
      await passcode(PASSWORD);
      await submit();
      await signedIn('password@example.com');
    });

    test('2: a code by e-mail and no password', async () => {
      await org.policies({ first_page: 'identifier' });
      await open();
      await identifier('email@example.com');
      await submit();
      await press('Send me an email');
      await press('Enter a verification code instead');
      await passcode((await org.letter()).code);
      await submit();
      await signedIn('email@example.com');
    });

    test('4: the password and a code by SMS', async () => {
      await open();
      await identifier('phone@example.com');
      await passcode(PASSWORD);
      await submit();
      await press('Receive a code via SMS');
      await passcode((await waitForLetter()).code);
      await submit();
      await signedIn('phone@example.com');
    });

    test('8: a passkey is made at the first sign-in and used at the second', async () => {
      const session = await page.context().newCDPSession(page);
      await session.send('WebAuthn.enable');
      await session.send('WebAuthn.addVirtualAuthenticator', {
        options: {
          protocol: 'ctap2',
          transport: 'internal',
          hasResidentKey: true,
          hasUserVerification: true,
          isUserVerified: true,
          automaticPresenceSimulation: true,
        },
      });
      await open();
      await identifier('passkey@example.com');
      await passcode(PASSWORD);
      await submit();
      await press('Set up'); // of the list
      await page.getByText('Set up security key or biometric authenticator').first().waitFor();
      await press('Set up');
      await signedIn('passkey@example.com');
      // Both renderers ask the browser by themselves. On a busy machine the older one may ask before its page is
      // ready, and then offers to try again, or nothing: the visitor would load the page anew, and so does this.
      const finished = () =>
        page.waitForFunction(() => window.tokens || window.failure, undefined, { timeout: 8_000 }).then(
          () => true,
          () => false,
        );
      const retry = page.locator(
        ['Retry', 'Verify'].map((words) => `input[value="${words}"]:enabled, button:has-text("${words}"):enabled`).join(', '),
      );
      for (let visit = 0, done = false; !done && visit < 3; visit += 1) {
        await open();
        await identifier('passkey@example.com');
        await passcode(PASSWORD);
        await submit();
        done = await finished();
        if (!done && (await retry.count()) > 0) {
          await retry.first().click({ timeout: 2_000 }).catch(() => {});
          done = await finished();
        }
      }
      await signedIn('passkey@example.com');
    });

    // The code field appears once the text message is out.
    const waitForLetter = async () => {
      await codeField();
      return org.letter();
    };
  });
}
