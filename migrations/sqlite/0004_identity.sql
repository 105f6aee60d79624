-- Customers are folded from records by link decisions. A record belongs to exactly one customer: link's primary key.

create table customer (
    customer_id blob not null primary key,
    kind text not null,
    version integer not null,
    created_at integer not null,
    updated_at integer not null,
    record_count integer not null,
    sort_name text,
    email text,
    phone text
) strict;

create index customer_by_name on customer (sort_name, customer_id);
create index customer_by_update on customer (updated_at, customer_id);
create index customer_by_creation on customer (created_at, customer_id);

-- Every customer id that was ever issued and no longer leads a customer of its own.
create table customer_alias (
    retired_id blob not null primary key,
    customer_id blob not null references customer (customer_id),
    retired_at integer not null
) strict;

create index customer_alias_by_customer on customer_alias (customer_id);

create table link (
    record_id blob not null primary key references record (record_id),
    customer_id blob not null references customer (customer_id),
    model text not null,
    linked_at integer not null
) strict;

create index link_by_customer on link (customer_id);

-- What people decided about pairs of records. Never changed, only undone.
create table decision (
    decision_id blob not null primary key,
    kind text not null,
    left_record blob not null references record (record_id),
    right_record blob not null references record (record_id),
    actor text not null,
    reason text not null,
    made_at integer not null,
    undone_at integer
) strict;

-- Pairs that matching leaves to a person.
create table match_candidate (
    candidate_id blob not null primary key,
    left_record blob not null references record (record_id),
    right_record blob not null references record (record_id),
    probability real not null,
    weight real not null,
    evidence text not null,
    model text not null,
    found_at integer not null,
    unique (left_record, right_record)
) strict;

create index match_candidate_by_probability on match_candidate (probability, candidate_id);
create index match_candidate_by_right on match_candidate (right_record);
