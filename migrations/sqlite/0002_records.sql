-- Facts: what the sources said, as they said it. A version is never changed.

create table record (
    record_id blob not null primary key,
    source_id blob not null references source (source_id),
    stream text not null,
    external_id text not null,
    kind text not null,
    version integer not null,
    content_hash blob not null,
    mapping text not null,
    source_version integer,
    first_seen_at integer not null,
    changed_at integer not null,
    deleted_at integer,
    unique (source_id, stream, external_id)
) strict;

create index record_by_kind on record (kind, record_id);

create table record_version (
    record_id blob not null references record (record_id),
    version integer not null,
    received_at integer not null,
    run_id blob,
    content_hash blob not null,
    mapping text not null,
    deleted integer not null,
    raw text not null,
    mapped text not null,
    primary key (record_id, version)
) strict;

-- The keys that an enumeration in progress has seen: what is missing at its end was deleted in the source.
create table sweep_seen (
    source_id blob not null,
    stream text not null,
    generation text not null,
    record_id blob not null,
    primary key (source_id, stream, generation, record_id)
) strict;

-- What did not fit, whole, with its cause. One row however often the same payload is delivered.
create table quarantine (
    quarantine_id blob not null primary key,
    source_id blob not null references source (source_id),
    stream text not null,
    external_id text,
    run_id blob,
    code text not null,
    path text,
    place text,
    message text not null,
    raw text not null,
    first_seen_at integer not null,
    last_seen_at integer not null,
    times integer not null,
    resolved_at integer
) strict;

create index quarantine_by_source on quarantine (source_id, stream, external_id);
create index quarantine_by_time on quarantine (last_seen_at, quarantine_id);
