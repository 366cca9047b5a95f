// The sandbox org for a witness: the built binary (its path in OKTA_SANDBOX) on a free port, stopped at
// the end. Fails with the org's own words when it does not start.

import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';

export const PASSWORD = 'Sandbox-1234';
export const SPA_CLIENT_ID = '0oasandboxspa';
export const CLIENT_ID = '0oasandboxgateway';
export const CLIENT_SECRET = 'sandbox-client-secret';
export const REDIRECT_URI = 'http://localhost:8080/login/callback';

// A port that was free a moment ago.
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export class Org {
  static async start(...redirectUris) {
    const program = process.env.OKTA_SANDBOX;
    if (!program) throw new Error('OKTA_SANDBOX must name the built okta-sandbox program');
    const port = await freePort();
    const redirects = [REDIRECT_URI, ...redirectUris].flatMap((uri) => ['--redirect-uri', uri]);
    const child = spawn(program, ['--listen', `127.0.0.1:${port}`, ...redirects], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ready = once(child.stdout, 'data');
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the sandbox ended with status ${code}`);
    });
    await Promise.race([ready, ended]);
    ended.catch(() => {});
    return new Org(child, `http://127.0.0.1:${port}`);
  }

  constructor(child, origin) {
    this.child = child;
    this.origin = origin;
    this.issuer = `${origin}/oauth2/default`;
  }

  stop() {
    this.child.kill();
  }

  async get(path) {
    const reply = await fetch(`${this.origin}/sandbox/${path}`, { headers: { accept: 'application/json' } });
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return reply.json();
  }

  async post(path, body = {}) {
    const reply = await fetch(`${this.origin}/sandbox/${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return reply.json();
  }

  reset() {
    return this.post('reset');
  }

  policies(change) {
    return this.post('policies', change);
  }

  async letter() {
    const [newest] = await this.get('inbox');
    if (!newest) throw new Error('the inbox is empty');
    return newest;
  }

  async shown(user) {
    return (await this.get(`totp?user=${encodeURIComponent(user)}`)).code;
  }

  // Every rule that a caller broke since the last reset.
  async broken() {
    return (await this.get('transcript')).filter((entry) => entry.verdict !== 'ok');
  }
}
