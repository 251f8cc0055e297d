-- Whom payouts go to: name and bank details sealed, the account known again by a keyed hash.

CREATE TABLE "beneficiaries" (
    "id" TEXT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "type" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "customer_id" TEXT,
    "fingerprint" TEXT,
    "sealed" TEXT,
    "recipient_ref" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "archived_at" TIMESTAMPTZ,
    "deactivated_at" TIMESTAMPTZ,
    "retry_at" TIMESTAMPTZ,

    CONSTRAINT "beneficiaries_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "beneficiaries_recipient_ref_idx" ON "beneficiaries"("recipient_ref");
CREATE INDEX "beneficiaries_created_at_id_idx" ON "beneficiaries"("created_at", "id");
CREATE INDEX "beneficiaries_customer_id_idx" ON "beneficiaries"("customer_id");
ALTER TABLE "beneficiaries" ADD CONSTRAINT "beneficiaries_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema cannot say -----------------------------------------------------------------------------------

ALTER TABLE beneficiaries
  ADD CONSTRAINT beneficiaries_currency CHECK (currency ~ '^[A-Z]{3}$'),
  ADD CONSTRAINT beneficiaries_type CHECK (type ~ '^[A-Za-z0-9_-]{1,64}$'),
  ADD CONSTRAINT beneficiaries_status CHECK (status IN ('pending', 'active', 'archived', 'erased')),
  -- Never in clear: what our own box sealed.
  ADD CONSTRAINT beneficiaries_sealed CHECK (sealed ~ '^v1\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$'),
  -- 32 bytes in base64url: no account fits.
  ADD CONSTRAINT beneficiaries_fingerprint CHECK (fingerprint ~ '^[A-Za-z0-9_-]{43}$'),
  ADD CONSTRAINT beneficiaries_erased CHECK ((status = 'erased') = (sealed IS NULL) AND (status = 'erased') = (fingerprint IS NULL)),
  ADD CONSTRAINT beneficiaries_recipient CHECK (CASE status WHEN 'pending' THEN recipient_ref IS NULL WHEN 'active' THEN recipient_ref IS NOT NULL ELSE true END),
  ADD CONSTRAINT beneficiaries_archived CHECK ((status IN ('archived', 'erased')) = (archived_at IS NOT NULL)),
  ADD CONSTRAINT beneficiaries_deactivated CHECK (deactivated_at IS NULL OR (archived_at IS NOT NULL AND recipient_ref IS NOT NULL));

-- An account is there once, as long as it can be paid to.
CREATE UNIQUE INDEX beneficiaries_account ON beneficiaries (fingerprint) WHERE status IN ('pending', 'active');
-- The provider may know an account again and give it the id that a former one of ours has had.
CREATE UNIQUE INDEX beneficiaries_recipient_present ON beneficiaries (recipient_ref) WHERE archived_at IS NULL;
-- Those that the provider has still to be told of.
CREATE INDEX beneficiaries_leaving ON beneficiaries (retry_at) WHERE archived_at IS NOT NULL AND recipient_ref IS NOT NULL AND deactivated_at IS NULL;

ALTER TABLE beneficiaries ENABLE ROW LEVEL SECURITY;
ALTER TABLE beneficiaries FORCE ROW LEVEL SECURITY;
CREATE POLICY service_all ON beneficiaries TO kassa_service USING (true) WITH CHECK (true);
-- Deleted is only what the provider has refused: nothing of it is kept.
GRANT SELECT, INSERT, UPDATE, DELETE ON beneficiaries TO kassa_service;
