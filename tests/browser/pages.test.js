// Every page in a real browser: structure, accessibility, keyboard, script off, zoom, themes, languages.
//
//   npm test              four combinations that cover each width, theme and direction
//   ALL=1 npm test        every page × {light, dark} × {ltr, rtl} × {320 px, desktop}
//
// Rules: WCAG 2.2 levels A and AA through axe-core, and what axe does not measure by hand below.

import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { begin, shots, visitor } from './harness.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

let gateway;
before(async () => { gateway = await begin(); });
after(async () => { await gateway.end(); });

const some = [
  { width: 1280, theme: 'light', language: 'en' },
  { width: 1280, theme: 'dark', language: 'ar' },
  { width: 320, theme: 'light', language: 'ar' },
  { width: 320, theme: 'dark', language: 'en' },
];
const all = [1280, 320].flatMap(width => ['light', 'dark'].flatMap(theme => ['en', 'ar'].map(language => ({ width, theme, language }))));
const combinations = process.env.ALL ? all : some;

const leaves = name => name === 'hand-over'; // it goes elsewhere at once

describe('every page', { concurrency: 2 }, () => {
  for (const { width, theme, language } of combinations) {
    test(`axe finds nothing, and nothing scrolls sideways: ${width} px, ${theme}, ${language}`, async () => {
      const { page, context, open } = await visitor(gateway, { width, theme, bypass: true });
      const found = [];
      for (const name of gateway.index.pages) {
        if (leaves(name)) continue;
        await open(name, { language });
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
        if (sideways) found.push(`${name} scrolls sideways`);
        await page.evaluate(axe);
        const result = await page.evaluate(only => globalThis.axe.run(document, { runOnly: { type: 'tag', values: only } }), tags);
        for (const violation of [...result.violations, ...result.incomplete]) {
          found.push(`${name}: ${violation.id}: ${violation.nodes.map(node => `${node.html} ${node.any.map(any => any.message).join(' ')}`).join(' | ')}`);
        }
        await page.screenshot({ path: join(shots, `${name}-${language}-${theme}-${width}.png`), fullPage: true });
      }
      await context.close();
      assert.deepEqual(found, []);
    });
  }
});

test('no page breaks the policy, logs an error, or asks another origin for anything', async () => {
  const { page, context, complaints, open } = await visitor(gateway);
  for (const name of gateway.index.pages) {
    if (leaves(name)) continue;
    await open(name);
    await page.waitForTimeout(30);
    assert.deepEqual(complaints.splice(0).map(text => `${name}: ${text}`), []);
  }
  await context.close();
});

test('headings, main, labels, targets and the filled button are as they must be', async () => {
  const { page, context, open } = await visitor(gateway, { width: 390, height: 844 });
  const found = [];
  for (const name of gateway.index.pages) {
    if (leaves(name)) continue;
    await open(name);
    found.push(...(await page.evaluate(() => {
      const wrong = [];
      const seen = element => element.checkVisibility() && element.getClientRects().length > 0;
      const levels = [...document.querySelectorAll('h1,h2,h3')].filter(seen).map(heading => +heading.tagName[1]);
      if (levels.filter(level => level === 1).length !== 1) wrong.push('not one h1');
      // The box of problems stands before the h1, so that it is read first.
      if (levels.slice(levels.indexOf(1)).some((level, at, all) => at > 0 && level > all[at - 1] + 1)) wrong.push(`levels ${levels}`);
      const filled = [...document.querySelectorAll('.btn.primary')].filter(seen);
      if (filled.length > 1) wrong.push('two filled buttons');
      const first = [...document.querySelectorAll('main form:not(.who form)')].find(seen);
      if (filled[0]?.form && filled[0].form !== first) wrong.push('the filled button is not of the first form');
      const tall = (selector, least) => {
        for (const element of [...document.querySelectorAll(selector)].filter(seen)) {
          const { height } = element.getBoundingClientRect();
          if (height < least - 0.01) wrong.push(`${element.outerHTML.slice(0, 80)} is ${height} px high`);
        }
      };
      tall('.btn, .method, .input, main select', 44);
      tall('a:not(.skip), .linkbtn, summary, input[type=checkbox], input[type=radio], .lang select', 24);
      return wrong;
    })).map(wrong => `${name}: ${wrong}`));
  }
  await context.close();
  assert.deepEqual(found, []);
});

