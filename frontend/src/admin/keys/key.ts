import type { ApiKeyFieldsFragment } from '@colloquy/sdk';

export type Key = ApiKeyFieldsFragment;

export type KeyState = 'active' | 'expired' | 'deactivated';

export function stateOf({ active, deactivatedAt }: Pick<Key, 'active' | 'deactivatedAt'>): KeyState {
  if (active) return 'active';
  return deactivatedAt === null ? 'expired' : 'deactivated';
}
