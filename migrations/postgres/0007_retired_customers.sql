-- What a retired id had when it led a customer of its own: one that comes back goes on from there. Null where the id was
-- retired before this was kept.

alter table customer_alias add column created_at timestamptz;
alter table customer_alias add column version bigint;
