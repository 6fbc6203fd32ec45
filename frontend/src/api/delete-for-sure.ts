import { isCode } from './api-error.ts';

/** Waits for a deletion. What is gone already, from another tab or device, is deleted. */
export async function deleteForSure(deletion: Promise<unknown>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (!isCode(error, 'NOT_FOUND')) throw error;
  }
}
