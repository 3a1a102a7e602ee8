#!/bin/bash
# Members of a replica set prove themselves to each other by a key in a file that only mongod may read.
set -euo pipefail

install --mode=0400 --owner=mongodb --group=mongodb /dev/stdin /tmp/replica.key <<<"$MONGODB_REPLICA_KEY"
unset MONGODB_REPLICA_KEY
exec docker-entrypoint.sh mongod --replSet rs0 --keyFile /tmp/replica.key --bind_ip_all
