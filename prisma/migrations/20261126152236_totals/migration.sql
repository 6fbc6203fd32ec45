-- CreateTable
CREATE TABLE "totals" (
    "id" BIGSERIAL NOT NULL,
    "conversations" INTEGER NOT NULL DEFAULT 0,
    "messages" INTEGER NOT NULL DEFAULT 0,
    "files" INTEGER NOT NULL DEFAULT 0,
    "chunks" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "totals_pkey" PRIMARY KEY ("id")
);

-- A row is added for what a statement has changed. Nothing of the table is ever locked by it.
CREATE FUNCTION "add_conversations_to_totals"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO totals (conversations, messages)
  SELECT count(*), coalesce(sum(message_count), 0) FROM changed HAVING count(*) > 0;
  RETURN NULL;
END
$$;

CREATE FUNCTION "take_conversations_from_totals"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO totals (conversations, messages)
  SELECT -count(*), -coalesce(sum(message_count), 0) FROM changed HAVING count(*) > 0;
  RETURN NULL;
END
$$;

CREATE FUNCTION "add_messages_to_totals"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO totals (messages) VALUES (NEW.message_count - OLD.message_count);
  RETURN NULL;
END
$$;

CREATE FUNCTION "add_files_to_totals"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO totals (files, chunks)
  SELECT count(*), coalesce(sum(chunk_count), 0) FROM changed HAVING count(*) > 0;
  RETURN NULL;
END
$$;

CREATE FUNCTION "take_files_from_totals"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO totals (files, chunks)
  SELECT -count(*), -coalesce(sum(chunk_count), 0) FROM changed HAVING count(*) > 0;
  RETURN NULL;
END
$$;

CREATE FUNCTION "add_chunks_to_totals"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO totals (chunks) VALUES (NEW.chunk_count - OLD.chunk_count);
  RETURN NULL;
END
$$;

CREATE TRIGGER "conversations_added" AFTER INSERT ON "conversations"
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "add_conversations_to_totals"();

CREATE TRIGGER "conversations_removed" AFTER DELETE ON "conversations"
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "take_conversations_from_totals"();

CREATE TRIGGER "conversations_grown" AFTER UPDATE OF "message_count" ON "conversations"
FOR EACH ROW WHEN (OLD.message_count <> NEW.message_count) EXECUTE FUNCTION "add_messages_to_totals"();

CREATE TRIGGER "files_added" AFTER INSERT ON "files"
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "add_files_to_totals"();

CREATE TRIGGER "files_removed" AFTER DELETE ON "files"
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION "take_files_from_totals"();

CREATE TRIGGER "files_read" AFTER UPDATE OF "chunk_count" ON "files"
FOR EACH ROW WHEN (OLD.chunk_count <> NEW.chunk_count) EXECUTE FUNCTION "add_chunks_to_totals"();

-- What is there already. The triggers hold both tables until the end of this transaction: nothing is counted twice or not at all.
INSERT INTO "totals" ("conversations", "messages", "files", "chunks")
SELECT
  (SELECT count(*) FROM conversations), (SELECT coalesce(sum(message_count), 0) FROM conversations),
  (SELECT count(*) FROM files), (SELECT coalesce(sum(chunk_count), 0) FROM files);
