import { clike } from '@codemirror/legacy-modes/mode/clike';
import { simpleMode } from '@codemirror/legacy-modes/mode/simple-mode';

const set = (words: string) => Object.fromEntries(words.split(' ').map((word) => [word, true]));

export const graphql = simpleMode({
  start: [
    { regex: /#.*/, token: 'comment' },
    { regex: /"""/, token: 'string', next: 'description' },
    { regex: /"(?:[^"\\]|\\.)*"?/, token: 'string' },
    {
      regex:
        /(?:query|mutation|subscription|fragment|on|type|input|enum|interface|union|scalar|schema|directive|extend|implements|repeatable)\b/,
      token: 'keyword',
    },
    { regex: /(?:true|false|null)\b/, token: 'atom' },
    { regex: /\$\w+/, token: 'variableName.definition' },
    { regex: /@\w+/, token: 'meta' },
    { regex: /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/, token: 'number' },
    { regex: /[A-Z]\w*/, token: 'typeName' },
    { regex: /\w+(?=\s*[:(])/, token: 'propertyName' },
    { regex: /\w+/, token: null },
  ],
  description: [
    { regex: /.*?"""/, token: 'string', next: 'start' },
    { regex: /.+/, token: 'string' },
  ],
});

export const php = clike({
  name: 'php',
  keywords: set(
    'abstract and array as break case catch class clone const continue declare default do echo else elseif enddeclare ' +
      'endfor endforeach endif endswitch endwhile enum extends final finally fn for foreach function global goto if ' +
      'implements include include_once instanceof insteadof interface isset list match namespace new or print private ' +
      'protected public readonly require require_once return static switch throw trait try unset use var while xor yield',
  ),
  types: set('bool callable float int iterable mixed never null object parent self string void'),
  atoms: set('true false null TRUE FALSE NULL'),
  multiLineStrings: true,
  hooks: {
    $(stream: { eatWhile: (match: RegExp) => boolean }) {
      stream.eatWhile(/\w/);
      return 'variableName.definition';
    },
    '#'(stream: { skipToEnd: () => void }) {
      stream.skipToEnd();
      return 'comment';
    },
    '<'(stream: { match: (pattern: RegExp) => unknown }) {
      return stream.match(/^\?(?:php|=)?/) ? 'meta' : false;
    },
    '?'(stream: { eat: (character: string) => unknown }) {
      return stream.eat('>') ? 'meta' : false;
    },
  },
});
