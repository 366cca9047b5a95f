/* widget.js - starts Okta's Sign-In Widget with what the page carries. It ends at the callback by itself; where it cannot
   start, the page offers the way without it. */
(() => {
  'use strict';
  const { options, brand, color, logo } = document.querySelector('#widget').dataset;
  const failed = () => { document.querySelector('#failed').hidden = false; };
  try {
    const settings = { ...JSON.parse(options), brandName: brand, logoText: brand };
    if (logo) settings.logo = logo;
    if (color) settings.colors = { brand: color };
    new window.OktaSignIn(settings).showSignInAndRedirect({ el: '#widget' }).catch(failed);
  } catch {
    failed();
  }
})();
