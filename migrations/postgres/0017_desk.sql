-- Who works at which pair of the queue, and whose it is by when. By pair and not by row of the queue, which is derived.

create table candidate_claim (
    candidate_id uuid not null primary key,
    left_record uuid not null references record (record_id),
    right_record uuid not null references record (record_id),
    holder text not null,
    until_at timestamptz not null
);

create index candidate_claim_by_right on candidate_claim (right_record);

create table candidate_assignment (
    candidate_id uuid not null primary key,
    left_record uuid not null references record (record_id),
    right_record uuid not null references record (record_id),
    assignee text not null,
    assigned_by text not null,
    assigned_at timestamptz not null,
    due_at timestamptz
);

create index candidate_assignment_by_right on candidate_assignment (right_record);
