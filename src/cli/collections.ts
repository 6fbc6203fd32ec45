import { EXIT, Failure } from './exit-codes.ts';
import { isGlobalId } from './global-id.ts';
import { pages } from './pages.ts';
import type { Remote } from './remote.ts';

/** The id of a collection, by its id or its name. Throws Failure where there is none, or several have the name. */
export async function findCollection({ client, signal }: Remote, idOrName: string): Promise<string> {
  if (isGlobalId('Collection', idOrName)) return idOrName;
  const found: string[] = [];
  for await (const { id, name } of pages((page) => client.collections(page, { signal }))) {
    if (name === idOrName) found.push(id);
  }
  const [id, another] = found;
  if (id === undefined) throw new Failure(`There is no collection "${idOrName}".`, EXIT.missing);
  if (another === undefined) return id;
  throw new Failure(`Several collections are called "${idOrName}". Give an id: ${found.join(', ')}`, EXIT.usage);
}
