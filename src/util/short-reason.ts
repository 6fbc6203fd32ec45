const LONGEST_REASON = 200;

/** Where the common servers put the words: OpenAI, Ollama, FastAPI, plain gateways. */
function findMessage(body: unknown): string {
  if (typeof body !== 'object' || body === null) return '';
  const { error, message, detail } = body as Record<string, unknown>;
  if (typeof error === 'string') return error;
  if (typeof error === 'object' && error !== null) return findMessage(error);
  if (typeof message === 'string') return message;
  if (typeof detail === 'string') return detail;
  if (Array.isArray(detail)) {
    return detail.map((item) => (typeof item?.msg === 'string' ? item.msg : '')).join(' ');
  }
  return '';
}

/**
 * The reason in a provider's error body, fit to be shown: one short line without addresses, keys and what looks like
 * them. Empty where the body is not one of the known shapes: a stranger's page is not repeated.
 */
export function shortReason(body: string, secrets: readonly string[]): string {
  let text: string;
  try {
    text = findMessage(JSON.parse(body));
  } catch {
    return '';
  }
  for (const secret of secrets) if (secret.length > 3) text = text.replaceAll(secret, '…');
  text = text
    .slice(0, 4 * LONGEST_REASON)
    .toWellFormed()
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, '…')
    .replace(/\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b/g, '…')
    .replace(/\bBearer\s+\S+/gi, '…')
    .replace(/\b(sk|pk|api|key)[-_][\w*-]{4,}/gi, '…')
    .replace(/[\w-]{40,}/g, '…')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  if (text.length <= LONGEST_REASON) return text;
  return `${text.slice(0, LONGEST_REASON).replace(/[\ud800-\udbff]$/, '')}…`;
}
