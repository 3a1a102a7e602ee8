"""Runs python-scim's scim2-tester against a server. Prints what is not a success as JSON, one object a line."""

import json
import sys
from collections import Counter

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import check_server

base_url, authorization = sys.argv[1:3]
client = SyncSCIMClient(Client(base_url=base_url, headers={"Authorization": authorization}, timeout=60))
counts = Counter()
for result in check_server(client):
    counts[result.status.name] += 1
    if result.status.name != "SUCCESS":
        print(json.dumps({"status": result.status.name, "title": result.title, "reason": str(result.reason)}))
print(json.dumps({"counts": counts}))
