import type { admin as english } from '../../english/admin/admin.ts';
import { audit } from './audit.ts';
import { keys } from './keys.ts';
import { models } from './models.ts';
import { overview } from './overview.ts';
import { prompts } from './prompts.ts';
import { users } from './users.ts';

export const admin: typeof english = {
  admin: {
    title: 'Verwaltung',
    closed: 'Das sehen nur Administratoren.',
    reload: 'Neu laden',
    users,
    keys,
    overview,
    prompts,
    models,
    audit,
  },
};
