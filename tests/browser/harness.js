// Starts the sample server or the demo, and headless Chromium, and opens pages as a visitor with given wishes.
//
// SAMPLES  the address of a running sample server; without it one is started with cargo.
// IDX_GATEWAY  the binary whose demo is started; without it, cargo runs it.
// SHOTS    where screenshots go; default: idx-gateway-pages in the temporary folder.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const shots = process.env.SHOTS || join(process.env.TMPDIR || tmpdir(), 'idx-gateway-pages');
mkdirSync(shots, { recursive: true });

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

/** Headless Chromium, with more flags where they are given. */
export const launch = (...more) =>
  chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: [...flags, ...more] });

/** A port that was free a moment ago. */
export const free = () => new Promise(found => {
  const server = createServer().listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => found(port)); });
});

/** The process of `idx-gateway demo` with these arguments, once it says that it is ready. */
export async function startDemo(...more) {
  const [command, first] = process.env.IDX_GATEWAY ? [process.env.IDX_GATEWAY, []] : ['cargo', ['run', '--quiet', '--']];
  const demo = spawn(command, [...first, 'demo', ...more], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  await new Promise((ready, failed) => {
    const hear = data => { said += data; if (said.includes('The gateway is ready')) ready(); };
    demo.stdout.on('data', hear);
    demo.stderr.on('data', hear);
    demo.once('exit', code => failed(new Error(`the demo ended with ${code}: ${said}`)));
  });
  return demo;
}

/** The server's address, its index, a browser, and a way to end all of it. */
export async function begin() {
  let server;
  let address = process.env.SAMPLES;
  if (!address) {
    server = spawn('cargo', ['run', '--quiet', '--example', 'samples'], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: server.stdout });
    address = await new Promise((found, failed) => {
      lines.once('line', found);
      server.once('exit', code => failed(new Error(`the sample server ended with ${code}`)));
    });
  }
  // Chromium takes `localhost` for a secure context and a WebAuthn domain.
  address = address.replace('127.0.0.1', 'localhost');
  const index = await (await fetch(address)).json();
  const browser = await launch();
  return { address, index, browser, end: async () => { await browser.close(); server?.stdin.end(); } };
}

/** A page of a visitor: `width`, `theme`, `script`, `contrast`, and what the browser complained about. */
export async function visitor(gateway, { width = 1280, height = 800, theme = 'light', script = true, bypass = false, forced = 'none', motion = 'no-preference' } = {}) {
  const context = await gateway.browser.newContext({
    viewport: { width, height }, colorScheme: theme, javaScriptEnabled: script, bypassCSP: bypass,
    forcedColors: forced, reducedMotion: motion, locale: 'en-US',
  });
  const page = await context.newPage();
  // A page that sends its form by itself stays to be looked at.
  if (script) await page.addInitScript(() => addEventListener('submit', event => {
    if (!event.target.matches('[data-at-once]')) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true));
  const complaints = [];
  page.on('console', message => { if (['error', 'warning'].includes(message.type())) complaints.push(message.text()); });
  page.on('pageerror', error => complaints.push(String(error)));
  page.on('request', request => {
    const url = request.url();
    if (!url.startsWith(gateway.address) && !url.startsWith('data:')) complaints.push(`request to ${url}`);
  });
  const open = async (name, { look = 'plain', language = 'en' } = {}) => {
    await page.goto(`${gateway.address}/${look}/${language}/${name}`, { waitUntil: 'load' });
    return page;
  };
  return { page, context, complaints, open };
}
