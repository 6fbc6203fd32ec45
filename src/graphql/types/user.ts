import { z } from 'zod';
import { builder } from '../builder.ts';
import type { SignedInContext } from '../context.ts';
import { ApiKey } from './api-key.ts';

export const Role = builder.enumType('Role', { values: ['USER', 'ADMIN'] as const });

export const User = builder.prismaNode('User', {
  id: { field: 'id' },
  nullable: true,
  // Nobody reads another's account but an admin. Behind an API key there is none.
  findUnique: (id, { viewer }) => ({
    id,
    kind: 'PERSON',
    ...(viewer?.isAdmin ? {} : { AND: { id: viewer?.userId ?? '' } }),
  }),
  fields: (t) => ({
    username: t.exposeString('username'),
    email: t.exposeString('email', { nullable: true }),
    role: t.field({ type: Role, resolve: (user) => user.role }),
    disabledAt: t.expose('disabledAt', { type: 'DateTime', nullable: true }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
  }),
});

const Viewer = builder.objectRef<SignedInContext['viewer']>('Viewer').implement({
  description: 'Who asks.',
  fields: (t) => ({
    user: t.prismaField({
      type: User,
      nullable: true,
      description: 'Null for an API key.',
      resolve: (query, viewer, _args, { prisma }) =>
        viewer.key ? null : prisma.user.findUnique({ ...query, where: { id: viewer.userId } }),
    }),
    apiKey: t.prismaField({
      type: ApiKey,
      nullable: true,
      description: 'Null for a person.',
      resolve: (query, viewer, _args, { prisma }) =>
        viewer.key && prisma.apiKey.findUnique({ ...query, where: { id: viewer.credential.keyId } }),
    }),
    isAdmin: t.exposeBoolean('isAdmin'),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    description: 'Null without credentials; UNAUTHENTICATED with ones that have ended.',
    type: Viewer,
    nullable: true,
    skipTypeScopes: true,
    authScopes: (_root, _args, { credentialRefused }) => (credentialRefused ? { caller: true } : true),
    resolve: (_root, _args, { viewer }) => viewer,
  }),
);

const AuthPayload = builder
  .objectRef<{ accessToken: string; tokenType: string; expiresAt: Date; refreshToken: string; user: { id: string } }>(
    'AuthPayload',
  )
  .implement({
    fields: (t) => ({
      accessToken: t.exposeString('accessToken', { description: 'A JWT, valid until expiresAt.' }),
      tokenType: t.exposeString('tokenType', { description: '"Bearer"' }),
      expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
      refreshToken: t.exposeString('refreshToken', {
        description: 'Good for one call of refresh. A second use ends the sign-in, for it shows that there is a copy.',
      }),
      user: t.prismaField({
        type: User,
        resolve: (query, { user }, _args, { prisma }) =>
          prisma.user.findUniqueOrThrow({ ...query, where: { id: user.id } }),
      }),
    }),
  });

export const username = z
  .string()
  .trim()
  .min(2, 'A username has at least 2 characters.')
  .max(64, 'A username has at most 64 characters.')
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$/u,
    'A username has letters, digits, dots, hyphens and underscores, and begins with a letter or a digit.',
  );
export const email = z.email('This is not an email address.').max(254, 'An email address has at most 254 characters.');
export const password = z
  .string()
  .min(8, 'A password has at least 8 characters.')
  .max(200, 'A password has at most 200 characters.');

export const RegisterInput = builder.inputType('RegisterInput', {
  fields: (t) => ({
    username: t.string({
      required: true,
      description: '2 to 64 letters, digits, ".", "-" and "_".',
      validate: username,
    }),
    email: t.string({ validate: email.nullish() }),
    password: t.string({
      required: true,
      description: '8 to 200 characters; the common ones are refused.',
      validate: password,
    }),
  }),
});

const credential = z.string().max(1_000, 'This is too long.');

const LoginInput = builder.inputType('LoginInput', {
  fields: (t) => ({
    username: t.string({ required: true, description: 'The username or the email address.', validate: credential }),
    password: t.string({ required: true, validate: credential }),
  }),
});

const open = { skipTypeScopes: true } as const;

builder.mutationFields((t) => ({
  register: t.field({
    ...open,
    description: 'Makes an account and signs in. The first one becomes admin.',
    type: AuthPayload,
    args: { input: t.arg({ type: RegisterInput, required: true }) },
    resolve: (_root, { input }, { services, ip }) => services.accounts.register(input, ip),
  }),
  login: t.field({
    ...open,
    type: AuthPayload,
    args: { input: t.arg({ type: LoginInput, required: true }) },
    resolve: (_root, { input }, { services, ip }) => services.accounts.login(input, ip),
  }),
  refresh: t.field({
    ...open,
    description: 'New tokens for a refresh token, which is used up by it.',
    type: AuthPayload,
    args: { refreshToken: t.arg.string({ required: true, validate: credential }) },
    resolve: (_root, { refreshToken }, { services }) => services.sessions.refresh(refreshToken),
  }),
  logout: t.withAuth({ user: true }).boolean({
    description: 'Ends this sign-in at once: its tokens are refused and its sockets closed.',
    resolve: async (_root, _args, { services, viewer }) => {
      await services.sessions.end(viewer.userId, viewer.credential.sessionId);
      return true;
    },
  }),
  changePassword: t.withAuth({ user: true }).field({
    description: 'Every other sign-in ends.',
    type: AuthPayload,
    args: {
      current: t.arg.string({ required: true, validate: credential }),
      next: t.arg.string({ required: true, validate: password }),
    },
    resolve: (_root, { current, next }, { services, viewer }) =>
      services.accounts.changePassword(viewer, current, next),
  }),
}));
