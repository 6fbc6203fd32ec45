import { type FunctionComponent, lazy } from 'react';
import { wait } from './wait.ts';

/** The server does not have a part of the page any more: it has got another version of all of it. */
export class OutdatedError extends Error {}

const AGAIN_MS = 2_000;

/** A part of the page that is read when somebody needs it. Without a connection it comes as soon as there is one again. */
export const lazyPart = <Props>(load: () => Promise<FunctionComponent<Props>>) =>
  lazy(async () => ({ default: await read(load) }));

async function read<Part>(load: () => Promise<Part>): Promise<Part> {
  for (let wasThere = false; ; ) {
    try {
      return await load();
    } catch (error) {
      if (wasThere) throw new OutdatedError('a part of the page cannot be read', { cause: error });
      wasThere = await isServerThere();
      if (!wasThere) await wait(AGAIN_MS, NEVER);
    }
  }
}

const NEVER = new AbortController().signal;

async function isServerThere(): Promise<boolean> {
  try {
    return (await fetch('/', { method: 'HEAD', cache: 'no-store' })).ok;
  } catch {
    return false;
  }
}
