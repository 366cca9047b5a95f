// Okta's sign-in widget in headless Chromium: its files, the browser, and what a visitor does on a page with the widget.
// CHROMIUM names another browser than /usr/bin/chromium.

import { chromium } from 'playwright-core';

export const DIST = new URL('./node_modules/@okta/okta-signin-widget/dist/', import.meta.url);

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });

// A visitor's hands, on the page that `page()` gives: each test has its own.
export const hands = (page) => ({
  identifier: (login) => page().fill('input[name="identifier"]', login),
  passcode: (code) => page().fill('input[name="credentials.passcode"]', code),
  submit: () => page().locator('input[type="submit"]:enabled, button[type="submit"]:enabled').first().click(),
  // A way on, by its words: a button of one renderer is an input of the other.
  press: (words) =>
    page().locator(`input[value="${words}"]:enabled, button:has-text("${words}"):enabled, a:has-text("${words}")`).first().click(),
  codeField: () => page().waitForSelector('input[name="credentials.passcode"]'),
});
