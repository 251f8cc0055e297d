-- Seals: batches of the journal, in recorded order, chained by hash.

CREATE TABLE "ledger_seals" (
    "number" BIGINT NOT NULL,
    "previous_hash" BYTEA,
    "hash" BYTEA NOT NULL,
    "content_hash" BYTEA NOT NULL,
    "after_seq" BIGINT NOT NULL,
    "last_xact_id" BIGINT NOT NULL,
    "last_seq" BIGINT NOT NULL,
    "max_seq" BIGINT NOT NULL,
    "transactions" INTEGER NOT NULL,
    "entries" INTEGER NOT NULL,
    "sealed_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "ledger_seals_pkey" PRIMARY KEY ("number")
);

CREATE UNIQUE INDEX "ledger_seals_previous_hash_key" ON "ledger_seals"("previous_hash");
CREATE UNIQUE INDEX "ledger_seals_hash_key" ON "ledger_seals"("hash");
-- The order in which rows are sealed and verified.
CREATE INDEX "journal_transactions_xact_id_seq_idx" ON "journal_transactions"("xact_id", "seq");

ALTER TABLE "ledger_seals" ADD CONSTRAINT "ledger_seals_previous_hash_fkey" FOREIGN KEY ("previous_hash") REFERENCES "ledger_seals"("hash") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- What Prisma's schema cannot say -----------------------------------------------------------------------------------

ALTER TABLE ledger_seals
  ADD CONSTRAINT ledger_seals_number CHECK (number > 0),
  ADD CONSTRAINT ledger_seals_chain CHECK ((number = 1) = (previous_hash IS NULL)),
  ADD CONSTRAINT ledger_seals_hashes CHECK (octet_length(hash) = 32 AND octet_length(content_hash) = 32),
  ADD CONSTRAINT ledger_seals_range CHECK (after_seq >= 0 AND last_xact_id > 0 AND last_seq > after_seq AND max_seq >= last_seq),
  ADD CONSTRAINT ledger_seals_transactions CHECK (transactions > 0),
  ADD CONSTRAINT ledger_seals_entries CHECK (entries >= transactions);

CREATE TRIGGER ledger_seals_append_only BEFORE UPDATE OR DELETE ON ledger_seals
  FOR EACH ROW EXECUTE FUNCTION kassa_refuse_change();
CREATE TRIGGER ledger_seals_no_truncate BEFORE TRUNCATE ON ledger_seals
  FOR EACH STATEMENT EXECUTE FUNCTION kassa_refuse_change();
ALTER TABLE ledger_seals ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_seals FORCE ROW LEVEL SECURITY;
CREATE POLICY service_all ON ledger_seals TO kassa_service USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON ledger_seals TO kassa_service;
