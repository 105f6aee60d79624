-- What was known when: which record was of which customer since when, and what became of each customer id. Facts, written with
-- the fold that changed them and never changed afterwards. A store that is older than this remembers what holds now.

create table link_history (
    seq integer primary key autoincrement,
    record_id blob not null references record (record_id),
    customer_id blob not null,
    at integer not null
) strict;

create index link_history_by_record on link_history (record_id, seq);
create index link_history_by_customer on link_history (customer_id, seq);

-- A row for each version of a customer, and one whenever its id leads elsewhere: then `into_id` is where.
create table customer_history (
    seq integer primary key autoincrement,
    customer_id blob not null,
    at integer not null,
    kind text,
    version integer,
    created_at integer,
    into_id blob,
    retired_at integer
) strict;

create index customer_history_by_customer on customer_history (customer_id, seq);
create index customer_history_by_into on customer_history (into_id, seq);

insert into link_history (record_id, customer_id, at)
select record_id, customer_id, linked_at from link order by record_id;

insert into customer_history (customer_id, at, kind, version, created_at)
select customer_id, updated_at, kind, version, created_at from customer order by customer_id;

insert into customer_history (customer_id, at, into_id, retired_at)
select retired_id, retired_at, customer_id, retired_at from customer_alias order by retired_id;

insert into sqlite_stat1 (tbl, idx, stat) values
    ('link_history', 'link_history_by_record', '600000 2 1'),
    ('link_history', 'link_history_by_customer', '600000 5 1'),
    ('customer_history', 'customer_history_by_customer', '400000 4 1'),
    ('customer_history', 'customer_history_by_into', '400000 4 1');
analyze sqlite_schema;
