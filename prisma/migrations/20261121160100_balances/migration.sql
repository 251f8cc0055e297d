-- What each account was moved by on each day, folded from the journal, and how far it has been.

CREATE TABLE "account_day_balances" (
    "account_code" TEXT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "day" DATE NOT NULL,
    "debits" BIGINT NOT NULL,
    "credits" BIGINT NOT NULL,
    "entries" BIGINT NOT NULL,

    CONSTRAINT "account_day_balances_pkey" PRIMARY KEY ("account_code","currency","day")
);

CREATE TABLE "balance_marks" (
    "id" INTEGER NOT NULL,
    "xact_id" BIGINT NOT NULL,
    "seq" BIGINT NOT NULL,
    "folded_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "balance_marks_pkey" PRIMARY KEY ("id")
);

-- The recorded order: what is behind the mark is found by it.
CREATE INDEX IF NOT EXISTS "journal_transactions_xact_id_seq_idx" ON "journal_transactions"("xact_id", "seq");
ALTER TABLE "account_day_balances" ADD CONSTRAINT "account_day_balances_account_code_fkey" FOREIGN KEY ("account_code") REFERENCES "ledger_accounts"("code") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema cannot say -----------------------------------------------------------------------------------

ALTER TABLE account_day_balances
  ADD CONSTRAINT account_day_balances_currency CHECK (currency ~ '^[A-Z]{3}$'),
  ADD CONSTRAINT account_day_balances_sums CHECK (debits >= 0 AND credits >= 0 AND entries > 0);
-- What receivables are compared with, again and again.
CREATE INDEX invoices_owed ON invoices (currency) INCLUDE (status, amount_paid, amount_remaining)
  WHERE status = 'open' OR (status IN ('void', 'uncollectible') AND amount_paid > 0);
-- There is one.
ALTER TABLE balance_marks
  ADD CONSTRAINT balance_marks_one CHECK (id = 1),
  ADD CONSTRAINT balance_marks_place CHECK (xact_id >= 0 AND seq >= 0);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['account_day_balances', 'balance_marks'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY service_all ON %I TO kassa_service USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO kassa_service', t);
  END LOOP;
END $$;

-- What lies behind the mark. A function, so that it is planned with the mark's own values: compared with what a subquery gives,
-- the planner takes a third of the journal to lie there, and reads all of it. Stable: it sees what its caller's statement sees.
CREATE FUNCTION kassa_entries_unfolded() RETURNS TABLE (account_code text, currency char(3), ts timestamptz, amount bigint)
LANGUAGE plpgsql STABLE ROWS 1000 AS $$
DECLARE
  mark record;
BEGIN
  SELECT COALESCE(max(m.xact_id), 0) AS xact_id, COALESCE(max(m.seq), 0) AS seq INTO mark FROM balance_marks m;
  RETURN QUERY SELECT e.account_code, e.currency, t.ts, e.amount
    FROM journal_transactions t JOIN journal_entries e ON e.transaction_id = t.id
    WHERE (t.xact_id, t.seq) > (mark.xact_id, mark.seq);
END $$;