test('every control is reached by Tab, in order, with a ring one can see, and nothing traps', async () => {
  const { page, context, open } = await visitor(gateway, { width: 640, height: 480 });
  const found = [];
  for (const name of gateway.index.pages) {
    if (leaves(name)) continue;
    await open(name);
    const expected = await page.evaluate(() => {
      const seen = element => element.checkVisibility() && getComputedStyle(element).visibility !== 'hidden';
      document.activeElement?.blur();
      const stops = [...document.querySelectorAll('a[href],button,input:not([type=hidden]),select,summary')]
        .filter(element => seen(element) && !element.disabled);
      // Only the chosen radio of a group is a stop.
      const kept = stops.filter(element => element.type !== 'radio' || element.checked);
      kept.forEach((element, at) => { element.dataset.stop = at; });
      return kept.length;
    });
    await page.evaluate(() => { document.body.setAttribute('tabindex', '-1'); document.body.focus(); });
    const walked = [];
    for (let press = 0; press < expected + 1; press++) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return null;
        const style = getComputedStyle(element);
        const box = element.getBoundingClientRect();
        return {
          stop: element.dataset.stop, ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
          inside: box.bottom > 0 && box.top < innerHeight, html: element.outerHTML.slice(0, 90),
        };
      });
      if (!at || at.stop === undefined) break;
      if (!at.ring) found.push(`${name}: no ring on ${at.html}`);
      if (!at.inside) found.push(`${name}: out of sight: ${at.html}`);
      walked.push(+at.stop);
      if (walked.length === expected) break;
    }
    const order = Array.from({ length: expected }, (_, at) => at);
    if (JSON.stringify(walked) !== JSON.stringify(order)) found.push(`${name}: walked ${walked} of ${expected}`);
  }
  await context.close();
  assert.deepEqual(found, []);
});

test('a page that folds opens by Enter, and Space presses a button', async () => {
  const { page, context, open } = await visitor(gateway);
  await open('app-set-up');
  await page.focus('summary');
  await page.keyboard.press('Enter');
  assert.ok(await page.isVisible('#key'));
  await open('identify-password');
  await page.focus('[data-reveal]');
  await page.keyboard.press('Space');
  assert.equal(await page.getAttribute('#password', 'type'), 'text');
  await context.close();
});

test('a look that is light or dark is so whatever the system says', async () => {
  for (const [look, theme] of [['light', 'dark'], ['dark', 'light']]) {
    const { page, context, open } = await visitor(gateway, { theme });
    await open('identify', { look });
    assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), look);
    await context.close();
  }
});

test('the skip link is the first stop and lands on main', async () => {
  const { page, context, open } = await visitor(gateway);
  await open('identify-password');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  await context.close();
});

for (const script of [true, false]) {
  test(`the focus is where work goes on, script ${script ? 'on' : 'off'}`, async () => {
    const { page, context, open } = await visitor(gateway, { script });
    const session = await context.newCDPSession(page);
    for (const [name, expected] of [
      ['identify', ''], ['password', 'password'], ['code-sms', 'code'], ['code-wrong', 'code'], ['identify-wrong', 'problems'],
      ['new-password-wrong', 'problems'], ['choose-method', ''], ['push', ''], ['session-expired', ''],
    ]) {
      await open(name);
      await page.waitForTimeout(100); // the browser gives the focus when it first paints
      const { root } = await session.send('DOM.getDocument', { depth: 0 });
      const focused = await session.send('DOM.querySelector', { nodeId: root.nodeId, selector: ':focus' });
      let id = '';
      if (focused.nodeId) {
        const { attributes } = await session.send('DOM.getAttributes', { nodeId: focused.nodeId });
        id = attributes[attributes.indexOf('id') + 1];
      }
      assert.equal(id, expected, name);
    }
    await context.close();
  });
}

