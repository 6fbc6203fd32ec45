/** What a header's quoted string cannot hold, or would end it. */
const NOT_PLAIN = /[^\x20-\x7e]|["\\%]/g;
/** Characters that RFC 5987 wants escaped although encodeURIComponent leaves them as they are. */
const ALSO_ESCAPED = /['()*]/g;

const escaped = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/** `attachment` with a file name that every browser understands, whatever characters it has (RFC 6266, RFC 5987). */
export function contentDisposition(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .replace(NOT_PLAIN, '_');
  const encoded = encodeURIComponent(name.toWellFormed()).replace(ALSO_ESCAPED, escaped);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
