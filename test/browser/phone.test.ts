import { expect, test } from 'vitest';
import { DESK, PHONE, useWorld } from './world-fixture.ts';

const setup = useWorld();

/** What reaches beyond the screen, apart from what lies in something that scrolls sideways or is hidden. */
const OVERFLOWING = `(() => {
  const found = [];
  const width = document.documentElement.clientWidth;
  const isHeld = (element) => {
    for (let one = element.parentElement; one && one !== document.body; one = one.parentElement) {
      const { overflowX, position } = getComputedStyle(one);
      if (overflowX !== 'visible' && one.getBoundingClientRect().right <= width + 1) return true;
    }
    return false;
  };
  for (const element of document.body.querySelectorAll('*')) {
    const { left, right, width: own } = element.getBoundingClientRect();
    if (own === 0 || !element.checkVisibility({ visibilityProperty: true })) continue;
    if ((right > width + 1 || left < -1) && !isHeld(element) && !element.closest('[inert], aside'))
      found.push(element.outerHTML.slice(0, 120) + ' ' + Math.round(left) + '–' + Math.round(right));
  }
  if (document.documentElement.scrollWidth > width) found.push('the page itself');
  return found;
})()`;

test.each([
  ['a phone', PHONE],
  // 1,280 points at four times their size, which is how far people may enlarge it.
  ['a desk, enlarged', { ...DESK, viewport: { width: 320, height: 256 } }],
] as const)(
  'no page is wider than the screen (%s)',
  async (_, device) => {
    await using person = await setup.newVisitor('de', device);
    const { page } = person;
    const findings: string[] = [];
    const look = async (scenes: typeof person.outside) => {
      for (const { name, open } of scenes) {
        await open(page);
        for (const finding of (await page.evaluate(OVERFLOWING)) as string[]) findings.push(`${name}: ${finding}`);
      }
    };
    await look(person.outside);
    await person.signIn();
    await look(await person.scenesInside());
    expect(findings).toEqual([]);
  },
  400_000,
);

test('by touch: the drawer opens, leads somewhere and is gone; the composer stays above the keyboard', async () => {
  await using person = await setup.newVisitor('en', PHONE);
  const { page, composer } = person;
  await person.signIn();
  await page.getByRole('button', { name: 'Show conversations' }).tap();
  const link = page.getByRole('link', { name: 'What Fresnel changed' });
  await link.tap();
  await page.getByText('He cut the lens into rings').waitFor();
  await link.waitFor({ state: 'hidden' });

  await composer.tap();
  // As the page is told of a keyboard: `interactive-widget=resizes-content`.
  await page.setViewportSize({ width: 360, height: 400 });
  const bottom = async () => {
    const box = await composer.boundingBox();
    return box ? box.y + box.height : Number.POSITIVE_INFINITY;
  };
  await expect.poll(bottom).toBeLessThanOrEqual(400);
  await composer.fill('What was done in March 1893?');
  await page.getByRole('button', { name: 'Send', exact: true }).tap();
  await person.sees('So it stands in the documents');
  expect(person.faults).toEqual([]);
});
