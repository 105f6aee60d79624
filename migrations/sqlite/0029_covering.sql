-- What a list of what happened with a customer is chosen by, the records of a customer, and how many customers of a kind have a
-- name: all of it stands in the indexes, so that the tables are not read for rows that are not shown.
drop index link_by_customer;
create index link_by_customer on link (customer_id, record_id);

drop index activity_by_party;
create index activity_by_party on activity (party_id, kind, occurred_at, record_id, source_id, deleted);

drop index customer_by_name;
create index customer_by_name on customer (sort_name, customer_id, kind);

analyze sqlite_schema;
delete from sqlite_stat1 where idx in ('link_by_customer', 'activity_by_party', 'customer_by_name');
insert into sqlite_stat1 (tbl, idx, stat) values
    ('link', 'link_by_customer', '300000 3 1'),
    ('activity', 'activity_by_party', '700000 7 3 1 1 1 1'),
    ('customer', 'customer_by_name', '100000 2 1 1');
analyze sqlite_schema;
