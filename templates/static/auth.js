/* auth.js - progressive enhancement only: every page works without it.
   Loaded as <script src="/.gateway/static/auth.<hash>.js" defer>. No inline code, no eval, no innerHTML
   (so it runs under script-src 'self' and require-trusted-types-for 'script'). */
(() => {
  'use strict';
  const d = document;
  const one = (s, r = d) => r.querySelector(s);
  const all = (s, r = d) => [...r.querySelectorAll(s)];
  const sleep = ms => new Promise(r => setTimeout(r, ms));
  const hash = location.hash === '#main' ? '' : location.hash;
  const say = t => { const s = one('#status'); if (s) { s.textContent = ''; setTimeout(() => { s.textContent = t; }, 50); } };
  const fail = (form, key) => {
    const box = one('[data-error]', form.parentNode) || one('[data-error]');
    if (!box) return;
    one('p', box).textContent = form.dataset['e' + key] || form.dataset.eGeneric || '';
    box.hidden = false; box.focus();
  };
  d.documentElement.classList.add('js');
  addEventListener('pageshow', e => { if (e.persisted) location.reload(); });

  /* the end of a sign-in that takes more than one answer */
  const post = (action, csrf) => {
    const f = Object.assign(d.createElement('form'), { method: 'post', action: action + hash });
    f.append(Object.assign(d.createElement('input'), { type: 'hidden', name: 'csrf', value: csrf }));
    d.body.append(f);
    f.requestSubmit();
  };

  /* submit once */
  addEventListener('submit', e => {
    const f = e.target;
    if (f.dataset.sent) { e.preventDefault(); return; }
    f.dataset.sent = '1';
    all('input[data-revealed]', f).forEach(hide);
    all('button', f).forEach(b => b.setAttribute('aria-disabled', 'true'));
    if (f.dataset.busy) say(f.dataset.busy);
  });

  /* show / hide a secret */
  const hide = i => { i.type = 'password'; delete i.dataset.revealed; };
  all('button[data-reveal]').forEach(b => {
    const i = d.getElementById(b.dataset.reveal);
    if (!i) return;
    b.hidden = false;
    b.addEventListener('click', () => {
      const on = i.type === 'password';
      if (on) { i.type = 'text'; i.dataset.revealed = '1'; } else hide(i);
      b.textContent = on ? b.dataset.hide : b.dataset.show;
      b.setAttribute('aria-label', on ? b.dataset.hideLabel : b.dataset.showLabel);
      say(on ? b.dataset.on : b.dataset.off);
    });
  });
  all('input[data-caps]').forEach(i => {
    const m = d.getElementById(i.dataset.caps);
    i.addEventListener('keyup', e => { if (m && e.getModifierState) m.hidden = !e.getModifierState('CapsLock'); });
    i.addEventListener('blur', () => { if (m) m.hidden = true; });
  });
  all('button[data-copy]').forEach(b => {
    if (!navigator.clipboard) return;
    b.hidden = false;
    b.addEventListener('click', () => navigator.clipboard.writeText(one(b.dataset.copy).textContent.trim())
      .then(() => say(b.dataset.done), () => {}));
  });

  /* with script there is a Show button, so the second password box goes */
  all('[data-confirm]').forEach(x => { x.hidden = true; all('input', x).forEach(i => { i.disabled = true; }); });

  /* the box for one's own question, only when that is chosen */
  all('select').forEach(s => {
    const own = s.form.elements.customQuestion;
    const show = () => { own.closest('.field').hidden = s.value !== 'custom'; };
    if (own && s.name === 'questionKey') { show(); s.addEventListener('change', show); }
  });

  /* live password requirements */
  const n = (v, re) => (v.match(re) || []).length;
  const rules = {
    minLength: (v, a) => [...v].length >= +a,
    minLowerCase: (v, a) => n(v, /\p{Ll}/gu) >= +a,
    minUpperCase: (v, a) => n(v, /\p{Lu}/gu) >= +a,
    minNumber: (v, a) => n(v, /[0-9]/g) >= +a,
    minSymbol: (v, a) => n(v, /[!-\/:-@[-`{-~]/g) >= +a,
    maxConsecutive: (v, a) => !!v && !new RegExp('(.)\\1{' + (+a) + '}', 'u').test(v),
    exclude: (v, a) => !!v && !JSON.parse(a).some(p => v.toLowerCase().includes(p.toLowerCase())),
    adComplexity: v => [/\p{Ll}/u, /\p{Lu}/u, /[0-9]/, /[!-\/:-@[-`{-~]/].filter(re => re.test(v)).length >= 3
  };
  all('ul[data-pw]').forEach(ul => {
    const i = d.getElementById(ul.dataset.pw);
    const li = all('li[data-rule]', ul).filter(x => rules[x.dataset.rule]);
    let t;
    if (i) i.addEventListener('input', () => {
      let met = 0;
      li.forEach(x => {
        const ok = rules[x.dataset.rule](i.value, x.dataset.arg);
        x.dataset.met = ok ? 'yes' : 'no';
        const s = one('.vh', x); if (s) s.textContent = ok ? ul.dataset.yes : ul.dataset.no;
        if (ok) met++;
      });
      clearTimeout(t);
      t = setTimeout(() => say(ul.dataset.status.replace('{met}', met).replace('{total}', li.length)), 900);
    });
  });

  /* polling: one small POST per server-chosen interval, only while the tab is visible */
  const typed = () => all('input').some(i => i.type !== 'hidden' && i.value !== i.defaultValue);
  const poll = async el => {
    const show = on => { all('[data-poll-on]', el).forEach(x => { x.hidden = !on; }); all('[data-poll-off]', el).forEach(x => { x.hidden = on; }); };
    show(true);
    const end = Date.now() + (+el.dataset.max || 300000);
    const count = one('[data-countdown]', el);          /* seen, not announced */
    const rest = async ms => {
      if (!count) return sleep(ms);
      for (let s = Math.ceil(ms / 1000); s > 0; s--) {
        const time = Math.floor(s / 60) + ':' + String(s % 60).padStart(2, '0');
        count.textContent = count.dataset.countdown.replace('{time}', time);
        await sleep(1000);
      }
    };
    let wait = +el.dataset.refresh || 4000;
    while (Date.now() < end) {
      await rest(Math.max(wait, 1000));
      if (d.hidden) await new Promise(r => d.addEventListener('visibilitychange', r, { once: true }));
      try {
        const r = await fetch(el.dataset.poll, {
          method: 'POST', cache: 'no-store', redirect: 'error',
          headers: { Accept: 'application/json', 'X-CSRF-Token': el.dataset.csrf }
        });
        if (r.status === 429 || r.status === 503) { wait = (+r.headers.get('Retry-After') || 60) * 1000; continue; }
        if (!r.ok) break;
        const j = await r.json();
        if (j.next) {
          if (typed()) break;                           /* never wipe what somebody types */
          if (j.post) { post(j.next, j.post); return; }
          if (/^\/(?![/\\])/.test(j.next)) location.replace(j.next + hash);   /* same-origin paths only */
          return;
        }
        wait = j.refresh || wait;
      } catch (_) { wait = Math.min(wait * 2, 30000); }
    }
    show(false);
    say(el.dataset.stopped || '');
  };
  all('[data-poll]').forEach(poll);

  /* WebAuthn: IDX sends base64url, wants standard padded base64 back */
  const dec = s => Uint8Array.from(atob(s.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0));
  const enc = b => btoa(Array.from(new Uint8Array(b || 0), x => String.fromCharCode(x)).join(''));
  const ids = (l = []) => l.map(c => ({ ...c, id: dec(c.id) }));
  const ceremony = async (form, mediation, signal) => {
    const o = JSON.parse(form.dataset.webauthn);
    const pk = { ...o.publicKey, challenge: dec(o.publicKey.challenge) };
    let out;
    if (o.kind === 'create') {
      pk.user = { ...pk.user, id: dec(pk.user.id) };
      pk.excludeCredentials = ids(pk.excludeCredentials);
      const c = await navigator.credentials.create({ publicKey: pk, signal });
      const r = c.response;
      out = {
        clientData: enc(r.clientDataJSON), attestation: enc(r.attestationObject),
        transports: JSON.stringify(r.getTransports ? r.getTransports() : []),
        clientExtensions: JSON.stringify(c.getClientExtensionResults())
      };
    } else {
      pk.allowCredentials = ids(pk.allowCredentials);
      const r = (await navigator.credentials.get({ publicKey: pk, mediation, signal })).response;
      out = {
        clientData: enc(r.clientDataJSON), authenticatorData: enc(r.authenticatorData),
        signatureData: enc(r.signature), userHandle: enc(r.userHandle)
      };
    }
    Object.keys(out).forEach(k => { if (form.elements[k]) form.elements[k].value = out[k]; });
    form.requestSubmit(one('[data-webauthn-submit]', form));
  };
  let ctl = null;
  const run = async (form, mediation) => {
    if (ctl) ctl.abort();
    const me = ctl = new AbortController();
    try { await ceremony(form, mediation, me.signal); } catch (e) {
      if (me.signal.aborted || e.name === 'AbortError' || mediation === 'conditional') return;
      fail(form, { NotAllowedError: 'Cancelled', SecurityError: 'Domain', InvalidStateError: 'Exists', NotSupportedError: 'Unsupported' }[e.name] || 'Generic');
    } finally { if (ctl === me) ctl = null; }
  };
  all('form[data-webauthn]').forEach(async form => {
    const pkc = window.PublicKeyCredential;
    const b = one('[data-webauthn-go]', form);
    if (!pkc) {
      if ('quiet' in form.dataset) form.parentNode.hidden = true; else fail(form, 'Unsupported');
      return;
    }
    if (b) { b.hidden = false; b.addEventListener('click', () => run(form)); }
    if ('conditional' in form.dataset && pkc.isConditionalMediationAvailable && await pkc.isConditionalMediationAvailable()) run(form, 'conditional');
  });

  /* what stands behind # in the address is known to the browser alone, and comes along */
  if (hash) all('form, a').forEach(x => {
    const at = x.href ? 'href' : 'action';
    const to = x.getAttribute(at) || '';
    if (/^\/[^?#]*\/(flow|sign-in|register|recover|unlock)\b/.test(to) && !/^[^?]*\/(idp|hosted)\b|#/.test(to)) x.setAttribute(at, to + hash);
  });

  const on = hash && one('meta[http-equiv=refresh]') && one('a.btn.primary');
  if (on && on.origin === location.origin) location.replace(on.href + hash);

  const atOnce = one('form[data-at-once]');
  if (atOnce) atOnce.requestSubmit();
})();
