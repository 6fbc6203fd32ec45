import { sortByUse, sourcesOf } from '../citations/sources.ts';
import { texts } from '../texts/texts.ts';
import { modelName } from '../thread/model-names.ts';
import type { ThreadMessage } from '../thread/thread-message.ts';
import { shownName } from '../util/shown-name.ts';

type SavedMessage = Pick<ThreadMessage, 'id' | 'role' | 'content' | 'model' | 'citations'>;

/** A conversation as a document to read, to print or to send on. What was asked is quoted, and answers are as they came. */
export function conversationMarkdown(title: string, messages: readonly SavedMessage[]): string {
  const parts = messages.filter(({ content }) => content.trim() !== '').map(partOf);
  return `${[`# ${title}`, ...parts].join('\n\n')}\n`;
}

function partOf(message: SavedMessage): string {
  const { role, content, model } = message;
  if (role === 'USER') return `## ${texts.thread.you}\n\n${quoted(content)}`;
  const heading = [texts.thread.assistant, model && modelName(model)].filter(Boolean).join(' · ');
  return [`## ${heading}`, content.trimEnd(), ...sourceLines(message)].join('\n\n');
}

/** A prompt is text: a heading or a fence in it is not one of the document. */
const quoted = (text: string) =>
  text
    .trimEnd()
    .split(/\r\n|\n|\r/)
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');

/** Those that the answer cites, by the numbers that it has them by. */
function sourceLines({ id, content, citations }: SavedMessage): string[] {
  const { cited } = sortByUse(sourcesOf(id, citations), content);
  if (cited.length === 0) return [];
  const lines = cited.map(({ number, passage }) => {
    const page = passage.page === null ? [] : [texts.sources.page(passage.page)];
    return `- [${number}] ${[shownName(passage.fileName), ...page].join(', ')}`;
  });
  return [`${texts.sources.label}:`, lines.join('\n')];
}
