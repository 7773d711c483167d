# Rollcall in a container: not root, a read-only root file system, the data folder a volume.
# docs/operations.md says how to run it.

FROM node:20-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm ci --ignore-scripts \
 && npm run build \
 && npm prune --omit=dev --ignore-scripts

FROM node:20-bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ffmpeg \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /build/node_modules /opt/rollcall/node_modules
COPY --from=build /build/dist /opt/rollcall/dist
COPY package.json LICENSE /opt/rollcall/
COPY bin /opt/rollcall/bin
# A new volume takes over the owner of the folder that it is laid on.
RUN mkdir /data && chown 1000:1000 /data
ENV NODE_ENV=production
USER 1000:1000
VOLUME /data
WORKDIR /data
EXPOSE 50001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:50001/api/health?check=live').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/opt/rollcall/bin/rollcall.js"]
CMD ["serve", "--data", "/data", "--log-format", "json"]
