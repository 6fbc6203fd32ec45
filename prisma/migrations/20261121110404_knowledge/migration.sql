-- CreateEnum
CREATE TYPE "file_status" AS ENUM ('QUEUED', 'PROCESSING', 'READY', 'FAILED');

-- CreateEnum
CREATE TYPE "visibility" AS ENUM ('PRIVATE', 'SHARED');

-- AlterTable
ALTER TABLE "messages" ADD COLUMN     "citations" JSONB,
ADD COLUMN     "degraded" TEXT;

-- CreateTable
CREATE TABLE "collections" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "visibility" "visibility" NOT NULL DEFAULT 'PRIVATE',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "collections_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "files" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "collection_id" UUID,
    "scope_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "mime_type" TEXT NOT NULL,
    "size" INTEGER NOT NULL,
    "sha256" TEXT NOT NULL,
    "status" "file_status" NOT NULL DEFAULT 'QUEUED',
    "progress" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "error" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "generation" INTEGER NOT NULL DEFAULT 1,
    "live_generation" INTEGER,
    "chunk_count" INTEGER NOT NULL DEFAULT 0,
    "text_length" INTEGER NOT NULL DEFAULT 0,
    "page_count" INTEGER,
    "embedding_model" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "processed_at" TIMESTAMPTZ(3),

    CONSTRAINT "files_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "chunks" (
    "file_id" UUID NOT NULL,
    "generation" INTEGER NOT NULL,
    "index" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "start" INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    "page" INTEGER,
    "heading" TEXT,

    CONSTRAINT "chunks_pkey" PRIMARY KEY ("file_id","generation","index")
);

-- CreateTable
CREATE TABLE "word_scopes" (
    "scope_id" UUID NOT NULL,
    "version" UUID NOT NULL,
    "merge_id" UUID,
    "merge_until" TIMESTAMPTZ(3),

    CONSTRAINT "word_scopes_pkey" PRIMARY KEY ("scope_id")
);

-- CreateTable
CREATE TABLE "word_segments" (
    "id" UUID NOT NULL,
    "scope_id" UUID NOT NULL,
    "doc_count" INTEGER NOT NULL,
    "buckets" INTEGER NOT NULL,
    "lengths" BYTEA NOT NULL,
    "large" BYTEA NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 0,
    "merge_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "word_segments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "word_parts" (
    "segment_id" UUID NOT NULL,
    "first_doc" INTEGER NOT NULL,
    "doc_count" INTEGER NOT NULL,
    "file_id" UUID NOT NULL,
    "generation" INTEGER NOT NULL,
    "first_chunk" INTEGER NOT NULL,
    "live" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "word_parts_pkey" PRIMARY KEY ("segment_id","first_doc")
);

-- CreateTable
CREATE TABLE "word_blocks" (
    "segment_id" UUID NOT NULL,
    "key" INTEGER NOT NULL,
    "data" BYTEA NOT NULL,

    CONSTRAINT "word_blocks_pkey" PRIMARY KEY ("segment_id","key")
);

-- CreateTable
CREATE TABLE "vector_spaces" (
    "scope_id" UUID NOT NULL,
    "model" TEXT NOT NULL,
    "dimensions" INTEGER,

    CONSTRAINT "vector_spaces_pkey" PRIMARY KEY ("scope_id","model")
);

-- CreateIndex
CREATE INDEX "collections_user_id_id_idx" ON "collections"("user_id", "id");

-- CreateIndex
CREATE INDEX "collections_visibility_idx" ON "collections"("visibility");

-- CreateIndex
CREATE INDEX "files_user_id_created_at_id_idx" ON "files"("user_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "files_collection_id_created_at_id_idx" ON "files"("collection_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "files_scope_id_embedding_model_idx" ON "files"("scope_id", "embedding_model");

-- CreateIndex
CREATE INDEX "files_status_idx" ON "files"("status");

-- CreateIndex
CREATE UNIQUE INDEX "files_scope_id_sha256_key" ON "files"("scope_id", "sha256");

-- CreateIndex
CREATE INDEX "word_segments_scope_id_idx" ON "word_segments"("scope_id");

-- CreateIndex
CREATE INDEX "word_parts_file_id_idx" ON "word_parts"("file_id");

-- AddForeignKey
ALTER TABLE "collections" ADD CONSTRAINT "collections_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "files" ADD CONSTRAINT "files_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "files" ADD CONSTRAINT "files_collection_id_fkey" FOREIGN KEY ("collection_id") REFERENCES "collections"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "chunks" ADD CONSTRAINT "chunks_file_id_fkey" FOREIGN KEY ("file_id") REFERENCES "files"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "word_parts" ADD CONSTRAINT "word_parts_segment_id_fkey" FOREIGN KEY ("segment_id") REFERENCES "word_segments"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "word_blocks" ADD CONSTRAINT "word_blocks_segment_id_fkey" FOREIGN KEY ("segment_id") REFERENCES "word_segments"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What is compressed already is not compressed again, and blocks of up to a page stay in their rows: one read each.
ALTER TABLE "word_segments" ALTER COLUMN "lengths" SET STORAGE EXTERNAL, ALTER COLUMN "large" SET STORAGE EXTERNAL;
ALTER TABLE "word_blocks" ALTER COLUMN "data" SET STORAGE EXTERNAL, SET (toast_tuple_target = 8160);
