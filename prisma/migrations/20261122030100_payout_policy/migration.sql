-- Who may approve how much, and what payouts are held against, as data.

CREATE TABLE "payout_limits" (
    "role" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "max_per_payout" BIGINT,
    "daily_max" BIGINT,
    "second_approval_above" BIGINT,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "payout_limits_pkey" PRIMARY KEY ("role","currency")
);

CREATE TABLE "payout_rules" (
    "key" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "active" BOOLEAN NOT NULL,
    "priority" INTEGER NOT NULL,
    "countries" TEXT[],
    "names" TEXT[],
    "match" TEXT,
    "scope" TEXT,
    "window_seconds" INTEGER,
    "max_count" INTEGER,
    "max_amount" BIGINT,
    "currency" CHAR(3),
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "payout_rules_pkey" PRIMARY KEY ("key")
);

-- What Prisma's schema cannot say -----------------------------------------------------------------------------------

-- Whole units of the currency, as people say them, because one row may stand for all currencies.
ALTER TABLE payout_limits
  ADD CONSTRAINT payout_limits_role CHECK (role IN ('finance', 'admin')),
  ADD CONSTRAINT payout_limits_currency CHECK (currency ~ '^([A-Z]{3}|\*)$'),
  ADD CONSTRAINT payout_limits_amounts CHECK (max_per_payout >= 0 AND daily_max >= 0 AND second_approval_above >= 0);

-- What each kind needs stands in src/modules/payouts/policy/domain/rule.ts too.
ALTER TABLE payout_rules
  ADD CONSTRAINT payout_rules_key CHECK (key ~ '^[a-z][a-z0-9_]{0,62}$'),
  ADD CONSTRAINT payout_rules_description CHECK (length(description) BETWEEN 1 AND 500),
  ADD CONSTRAINT payout_rules_kind CHECK (kind IN ('blocked_country', 'blocked_name', 'velocity')),
  ADD CONSTRAINT payout_rules_action CHECK (action IN ('block', 'review')),
  ADD CONSTRAINT payout_rules_priority CHECK (priority BETWEEN 0 AND 1000),
  ADD CONSTRAINT payout_rules_countries CHECK ((kind = 'blocked_country') = (COALESCE(cardinality(countries), 0) > 0)),
  ADD CONSTRAINT payout_rules_names CHECK ((kind = 'blocked_name') = (COALESCE(cardinality(names), 0) > 0)
    AND (kind = 'blocked_name') = (match IS NOT NULL) AND match IN ('exact', 'contains')),
  ADD CONSTRAINT payout_rules_velocity CHECK ((kind = 'velocity') = (scope IS NOT NULL) AND scope IN ('beneficiary', 'house')
    AND (kind = 'velocity') = (window_seconds IS NOT NULL) AND window_seconds BETWEEN 1 AND 31622400),
  ADD CONSTRAINT payout_rules_most CHECK ((kind = 'velocity') = (num_nonnulls(max_count, max_amount) = 1)
    AND max_count BETWEEN 1 AND 1000000 AND max_amount BETWEEN 1 AND 9007199254740991),
  ADD CONSTRAINT payout_rules_amount CHECK ((max_amount IS NULL) = (currency IS NULL) AND currency ~ '^[A-Z]{3}$');

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['payout_limits', 'payout_rules'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY service_all ON %I TO kassa_service USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;
-- Limits are given as a whole; a rule is turned off and stays.
GRANT SELECT, INSERT, UPDATE, DELETE ON payout_limits TO kassa_service;
GRANT SELECT, INSERT, UPDATE ON payout_rules TO kassa_service;
