import { css } from '@codemirror/legacy-modes/mode/css';
import { javascript, typescript } from '@codemirror/legacy-modes/mode/javascript';
import { html } from '@codemirror/legacy-modes/mode/xml';
import type { StringStream } from '@codemirror/streamparser';
import { copyState, type LineParser, startState } from './line-parser.ts';

type Inner = { parser: LineParser; state: unknown; end: RegExp };

type PageState = {
  outer: unknown;
  /** The script or the style that is being read. */
  inner: Inner | null;
  /** The tag whose attributes are being read; '' before its name. */
  tag: string | null;
  isTyped: boolean;
};

/** HTML with its scripts and styles, also as Vue and Svelte have them. */
export const page: LineParser = {
  startState: (): PageState => ({ outer: startState(html), inner: null, tag: null, isTyped: false }),
  copyState(given): PageState {
    const state = given as PageState;
    const inner = state.inner && { ...state.inner, state: copyState(state.inner.parser, state.inner.state) };
    return { ...state, outer: copyState(html, state.outer), inner };
  },
  token(stream, given) {
    const state = given as PageState;
    if (state.inner) {
      if (!stream.match(state.inner.end, false)) return innerToken(stream, state.inner);
      state.inner = null;
    }
    const style = html.token(stream, state.outer);
    followTag(stream.current(), state);
    return style;
  },
};

/** Not further than the tag that ends it all. */
function innerToken(stream: StringStream, { parser, state, end }: Inner): string | null {
  const style = parser.token(stream, state);
  const at = stream.current().search(end);
  if (at > 0) stream.backUp(stream.current().length - at);
  return style;
}

function followTag(word: string, state: PageState): void {
  if (word === '<') Object.assign(state, { tag: '', isTyped: false });
  else if (word === '</' || word === '/>') state.tag = null;
  else if (state.tag === '') state.tag = word.toLowerCase();
  else if (state.tag && /^["']?(?:tsx?|typescript)["']?$/.test(word)) state.isTyped = true;
  else if (word === '>') {
    const parser = { script: state.isTyped ? typescript : javascript, style: css }[state.tag ?? ''];
    if (parser) state.inner = { parser, state: startState(parser), end: new RegExp(`</${state.tag}`, 'i') };
    state.tag = null;
  }
}
