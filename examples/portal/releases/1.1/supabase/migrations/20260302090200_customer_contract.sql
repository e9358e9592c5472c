-- holdfast: phase=post_deployment
-- Nobody reads or writes the old name any more: release 1.0 cannot run after this.
DROP TRIGGER orders_keep_customer_in_step ON orders;

DROP FUNCTION orders_keep_customer_in_step();

ALTER TABLE orders
    ALTER COLUMN customer_name SET NOT NULL,
    DROP CONSTRAINT orders_customer_name_given,
    DROP COLUMN customer;
