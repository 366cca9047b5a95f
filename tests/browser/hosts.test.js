// One sign-in, three hosts of two domains, one sign-out; and what stands behind # in the address comes along.

import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { free, launch, startDemo } from './harness.js';

let demo, browser, folder, port;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'idx-gateway-hosts-'));
  const [admin, org, app] = [await free(), await free(), await free()];
  port = await free();
  const route = host => `[[route]]\nhost = "${host}"\nupstream = "http://127.0.0.1:${app}"\n`;
  writeFileSync(join(folder, 'gateway.toml'), `[server]
listen = "127.0.0.1:${port}"
public_url = "http://localhost:${port}"
[admin]
listen = "127.0.0.1:${admin}"
[okta]
issuer = "http://127.0.0.1:${org}/oauth2/default"
client_id = "0oasandboxgateway"
client_secret = "sandbox-client-secret"
[session]
keys = [{ file = "key", create = true }]
${['localhost', 'wiki.localhost', 'git.example.test'].map(route).join('')}`);
  demo = await startDemo('--config', join(folder, 'gateway.toml'));
  browser = await launch('--host-resolver-rules=MAP *.example.test 127.0.0.1');
});
after(async () => {
  await browser?.close();
  demo?.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

test('one sign-in is good for hosts of two domains, and one sign-out ends it at all of them', async () => {
  const page = await (await browser.newContext()).newPage();
  const at = (host, rest) => `http://${host}:${port}${rest}`;
  await page.goto(at('wiki.localhost', '/app?a=1#/report/7'));
  assert.equal(new URL(page.url()).hostname, 'localhost');
  await page.fill('#identifier', 'password@example.com');
  await page.fill('#password', 'Sandbox-1234');
  await Promise.all([page.waitForURL(/wiki\.localhost.*\/app/), page.press('#password', 'Enter')]);
  assert.equal(page.url(), at('wiki.localhost', '/app?a=1#/report/7'));
  for (const host of ['git.example.test', 'localhost', 'wiki.localhost']) {
    await page.goto(at(host, '/x?y=2'));
    assert.equal(page.url(), at(host, '/x?y=2'));
    assert.match(await page.textContent('body'), /password@example\.com/);
  }
  await page.goto(at('git.example.test', '/.gateway/sign-out'));
  await Promise.all([page.waitForURL(/localhost:\d+\/\.gateway\/signed-out/), page.click('button.primary')]);
  for (const host of ['git.example.test', 'localhost', 'wiki.localhost']) {
    await page.goto(at(host, '/x'));
    await page.waitForSelector('#identifier');
    assert.equal(new URL(page.url()).hostname, 'localhost');
  }
});
