import type { Page } from 'playwright-core';

/**
 * Watches the page from before anything is on it for whatever no text may become, also for a moment. Of what the page is
 * made of itself there is none: drawings are hidden from readers, forms and fields have classes of their own.
 */
export async function watchForContraband(page: Page): Promise<void> {
  await page.addInitScript(WATCH);
  await page.reload();
}

/** What has been found since, in a few words each. */
export const contraband = (page: Page): Promise<string[]> => page.evaluate('globalThis.contraband');

const WATCH = `
  globalThis.contraband = [];
  const FORBIDDEN = 'script, iframe, frame, object, embed, style, base, meta, link, img, picture, source, video, audio, ' +
    'track, math, template, portal, marquee, svg:not([aria-hidden="true"]), form:not([class]), textarea:not([class])';
  const isOwn = (element) => element.closest('head') !== null || element.matches('body > script');
  function check(element) {
    if (!(element instanceof Element) || isOwn(element)) return;
    if (element.matches(FORBIDDEN)) contraband.push(element.outerHTML.slice(0, 200));
    for (const { name, value } of element.attributes) {
      const isLink = /^(href|src|srcset|action|formaction|xlink:href|ping|data|poster|background)$/i.test(name);
      if (/^on/i.test(name) || name === 'srcdoc' || (isLink && !/^(https?:|mailto:|#|\\/[^\\/]|\\/$)/.test(value)))
        contraband.push(element.tagName + ' ' + name + '=' + value);
    }
    const target = element.matches('a') ? element.getAttribute('href') ?? '' : '';
    if (/^(https?:|mailto:)/.test(target) &&
        (element.rel !== 'noopener noreferrer nofollow' || element.target !== '_blank'))
      contraband.push(element.outerHTML.slice(0, 200));
    for (const child of element.children) check(child);
  }
  new MutationObserver((changes) => {
    for (const { target, addedNodes, type } of changes) {
      if (type === 'attributes') check(target);
      else for (const node of addedNodes) check(node);
    }
  }).observe(document, { subtree: true, childList: true, attributes: true });
`;
