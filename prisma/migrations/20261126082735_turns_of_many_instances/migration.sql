-- AlterTable
ALTER TABLE "turns" ADD COLUMN     "journal_key" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "stop_requested" BOOLEAN NOT NULL DEFAULT false;
