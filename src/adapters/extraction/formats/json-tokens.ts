import { BLOCK_LENGTH, MAX_DEPTH } from '../limits.ts';
import { Refusal, TOO_DEEP } from '../refusal.ts';

export type JsonHandlers = {
  open(kind: 'object' | 'array'): void;
  close(): void;
  key(name: string): void;
  /** A string, number, true, false or null. A very long string comes in pieces, of which all but the last have `more`. */
  value(text: string, more: boolean): void;
};

/** What is wrong, and in which line. */
export class JsonFault extends Error {}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', b: '', f: '', '/': '/', '\\': '\\', '"': '"' };
const LITERAL = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;
const LITERAL_END = /[\s,\]}:{["]/g;
const MAX_LITERAL = 1_000;

/**
 * JSON that comes in pieces, without ever holding more than one value. Several values one after the other are allowed,
 * as in JSON Lines.
 */
export function createJsonTokens(handlers: JsonHandlers) {
  const stack: ('object' | 'array')[] = [];
  let expects: 'value' | 'key' | 'colon' | 'comma' | 'first' = 'value';
  let string: { text: string; isKey: boolean } | null = null;
  let escaped = '';
  let literal = '';
  let line = 1;

  function fault(): never {
    throw new JsonFault(`The file is not valid JSON: see line ${line}.`);
  }

  function ended(): void {
    expects = stack.length === 0 ? 'value' : 'comma';
  }

  function canBegin(): void {
    if (expects !== 'value' && !(expects === 'first' && stack.at(-1) === 'array')) fault();
  }

  function endLiteral(): void {
    if (!LITERAL.test(literal)) fault();
    handlers.value(literal, false);
    literal = '';
    ended();
  }

  function endString(): void {
    if (!string) return;
    if (string.isKey) {
      handlers.key(string.text);
      expects = 'colon';
    } else {
      handlers.value(string.text, false);
      ended();
    }
    string = null;
  }

  function inString(text: string, at: number): number {
    if (!string) return at;
    if (escaped !== '') {
      escaped += text.charAt(at);
      const code = escaped.charAt(1);
      if (code !== 'u') {
        const character = ESCAPES[code];
        if (character === undefined) fault();
        string.text += character;
        escaped = '';
      } else if (escaped.length === 6) {
        if (!/^\\u[0-9a-f]{4}$/i.test(escaped)) fault();
        string.text += String.fromCharCode(Number.parseInt(escaped.slice(2), 16));
        escaped = '';
      }
      return at + 1;
    }
    let to = at;
    for (; to < text.length; to++) {
      const unit = text.charCodeAt(to);
      if (unit === 0x22 || unit === 0x5c) break;
      if (unit === 0x0a) fault();
    }
    string.text += text.slice(at, to);
    if (string.text.length > BLOCK_LENGTH) {
      if (string.isKey) fault();
      // A pair is never parted.
      const keep = /[\ud800-\udbff]$/.test(string.text) ? 1 : 0;
      handlers.value(string.text.slice(0, string.text.length - keep), true);
      string.text = string.text.slice(string.text.length - keep);
    }
    if (to === text.length) return to;
    if (text.charAt(to) === '\\') escaped = '\\';
    else endString();
    return to + 1;
  }

  function open(kind: 'object' | 'array'): void {
    canBegin();
    if (stack.length >= MAX_DEPTH) throw new Refusal(TOO_DEEP);
    stack.push(kind);
    handlers.open(kind);
    expects = 'first';
  }

  function close(kind: 'object' | 'array'): void {
    if (stack.at(-1) !== kind || (expects !== 'comma' && expects !== 'first')) fault();
    stack.pop();
    handlers.close();
    ended();
  }

  function step(text: string, at: number): number {
    const character = text.charAt(at);
    switch (character) {
      case '\n':
        line += 1;
        break;
      case ' ':
      case '\t':
      case '\r':
      case '\ufeff':
        break;
      case '{':
        open('object');
        break;
      case '[':
        open('array');
        break;
      case '}':
        close('object');
        break;
      case ']':
        close('array');
        break;
      case ',':
        if (expects !== 'comma') fault();
        expects = stack.at(-1) === 'object' ? 'key' : 'value';
        break;
      case ':':
        if (expects !== 'colon') fault();
        expects = 'value';
        break;
      case '"': {
        const isKey = stack.at(-1) === 'object' && (expects === 'key' || expects === 'first');
        if (!isKey) canBegin();
        string = { text: '', isKey };
        break;
      }
      default: {
        if (literal === '') canBegin();
        LITERAL_END.lastIndex = at;
        const to = LITERAL_END.exec(text)?.index ?? text.length;
        literal += text.slice(at, to);
        if (literal.length > MAX_LITERAL) fault();
        if (to < text.length) endLiteral();
        return to;
      }
    }
    return at + 1;
  }

  return {
    push(text: string) {
      let at = 0;
      while (at < text.length) {
        // What was begun in the piece before may end right here.
        if (literal !== '' && string === null && /[\s,\]}:{["]/.test(text.charAt(at))) endLiteral();
        at = string ? inString(text, at) : step(text, at);
      }
    },
    end() {
      if (literal !== '') endLiteral();
      if (string || stack.length > 0) throw new JsonFault('The file is incomplete: its JSON ends in the middle.');
    },
  };
}
