-- Whether a product of a store was ever bought, however many facts and invoices there are.
CREATE INDEX facts_of_store_product ON facts (provider, (payload ->> 'priceRef'))
  WHERE provider IN ('apple', 'google') AND object_type = 'subscription';
CREATE INDEX invoices_of_store_product ON invoices (provider, (lines -> 0 ->> 'priceRef'))
  WHERE provider IN ('apple', 'google');
-- What was bought once, in the order in which it is held against the grants.
CREATE INDEX invoices_bought_once ON invoices (id)
  WHERE provider IN ('apple', 'google') AND provider_subscription_id IS NULL AND status = 'paid';
