// As much of a browser as pages without script need: cookies by host and port, redirects, refreshes, and forms.

import { request } from 'node:http';

// One request; `fetch` would say of itself that it is a script.
const ask = (url, method, headers, body) => new Promise((done, failed) => {
  const sent = request(url, { method, headers }, async (reply) => {
    reply.setEncoding('utf8');
    let text = '';
    for await (const chunk of reply) text += chunk;
    done({ status: reply.statusCode, headers: reply.headers, text });
  }).on('error', failed);
  sent.end(body);
});

const attribute = (tag, name) => {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag);
  return found?.[1].replaceAll('&quot;', '"').replaceAll('&#x2f;', '/').replaceAll('&#x3D;', '=').replaceAll('&#x27;', "'").replaceAll('&amp;', '&');
};

export class Browser {
  constructor() {
    this.jars = new Map();
  }

  visit(address) {
    return this.go(address, { method: 'GET' });
  }

  // Posts the first form of a page, or the first that fits, with these answers besides what it holds; null leaves a field out.
  submit(page, answers, fits = (form) => !form.action.endsWith('/language')) {
    const forms = page.body.split(/<form\b/).slice(1).map((rest) => {
      const [inside] = rest.split('</form>');
      const tag = `<form${inside.split('>')[0]}`;
      const held = [...inside.matchAll(/<(?:input|button)\b[^>]*>/g)].map(([input]) => [attribute(input, 'name'), attribute(input, 'value') ?? '', input]);
      const fields = held.filter(([name, , input]) => name && !input.startsWith('<button')).map(([name, value]) => [name, value]);
      return { action: attribute(tag, 'action') || page.url, method: attribute(tag, 'method') ?? 'get', fields };
    });
    const form = forms.find(fits);
    if (!form) throw new Error(`no form in ${page.body}`);
    const body = new URLSearchParams(Object.entries({ ...Object.fromEntries(form.fields), ...answers }).filter(([, value]) => value !== null));
    return this.go(new URL(form.action, page.url).href, { method: 'POST', body, from: page.url });
  }

  async go(address, { method, body, from }) {
    let [url, how, sent] = [address, method, body];
    for (let hops = 0; hops < 20; hops += 1) {
      const { host, origin } = new URL(url);
      const jar = this.jars.get(host) ?? this.jars.set(host, new Map()).get(host);
      const headers = {
        accept: 'text/html', cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
        'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document',
        'sec-fetch-site': from && new URL(from).origin === origin ? 'same-origin' : 'none',
      };
      if (sent) Object.assign(headers, { origin, 'content-type': 'application/x-www-form-urlencoded' });
      const reply = await ask(url, how, headers, sent?.toString());
      for (const line of reply.headers['set-cookie'] ?? []) {
        const [pair] = line.split(';');
        const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
        const gone = value === '' || /max-age=0/i.test(line) || /expires=Thu, 01 Jan 1970/i.test(line);
        if (gone) jar.delete(name); else jar.set(name, value);
      }
      const { text } = reply;
      const refresh = /<meta http-equiv="refresh" content="0;url=([^"]*)"/.exec(text)?.[0];
      const next = reply.headers.location ?? (refresh && attribute(refresh, 'content').slice('0;url='.length));
      if (!next) return { url, status: reply.status, headers: reply.headers, body: text };
      [url, how, sent] = [new URL(next, url).href, 'GET', undefined];
    }
    throw new Error(`too many redirects, at last to ${url}`);
  }
}
