"""ElastAlert 2 beside LogWatch: how many rules a second it evaluates against a store that answers at once.

usage: elastalert2.py STUB_PORT SECONDS   ->  one JSON line {"evaluations": n, "seconds": s, "version": v}
One evaluation is ElastAlerter.run_rule: query, rule, state written back. Frequency rules with count queries, which is its cheapest way.
"""
import datetime
import importlib.metadata
import json
import logging
import os
import sys
import tempfile
import time

from elastalert.elastalert import ElastAlerter
from elastalert.util import ts_now

RULES = 100


def main(port, seconds):
    folder = tempfile.mkdtemp()
    rules = os.path.join(folder, "rules")
    os.mkdir(rules)
    for number in range(RULES):
        with open(os.path.join(rules, f"rule{number}.yaml"), "w") as out:
            out.write(
                f"name: rule{number}\ntype: frequency\nindex: logs\nnum_events: 10\ntimeframe: {{minutes: 1}}\n"
                f"use_count_query: true\nfilter: [{{query: {{query_string: {{query: 'service:s{number}'}}}}}}]\n"
                "alert: [debug]\n"
            )
    config = os.path.join(folder, "config.yaml")
    with open(config, "w") as out:
        out.write(
            f"rules_folder: {rules}\nrun_every: {{minutes: 1}}\nbuffer_time: {{minutes: 1}}\nes_host: 127.0.0.1\nes_port: {port}\n"
            "writeback_index: elastalert_status\n"
        )
    elastalert = ElastAlerter(["--config", config])
    logging.disable(logging.CRITICAL)
    end = ts_now()
    start = end - datetime.timedelta(minutes=1)
    for rule in elastalert.rules:
        elastalert.run_rule(rule, end, start)
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        for rule in elastalert.rules:
            elastalert.run_rule(rule, end, start)
            count += 1
    took = time.perf_counter() - began
    print(json.dumps({"evaluations": count, "seconds": took, "version": importlib.metadata.version("elastalert2")}))


main(int(sys.argv[1]), float(sys.argv[2]))
