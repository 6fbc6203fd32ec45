import type { z } from 'zod';
import type { chatgptMessage } from './chatgpt-format.ts';

type Message = z.output<typeof chatgptMessage>;

/** What of a message people have seen, in Markdown. Null: nothing. */
export type ShownText = { kind: 'text' | 'reasoning'; text: string };

/** What the assistant says to a tool, a search or a memory is nobody's to read; code and canvases are. */
export function shownText(message: Message): ShownText | null {
  const { content, recipient, author } = message;
  const toEverybody = recipient === null || recipient === 'all';
  const found = textOf(content, author.role === 'tool');
  if (found === null) return null;
  if (!toEverybody && author.role === 'assistant' && content.content_type !== 'code') {
    const canvas = recipient.startsWith('canmore.create') ? canvasText(found.text) : null;
    return canvas === null ? null : { kind: 'text', text: canvas };
  }
  if (!toEverybody && content.content_type === 'code' && recipient !== 'python') return null;
  const text = withoutMarks(found.text).trim();
  return text === '' ? null : { ...found, text };
}

function textOf(content: Message['content'], ofTool: boolean): ShownText | null {
  const { content_type: type, parts, text, language, thoughts } = content;
  switch (type) {
    case 'code':
      return { kind: 'text', text: fenced(text ?? '', language === 'unknown' ? '' : (language ?? '')) };
    case 'execution_output':
      return { kind: 'text', text: fenced(text ?? '', '') };
    case 'thoughts': {
      const said = (thoughts ?? []).map(({ summary, content: thought }) =>
        [summary && `**${summary}**`, thought].filter(Boolean).join('\n'),
      );
      return { kind: 'reasoning', text: said.filter(Boolean).join('\n\n') };
    }
    case 'reasoning_recap':
    case 'user_editable_context':
    case 'model_editable_context':
    case 'system_error':
    case 'tether_quote':
    case 'tether_browsing_display':
      return null;
    default: {
      // Of what tools say only their pictures are shown.
      if (ofTool && type !== 'multimodal_text') return null;
      const shown = (parts ?? []).map((part) => (ofTool && typeof part === 'string' ? '' : partText(part)));
      return { kind: 'text', text: [...shown, parts ? '' : (text ?? '')].filter(Boolean).join('\n\n') };
    }
  }
}

function partText(part: unknown): string {
  if (typeof part === 'string') return part;
  if (typeof part !== 'object' || part === null) return '';
  const { content_type: type, text } = part as { content_type?: unknown; text?: unknown };
  if (type === 'image_asset_pointer') return '[image]';
  if (type === 'audio_transcription') return typeof text === 'string' ? text : '';
  // Beside its transcription.
  if (type === 'audio_asset_pointer' || type === 'real_time_user_audio_video_asset_pointer') return '';
  return '[attachment]';
}

/** With as many backticks as it takes. */
function fenced(code: string, language: string): string {
  if (code.trim() === '') return '';
  let longest = 2;
  for (const [run] of code.matchAll(/`{3,}/g)) longest = Math.max(longest, run.length);
  const fence = '`'.repeat(longest + 1);
  return `${fence}${/^[\w+#.-]{1,30}$/.test(language) ? language : ''}\n${code.replace(/\n$/, '')}\n${fence}`;
}

function canvasText(json: string): string | null {
  try {
    const { content, type } = JSON.parse(json) as { content?: unknown; type?: unknown };
    if (typeof content !== 'string') return null;
    const language = typeof type === 'string' ? /^code\/(.+)$/.exec(type)?.[1] : undefined;
    return language === undefined ? content : fenced(content, language);
  } catch {
    return null;
  }
}

/** A mark is what lies between U+E200 and U+E201, its fields parted by U+E202. Older ones look like 【12†source】. */
const MARK = /\ue200([^\ue200\ue201]*)\ue201/g;
const OLDER_MARK = /【\d+(?::\d+)?†[^】]{0,200}】/g;
const LOOSE = /[\ue200-\ue206]/g;

/** Marks name sources that the export does not hold; of those that show words, the words stay. */
function withoutMarks(text: string): string {
  if (!/[\ue200-\ue206【]/.test(text)) return text;
  return text
    .replace(MARK, (_mark, inner: string) => {
      const [kind, value = ''] = inner.split('\ue202');
      if (kind === 'url' || kind === 'link_title') return value;
      return kind === 'entity' ? entityName(value) : '';
    })
    .replace(OLDER_MARK, '')
    .replace(LOOSE, '');
}

/** ["city","Paris","capital of France"] */
function entityName(json: string): string {
  try {
    const name: unknown = (JSON.parse(json) as unknown[])[1];
    return typeof name === 'string' ? name : '';
  } catch {
    return '';
  }
}
