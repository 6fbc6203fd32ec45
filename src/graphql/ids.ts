import { badInput } from '../errors.ts';
import { isUuid } from '../util/ids.ts';

/** The types that have global ids. */
export const NODE_TYPES = [
  'User',
  'Conversation',
  'Message',
  'Turn',
  'Collection',
  'File',
  'ModelVersion',
  'AuditEvent',
  'SystemPrompt',
  'ApiKey',
] as const;
export type NodeType = (typeof NODE_TYPES)[number];

export function encodeId(type: string, id: string): string {
  return Buffer.from(`${type}:${id}`).toString('base64url');
}

/** Takes a global id apart. Throws BAD_USER_INPUT, naming `field`, for what is not one. */
export function decodeAnyId(globalId: string, field = 'id'): { type: NodeType; id: string } {
  const [typeName, id, ...rest] = Buffer.from(globalId, 'base64url').toString('utf8').split(':');
  const type = NODE_TYPES.find((candidate) => candidate === typeName);
  if (!type || !isUuid(id) || rest.length > 0) throw badInput({ [field]: 'This is not a valid id.' });
  return { type, id: id.toLowerCase() };
}

/** The id of one type. Throws BAD_USER_INPUT for another type's. */
export function decodeId(type: NodeType, globalId: string, field: string): string {
  const decoded = decodeAnyId(globalId, field);
  if (decoded.type !== type) throw badInput({ [field]: `This is the id of a ${decoded.type}, not of a ${type}.` });
  return decoded.id;
}

export function decodeOptionalId(type: NodeType, globalId: string | null | undefined, field: string): string | null {
  return globalId == null ? null : decodeId(type, globalId, field);
}
