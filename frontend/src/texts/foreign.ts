/**
 * What a server or a provider has said in its own language, inside a text of the page: between the marks that Unicode has
 * for what comes from elsewhere, which are not seen. `ui/said.tsx` has it spoken in its language.
 */
export const foreign = (said: string): string => `\u2068${said.replaceAll(/[\u2068\u2069]/g, '')}\u2069`;

/** The pieces of a text; every second one is foreign. */
export const piecesOf = (text: string): readonly string[] => text.split(/\u2068([^\u2068\u2069]*)\u2069/);
