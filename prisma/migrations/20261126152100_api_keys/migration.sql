-- CreateEnum
CREATE TYPE "owner_kind" AS ENUM ('PERSON', 'KEY');

-- AlterTable
ALTER TABLE "users" ADD COLUMN     "kind" "owner_kind" NOT NULL DEFAULT 'PERSON';

-- CreateTable
CREATE TABLE "api_keys" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "prefix" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "client_name" TEXT NOT NULL,
    "client_name_key" TEXT NOT NULL,
    "notes" TEXT,
    "collection_id" UUID,
    "system_prompt_id" UUID,
    "requests_per_minute" INTEGER,
    "tokens_per_day" INTEGER,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "deactivated_at" TIMESTAMPTZ(3),
    "maker_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_user_id_key" ON "api_keys"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_hash_key" ON "api_keys"("hash");

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_client_name_key_key" ON "api_keys"("client_name_key");

-- CreateIndex
CREATE INDEX "api_keys_created_at_id_idx" ON "api_keys"("created_at", "id");

-- CreateIndex
CREATE INDEX "api_keys_collection_id_idx" ON "api_keys"("collection_id");

-- CreateIndex
CREATE INDEX "api_keys_system_prompt_id_created_at_id_idx" ON "api_keys"("system_prompt_id", "created_at", "id");

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_maker_id_fkey" FOREIGN KEY ("maker_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_collection_id_fkey" FOREIGN KEY ("collection_id") REFERENCES "collections"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_system_prompt_id_fkey" FOREIGN KEY ("system_prompt_id") REFERENCES "system_prompts"("id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- A key cannot sign in, and is nobody who runs the server.
ALTER TABLE "users" ADD CONSTRAINT "users_key_is_no_account" CHECK (
  "kind" = 'PERSON' OR ("role" = 'USER' AND "password_hash" = '' AND "email_key" IS NULL)
);
