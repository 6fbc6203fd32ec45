import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from '../../src/config.ts';

function faultsOf(environment: Record<string, string | undefined>): string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('readConfig', () => {
  test('an empty environment is enough', () => {
    expect(readConfig({})).toMatchObject({
      NODE_ENV: 'development',
      HOST: '127.0.0.1',
      PORT: 4000,
      DATA_DIR: './data',
    });
  });

  test('reads numbers, flags and lists', () => {
    const config = readConfig({
      PORT: '0',
      REGISTRATION_ENABLED: '0',
      GRAPHIQL_ENABLED: 'true',
      CORS_ORIGINS: 'https://a.example, https://b.example,',
    });
    expect(config).toMatchObject({
      PORT: 0,
      REGISTRATION_ENABLED: false,
      GRAPHIQL_ENABLED: true,
      CORS_ORIGINS: ['https://a.example', 'https://b.example'],
    });
  });

  test.each([
    ['true', 1],
    ['false', 0],
    ['0', 0],
    ['3', 3],
    ['10', 10],
    ['', 0],
  ])('TRUST_PROXY=%s is so many proxies: %i', (value, proxies) => {
    expect(readConfig({ TRUST_PROXY: value }).TRUST_PROXY).toBe(proxies);
  });

  test.each(['yes', '11', '-1', '1.5', '10.0.0.0/8'])('TRUST_PROXY=%s is refused', (value) => {
    expect(faultsOf({ TRUST_PROXY: value })).toEqual([
      'TRUST_PROXY must be true, false or a number of proxies up to 10',
    ]);
  });

  test('an empty or blank value counts as none', () => {
    expect(readConfig({ PORT: '', HOST: '  ', OPENAI_API_KEY: ' ' })).toEqual(readConfig({}));
  });

  test('leaves out what it does not know', () => {
    expect(readConfig({ HOME: '/root' })).toEqual(readConfig({}));
  });

  test.each([
    [{ PORT: 'x' }, 'PORT must be a number'],
    [{ PORT: '1.5' }, 'PORT must be a whole number'],
    [{ PORT: '65536' }, 'PORT must be at most 65535'],
    [{ DATABASE_POOL_SIZE: '1' }, 'DATABASE_POOL_SIZE must be at least 2'],
    [{ NODE_ENV: 'staging' }, 'NODE_ENV must be development, test or production'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be fatal, error, warn, info, debug, trace or silent'],
    [{ REGISTRATION_ENABLED: 'yes' }, 'REGISTRATION_ENABLED must be true or false'],
    [{ DATABASE_URL: 'mysql://localhost/x' }, 'DATABASE_URL must be a postgresql:// address'],
    [{ OLLAMA_BASE_URL: 'localhost:11434' }, 'OLLAMA_BASE_URL must be an http:// or https:// address'],
    [{ JWT_SECRET: 'short' }, 'JWT_SECRET must have at least 32 characters'],
    [{ CHROMA_URL: 'http://proxy/chroma' }, 'CHROMA_URL must have no path, such as http://127.0.0.1:8000'],
    [{ AIHUB_API_KEY: 'key' }, 'AIHUB_BASE_URL must be set when AIHUB_API_KEY is'],
  ])('%j', (environment, fault) => {
    expect(faultsOf(environment)).toEqual([fault]);
  });

  test('production refuses to start without a secret, and says how to make one', () => {
    expect(faultsOf({ NODE_ENV: 'production' })).toEqual([
      expect.stringMatching(/^JWT_SECRET must be set in production/),
    ]);
    expect(faultsOf({ NODE_ENV: 'production', JWT_SECRET: 'x'.repeat(32) })).toEqual([]);
  });

  test('tells all faults at once, a line each, and never a value', () => {
    const secret = 'hunter2';
    const faults = faultsOf({ PORT: '-1', NODE_ENV: 'production', JWT_SECRET: secret, DATABASE_URL: `x://${secret}` });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['PORT', 'DATABASE_URL', 'JWT_SECRET']);
    expect(new ConfigError(faults).message).toBe(faults.join('\n'));
    expect(faults.join()).not.toContain(secret);
    expect(faults.every((fault) => !fault.includes('\n'))).toBe(true);
  });
});
