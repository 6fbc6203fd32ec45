-- AlterTable
ALTER TABLE "turns" ADD COLUMN     "journal_key" INTEGER NOT NULL DEFAULT 0;
