-- Who works at which pair of the queue, and whose it is by when. By pair and not by row of the queue, which is derived.

create table candidate_claim (
    candidate_id blob not null primary key,
    left_record blob not null references record (record_id),
    right_record blob not null references record (record_id),
    holder text not null,
    until_at integer not null
) strict;

create index candidate_claim_by_right on candidate_claim (right_record);

create table candidate_assignment (
    candidate_id blob not null primary key,
    left_record blob not null references record (record_id),
    right_record blob not null references record (record_id),
    assignee text not null,
    assigned_by text not null,
    assigned_at integer not null,
    due_at integer
) strict;

create index candidate_assignment_by_right on candidate_assignment (right_record);
