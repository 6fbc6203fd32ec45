/** Who uses the server in the pictures. The first one registers first, which makes her its administrator. */
export const ADA = { username: 'ada', password: 'a passphrase for pictures', email: 'ada@skerrymore.example' };

export const OTHERS: readonly { username: string; role: 'USER' | 'ADMIN' }[] = [
  { username: 'robert', role: 'ADMIN' },
  { username: 'grace', role: 'USER' },
  { username: 'ingrid', role: 'USER' },
  { username: 'thomas', role: 'USER' },
];

/** The newest is listed first. */
export const PROMPTS: readonly { name: string; texts: readonly [string, ...string[]] }[] = [
  { name: 'Plain words', texts: ['Explain things as to a curious child of twelve.\nUse short sentences.'] },
  {
    name: 'Archivist',
    texts: [
      `You help the keepers of an archive.

Be brief.
Use the units of the document.
Where the documents say nothing, say that.`,
      `You help the keepers of an archive of lighthouses.

Be brief, and say which document you rely on.
Use the units of the document.
Where the documents say nothing, say that.`,
      `You help the keepers of an archive of lighthouses.

Take three paragraphs at most, and say which document you rely on.
Use the units of the document, and metres in brackets.
Where the documents disagree, name both.
Where the documents say nothing, say that.`,
    ],
  },
];

type SceneKey = {
  clientName: string;
  notes?: string;
  collection?: string;
  tokensPerDay?: number;
  requestsPerMinute?: number;
};

/** Programs; each asks something, so that it has used its key. */
export const KEYS: readonly SceneKey[] = [
  {
    clientName: 'Visitor centre',
    notes: 'The screen in the entrance hall.',
    collection: 'Lighthouses',
    tokensPerDay: 50_000,
  },
  { clientName: 'Tide display', collection: 'Lighthouses', requestsPerMinute: 600 },
  { clientName: 'Newsletter' },
];
