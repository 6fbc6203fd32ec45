import { createSecretKey } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { AccessTokens } from '../../ports/access-tokens.ts';
import { isUuid } from '../../util/ids.ts';

const ISSUER = 'colloquy';
const TYPE = 'at+jwt';

export type JwtOptions = { secret: string; lifetimeSeconds: number };

/** JSON Web Tokens, HS256 only. */
export function createJwtAccessTokens(options: JwtOptions): AccessTokens {
  // Made once: from a string, a key would be made again for every token.
  const key = createSecretKey(Buffer.from(options.secret));
  return {
    sign(claims, issuedAt) {
      const iat = Math.floor(issuedAt.getTime() / 1000);
      const exp = iat + options.lifetimeSeconds;
      const token = jwt.sign({ sub: claims.userId, sid: claims.sessionId, iat, exp }, key, {
        algorithm: 'HS256',
        issuer: ISSUER,
        audience: ISSUER,
        header: { alg: 'HS256', typ: TYPE },
      });
      return { token, expiresAt: new Date(exp * 1000) };
    },
    verify(token, now) {
      try {
        const { header, payload } = jwt.verify(token, key, {
          algorithms: ['HS256'],
          issuer: ISSUER,
          audience: ISSUER,
          clockTimestamp: Math.floor(now.getTime() / 1000),
          complete: true,
        });
        if (header.typ !== TYPE || typeof payload === 'string') return null;
        if (!isUuid(payload.sub) || !isUuid(payload.sid) || typeof payload.exp !== 'number') return null;
        return { userId: payload.sub, sessionId: payload.sid, expiresAt: new Date(payload.exp * 1000) };
      } catch {
        return null;
      }
    },
  };
}
