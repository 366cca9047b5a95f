// The built gateway (its path in IDX_GATEWAY) before a sandbox org and an app that says who it was told of, on free ports
// and with a configuration of its own.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort } from './org.js';

const program = () => {
  if (!process.env.IDX_GATEWAY) throw new Error('IDX_GATEWAY must name the built idx-gateway program');
  return process.env.IDX_GATEWAY;
};

export class Gateway {
  // `sections` gives the configuration besides [server], [admin], [session] and the route, from the gateway's address; `APP` stands for the
  // app's there.
  static async start(sections) {
    const folder = await mkdtemp(join(tmpdir(), 'idx-gateway-'));
    const app = createServer((request, response) => {
      response.setHeader('content-type', 'text/html');
      const told = ['user', 'preferred-username', 'groups'].map((name) => request.headers[`x-forwarded-${name}`] ?? '');
      response.end(`<!doctype html><link rel="icon" href="data:,"><title>App</title><p id="told">${told.join('|')}</p>`);
    }).listen(0, '127.0.0.1');
    await once(app, 'listening');
    const [port, admin] = [await freePort(), await freePort()];
    const origin = `http://localhost:${port}`;
    const key = execFileSync(program(), ['keygen'], { encoding: 'utf8' }).trim();
    const upstream = `http://127.0.0.1:${app.address().port}`;
    const config = `[server]\nlisten = "127.0.0.1:${port}"\npublic_url = "${origin}"\n[admin]\nlisten = "127.0.0.1:${admin}"\n`
      + `[session]\nkeys = ["${key}"]\n${(await sections(origin)).replaceAll('APP', upstream)}\n`
      + `[[route]]\nname = "app"\nupstream = "${upstream}"\n`;
    await writeFile(join(folder, 'gateway.toml'), config);
    const child = spawn(program(), ['run', '--config', join(folder, 'gateway.toml')], { stdio: ['ignore', 'ignore', 'pipe'] });
    const gateway = new Gateway({ child, app, folder, origin, admin });
    child.stderr.on('data', (said) => { gateway.log += said; });
    for (let tries = 0; tries < 200; tries += 1) {
      const ready = await fetch(`http://127.0.0.1:${admin}/readyz`).then((reply) => reply.ok, () => false);
      if (ready) return gateway;
      if (child.exitCode !== null) throw new Error(`the gateway ended with ${child.exitCode}: ${gateway.log}`);
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
    throw new Error(`the gateway is not ready: ${gateway.log}`);
  }

  constructor(parts) {
    Object.assign(this, parts, { log: '' });
  }

  async metrics() {
    return (await fetch(`http://127.0.0.1:${this.admin}/metrics`)).text();
  }

  async stop() {
    this.child.kill('SIGINT');
    this.app.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
