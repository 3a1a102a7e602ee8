#!/bin/sh
# Makes the namespace and registers the search attributes of workflows/search-attributes.ts. Safe to repeat.
#
# Reads TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, and HISTORY_RETENTION: how long a run that ended can be looked at.
set -eu

SEARCH_ATTRIBUTES='
  ProvostTenant=Keyword
  ProvostResource=Keyword
  ProvostOperation=Keyword
  ProvostState=Keyword
  ProvostSource=Keyword
  ProvostTargets=KeywordList
  ProvostWaitsFor=Keyword
  ProvostChange=Keyword
'

attempts=60
until temporal operator cluster health; do
  attempts=$((attempts - 1))
  if [ "$attempts" -eq 0 ]; then
    echo 'Temporal does not answer.' >&2
    exit 1
  fi
  sleep 1
done

if ! temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$HISTORY_RETENTION"
fi

# A new namespace is known everywhere only a moment later.
attempts=60
until known=$(temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE"); do
  attempts=$((attempts - 1))
  if [ "$attempts" -eq 0 ]; then
    echo "The namespace $TEMPORAL_NAMESPACE does not appear." >&2
    exit 1
  fi
  sleep 1
done

for attribute in $SEARCH_ATTRIBUTES; do
  name=${attribute%=*}
  if ! echo "$known" | grep -q -w "$name"; then
    temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$name" --type "${attribute#*=}"
  fi
done
