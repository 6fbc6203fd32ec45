export type MeasuredField = { name: string; query: string };

const ofUser = (field: string, selection = ''): MeasuredField => ({
  name: `stats.user.${field}`,
  query: `{ stats { user { ${field}${selection} } } }`,
});

const DAY = ' { day turns promptTokens completionTokens }';
const MODEL = ' { model turns promptTokens completionTokens meanFirstTokenMs }';

/** What everything else is held against: the same request for nothing. */
export const NOTHING: MeasuredField = { name: '{ __typename }', query: '{ __typename }' };

export const FIELDS: MeasuredField[] = [
  ofUser('conversations'),
  ofUser('messages'),
  ofUser('turns'),
  ofUser('files'),
  ofUser('storageBytes'),
  ofUser('promptTokens'),
  ofUser('completionTokens'),
  ofUser('byDay(days: 30)', DAY),
  ofUser('byDay(days: 366)', DAY),
  ofUser('byModel', MODEL),
  {
    name: 'stats.user, all of it',
    query: `{ stats { user {
      conversations messages turns files storageBytes promptTokens completionTokens byDay(days: 366)${DAY} byModel${MODEL}
    } } }`,
  },
];
