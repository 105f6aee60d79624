-- Facts: what the sources said, as they said it. A version is never changed.

create table record (
    record_id uuid not null primary key,
    source_id uuid not null references source (source_id),
    stream text not null,
    external_id text not null,
    kind text not null,
    version bigint not null,
    content_hash bytea not null,
    mapping text not null,
    source_version timestamptz,
    first_seen_at timestamptz not null,
    changed_at timestamptz not null,
    deleted_at timestamptz,
    unique (source_id, stream, external_id)
);

create index record_by_kind on record (kind, record_id);

create table record_version (
    record_id uuid not null references record (record_id),
    version bigint not null,
    received_at timestamptz not null,
    run_id uuid,
    content_hash bytea not null,
    mapping text not null,
    deleted boolean not null,
    raw text not null,
    mapped text not null,
    primary key (record_id, version)
);

-- The keys that an enumeration in progress has seen: what is missing at its end was deleted in the source.
create table sweep_seen (
    source_id uuid not null,
    stream text not null,
    generation text not null,
    record_id uuid not null,
    primary key (source_id, stream, generation, record_id)
);

-- What did not fit, whole, with its cause. One row however often the same payload is delivered.
create table quarantine (
    quarantine_id uuid not null primary key,
    source_id uuid not null references source (source_id),
    stream text not null,
    external_id text,
    run_id uuid,
    code text not null,
    path text,
    place text,
    message text not null,
    raw text not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    times bigint not null,
    resolved_at timestamptz
);

create index quarantine_by_source on quarantine (source_id, stream, external_id);
create index quarantine_by_time on quarantine (last_seen_at, quarantine_id);
