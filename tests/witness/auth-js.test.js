// Okta's JavaScript SDK, unmodified, signs in to the sandbox org from Node: the newest 8.x, and the 7.x
// that the widget bundles. If it cannot, the sandbox is wrong.

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import * as newest from '@okta/okta-auth-js';
import * as bundled from 'okta-auth-js-7';

import { CLIENT_ID, CLIENT_SECRET, Org, PASSWORD, REDIRECT_URI, SPA_CLIENT_ID } from './org.js';

function storage() {
  const kept = new Map();
  const storageProvider = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
  };
  const kinds = ['token', 'cache', 'transaction', 'shared-transaction', 'original-uri', 'idx-response'];
  return Object.fromEntries(kinds.map((kind) => [kind, { storageProvider, storageKey: `witness-${kind}` }]));
}

for (const [name, { OktaAuth }] of [['auth-js 8', newest], ['auth-js 7', bundled]]) {
  describe(name, () => {
    let org;
    before(async () => {
      org = await Org.start();
    });
    after(() => org?.stop());
    beforeEach(() => org.reset());

    // A client with a storage of its own: by default all clients of a process share one.
    const client = (settings = {}) =>
      new OktaAuth({
        storageManager: storage(),
        issuer: org.issuer,
        clientId: SPA_CLIENT_ID,
        redirectUri: REDIRECT_URI,
        scopes: ['openid', 'profile', 'email', 'offline_access'],
        idx: { enableLegacyMode: true },
        ...settings,
      });

    // Checks the tokens of a finished transaction, reads userinfo, and that no rule was broken.
    const signedIn = async (okta, transaction, login, expectBroken = 0) => {
      assert.equal(transaction.status, 'SUCCESS', JSON.stringify(transaction.messages ?? transaction.nextStep));
      const { idToken, accessToken, refreshToken } = transaction.tokens;
      assert.equal(idToken.claims.preferred_username, login);
      assert.deepEqual(idToken.claims.groups, login === 'password@example.com' ? ['staff', 'admins'] : ['staff']);
      assert.ok(refreshToken.refreshToken);
      await okta.token.verify(idToken, { accessToken: accessToken.accessToken });
      const user = await okta.token.getUserInfo(accessToken, idToken);
      assert.equal(user.preferred_username, login);
      assert.equal((await org.broken()).length, expectBroken, JSON.stringify(await org.broken()));
    };

    test('1: username and password on one page', async () => {
      const okta = client();
      const started = await okta.idx.start();
      assert.deepEqual(started.enabledFeatures.sort(), ['enroll-profile', 'recover-password', 'unlock-account']);
      assert.ok(started.availableSteps.some((step) => step.name === 'identify'));
      const wrong = await okta.idx.authenticate({ username: 'password@example.com', password: 'wrong' });
      assert.equal(wrong.status, 'PENDING');
      assert.equal(wrong.messages[0].i18n.key, 'errors.E0000004');
      const done = await okta.idx.authenticate({ username: 'password@example.com', password: PASSWORD });
      await signedIn(okta, done, 'password@example.com');
    });

    test('1: username and password on two pages', async () => {
      await org.policies({ first_page: 'identifier' });
      const okta = client();
      const asked = await okta.idx.authenticate({ username: 'password@example.com' });
      assert.equal(asked.nextStep.name, 'challenge-authenticator');
      const done = await okta.idx.proceed({ password: PASSWORD });
      await signedIn(okta, done, 'password@example.com');
    });

    test('1: a confidential client signs in with its secret', async () => {
      const okta = client({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
      const done = await okta.idx.authenticate({ username: 'password@example.com', password: PASSWORD });
      await signedIn(okta, done, 'password@example.com');
    });

    test('2: a code by e-mail and no password', async () => {
      await org.policies({ first_page: 'identifier' });
      const okta = client();
      const asked = await okta.idx.authenticate({ username: 'email@example.com' });
      assert.equal(asked.nextStep.name, 'authenticator-verification-data');
      const sent = await okta.idx.proceed({ methodType: 'email' });
      assert.equal(sent.nextStep.name, 'challenge-authenticator');
      assert.equal(sent.nextStep.canResend, true);
      const polled = await okta.idx.poll();
      assert.equal(polled.nextStep.name, 'challenge-authenticator');
      const wrong = await okta.idx.proceed({ verificationCode: '000000x' });
      assert.equal(wrong.messages[0].i18n.key, 'api.authn.error.PASSCODE_INVALID');
      const done = await okta.idx.proceed({ verificationCode: (await org.letter()).code });
      await signedIn(okta, done, 'email@example.com');
    });

    test('2: the magic link, in the same client', async () => {
      await org.policies({ first_page: 'identifier' });
      const okta = client();
      await okta.idx.authenticate({ username: 'email@example.com' });
      await okta.idx.proceed({ methodType: 'email' });
      const { search } = new URL((await org.letter()).link);
      assert.equal(okta.idx.isEmailVerifyCallback(search), true);
      const done = await okta.idx.handleEmailVerifyCallback(search);
      await signedIn(okta, done, 'email@example.com');
    });

    for (const methodType of ['sms', 'voice']) {
      test(`4: the password and a code by ${methodType}`, async () => {
        const okta = client();
        const asked = await okta.idx.authenticate({ username: 'phone@example.com', password: PASSWORD });
        assert.equal(asked.nextStep.name, 'authenticator-verification-data');
        const sent = await okta.idx.proceed({ methodType });
        assert.equal(sent.nextStep.name, 'challenge-authenticator');
        const early = await okta.idx.proceed({ resend: true });
        assert.equal(early.messages[0].i18n.key, 'tooManyRequests');
        const letter = await org.letter();
        assert.equal(letter.channel, methodType);
        const done = await okta.idx.proceed({ verificationCode: letter.code });
        await signedIn(okta, done, 'phone@example.com');
      });
    }

    test('4: the phone, chosen from the list', async () => {
      const okta = client();
      await okta.idx.authenticate({ username: 'many@example.com', password: PASSWORD });
      await okta.idx.proceed({ authenticator: 'phone_number', methodType: 'sms' });
      const done = await okta.idx.proceed({ verificationCode: (await org.letter()).code });
      await signedIn(okta, done, 'many@example.com');
    });

    test('6: the password and a code of Google Authenticator', async () => {
      const okta = client();
      const asked = await okta.idx.authenticate({ username: 'totp@example.com', password: PASSWORD });
      assert.equal(asked.nextStep.name, 'challenge-authenticator');
      assert.equal(asked.nextStep.authenticator.key, 'google_otp');
      const done = await okta.idx.proceed({ verificationCode: await org.shown('totp@example.com') });
      await signedIn(okta, done, 'totp@example.com');
    });

    test('9: the password and the security question', async () => {
      const okta = client();
      const asked = await okta.idx.authenticate({ username: 'question@example.com', password: PASSWORD });
      assert.equal(asked.nextStep.name, 'challenge-authenticator');
      const done = await okta.idx.proceed({ questionKey: 'disliked_food', answer: PASSWORD });
      await signedIn(okta, done, 'question@example.com');
    });

    test('11: a phone is set up, because a second factor is required', async () => {
      const okta = client();
      const asked = await okta.idx.authenticate({ username: 'enroll@example.com', password: PASSWORD });
      assert.equal(asked.nextStep.name, 'select-authenticator-enroll');
      const chosen = await okta.idx.proceed({ authenticator: 'phone_number' });
      assert.equal(chosen.nextStep.name, 'authenticator-enrollment-data');
      const invalid = await okta.idx.proceed({ methodType: 'sms', phoneNumber: '+123' });
      assert.equal(invalid.messages[0].message, 'Invalid Phone Number.');
      const sent = await okta.idx.proceed({ methodType: 'sms', phoneNumber: '+15551234567' });
      assert.equal(sent.nextStep.name, 'enroll-authenticator');
      const done = await okta.idx.proceed({ verificationCode: (await org.letter()).code });
      await signedIn(okta, done, 'enroll@example.com');
    });

    test('11: Google Authenticator is set up by its secret', async () => {
      const okta = client();
      await okta.idx.authenticate({ username: 'enroll@example.com', password: PASSWORD });
      const shown = await okta.idx.proceed({ authenticator: 'google_otp' });
      assert.match(shown.nextStep.authenticator.contextualData.sharedSecret, /^[A-Z2-7]{32}$/);
      const done = await okta.idx.proceed({ verificationCode: await org.shown('enroll@example.com') });
      await signedIn(okta, done, 'enroll@example.com');
    });

    test('11: a security question of one\'s own', async () => {
      const okta = client();
      await okta.idx.authenticate({ username: 'enroll@example.com', password: PASSWORD });
      await okta.idx.proceed({ authenticator: 'security_question' });
      const done = await okta.idx.proceed({ questionKey: 'custom', question: 'Atko?', answer: 'Okta' });
      await signedIn(okta, done, 'enroll@example.com');
    });

    test('11: what is optional is skipped', async () => {
      const okta = client();
      const asked = await okta.idx.authenticate({ username: 'optional@example.com', password: PASSWORD });
      assert.equal(asked.nextStep.canSkip, true);
      const done = await okta.idx.proceed({ skip: true });
      await signedIn(okta, done, 'optional@example.com');
    });

    test('12: somebody new registers, with e-mail and password, and skips the rest', async () => {
      const okta = client();
      const form = await okta.idx.register();
      assert.equal(form.nextStep.name, 'enroll-profile');
      const person = { firstName: 'Mary', lastName: 'Acme', email: 'mary@acme.test' };
      const invalid = await okta.idx.register({ ...person, email: 'mary' });
      assert.deepEqual(invalid.messages.map((message) => message.i18n.key), [
        'registration.error.invalidLoginEmail',
        'registration.error.doesNotMatchPattern',
      ]);
      const created = await okta.idx.register(person);
      assert.equal(created.nextStep.name, 'select-authenticator-enroll');
      const mailed = await okta.idx.proceed({ authenticator: 'okta_email' });
      assert.equal(mailed.nextStep.name, 'enroll-authenticator');
      const confirmed = await okta.idx.proceed({ verificationCode: (await org.letter()).code });
      assert.equal(confirmed.nextStep.name, 'select-authenticator-enroll');
      await okta.idx.proceed({ authenticator: 'okta_password' });
      const rest = await okta.idx.proceed({ password: PASSWORD });
      assert.equal(rest.nextStep.canSkip, true);
      const done = await okta.idx.proceed({ skip: true });
      await signedIn(okta, done, 'mary@acme.test');
    });

    test('7: a push is polled until it is approved', async () => {
      const okta = client();
      await okta.idx.authenticate({ username: 'push@example.com', password: PASSWORD });
      const waiting = await okta.idx.proceed({ methodType: 'push' });
      assert.equal(waiting.nextStep.name, 'challenge-poll');
      assert.equal((await okta.idx.poll()).nextStep.name, 'challenge-poll');
      await org.post('push', { to: 'push@example.com', answer: 'approve' });
      await signedIn(okta, await okta.idx.poll(), 'push@example.com');
    });

    test('13: an activation token leads to setting up a password', async () => {
      const person = await org.post('users', { login: 'new@example.com', activation_token: true });
      const okta = client({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
      const asked = await okta.idx.register({ activationToken: person.activation_token });
      assert.equal(asked.nextStep.name, 'select-authenticator-enroll');
      await okta.idx.proceed({ authenticator: 'okta_password' });
      await signedIn(okta, await okta.idx.proceed({ password: PASSWORD }), 'new@example.com');
    });

    test('14: a forgotten password is reset by e-mail', async () => {
      const okta = client();
      const asked = await okta.idx.recoverPassword({ username: 'password@example.com' });
      assert.equal(asked.nextStep.name, 'authenticator-verification-data');
      await okta.idx.proceed({ methodType: 'email' });
      const proven = await okta.idx.proceed({ verificationCode: (await org.letter()).code });
      assert.equal(proven.nextStep.name, 'reset-authenticator');
      const weak = await okta.idx.proceed({ password: 'weak' });
      assert.equal(weak.messages[0].i18n.key, 'password.passwordRequirementsNotMet');
      const done = await okta.idx.proceed({ password: 'Sandbox-5678' });
      await signedIn(okta, done, 'password@example.com');
    });

    test('14: identifier first, the password is chosen and then recovered', async () => {
      await org.policies({ first_page: 'identifier' });
      const okta = client();
      const asked = await okta.idx.recoverPassword({ username: 'password@example.com' });
      assert.equal(asked.nextStep.name, 'authenticator-verification-data');
      await okta.idx.proceed({ methodType: 'email' });
      await okta.idx.proceed({ verificationCode: (await org.letter()).code });
      const done = await okta.idx.proceed({ password: 'Sandbox-5678' });
      await signedIn(okta, done, 'password@example.com');
    });

    test('15: a locked account is unlocked by e-mail and then lets in', async () => {
      const okta = client();
      const asked = await okta.idx.unlockAccount();
      assert.equal(asked.nextStep.name, 'select-authenticator-unlock-account');
      const sent = await okta.idx.unlockAccount({ username: 'locked@example.com', authenticator: 'okta_email' });
      assert.equal(sent.nextStep.name, 'challenge-authenticator');
      const unlocked = await okta.idx.proceed({ verificationCode: (await org.letter()).code });
      assert.equal(unlocked.status, 'TERMINAL');
      assert.equal(unlocked.messages[0].i18n.key, 'oie.selfservice.unlock_user.success.message');
      const fresh = client();
      const done = await fresh.idx.authenticate({ username: 'locked@example.com', password: PASSWORD });
      await signedIn(fresh, done, 'locked@example.com');
    });

    test('16: an expired password is changed, an expiring one is kept', async () => {
      const okta = client();
      const expired = await okta.idx.authenticate({ username: 'expired@example.com', password: PASSWORD });
      assert.equal(expired.nextStep.name, 'reenroll-authenticator');
      await signedIn(okta, await okta.idx.proceed({ newPassword: 'Sandbox-5678' }), 'expired@example.com');
      const other = client();
      const expiring = await other.idx.authenticate({ username: 'expiring@example.com', password: PASSWORD });
      assert.equal(expiring.nextStep.name, 'reenroll-authenticator-warning');
      await signedIn(other, await other.idx.proceed({ skip: true }), 'expiring@example.com');
    });

    test('cancelling is CANCELED, and a denied person ends TERMINAL', async () => {
      const okta = client();
      await okta.idx.authenticate({ username: 'totp@example.com', password: PASSWORD });
      assert.equal((await okta.idx.cancel()).status, 'CANCELED');
      const denied = await client().idx.authenticate({ username: 'denied@example.com', password: PASSWORD });
      assert.equal(denied.status, 'TERMINAL');
      assert.equal(denied.messages[0].i18n.key, 'security.access_denied');
    });

    test('tokens are refreshed and revoked', async () => {
      const okta = client();
      const done = await okta.idx.authenticate({ username: 'password@example.com', password: PASSWORD });
      okta.tokenManager.setTokens(done.tokens);
      const renewed = await okta.token.renewTokens();
      assert.notEqual(renewed.accessToken.accessToken, done.tokens.accessToken.accessToken);
      await okta.revokeAccessToken(renewed.accessToken);
      await assert.rejects(okta.token.getUserInfo(renewed.accessToken, renewed.idToken));
      okta.tokenManager.clear(); // ends the timers that would renew them
    });
  });
}
