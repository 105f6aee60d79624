-- Why two records that weigh enough are not one customer: a guard kept them apart, and a steward decides.
alter table match_candidate add column cause text;

-- Samples of what matching did by itself, drawn once for a period, and what people said of them. A stratum is all pairs of one
-- kind between two probabilities.
create table quality_stratum (
    period text not null,
    automatic text not null,
    low double precision not null,
    high double precision not null,
    pairs bigint not null,
    model text not null,
    drawn_at timestamptz not null,
    primary key (period, automatic, low)
);

create table quality_pair (
    candidate_id uuid not null,
    period text not null,
    left_record uuid not null references record (record_id),
    right_record uuid not null references record (record_id),
    automatic text not null,
    low double precision not null,
    is_same boolean,
    judged_by text,
    judged_at timestamptz,
    primary key (candidate_id, period)
);

create index quality_pair_by_period on quality_pair (period, automatic, low);
create index quality_pair_by_left on quality_pair (left_record);
create index quality_pair_by_right on quality_pair (right_record);
