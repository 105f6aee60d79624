-- Sources that somebody has paused: none of them is read until it is resumed.

create table source_pause (
    source_id uuid not null primary key references source (source_id),
    paused_at timestamptz not null,
    paused_by text not null,
    reason text not null
);

-- Somebody has asked that the run which holds the lease end. It does so before it writes anything more.
alter table source_lease add column cancelled_at timestamptz;
alter table source_lease add column cancelled_by text;
