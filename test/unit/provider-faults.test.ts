import { describe, expect, it } from 'vitest';
import { createFaults, readRetryAfter } from '../../src/util/provider-fault.ts';
import { shortReason } from '../../src/util/short-reason.ts';

describe('the reason of a refusal', () => {
  it('is found where servers put it', () => {
    expect(shortReason('{"error":{"message":"max_tokens is too large","type":"x"}}', [])).toBe(
      'max_tokens is too large',
    );
    expect(shortReason('{"error":"model requires more memory"}', [])).toBe('model requires more memory');
    expect(shortReason('{"object":"error","message":"too long"}', [])).toBe('too long');
    expect(shortReason('{"detail":[{"loc":["body"],"msg":"field required"}]}', [])).toBe('field required');
    expect(shortReason('{"detail":"Not Found"}', [])).toBe('Not Found');
  });

  it('is empty for what is none', () => {
    for (const body of ['', '<html>secret</html>', 'null', '[]', '5', '{"error":{}}', '{"detail":[null,5]}']) {
      expect(shortReason(body, [])).toBe('');
    }
  });

  it('carries no key, address or control character', () => {
    const message =
      'Key sk-proj-abc123DEF456 (Bearer eyJhbGciOi) of gateway.corp:8443 at https://10.0.0.7:8000/v1?key=x and 192.168.1.9:11434\n\u0000failed my-own-secret';
    const reason = shortReason(JSON.stringify({ error: { message } }), ['my-own-secret', 'gateway.corp:8443']);
    expect(reason).not.toMatch(/sk-proj|eyJ|gateway|10\.0|192\.168|my-own|https?:|[\n\0]/);
    expect(reason).toContain('failed');
  });

  it('is short, and not cut inside a pair', () => {
    const reason = shortReason(JSON.stringify({ error: `${'x '.repeat(99)}y😀${'z '.repeat(500)}` }), []);
    expect(reason.length).toBeLessThanOrEqual(201);
    expect(reason.isWellFormed()).toBe(true);
  });
});

describe('Retry-After', () => {
  it('is read as seconds, a date or milliseconds', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(readRetryAfter({ 'retry-after': '2' }, now)).toBe(2_000);
    expect(readRetryAfter({ 'retry-after': '0.5' }, now)).toBe(500);
    expect(readRetryAfter({ 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, now)).toBe(30_000);
    expect(readRetryAfter({ 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, now)).toBe(0);
    expect(readRetryAfter({ 'retry-after-ms': '150', 'retry-after': '9' }, now)).toBe(150);
    for (const value of ['', 'soon', '-5']) expect(readRetryAfter({ 'retry-after': value }, now) ?? 0).toBe(0);
    expect(readRetryAfter({}, now)).toBeUndefined();
  });
});

describe('faults', () => {
  const faults = createFaults('openai', ['sk-test-1234']);

  it('tells a used-up account from a busy provider', () => {
    const body = JSON.stringify({ error: { message: 'You exceeded your quota', code: 'insufficient_quota' } });
    const exhausted = faults.status(429, { body });
    expect(exhausted).toMatchObject({ retry: false, counts: false, error: { code: 'RATE_LIMITED', retryable: false } });
    const busy = faults.status(429, { headers: { 'retry-after': '1.2' } });
    expect(busy).toMatchObject({ retry: true, counts: false, error: { retryable: true, retryAfterSeconds: 2 } });
  });

  it('gives the reason where the request is to blame', () => {
    const body = JSON.stringify({ error: { message: 'temperature must be at most 2, sk-test-1234' } });
    expect(faults.status(400, { body }).error).toMatchObject({
      code: 'BAD_USER_INPUT',
      message: 'The provider openai refused the request: temperature must be at most 2, …',
    });
  });

  it('says what to look at when there is no connection', () => {
    expect(faults.connection('ECONNREFUSED').error.message).toContain('not running');
    expect(faults.connection('ENOTFOUND').error.message).toContain('host name');
    expect(faults.connection('DEPTH_ZERO_SELF_SIGNED_CERT')).toMatchObject({ retry: false });
    expect(faults.connection('DEPTH_ZERO_SELF_SIGNED_CERT').error.message).toContain('certificate');
  });
});
