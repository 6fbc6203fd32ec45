import type { FileKind } from '../../ports/file-reader.ts';
import type { SqlRunner } from '../../ports/sql.ts';

/** A file that this attempt is reading. Another attempt, a newer generation or a deletion ends the claim. */
export type ClaimedFile = {
  id: string;
  scopeId: string;
  name: string;
  kind: FileKind;
  generation: number;
  /** Counts attempts at this generation. Together they name the attempt that may write. */
  attempts: number;
  liveGeneration: number | null;
};

/** Somebody else reads the file now, or nobody is to: what was made for it is of no use. */
export class Superseded extends Error {
  constructor() {
    super('The file is gone, or is being read anew.');
    this.name = 'Superseded';
  }
}

/** $1 to $3 name the attempt. */
const OWN = `id = $1 AND generation = $2 AND attempts = $3 AND status = 'PROCESSING'`;

const CLAIM = `
UPDATE files SET status = 'PROCESSING', progress = 0, error = NULL, attempts = attempts + 1
WHERE id = $1 AND status IN ('QUEUED', 'PROCESSING')
RETURNING id, scope_id AS "scopeId", name, kind, generation, attempts, live_generation AS "liveGeneration"`;

/** The newest generation of the file. Null: it is gone, or it has been read. */
export async function claimFile(sql: SqlRunner, fileId: string): Promise<ClaimedFile | null> {
  const [row] = await sql.query<ClaimedFile>(CLAIM, [fileId]);
  return row ?? null;
}

function attemptOf({ id, generation, attempts }: ClaimedFile): unknown[] {
  return [id, generation, attempts];
}

/** Until the transaction ends nobody takes the file from this attempt. Throws Superseded where that has happened. */
export async function holdClaim(sql: SqlRunner, file: ClaimedFile): Promise<void> {
  // Nobody else may change or delete the row; chunks that refer to it do not wait.
  const rows = await sql.query(`SELECT 1 AS held FROM files WHERE ${OWN} FOR NO KEY UPDATE`, attemptOf(file));
  if (rows.length === 0) throw new Superseded();
}

/** Writes columns of the file. Throws Superseded. */
async function update(sql: SqlRunner, file: ClaimedFile, columns: string, values: unknown[]): Promise<void> {
  const text = `UPDATE files SET ${columns} WHERE ${OWN} RETURNING 1 AS written`;
  const rows = await sql.query(text, [...attemptOf(file), ...values]);
  if (rows.length === 0) throw new Superseded();
}

export function writeProgress(sql: SqlRunner, file: ClaimedFile, progress: number): Promise<void> {
  return update(sql, file, 'progress = $4', [progress]);
}

/** It waits for another attempt. */
export function writeQueued(sql: SqlRunner, file: ClaimedFile): Promise<void> {
  return update(sql, file, `status = 'QUEUED', progress = 0`, []);
}

export function writeFailed(sql: SqlRunner, file: ClaimedFile, reason: string, now: Date): Promise<void> {
  return update(sql, file, `status = 'FAILED', progress = 0, error = $4, processed_at = $5`, [reason, now]);
}

export type Published = {
  chunkCount: number;
  textLength: number;
  pageCount: number | null;
  embeddingModel: string | null;
};

/** From the commit on this generation is the one that is searched. */
export function writeReady(sql: SqlRunner, file: ClaimedFile, published: Published, now: Date): Promise<void> {
  const { chunkCount, textLength, pageCount, embeddingModel } = published;
  const columns = `status = 'READY', progress = 1, live_generation = generation, chunk_count = $4, text_length = $5,
    page_count = $6, embedding_model = $7, processed_at = $8`;
  return update(sql, file, columns, [chunkCount, textLength, pageCount, embeddingModel, now]);
}
