-- Domain events told to the customer's own backend: where to, under which secrets, what, and how each attempt went.

CREATE TABLE "webhook_endpoints" (
    "id" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "event_types" TEXT[],
    "status" TEXT NOT NULL,
    "disabled_at" TIMESTAMPTZ,
    "disabled_reason" TEXT,
    "failing_since" TIMESTAMPTZ,
    "paused_until" TIMESTAMPTZ,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "deleted_at" TIMESTAMPTZ,

    CONSTRAINT "webhook_endpoints_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "webhook_secrets" (
    "id" TEXT NOT NULL,
    "endpoint_id" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ,

    CONSTRAINT "webhook_secrets_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "webhook_sequences" (
    "object_type" TEXT NOT NULL,
    "object_id" TEXT NOT NULL,
    "last" BIGINT NOT NULL,

    CONSTRAINT "webhook_sequences_pkey" PRIMARY KEY ("object_type","object_id")
);

CREATE TABLE "webhook_messages" (
    "id" TEXT NOT NULL,
    "event_id" TEXT,
    "type" TEXT NOT NULL,
    "object_type" TEXT NOT NULL,
    "object_id" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "body" TEXT NOT NULL,
    "occurred_at" TIMESTAMPTZ NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "webhook_messages_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "webhook_deliveries" (
    "id" TEXT NOT NULL,
    "message_id" TEXT NOT NULL,
    "endpoint_id" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "begun_at" TIMESTAMPTZ NOT NULL,
    "next_attempt_at" TIMESTAMPTZ NOT NULL,
    "lease_owner" TEXT,
    "lease_until" TIMESTAMPTZ,
    "created_at" TIMESTAMPTZ NOT NULL,
    "settled_at" TIMESTAMPTZ,

    CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "webhook_attempts" (
    "delivery_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "duration_ms" INTEGER NOT NULL,
    "status_code" INTEGER,
    "error" TEXT,
    "detail" TEXT,
    "response" TEXT,

    CONSTRAINT "webhook_attempts_pkey" PRIMARY KEY ("delivery_id","number")
);

CREATE INDEX "webhook_endpoints_created_at_id_idx" ON "webhook_endpoints"("created_at", "id");
CREATE INDEX "webhook_secrets_endpoint_id_idx" ON "webhook_secrets"("endpoint_id");
CREATE UNIQUE INDEX "webhook_messages_event_id_key" ON "webhook_messages"("event_id");
CREATE UNIQUE INDEX "webhook_messages_object_type_object_id_sequence_key" ON "webhook_messages"("object_type", "object_id", "sequence");
CREATE INDEX "webhook_messages_created_at_id_idx" ON "webhook_messages"("created_at", "id");
CREATE UNIQUE INDEX "webhook_deliveries_message_id_endpoint_id_key" ON "webhook_deliveries"("message_id", "endpoint_id");
CREATE INDEX "webhook_deliveries_endpoint_id_created_at_id_idx" ON "webhook_deliveries"("endpoint_id", "created_at", "id");
ALTER TABLE "webhook_secrets" ADD CONSTRAINT "webhook_secrets_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "webhook_endpoints"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "webhook_messages"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "webhook_endpoints"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "webhook_attempts" ADD CONSTRAINT "webhook_attempts_delivery_id_fkey" FOREIGN KEY ("delivery_id") REFERENCES "webhook_deliveries"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma's schema cannot say -----------------------------------------------------------------------------------

ALTER TABLE webhook_endpoints
  ADD CONSTRAINT webhook_endpoints_url CHECK (url ~ '^https?://' AND length(url) <= 2048),
  ADD CONSTRAINT webhook_endpoints_types CHECK (COALESCE(cardinality(event_types), 0) BETWEEN 1 AND 100),
  ADD CONSTRAINT webhook_endpoints_status CHECK (status IN ('enabled', 'disabled', 'deleted')),
  ADD CONSTRAINT webhook_endpoints_disabled CHECK ((status = 'disabled') = (disabled_at IS NOT NULL)
    AND (disabled_at IS NULL) = (disabled_reason IS NULL)),
  ADD CONSTRAINT webhook_endpoints_reason CHECK (disabled_reason IN ('operator', 'gone', 'failing')),
  ADD CONSTRAINT webhook_endpoints_deleted CHECK ((status = 'deleted') = (deleted_at IS NOT NULL));

-- Never in clear: what our own box sealed.
ALTER TABLE webhook_secrets ADD CONSTRAINT webhook_secrets_sealed CHECK (sealed ~ '^v1\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$');
CREATE UNIQUE INDEX webhook_secrets_current ON webhook_secrets (endpoint_id) WHERE expires_at IS NULL;

ALTER TABLE webhook_sequences ADD CONSTRAINT webhook_sequences_last CHECK (last >= 0);

ALTER TABLE webhook_messages
  ADD CONSTRAINT webhook_messages_sequence CHECK (sequence >= 1),
  ADD CONSTRAINT webhook_messages_event CHECK ((event_id IS NULL) = (type = 'webhook.test'));

ALTER TABLE webhook_deliveries
  ADD CONSTRAINT webhook_deliveries_status CHECK (status IN ('pending', 'delivered', 'failed', 'canceled')),
  ADD CONSTRAINT webhook_deliveries_settled CHECK ((status = 'pending') = (settled_at IS NULL)),
  ADD CONSTRAINT webhook_deliveries_lease CHECK ((lease_owner IS NULL) = (lease_until IS NULL)),
  ADD CONSTRAINT webhook_deliveries_counts CHECK (failures >= 0 AND attempts >= failures);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_attempt_at, id) WHERE status = 'pending';

ALTER TABLE webhook_attempts
  ADD CONSTRAINT webhook_attempts_number CHECK (number >= 1),
  ADD CONSTRAINT webhook_attempts_duration CHECK (duration_ms >= 0),
  ADD CONSTRAINT webhook_attempts_status_code CHECK (status_code BETWEEN 100 AND 999),
  ADD CONSTRAINT webhook_attempts_error CHECK (error IN ('status', 'redirect', 'gone', 'timeout', 'connection', 'name', 'tls',
    'address_refused', 'url_refused', 'protocol', 'secret')),
  ADD CONSTRAINT webhook_attempts_outcome CHECK (error IS NOT NULL OR COALESCE(status_code BETWEEN 200 AND 299, false)),
  ADD CONSTRAINT webhook_attempts_texts CHECK (length(detail) <= 200 AND length(response) <= 1024);

-- A message is what was told: it is let go in the end, but never changes. The same holds for the log of attempts.
CREATE FUNCTION kassa_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% does not change: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER webhook_messages_unchanged BEFORE UPDATE ON webhook_messages
  FOR EACH ROW EXECUTE FUNCTION kassa_refuse_rewriting();
CREATE TRIGGER webhook_attempts_unchanged BEFORE UPDATE ON webhook_attempts
  FOR EACH ROW EXECUTE FUNCTION kassa_refuse_rewriting();

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['webhook_endpoints', 'webhook_secrets', 'webhook_sequences', 'webhook_messages',
      'webhook_deliveries', 'webhook_attempts'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY service_all ON %I TO kassa_service USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;
-- An endpoint and a count stay: deliveries name the one, and the other never goes back.
GRANT SELECT, INSERT, UPDATE ON webhook_endpoints, webhook_sequences TO kassa_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_secrets, webhook_deliveries TO kassa_service;
GRANT SELECT, INSERT, DELETE ON webhook_messages, webhook_attempts TO kassa_service;
