import { audit } from './audit.ts';
import { keys } from './keys.ts';
import { models } from './models.ts';
import { overview } from './overview.ts';
import { prompts } from './prompts.ts';
import { users } from './users.ts';

/** What administrators read. */
export const admin = {
  admin: {
    title: 'Administration',
    closed: 'Only administrators see this.',
    reload: 'Load again',
    users,
    keys,
    overview,
    prompts,
    models,
    audit,
  },
};
