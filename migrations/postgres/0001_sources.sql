-- The systems of the departments, the runs that read them, and how far each has been read.

create table source (
    source_id uuid not null primary key,
    key text collate "C" not null unique,
    connector text not null,
    department text not null,
    title text not null,
    created_at timestamptz not null
);

create table sync_run (
    run_id uuid not null primary key,
    source_id uuid not null references source (source_id),
    trigger_kind text not null,
    actor text not null,
    state text not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    error text
);

create index sync_run_by_source on sync_run (source_id, started_at);

create table sync_run_stream (
    run_id uuid not null references sync_run (run_id),
    stream text not null,
    state text not null,
    pages bigint not null,
    records_read bigint not null,
    created bigint not null,
    updated bigint not null,
    unchanged bigint not null,
    deleted bigint not null,
    quarantined bigint not null,
    started_at timestamptz not null,
    updated_at timestamptz not null,
    error_code text,
    error text,
    primary key (run_id, stream)
);

-- How far a task of a source has been read. Written in the transaction that stores what was read.
create table checkpoint (
    source_id uuid not null references source (source_id),
    task text not null,
    state text not null,
    run_id uuid,
    updated_at timestamptz not null,
    primary key (source_id, task)
);
