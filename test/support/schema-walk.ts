import {
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import { schema } from '../../src/graphql/schema.ts';

export type RootField = { operation: 'query' | 'mutation' | 'subscription'; typeName: string; name: string };

const ROOTS = [
  ['query', schema.getQueryType()],
  ['mutation', schema.getMutationType()],
  ['subscription', schema.getSubscriptionType()],
] as const;

/** Everything that can be asked of the server. */
export function rootFields(): RootField[] {
  return ROOTS.flatMap(([operation, type]) =>
    Object.keys(type?.getFields() ?? {}).map((name) => ({ operation, typeName: type?.name ?? '', name })),
  );
}

/** Every place that takes a global id, written as `Type.field(path)`. */
export function idArguments(): string[] {
  const found: string[] = [];
  const visit = (type: GraphQLInputType, path: string, where: string, parents: string[]) => {
    const named = getNamedType(type);
    if (named.name === 'ID') found.push(`${where}(${path})`);
    if (!isInputObjectType(named) || parents.includes(named.name)) return;
    for (const field of Object.values(named.getFields())) {
      visit(field.type, `${path}.${field.name}`, where, [...parents, named.name]);
    }
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      for (const argument of field.args) visit(argument.type, argument.name, `${type.name}.${field.name}`, []);
    }
  }
  return found.sort();
}

/** A document that the validator accepts, with a value for every argument that is required. */
export function shortestDocument({ operation, typeName, name }: RootField): string {
  return `${operation} { ${selectionOf(typeName, name)} }`;
}

/** A field with a value for every argument that is required, and the least of what it answers. */
export function selectionOf(typeName: string, name: string): string {
  const type = schema.getType(typeName);
  const field = isObjectType(type) ? type.getFields()[name] : undefined;
  if (!field) throw new Error(`There is no ${typeName}.${name}.`);
  const given = field.args
    .filter(isRequiredArgument)
    .map((argument) => `${argument.name}: ${literalOf(argument.type)}`);
  const selection = 'getFields' in getNamedType(field.type) ? ' { __typename }' : '';
  return `${name}${given.length > 0 ? `(${given.join(', ')})` : ''}${selection}`;
}

const SCALARS: Record<string, string> = {
  UUID: '"00000000-0000-4000-8000-000000000000"',
  Int: '1',
  Float: '1',
  Boolean: 'true',
};

function literalOf(type: GraphQLInputType): string {
  if (isNonNullType(type)) return literalOf(type.ofType);
  if (isListType(type)) return `[${literalOf(type.ofType)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? '';
  if (!isInputObjectType(type)) return SCALARS[type.name] ?? '"x"';
  const required = Object.values(type.getFields()).filter(isRequiredInputField);
  return `{ ${required.map((field) => `${field.name}: ${literalOf(field.type)}`).join(', ')} }`;
}

/** Every field of every object type that is no root. */
export function objectFields(): { typeName: string; name: string }[] {
  const roots = ROOTS.map(([, type]) => type?.name);
  return Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !type.name.startsWith('__') && !roots.includes(type.name))
    .flatMap((type) =>
      Object.keys((type as GraphQLObjectType).getFields()).map((name) => ({ typeName: type.name, name })),
    )
    .sort((a, b) => a.typeName.localeCompare(b.typeName));
}
