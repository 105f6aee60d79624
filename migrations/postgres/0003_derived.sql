-- Caches of the facts. `onefold rebuild` makes them anew and must find nothing to change.

-- Where a record stands in a customer's history. The party may be stored before or after it.
create table activity (
    record_id uuid not null primary key references record (record_id),
    source_id uuid not null,
    kind text not null,
    party_id uuid,
    parent_id uuid,
    occurred_at timestamptz,
    status text,
    number text,
    amount_micros bigint,
    currency text,
    deleted boolean not null
);

create index activity_by_party on activity (party_id, kind, occurred_at nulls first, record_id);
create index activity_by_parent on activity (parent_id, kind, occurred_at nulls first, record_id);
create index activity_by_kind on activity (kind, occurred_at nulls first, record_id);

-- The words by which a record is found, folded for comparison.
create table term (
    term text collate "C" not null,
    path text not null,
    record_id uuid not null references record (record_id),
    whole text not null,
    primary key (term, path, record_id)
);

create index term_by_record on term (record_id);
