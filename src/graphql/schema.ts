import './scalars.ts';
import './types/health.ts';
import './types/user.ts';
import './types/model.ts';
import './types/model-version.ts';
import './types/conversation.ts';
import './types/conversations.ts';
import './types/turn.ts';
import './types/chat.ts';
import './types/search.ts';
import './types/files.ts';
import './types/collections.ts';
import './types/reindex.ts';
import './types/stats.ts';
import './types/node.ts';
import { builder } from './builder.ts';
import { requireViewer } from './require-viewer.ts';

export const schema = requireViewer(builder.toSchema());
