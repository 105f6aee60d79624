"""Splink over the records of a file of JSON lines: splink_match.py FILE full|quick

The model is what its manual advises for such records: names with term frequencies, date of birth, e-mail, telephone,
address, ten blocking rules. `full` trains with its defaults, `quick` with a million pairs. Prints one JSON object:
pairs scored, processor seconds of everything and of prediction alone, F1 of the clusters at 0.95. The part of a key
after the dash is the truth; it is used for the score alone.
"""
import json
import resource
import sys


def cpu_s():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


path, training = sys.argv[1:]

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.blocking_analysis import count_comparisons_from_blocking_rules

con = duckdb.connect()
con.execute("set threads = 1")
con.execute(
    """
    create table people as
    select id as record_id, lower(strip_accents(first_name)) as given, lower(strip_accents(last_name)) as family,
           lower(email) as email, right(regexp_replace(phone, '[^0-9]', '', 'g'), 10) as phone,
           lower(strip_accents(street)) as street, lower(city) as city, postcode, cast(birth_date as varchar) as born
    from read_json(?, format = 'newline_delimited', columns = {id: 'varchar', first_name: 'varchar',
         last_name: 'varchar', email: 'varchar', phone: 'varchar', street: 'varchar', city: 'varchar',
         postcode: 'varchar', birth_date: 'date'})
    """,
    [path],
)
rules = [
    block_on("email"),
    block_on("phone"),
    block_on("family", "born"),
    block_on("given", "born"),
    block_on("family", "postcode"),
    block_on("given", "family", "city"),
    block_on("born", "postcode"),
    block_on("street", "postcode"),
    block_on("substr(given, 1, 3)", "substr(family, 1, 4)", "substr(postcode, 1, 3)"),
    "l.given = r.family and l.family = r.given and l.born = r.born",
]
settings = SettingsCreator(
    link_type="dedupe_only",
    unique_id_column_name="record_id",
    blocking_rules_to_generate_predictions=rules,
    comparisons=[
        cl.NameComparison("given").configure(term_frequency_adjustments=True),
        cl.NameComparison("family").configure(term_frequency_adjustments=True),
        cl.DateOfBirthComparison("born", input_is_string=True),
        cl.EmailComparison("email"),
        cl.DamerauLevenshteinAtThresholds("phone", [1]),
        cl.JaroWinklerAtThresholds("street", [0.9]),
        cl.ExactMatch("postcode"),
    ],
    retain_intermediate_calculation_columns=False,
    retain_matching_columns=False,
)
api = DuckDBAPI(connection=con)
people = api.register(con.table("people").to_arrow_table())
linker = Linker(people, settings)
quick = {"max_pairs": 1e6} if training == "quick" else {}
linker.training.estimate_probability_two_random_records_match(
    [block_on("given", "family", "born"), block_on("email", "family"), block_on("phone", "given")], recall=0.7
)
linker.training.estimate_u_using_random_sampling(max_pairs=quick.get("max_pairs", 1e7), seed=1)
for rule in [block_on("given", "family"), block_on("born")]:
    linker.training.estimate_parameters_using_expectation_maximisation(
        rule, estimate_without_term_frequencies=True, **quick
    )
before = cpu_s()
predicted = linker.inference.predict(threshold_match_probability=0.01)
predict_s = cpu_s() - before
clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold_match_probability=0.95)
total_s = cpu_s()

counted = count_comparisons_from_blocking_rules(
    people,
    blocking_rules=rules,
    link_type="dedupe_only",
    unique_id_column_name="record_id",
    record_sample_proportion=1.0,
)
rows = counted if isinstance(counted, list) else counted.as_record_list()
pairs = max(int(value) for row in rows for name, value in row.items() if name.startswith("cumulative"))
right, found, true = con.execute(
    f"""
    with labelled as (
        select cluster_id, split_part(record_id, '-', 2) as truth from {clusters.physical_name}
    ), pairs_of as (
        select (select sum(n * (n - 1) / 2) from (select count(*) as n from labelled group by cluster_id, truth)),
               (select sum(n * (n - 1) / 2) from (select count(*) as n from labelled group by cluster_id)),
               (select sum(n * (n - 1) / 2) from (select count(*) as n from labelled group by truth))
    )
    select * from pairs_of
    """
).fetchone()
f1 = 2 * float(right) / (float(found) + float(true))
print(json.dumps({"pairs": pairs, "cpu_s": total_s, "predict_s": predict_s, "f1": f1}))
