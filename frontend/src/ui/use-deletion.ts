import { useState } from 'react';
import { messageOf } from '../api/api-error.ts';

export type Deletion = {
  /** Also when it is done: what has asked is about to go with what is deleted. */
  isRunning: boolean;
  /** Why it has failed. */
  fault: string | null;
  run: () => void;
  /** Forgets what went wrong. */
  reset: () => void;
};

/** Something that a dialog asks about, once at a time. `work` throws what went wrong. */
export function useDeletion(work: () => Promise<void>): Deletion {
  const [isRunning, setRunning] = useState(false);
  const [fault, setFault] = useState<string | null>(null);

  async function run() {
    setRunning(true);
    setFault(null);
    try {
      await work();
    } catch (error) {
      setFault(error instanceof Left ? error.message : messageOf(error));
      setRunning(false);
    }
  }

  return { isRunning, fault, run: () => void run(), reset: () => setFault(null) };
}

/** Of several things some are still there: its message says so to a person. */
export class Left extends Error {}
