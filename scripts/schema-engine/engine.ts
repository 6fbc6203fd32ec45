import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import { openConnection } from './connections.ts';

export type Engine = {
  call(method: string, params: unknown): Promise<unknown>;
  close(): Promise<void>;
};

type WasmExports = Record<string, () => void>;
type WasmBindings = {
  __wbg_set_wasm(exports: WasmExports): void;
  SchemaEngine: {
    new: (
      options: { datamodels: [string, string][] | undefined },
      log: () => void,
      adapter: object,
    ) => Promise<Record<string, (params: unknown) => Promise<unknown>>>;
  };
};
/** Node has it; TypeScript declares it with the browser's types only. */
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: Record<string, unknown>): Promise<{ instance: { exports: WasmExports } }>;
};

/** Methods whose names differ between the native engine and its WebAssembly build. */
const RENAMED: Record<string, string> = { getDatabaseVersion: 'version' };

/** What the WebAssembly build cannot do: both need a shadow database, which it does not hand to them. */
const MISSING = new Set(['evaluateDataLoss', 'createMigration']);

/** Starts Prisma's schema engine, as WebAssembly, on a driver that runs in this process. */
export async function openEngine(options: { schemaFiles: string[]; url: string }): Promise<Engine> {
  const { SchemaEngine } = await loadWasm();
  const connection = await openConnection(options.url);
  const schemas = await Promise.all(
    options.schemaFiles.map(async (file): Promise<[string, string]> => [file, await readFile(file, 'utf8')]),
  );
  const engine = await SchemaEngine.new(
    { datamodels: schemas.length > 0 ? schemas : undefined },
    () => {},
    bindMigrationAwareSqlAdapterFactory(connection.factory),
  );
  return {
    async call(method, params) {
      // The embedded database is made by opening it, and one on a server has been made before the engine is asked.
      if (method === 'createDatabase') return { databaseName: '' };
      if (MISSING.has(method)) throw new Error('Migrations are made by `npm run db:migrate -- <name>`.');
      const run = engine[RENAMED[method] ?? method];
      if (typeof run !== 'function') throw new Error(`The schema engine has no method ${method}.`);
      return (await run.call(engine, params)) ?? {};
    },
    close: () => connection.close(),
  };
}

async function loadWasm(): Promise<WasmBindings> {
  const wasm = bindings as unknown as WasmBindings;
  const folder = dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg'));
  const { instance } = await WebAssembly.instantiate(await readFile(join(folder, 'schema_engine_bg.wasm')), {
    './schema_engine_bg.js': bindings,
  });
  wasm.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start?.();
  return wasm;
}
