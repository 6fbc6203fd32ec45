/** The question and the answer that most pictures show: text, sources, a table and code. */
export const HERO = {
  prompt: 'From how far away can the lamp of Skerrymore be seen, and how is that worked out?',
  reasoning:
    'The documents give the height of the lamp and a formula for the range. I can check the stated range against the formula.',
  answer: `In clear weather the lamp is seen for **twenty-one nautical miles** [1]. That agrees with the geographic range, which follows from two heights [2]:

| Eye above the water | Seen from | Where that is |
| ------------------- | --------: | ------------- |
| 2 m | 17.0 nm | a rowing boat |
| 5 m | 18.8 nm | the deck of a yacht |
| 10 m | 20.7 nm | the bridge of a coaster |

The same for any height of the eye:

\`\`\`python
from math import sqrt

def geographic_range(lamp: float, eye: float) -> float:
    """Heights in metres, the range in nautical miles."""
    return 2.08 * (sqrt(lamp) + sqrt(eye))

print(round(geographic_range(46, 10), 1))  # 20.7
\`\`\`

Haze and rain shorten it, and the loom may show further than the lamp itself [2].`,
} as const;

export const SLOW = {
  prompt: 'Tell me of a night on the rock',
  answer:
    'The wind had gone round to the north-west by supper, and at ten the spray reached the gallery. Two of us sat by the lamp, as the rule was in such weather, and listened to the stones that the sea was moving at the foot of the tower. '.repeat(
      12,
    ),
} as const;

/** Earlier conversations: so many days ago, and what was said. */
export const EARLIER: readonly { daysAgo: number; title: string; prompt: string; answer: string; pinned?: boolean }[] =
  [
    {
      daysAgo: 0,
      title: 'A letter to the harbour office',
      prompt: 'Draft a short letter to the harbour office: we land on the second of May and need the crane.',
      answer:
        'Dear Sir or Madam,\n\nwe intend to land at Skerrymore on 2 May and ask for the crane from 8 to 11 o’clock.',
    },
    {
      daysAgo: 0,
      title: 'Names for the new boat',
      prompt: 'Suggest three names for a small boat.',
      answer: '1. *Petrel*\n2. *Marram*\n3. *Second Wind*',
    },
    {
      daysAgo: 1,
      title: 'Regular expressions for log entries',
      prompt: 'How do I find dates like 14 March 1893 in a text?',
      answer:
        'With `\\b\\d{1,2} [A-Z][a-z]+ \\d{4}\\b`; it wants a day, a month that begins with a capital, and a year.',
    },
    {
      daysAgo: 1,
      title: 'What Fresnel changed',
      prompt: 'What did Fresnel change about lamps?',
      answer: 'He cut the lens into rings: it bends the light as a thick one does, and weighs a fraction.',
    },
    {
      daysAgo: 3,
      title: 'Reading list for the winter',
      prompt: 'Three books about the sea, please.',
      answer: '- *The Sea Around Us*\n- *Two Years Before the Mast*\n- *The Outermost House*',
      pinned: true,
    },
    {
      daysAgo: 5,
      title: 'Barley soup for twelve',
      prompt: 'The recipe serves six. What do I need for twelve?',
      answer: 'Twice of everything, but only half as much salt again: taste it before the end.',
    },
    {
      daysAgo: 16,
      title: 'Packing for two months',
      prompt: 'What does one forget to pack?',
      answer: 'A second lamp, thread, and something to read that can be read twice.',
    },
  ];

/** What programs ask to make some load, and how their answers begin. */
export const LOAD = { prompt: 'The tide of hour', answer: SLOW.answer.slice(0, 400) } as const;

export const SHORT: readonly string[] = [
  'When was the light automated?',
  'How often does the horn sound?',
  'Who waits for the pilot?',
  'What was done in March 1893?',
];
