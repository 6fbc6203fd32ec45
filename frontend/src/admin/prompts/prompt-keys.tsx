import { SystemPromptKeysDocument, type SystemPromptKeysQuery } from '@colloquy/sdk';
import { useConnection } from '../../api/use-connection.ts';
import { RouteLink } from '../../app/route-link.tsx';
import type { Workspace } from '../../app/workspace.ts';
import { texts } from '../../texts/texts.ts';
import { ConnectionList } from '../../ui/connection-list.tsx';
import { Part } from '../part.tsx';
import styles from './prompts.module.css';

/** Of a prompt that has been deleted meanwhile. */
const NONE = { edges: [], pageInfo: { endCursor: null, hasNextPage: false } };

type PromptKeysProps = { workspace: Workspace; id: string };

/** The API keys whose chats a prompt applies to by itself. */
export function PromptKeys({ workspace, id }: PromptKeysProps) {
  const pageOf = ({ systemPrompt }: SystemPromptKeysQuery) => systemPrompt?.apiKeys ?? NONE;
  const read = useConnection(SystemPromptKeysDocument, pageOf, { id });
  const words = texts.admin.prompts.keys;
  return (
    <Part title={words.title}>
      <ConnectionList read={read} empty={words.empty}>
        {(keys) => (
          <ul className={styles.keys}>
            {keys.map(({ id: keyId, clientName, prefix, active }) => (
              <li key={keyId}>
                <RouteLink
                  router={workspace.router}
                  to={{ view: 'admin', section: 'keys', itemId: null }}
                  className={styles.link}
                >
                  <bdi>{clientName ?? `${prefix}…`}</bdi>
                </RouteLink>
                {!active && <small> · {words.ended}</small>}
              </li>
            ))}
          </ul>
        )}
      </ConnectionList>
    </Part>
  );
}
