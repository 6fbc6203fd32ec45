import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';
import type { PrismaClient } from '../generated/prisma/client.ts';
import type { Services } from '../graphql/context.ts';
import { schema } from '../graphql/schema.ts';
import type { Bus } from '../ports/bus.ts';
import type { RequestLimits } from '../services/limits/requests.ts';
import type { AccessDependencies } from '../transport/access.ts';
import { createOperationAdmission } from '../transport/admission.ts';
import { createClientAddress } from '../transport/client-address.ts';
import { createDocuments } from '../transport/documents.ts';
import { createDownloadHandler } from '../transport/downloads.ts';
import { createHttpServer } from '../transport/http-server.ts';
import { createMultipartHandler } from '../transport/multipart.ts';
import { createOriginCheck } from '../transport/origins.ts';
import { createPageHandler } from '../transport/page.ts';
import { createContextFactory } from '../transport/request-context.ts';
import { createExportHandler, createImportHandler } from '../transport/transfers.ts';
import { createUploadHandler } from '../transport/uploads.ts';
import { createBodyReceiver } from '../transport/uploads-body.ts';
import { createSocketServer } from '../transport/ws.ts';
import { createGraphqlHandler } from '../transport/yoga.ts';
import { createOpenCount } from '../util/open-count.ts';
import type { Telemetry } from './telemetry.ts';

export type AppTransportDependencies = {
  config: Config;
  prisma: PrismaClient;
  services: Services;
  bus: Bus;
  requests: RequestLimits;
  telemetry: Pick<Telemetry, 'operations' | 'refusedDocument' | 'http'>;
  isLiving: AccessDependencies['isLiving'];
  now: () => Date;
  logError: (error: unknown) => void;
};

/** Beside `src` as beside `dist`, in the repository as in the published package. */
const PAGE_DIRECTORY = fileURLToPath(new URL('../../frontend/dist', import.meta.url));

/** All that is answered over HTTP and over sockets, behind one port. Nothing listens yet. */
export function createAppTransport(deps: AppTransportDependencies) {
  const { config, prisma, services, bus, telemetry, isLiving, now, logError } = deps;
  const introspection = config.INTROSPECTION_ENABLED ?? config.NODE_ENV !== 'production';
  const corsOrigins = config.CORS_ORIGINS;
  const createContext = createContextFactory({ prisma, services });
  const turnStreams = createOpenCount();
  const shared = {
    schema,
    documents: createDocuments({ schema, introspection, onRefused: telemetry.refusedDocument }),
    operations: telemetry.operations,
    createContext,
    admission: createOperationAdmission({ createContext, requests: deps.requests }),
    addressOf: createClientAddress(config.TRUST_PROXY),
    bus,
    now,
    isLiving,
    logError,
    turnStreams,
  };
  const sockets = createSocketServer({ ...shared, isAllowedOrigin: createOriginCheck(corsOrigins) });
  const graphql = createGraphqlHandler({
    ...shared,
    corsOrigins,
    graphiql: config.GRAPHIQL_ENABLED ?? config.NODE_ENV !== 'production',
  });
  const bodies = {
    ...shared,
    files: services.files,
    transfer: services.transfer,
    corsOrigins,
    receiveBody: createBodyReceiver(shared),
  };
  const server = createHttpServer({
    host: config.HOST,
    port: config.PORT,
    health: services.health,
    graphql: graphql.handle,
    multipart: createMultipartHandler({ ...bodies, execute: graphql.execute }),
    uploads: createUploadHandler(bodies),
    downloads: createDownloadHandler(bodies),
    exports: createExportHandler(bodies),
    imports: createImportHandler(bodies),
    page: createPageHandler(PAGE_DIRECTORY),
    sockets,
    ...telemetry.http,
    logError,
  });
  return { server, sockets, turnStreams };
}
