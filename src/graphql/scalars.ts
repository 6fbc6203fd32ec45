import { GraphQLError, type GraphQLScalarTypeConfig, Kind, valueFromASTUntyped } from 'graphql';
import { isUuid } from '../util/ids.ts';
import { builder } from './builder.ts';
import { Upload } from './upload.ts';

const invalid = (type: string, value: unknown) =>
  new GraphQLError(`${type} cannot represent ${JSON.stringify(value)?.slice(0, 100)}.`);

function parseDate(value: unknown): Date {
  const date = typeof value === 'string' ? new Date(value) : new Date(Number.NaN);
  if (Number.isNaN(date.getTime())) throw invalid('DateTime', value);
  return date;
}

function parseUuid(value: unknown): string {
  if (!isUuid(value)) throw invalid('UUID', value);
  return value.toLowerCase();
}

/** Of a literal, only strings. */
const fromLiteral =
  <Value>(type: string, parse: (value: unknown) => Value): GraphQLScalarTypeConfig<Value, unknown>['parseLiteral'] =>
  (node) => {
    if (node.kind !== Kind.STRING) throw invalid(type, valueFromASTUntyped(node));
    return parse(node.value);
  };

builder.scalarType('DateTime', {
  description: 'A moment, in ISO 8601 and UTC: 2026-01-31T12:00:00.000Z.',
  serialize: (date) => date.toISOString(),
  parseValue: parseDate,
  parseLiteral: fromLiteral('DateTime', parseDate),
});

builder.scalarType('UUID', {
  description: 'A UUID in its usual form with hyphens.',
  serialize: (uuid) => uuid,
  parseValue: parseUuid,
  parseLiteral: fromLiteral('UUID', parseUuid),
});

builder.scalarType('JSON', {
  description: 'Any JSON value.',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables ?? undefined),
});

const HOW_TO_UPLOAD =
  'A file travels in a GraphQL multipart request over HTTP (operations, map, files), or as the body of POST /files.';

builder.scalarType('Upload', {
  description: HOW_TO_UPLOAD,
  serialize: () => {
    throw new GraphQLError('Upload is for input alone.');
  },
  parseValue: (value) => {
    if (value instanceof Upload) return value;
    throw new GraphQLError(`Upload has to be a file. ${HOW_TO_UPLOAD}`);
  },
  parseLiteral: () => {
    throw new GraphQLError(`Upload has to be a variable. ${HOW_TO_UPLOAD}`);
  },
});
