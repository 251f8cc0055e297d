# syntax=docker/dockerfile:1
# Targets: service (the default), migrate (a step of its own before a release), sandbox (Stripe's stand-in, for trying out).

FROM node:20-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package needs its install script to build or run.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY . .
RUN npm run build

FROM node:20-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Optional packages are native accelerators and the embedded PostgreSQL of development.
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:20-slim AS base
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/package.json ./
# Files belong to root: the process can read its code and not change it.
USER node

FROM base AS sandbox
COPY --from=build /app/dist/sandbox ./dist/sandbox
ENV SANDBOX_HOST=0.0.0.0
EXPOSE 12111
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "require('net').connect(12111, '127.0.0.1', () => process.exit(0)).on('error', () => process.exit(1))"]
CMD ["node", "dist/sandbox/main.js"]

FROM base AS compiled
COPY --from=build /app/dist ./dist
COPY --from=build /app/prisma/migrations ./prisma/migrations

FROM compiled AS migrate
CMD ["node", "dist/platform/database/migrate/main.js"]

FROM compiled AS service
ENV PORT=3000
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health/live').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]
