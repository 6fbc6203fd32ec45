import { charts } from './charts.ts';
import { conversations } from './conversations.ts';
import { keyboard } from './keyboard.ts';
import { knowledge } from './knowledge.ts';
import { page } from './page.ts';
import { session } from './session.ts';
import { settings } from './settings.ts';
import { sources } from './sources.ts';
import { thread } from './thread.ts';

/**
 * The catalogue of the page's texts: each file has those of one area, and no two the same name. Those of the
 * administration are read by who goes there.
 */
export const english = {
  ...page,
  ...charts,
  ...session,
  ...conversations,
  ...keyboard,
  ...thread,
  ...sources,
  ...knowledge,
  ...settings,
};
