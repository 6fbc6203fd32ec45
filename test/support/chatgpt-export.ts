type Node = { id: string; parent: string | null; message?: object | null };

/** A node of `mapping`, with a message as ChatGPT writes them. `at`: seconds. */
export function chatNode(
  id: string,
  parent: string | null,
  role: string,
  content: string | object,
  { at = null, ...more }: { at?: number | null; metadata?: object; recipient?: string; weight?: number } = {},
): Node {
  const message = {
    id,
    author: { role, name: null, metadata: {} },
    create_time: at,
    update_time: null,
    content: typeof content === 'string' ? { content_type: 'text', parts: [content] } : content,
    status: 'finished_successfully',
    end_turn: true,
    weight: 1,
    metadata: {},
    recipient: 'all',
    channel: null,
    ...more,
  };
  return { id, parent, message };
}

/** A conversation of `conversations.json`. */
export function chatgptConversation(nodes: Node[], more: object = {}) {
  const mapping = Object.fromEntries(
    nodes.map((node) => [
      node.id,
      { message: null, ...node, children: nodes.filter(({ parent }) => parent === node.id).map(({ id }) => id) },
    ]),
  );
  const id = '0f1e2d3c-0000-4000-8000-00000000c0de';
  return {
    title: 'Paris',
    create_time: 1_700_000_000.123456,
    update_time: 1_700_000_900.5,
    mapping,
    moderation_results: [],
    current_node: nodes.at(-1)?.id ?? null,
    plugin_ids: null,
    conversation_id: id,
    conversation_template_id: null,
    gizmo_id: null,
    is_archived: false,
    is_starred: null,
    safe_urls: [],
    default_model_slug: 'auto',
    voice: null,
    id,
    ...more,
  };
}

/** What most of them begin with. */
export const chatgptRoots: Node[] = [
  { id: 'client-created-root', parent: null, message: null },
  chatNode('system', 'client-created-root', 'system', '', {
    weight: 0,
    metadata: { is_visually_hidden_from_conversation: true },
  }),
  chatNode(
    'context',
    'system',
    'user',
    { content_type: 'user_editable_context', user_profile: 'I am …', user_instructions: 'Be brief.' },
    { metadata: { is_visually_hidden_from_conversation: true, is_user_system_message: true } },
  ),
];
