-- AlterTable
ALTER TABLE "conversations" ADD COLUMN     "system_prompt_id" UUID;

-- AlterTable
ALTER TABLE "messages" ADD COLUMN     "system_prompt_id" UUID;

-- CreateTable
CREATE TABLE "system_prompts" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "system_prompts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "system_prompt_revisions" (
    "prompt_id" UUID NOT NULL,
    "revision" INTEGER NOT NULL,
    "version" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "author_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "system_prompt_revisions_pkey" PRIMARY KEY ("prompt_id","revision")
);

-- CreateIndex
CREATE UNIQUE INDEX "system_prompts_name_key" ON "system_prompts"("name");

-- CreateIndex
CREATE INDEX "system_prompts_created_at_id_idx" ON "system_prompts"("created_at", "id");

-- CreateIndex
CREATE INDEX "conversations_system_prompt_id_user_id_idx" ON "conversations"("system_prompt_id", "user_id");

-- AddForeignKey
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_system_prompt_id_fkey" FOREIGN KEY ("system_prompt_id") REFERENCES "system_prompts"("id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "system_prompts" ADD CONSTRAINT "system_prompts_id_revision_fkey" FOREIGN KEY ("id", "revision") REFERENCES "system_prompt_revisions"("prompt_id", "revision") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "system_prompt_revisions" ADD CONSTRAINT "system_prompt_revisions_prompt_id_fkey" FOREIGN KEY ("prompt_id") REFERENCES "system_prompts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "system_prompt_revisions" ADD CONSTRAINT "system_prompt_revisions_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;
