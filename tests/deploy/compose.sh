#!/usr/bin/env bash
# docker-compose.yml as Docker Compose reads it, with each of the files that go on top.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
docker compose version >/dev/null 2>&1 || { echo "Docker Compose is not installed"; exit 77; }
export PARLOR_CERTIFICATES=/etc/parlor/certificates PARLOR_DATABASE_URL=/etc/parlor/database.url
for overlay in "" deploy/docker/{database,postgresql,tls}.yml; do
  docker compose -f docker-compose.yml ${overlay:+-f "$overlay"} --profile tools config -q
done
