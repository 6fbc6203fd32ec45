import type { english } from '../english/english.ts';
import { charts } from './charts.ts';
import { conversations } from './conversations.ts';
import { keyboard } from './keyboard.ts';
import { knowledge } from './knowledge.ts';
import { page } from './page.ts';
import { session } from './session.ts';
import { settings } from './settings.ts';
import { sources } from './sources.ts';
import { thread } from './thread.ts';

export const german: typeof english = {
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
