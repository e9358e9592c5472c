CREATE SEQUENCE order_numbers START WITH 1000;

CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number bigint NOT NULL UNIQUE DEFAULT nextval('order_numbers'),
    reference text NOT NULL UNIQUE CHECK (length(reference) BETWEEN 1 AND 64),
    customer text NOT NULL CHECK (length(customer) BETWEEN 1 AND 100),
    item text NOT NULL CHECK (length(item) BETWEEN 1 AND 100),
    quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 1000),
    created_at timestamptz NOT NULL DEFAULT now()
);

ALTER SEQUENCE order_numbers OWNED BY orders.number;

CREATE INDEX orders_created_at ON orders (created_at);
