import { javascript, typescript } from '@codemirror/legacy-modes/mode/javascript';
import { html } from '@codemirror/legacy-modes/mode/xml';
import type { StringStream } from '@codemirror/streamparser';
import { copyState, type LineParser, startState } from './line-parser.ts';

/** Code within elements, or elements within code. `depth`: braces that are open, or elements. */
type Layer = { kind: 'code' | 'elements'; state: unknown; depth: number; isClosing: boolean };
/** `last`: the last word of code that is not space. */
type JsxState = { layers: Layer[]; last: string };

/** After these a `<` begins an element, and compares nothing. */
const BEFORE_ELEMENT = /^(?:.*[([{},;:=?&|!>]|return|default|case|yield|await|)$/s;

/** Script with elements in it. */
function withElements(script: LineParser): LineParser {
  const layer = (kind: Layer['kind']): Layer => ({
    kind,
    state: startState(kind === 'code' ? script : html),
    depth: 0,
    isClosing: false,
  });

  function codeToken(stream: StringStream, state: JsxState, top: Layer): string | null {
    if (BEFORE_ELEMENT.test(state.last) && stream.match(/^<[A-Za-z>]/, false)) {
      const elements = layer('elements');
      state.layers.push(elements);
      return elementsToken(stream, state, elements);
    }
    const style = script.token(stream, top.state);
    const word = stream.current();
    if (!style?.includes('comment') && word.trim() !== '') state.last = word;
    if (state.layers.length === 1) return style;
    if (word === '{' || word.endsWith('${')) top.depth += 1;
    else if (word === '}') top.depth -= 1;
    if (top.depth === 0) state.layers.pop();
    return style;
  }

  function elementsToken(stream: StringStream, state: JsxState, top: Layer): string | null {
    if (stream.peek() === '{') {
      const code = layer('code');
      state.layers.push(code);
      return codeToken(stream, state, code);
    }
    const style = html.token(stream, top.state);
    const word = stream.current();
    const brace = style === null ? word.indexOf('{') : -1;
    if (brace > 0) stream.backUp(word.length - brace);
    if (word === '<' || word === '</') top.isClosing = word === '</';
    else if (word === '>') top.depth += top.isClosing ? -1 : 1;
    if ((word === '>' || word === '/>') && top.depth <= 0) {
      state.layers.pop();
      state.last = ')';
    }
    return style;
  }

  return {
    startState: (): JsxState => ({ layers: [layer('code')], last: '' }),
    copyState(given): JsxState {
      const { layers, last } = given as JsxState;
      const copied = layers.map((one) => ({
        ...one,
        state: copyState(one.kind === 'code' ? script : html, one.state),
      }));
      return { layers: copied, last };
    },
    token(stream, given) {
      const state = given as JsxState;
      const top = state.layers.at(-1);
      if (!top) return script.token(stream, given);
      return top.kind === 'code' ? codeToken(stream, state, top) : elementsToken(stream, state, top);
    },
  };
}

export const jsx = withElements(javascript);
export const tsx = withElements(typescript);
