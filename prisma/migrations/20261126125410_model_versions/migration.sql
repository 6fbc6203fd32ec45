-- AlterTable
ALTER TABLE "messages" ADD COLUMN     "model_version" TEXT;

-- CreateTable
CREATE TABLE "model_versions" (
    "id" UUID NOT NULL,
    "provider" TEXT NOT NULL,
    "model_name" TEXT NOT NULL,
    "version_tag" TEXT NOT NULL,
    "notes" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "model_versions_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "model_versions_provider_model_name_created_at_id_idx" ON "model_versions"("provider", "model_name", "created_at", "id");

-- CreateIndex
CREATE INDEX "model_versions_created_at_id_idx" ON "model_versions"("created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "model_versions_provider_model_name_version_tag_key" ON "model_versions"("provider", "model_name", "version_tag");
