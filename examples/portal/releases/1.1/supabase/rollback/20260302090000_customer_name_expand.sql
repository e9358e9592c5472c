DROP TRIGGER orders_keep_customer_in_step ON orders;

DROP FUNCTION orders_keep_customer_in_step();

ALTER TABLE orders
    DROP CONSTRAINT orders_customer_name_given,
    DROP COLUMN customer_email,
    DROP COLUMN customer_name;
