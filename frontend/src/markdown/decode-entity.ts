type MarkupPolicy = { createHTML: (text: string) => string };
type TrustedTypes = { createPolicy: (name: string, rules: MarkupPolicy) => MarkupPolicy };

/** What the server's content policy lets become markup: one name between `&` and `;`, and nothing else at all. */
const rules: MarkupPolicy = { createHTML: (text) => (/^&[A-Za-z][A-Za-z0-9]*;$/.test(text) ? text : '') };
const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
const policy = trustedTypes?.createPolicy('colloquy-entities', rules) ?? rules;

const element = document.createElement('i');

/**
 * The character of a name ("amp"), or false where there is none. In place of the package of this name, which hands any
 * text to the browser's parser: the list of all two thousand names would be a tenth of the first load.
 */
export function decodeNamedCharacterReference(name: string): string | false {
  const reference = `&${name};`;
  element.innerHTML = policy.createHTML(reference);
  const character = element.textContent;
  // Some names are read without their end: "&notit;" is "¬it;".
  if (character === '' || (character.endsWith(';') && name !== 'semi')) return false;
  return character === reference ? false : character;
}
