-- What a list of what happened with a customer is chosen by, the records of a customer, and how many customers of a kind have a
-- name: all of it stands in the indexes, so that the tables are not read for rows that are not shown.
drop index link_by_customer;
create index link_by_customer on link (customer_id, record_id);

drop index activity_by_party;
create index activity_by_party on activity (party_id, kind, occurred_at nulls first, record_id) include (source_id, deleted);

drop index customer_by_name;
create index customer_by_name on customer (sort_name nulls first, customer_id) include (kind);
