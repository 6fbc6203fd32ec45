/** What a keeper's archive may hold: long enough for several passages, each about something else. */
export const DOCUMENTS: readonly { name: string; collection: string; text: string }[] = [
  {
    name: 'skerrymore-light.md',
    collection: 'Lighthouses',
    text: `# The lighthouse of Skerrymore

Skerrymore light stands on a reef eleven miles from the nearest harbour. The tower was finished in 1861, of granite that came by sea, and was raised by four metres in 1894.

## The lamp

The focal plane of the lamp lies 46 metres above high water. In clear weather it is seen for twenty-one nautical miles. The lens is a first-order Fresnel lens, which turns once in thirty seconds and shows a white flash every ten.

## The horn

In fog a horn gives two blasts each minute. It was driven by compressed air until 1957 and was last heard in 1998, when ships had long relied on radar.

## The keepers

Three keepers lived below the gallery, two months on the rock and one ashore. The light was automated in October 1984; since then a boat lands twice a year, weather permitting.
`,
  },
  {
    name: 'harbour-handbook.md',
    collection: 'Lighthouses',
    text: `# Handbook of the harbour

## Range of a light

The geographic range of a light in nautical miles is 2.08 times the sum of the square roots of its height and of the height of the eye, both in metres. Haze and rain shorten it; a strong loom can be seen further.

## Entering by night

Keep the white sector of the harbour light. Red means rocks to the north, green means shoals to the south. Vessels above twenty metres wait for the pilot at the outer buoy.
`,
  },
  {
    name: 'log-of-1893.txt',
    collection: 'Lighthouses',
    text: `Log of the year 1893. January: gales from the north-west on nineteen days, the landing impossible for five weeks. The lamp burned without a fault. March: the lens was cleaned, one prism replaced. November: the masons measured the tower for the new storey that is to be built next year.\n`,
  },
  {
    name: 'barley-soup.md',
    collection: 'Kitchen',
    text: '# Barley soup\n\nSimmer the barley with marjoram for fifty minutes, then stir in the buttermilk. It serves six.\n',
  },
];

/** A PDF that breaks off behind its head: it cannot be read. */
export const BROKEN = { name: 'tide-tables-scan.pdf', collection: 'Lighthouses', text: '%PDF-1.7\n1 0 obj\n<< /Type' };