test('a screen reader hears where the code went and what is wrong with it', async () => {
  const { page, context, open } = await visitor(gateway);
  await open('code-wrong');
  const session = await context.newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  const box = nodes.find(node => node.role?.value === 'textbox' && node.name?.value === 'Code');
  assert.match(box.description.value, /We sent a code by text message/);
  assert.match(box.description.value, /Error: That code is not right\./);
  assert.equal(box.properties.find(property => property.name === 'invalid').value.value, 'true');
  await context.close();
});

test('a problem in the list is a link that leads to its field', async () => {
  const { page, context, open } = await visitor(gateway);
  await open('identify-empty');
  await page.click('#problems a[href="#password"]');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'password');
  await context.close();
});

test('without script nothing that needs it is shown, and there is always a way on', async () => {
  const { page, context, open } = await visitor(gateway, { script: false });
  const session = await context.newCDPSession(page);
  const ends = ['continued-elsewhere', 'link-no-longer-works', 'your-code', 'hand-over'];
  for (const name of gateway.index.pages) {
    if (leaves(name)) continue;
    await open(name);
    const shown = async selector => page.locator(selector).locator('visible=true').count();
    assert.equal(await shown('.js-only'), 0, name);
    assert.equal(await shown('[hidden]'), 0, name);
    const ways = await shown('main a[href]:not([href^="#"]), main button');
    if (!ends.includes(name)) assert.ok(ways > 0, `${name} has no way on`);
  }
  await open('passkey');
  assert.match(await page.textContent('.alert.warn'), /needs JavaScript/);
  assert.ok(await page.isVisible('text=Try another way'));
  await session.detach();
  await context.close();
});

test('text of twice the size and wide spacing neither scrolls sideways nor is cut', async () => {
  const { page, context, open } = await visitor(gateway, { width: 640, height: 800 });
  const found = [];
  for (const language of ['en', 'de', 'en-XA']) {
    for (const name of gateway.index.pages) {
      if (leaves(name)) continue;
      await open(name, { language });
      const session = await context.newCDPSession(page);
      await page.evaluate(() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync('html{font-size:200%!important}*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}p{margin-block-end:2em!important}');
        document.adoptedStyleSheets = [sheet];
      });
      found.push(...(await page.evaluate(() => {
        const wrong = [];
        if (document.documentElement.scrollWidth > document.documentElement.clientWidth) wrong.push('scrolls sideways');
        for (const element of document.querySelectorAll('h1,h2,p,label,button,a,li,dd,dt,legend,summary')) {
          if (!element.checkVisibility() || element.classList.contains('vh')) continue;
          if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== 'inline') wrong.push(`cut: ${element.textContent.trim().slice(0, 40)}`);
        }
        return wrong;
      })).map(wrong => `${name} ${language}: ${wrong}`));
      await session.detach();
    }
  }
  await context.close();
  assert.deepEqual(found, []);
});

test('no language is too wide for a small phone, upright or on its side', async () => {
  const found = [];
  for (const [width, height, languages] of [[320, 640, ['de', 'ja', 'en-XA']], [568, 320, ['en-XA']]]) {
    const { page, context, open } = await visitor(gateway, { width, height });
    for (const language of process.env.ALL ? gateway.index.languages : languages) {
      for (const name of gateway.index.pages) {
        if (leaves(name)) continue;
        await open(name, { language });
        if (await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)) found.push(`${name} ${language} ${width}`);
      }
    }
    await context.close();
  }
  assert.deepEqual(found, []);
});

