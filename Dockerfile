# syntax=docker/dockerfile:1
# One image, two commands: the API (the default) and the worker (`node worker/main.ts`).
# The version of Node is that of package.json, so that what is tested is what runs.
ARG NODE_VERSION=24.21.0

FROM node:${NODE_VERSION}-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Temporal's native part comes for every system; this image runs on one.
RUN npm ci --omit=dev \
 && npm cache clean --force \
 && rm -rf node_modules/@temporalio/core-bridge/releases/*-apple-* node_modules/@temporalio/core-bridge/releases/*-windows-*

# The workflows are bundled here: a worker that starts has nothing to build and needs no place to write.
FROM dependencies AS workflows
COPY domain domain
COPY platform platform
COPY activities/contract.ts activities/contract.ts
COPY workflows workflows
COPY worker/bundle-workflows.ts worker/bundle-workflows.ts
RUN node worker/bundle-workflows.ts /app/workflows.js

FROM node:${NODE_VERSION}-bookworm-slim
ENV NODE_ENV=production \
    PROVOST_API_HOST=0.0.0.0 \
    PROVOST_API_METRICS_HOST=0.0.0.0 \
    PROVOST_WORKER_METRICS_HOST=0.0.0.0 \
    PROVOST_WORKFLOW_BUNDLE=/app/workflows.js
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY domain domain
COPY platform platform
COPY connectors connectors
COPY stores stores
COPY activities activities
COPY workflows workflows
COPY worker worker
COPY api api
COPY deploy/check-health.ts deploy/check-health.ts
COPY --from=workflows /app/workflows.js workflows.js
# By number, so that an orchestrator can see that it isn't root. Nothing in the image belongs to it: it reads only.
USER 1000:1000
EXPOSE 8080 9463 9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "deploy/check-health.ts"]
CMD ["node", "api/main.ts"]
