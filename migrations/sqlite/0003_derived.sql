-- Caches of the facts. `onefold rebuild` makes them anew and must find nothing to change.

-- Where a record stands in a customer's history. The party may be stored before or after it.
create table activity (
    record_id blob not null primary key references record (record_id),
    source_id blob not null,
    kind text not null,
    party_id blob,
    parent_id blob,
    occurred_at integer,
    status text,
    number text,
    amount_micros integer,
    currency text,
    deleted integer not null
) strict;

create index activity_by_party on activity (party_id, kind, occurred_at, record_id);
create index activity_by_parent on activity (parent_id, kind, occurred_at, record_id);
create index activity_by_kind on activity (kind, occurred_at, record_id);

-- The words by which a record is found, folded for comparison.
create table term (
    term text not null,
    path text not null,
    record_id blob not null references record (record_id),
    whole text not null,
    primary key (term, path, record_id)
) strict;

create index term_by_record on term (record_id);
