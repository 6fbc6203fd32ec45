import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';

export type DocumentRules = {
  schema: GraphQLSchema;
  introspection: boolean;
  /** A document was asked for that cannot be run. */
  onRefused?: (errors: readonly GraphQLError[]) => void;
};

/** A document that may be run, or why not. */
export type ParsedDocument =
  | { document: DocumentNode; errors: null }
  | { document: null; errors: readonly GraphQLError[] };

const MAX_TOKENS = 5_000;
const MAX_ERRORS = 20;
const REMEMBERED_DOCUMENTS = 500;
/** Longer ones are parsed anew each time, so that the memory stays bounded. */
const MAX_REMEMBERED_LENGTH = 20_000;

/** Parses and validates, once for every text. */
export function createDocuments({ schema, introspection, onRefused }: DocumentRules) {
  const known = new LRUCache<string, ParsedDocument>({ max: REMEMBERED_DOCUMENTS });
  const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];

  const documents = (source: string): ParsedDocument => {
    const parsed = known.get(source) ?? remember(source, read(source));
    if (parsed.errors) onRefused?.(parsed.errors);
    return parsed;
  };
  // The executor asks the same when values do not fit: whoever may not read the schema is not told of it in pieces.
  return Object.assign(documents, { hideSuggestions: !introspection });

  function remember(source: string, parsed: ParsedDocument): ParsedDocument {
    if (source.length <= MAX_REMEMBERED_LENGTH) known.set(source, parsed);
    return parsed;
  }

  function read(source: string): ParsedDocument {
    try {
      const document = parse(source, { maxTokens: MAX_TOKENS });
      const errors = validate(schema, document, rules, { maxErrors: MAX_ERRORS, hideSuggestions: !introspection });
      return errors.length > 0 ? { document: null, errors } : { document, errors: null };
    } catch (error) {
      // A fault of the text, told as any other: thrown, it would close the whole socket.
      return { document: null, errors: [error instanceof GraphQLError ? error : new GraphQLError(String(error))] };
    }
  }
}