test('from right to left, rows point left and codes and addresses stay left to right', async () => {
  const { page, context, open } = await visitor(gateway);
  for (const language of ['ar', 'ar-XB']) {
    await open('choose-method', { language });
    assert.equal(await page.evaluate(() => document.documentElement.dir), 'rtl');
    const turned = await page.evaluate(() => getComputedStyle(document.querySelector('.method'), '::after').transform);
    await open('choose-method');
    assert.notEqual(turned, await page.evaluate(() => getComputedStyle(document.querySelector('.method'), '::after').transform));
    for (const [name, selector] of [['code-sms', '#code'], ['push-number', '.big'], ['app-set-up', '.secret'], ['identify', '#identifier']]) {
      await open(name, { language });
      assert.equal(await page.evaluate(at => getComputedStyle(document.querySelector(at)).direction, selector), 'ltr', name);
    }
  }
  await context.close();
});

for (const theme of ['light', 'dark']) {
  test(`any brand colour can be read, ${theme}`, async () => {
    const { page, context, open } = await visitor(gateway, { theme, bypass: true });
    const found = [];
    for (const look of gateway.index.looks) {
      for (const name of ['identify', 'identify-wrong', 'choose-method', 'new-password', 'email']) {
        await open(name, { look });
        await page.evaluate(axe);
        const result = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['color-contrast', 'link-in-text-block'] }));
        for (const violation of result.violations) found.push(`${look} ${name}: ${violation.nodes.map(node => node.html).join(' ')}`);
      }
      await open('identify-password', { look });
      await page.screenshot({ path: join(shots, `look-${look}-${theme}.png`) });
    }
    await context.close();
    assert.deepEqual(found, []);
  });
}

test('forced colours keep buttons, boxes and messages apart, and little moves where that is asked', async () => {
  const { page, context, open } = await visitor(gateway, { forced: 'active', motion: 'reduce', theme: 'dark' });
  for (const name of ['identify-wrong', 'choose-method', 'new-password', 'email']) {
    await open(name);
    await page.screenshot({ path: join(shots, `forced-${name}.png`) });
    const borders = await page.evaluate(() => [...document.querySelectorAll('.btn,.input,.method,.alert')].filter(element => element.checkVisibility())
      .map(element => parseFloat(getComputedStyle(element).borderTopWidth)));
    assert.ok(borders.every(width => width >= 1), name);
  }
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('.spin')).animationDuration), '4s');
  await context.close();
});

test('on paper words are black on white whatever the theme, and what cannot be pressed is left out', async () => {
  const { page, context, open } = await visitor(gateway, { theme: 'dark' });
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  for (const look of ['plain', 'dark', 'stone']) {
    await open('identify-wrong', { look });
    const [words, alert, card] = await page.evaluate(() => ['h1', '#problems', '.card'].map((at, index) => {
      const style = getComputedStyle(document.querySelector(at));
      return index === 2 ? style.backgroundColor : style.color;
    }));
    assert.deepEqual([words, alert, card], ['rgb(0, 0, 0)', 'rgb(0, 0, 0)', 'rgb(255, 255, 255)'], look);
    assert.equal(await page.locator('.btn, .foot').locator('visible=true').count(), 0, look);
  }
  await context.close();
});

test('whoever asks for more contrast gets it in both themes', async () => {
  for (const theme of ['light', 'dark']) {
    const { page, context, open } = await visitor(gateway, { theme });
    await page.emulateMedia({ contrast: 'more', colorScheme: theme });
    for (const look of ['plain', 'stone']) {
      await open('identify', { look });
      const [lead, heading] = await page.evaluate(() => ['.lead', 'h1'].map(at => getComputedStyle(document.querySelector(at)).color));
      assert.equal(lead, heading, `${look} ${theme}`);
    }
    await context.close();
  }
});

test('the harness sees what it must: grey words, a lost label, a wide box', async () => {
  const { page, context, open } = await visitor(gateway, { bypass: true, width: 320 });
  const faults = {
    'color-contrast': () => { document.querySelector('h1').style.color = '#999'; },
    label: () => { document.querySelector('label[for=identifier]').remove(); },
  };
  for (const [rule, seed] of Object.entries(faults)) {
    await open('identify');
    await page.evaluate(seed);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document));
    assert.ok(violations.some(violation => violation.id === rule), rule);
  }
  await open('identify');
  await page.evaluate(() => { document.querySelector('h1').style.width = '600px'; });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth));
  await context.close();
});
