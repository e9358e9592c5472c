-- The auditors of release 1.2 look orders up by e-mail address.
-- CONCURRENTLY: people go on ordering while it is built, and it cannot run in a transaction.
CREATE INDEX CONCURRENTLY orders_customer_email ON orders (customer_email);
