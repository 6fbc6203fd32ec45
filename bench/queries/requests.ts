/** A request whose cost is measured. */
export type MeasuredRequest = { name: string; query: string; variables: Record<string, unknown> };

const CONVERSATIONS = `query Conversations {
  conversations(first: 20) {
    pageInfo { hasNextPage endCursor }
    edges { cursor node {
      id title model pinned archivedAt messageCount createdAt updatedAt
      lastMessage { id role status content createdAt }
    } }
  }
}`;

const MESSAGES = `query Messages($id: ID!, $first: Int, $after: String, $last: Int) {
  conversation(id: $id) {
    id
    title
    messages(first: $first, after: $after, last: $last) {
      totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { cursor node {
        id role status content reasoning model createdAt
        parent { id }
        citations { index passage { fileName text page start end score } }
        usage { promptTokens completionTokens totalTokens }
        error { code message }
        feedback { rating comment }
      } }
    }
  }
}`;

export const PAGE = 50;

/** `middle` is a cursor in the middle of the conversation. */
export function measuredRequests(conversationId: string, middle: string): MeasuredRequest[] {
  const page = (name: string, variables: Record<string, unknown>) => ({
    name,
    query: MESSAGES,
    variables: { id: conversationId, ...variables },
  });
  return [
    { name: '20 conversations with last message', query: CONVERSATIONS, variables: {} },
    page(`messages(last: ${PAGE})`, { last: PAGE }),
    page(`messages(first: ${PAGE})`, { first: PAGE }),
    page(`messages(first: ${PAGE}, after: the middle)`, { first: PAGE, after: middle }),
    { name: '{ __typename }', query: '{ __typename }', variables: {} },
  ];
}
