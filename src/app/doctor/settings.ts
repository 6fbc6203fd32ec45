import type { Config } from '../../config.ts';
import { type Finding, ok, warn } from './finding.ts';

const LOOPBACK = /^(127\.|::1$|localhost$)/;

/** What is allowed, and yet may not be what was meant. */
export function lookAtSettings(config: Config): Finding[] {
  return [...secret(config), ...network(config), ...instances(config)];
}

function secret({ JWT_SECRET, NODE_ENV }: Config): Finding[] {
  const part = 'secret';
  if (JWT_SECRET) return [ok(part, 'JWT_SECRET is set.')];
  // Production does not start without it.
  return [ok(part, `made at the first start and kept in DATA_DIR (${NODE_ENV})`)];
}

function network({ HOST, NODE_ENV, PUBLIC_URL, TRUST_PROXY }: Config): Finding[] {
  const part = 'network';
  const isOpen = !LOOPBACK.test(HOST);
  const findings: Finding[] = [];
  if (isOpen && NODE_ENV !== 'production') {
    findings.push(
      warn(
        part,
        `HOST ${HOST} opens the server to the network, with NODE_ENV=${NODE_ENV}.`,
        'Set NODE_ENV=production.',
      ),
    );
  }
  if (isOpen && TRUST_PROXY > 0) {
    const message = `TRUST_PROXY is ${TRUST_PROXY}, and HOST ${HOST} can be reached past the proxy: whoever does can claim any address.`;
    findings.push(
      warn(part, message, 'Let only the proxy reach the port, or set HOST=127.0.0.1 where it is on this machine.'),
    );
  }
  if (TRUST_PROXY === 0 && PUBLIC_URL?.startsWith('https:')) {
    const message =
      'PUBLIC_URL is https, so a proxy is in front, and TRUST_PROXY is false: all clients have its address.';
    findings.push(warn(part, message, 'Set TRUST_PROXY to the number of proxies.'));
  }
  return findings.length > 0 ? findings : [ok(part, `HOST ${HOST}, TRUST_PROXY ${TRUST_PROXY}`)];
}

function instances({ REDIS_URL, DATABASE_URL, JWT_SECRET, EMBEDDING_MODEL, CHROMA_URL }: Config): Finding[] {
  if (!REDIS_URL) return [];
  const missing = Object.entries({
    DATABASE_URL,
    JWT_SECRET,
    ...(EMBEDDING_MODEL && { CHROMA_URL }),
  }).flatMap(([name, value]) => (value ? [] : [name]));
  if (missing.length === 0) return [];
  const message = `REDIS_URL is for several servers that act as one, which share ${missing.join(' and ')} as well.`;
  return [warn('instances', message, `Set ${missing.join(' and ')} on each of them.`)];
}
