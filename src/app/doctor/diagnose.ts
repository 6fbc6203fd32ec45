import { ConfigError, readConfig } from '../../config.ts';
import { withDeadline } from '../../util/deadline.ts';
import { type Finding, fail, ok, reasonOf } from './finding.ts';
import { lookAtFolders, lookAtNode, lookAtPort } from './machine.ts';
import { lookAtModels } from './models.ts';
import { lookAtChroma, lookAtDatabase, lookAtRedis } from './services.ts';
import { lookAtSettings } from './settings.ts';

/** Longer than any part takes that answers. */
const LOOK_MS = 30_000;

/** Looks at every part that the settings name, without changing any; a server may run meanwhile. */
export async function diagnose(
  environment: Record<string, string | undefined>,
  signal: AbortSignal,
): Promise<Finding[]> {
  const node = lookAtNode();
  let config: ReturnType<typeof readConfig>;
  try {
    config = readConfig(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [...node, ...error.faults.map((fault) => fail('settings', fault, 'Mend it in the environment or in .env.'))];
  }
  const look = async (part: string, findings: () => Promise<Finding[]>): Promise<Finding[]> => {
    try {
      return await withDeadline(LOOK_MS, signal, findings);
    } catch (error) {
      if (signal.aborted) throw error;
      return [fail(part, reasonOf(error), 'Mend what it names.')];
    }
  };
  const looks = [
    look('folders', () => lookAtFolders(config)),
    look('database', () => lookAtDatabase(config)),
    look('redis', () => lookAtRedis(config)),
    look('chroma', () => lookAtChroma(config)),
    look('models', () => lookAtModels(config)),
    look('port', () => lookAtPort(config)),
  ];
  return [...node, ok('settings', 'can be read'), ...lookAtSettings(config), ...(await Promise.all(looks)).flat()];
}
