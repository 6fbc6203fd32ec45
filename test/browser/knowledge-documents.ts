import type { TestFile } from './page-driver.ts';

/** Long enough for several passages, each about something else. */
export const LIGHTHOUSE: TestFile = {
  name: 'lighthouse.md',
  type: 'text/markdown',
  text: [
    '# The lighthouse of Skerrymore',
    'The tower was built in 1861 by the brothers Ardvane, of granite that came by sea. It was raised twice.',
    ...section('The lamp', 'The lamp of the tower is seen for twenty-one nautical miles in clear weather.', 'optics'),
    ...section(
      'The horn',
      'In fog a horn gives two blasts each minute; it was last heard in the year 1998.',
      'signals',
    ),
    ...section('The keepers', 'Seven keepers lived below the gallery until the light was automated.', 'households'),
  ].join('\n\n'),
};

export const RECIPES: TestFile = {
  name: 'recipes.md',
  type: 'text/markdown',
  text: '# Barley soup\n\nSimmer the barley with marjoram for fifty minutes, then stir in the buttermilk.\n',
};

/** A PNG's first bytes: no document. */
export const PICTURE: TestFile = {
  name: 'not-a-document.md',
  type: 'text/markdown',
  text: '\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89',
};

function section(title: string, fact: string, subject: string): string[] {
  const filler = Array.from(
    { length: 14 },
    (_, index) => `Entry ${index + 1} of the register of ${subject} was copied from an older book and never completed.`,
  );
  return [`## ${title}`, filler.slice(0, 7).join(' '), fact, filler.slice(7).join(' ')];
}
